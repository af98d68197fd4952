using Azure;
using Microsoft.Extensions.Logging.Abstractions;
using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Tracks;
using OpenMU.Functions;
using OpenMU.Mir.Audio;
using OpenMU.Testing;
using OpenMU.Worker;

namespace OpenMU.Pipeline.Tests;

public sealed class WholePathTests(Emulator emulator)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_uploaded_file_becomes_Ready_and_leaves_no_message()
    {
        await using var stage = await Stage.SetAsync(emulator);
        await stage.UploadAsync("home/a.wav", TestSound.Tone(3, 440));
        await Ingest(stage).HandleAsync("home/a.wav", Cancel);
        await Worker(stage).RunAsync(Cancel);

        var track = (await stage.TracksAsync()).Should().ContainSingle().Subject;
        track.Job.State.Should().Be(JobState.Ready);
        track.Job.Analysis!.DurationSeconds.Should().BeApproximately(3, 0.01);
        track.Job.Analysis.Sources.Should().Contain(source => source.Field == nameof(Analysis.IntegratedLufs)
            && source.Source == "mir.loudness");
        (await Stage.CountAsync(stage.Storage.Analysis)).Should().Be(0);
    }

    [Fact]
    public async Task Every_message_delivered_twice_to_two_workers_at_once_is_worked_off_once()
    {
        await using var stage = await Stage.SetAsync(emulator);
        for (var i = 0; i < 12; i++)
        {
            var job = await stage.AddTrackAsync($"home/{i:00}.wav", TestSound.Tone(0.5, 200 + (10 * i)));
            for (var delivery = 0; delivery < 2; delivery++) await stage.SendAsync(job);
        }

        await Task.WhenAll(Worker(stage).RunAsync(Cancel), Worker(stage).RunAsync(Cancel));

        (await stage.JobsAsync()).Should().HaveCount(12)
            .And.OnlyContain(job => job.State == JobState.Ready && job.Fence == 1 && job.Analysis != null);
        (await Stage.CountAsync(stage.Storage.Analysis)).Should().Be(0);
        (await Stage.CountAsync(stage.Storage.AnalysisPoison)).Should().Be(0);
    }

    [Fact]
    public async Task An_upload_whose_message_was_never_sent_is_found_by_the_sweep()
    {
        await using var stage = await Stage.SetAsync(emulator);
        await stage.UploadAsync("home/a.wav", TestSound.Tone(1, 440));
        // The queue is away just when the message is due: the row is there by then, the message is not.
        await stage.Storage.Analysis.DeleteAsync(Cancel);
        await FluentActions.Awaiting(() => Ingest(stage).HandleAsync("home/a.wav", Cancel))
            .Should().ThrowAsync<RequestFailedException>();
        await stage.Storage.CreateIfMissingAsync(Cancel);
        (await stage.JobsAsync()).Should().ContainSingle()
            .Which.Should().BeEquivalentTo(new { State = JobState.Queued, EnqueuedAt = (DateTime?)null });

        var options = new IngestOptions { Grace = TimeSpan.Zero };
        var sweep = new SweepUploads(
            new ContainerComparison(stage.Catalogue, options),
            new UploadQueue(Ingest(stage), stage.Storage, NullLogger<UploadQueue>.Instance), Missing(stage),
            stage.Catalogue, stage.Storage, stage.Jobs, options, TimeProvider.System,
            NullLogger<SweepUploads>.Instance);
        (await sweep.RunAsync(Cancel)).Enqueued.Should().Be(1);
        await Worker(stage).RunAsync(Cancel);

        (await stage.JobsAsync()).Should().ContainSingle().Which.State.Should().Be(JobState.Ready);
        (await Stage.CountAsync(stage.Storage.Analysis)).Should().Be(0);
    }

    [Fact]
    public async Task Two_files_of_the_same_bytes_are_two_tracks_and_one_analysis()
    {
        await using var stage = await Stage.SetAsync(emulator);
        foreach (var name in (string[])["home/a.wav", "home/copies/b.wav"])
        {
            await stage.UploadAsync(name, TestSound.Tone(1, 440));
            await Ingest(stage).HandleAsync(name, Cancel);
        }

        await Worker(stage).RunAsync(Cancel);

        var tracks = await stage.TracksAsync();
        tracks.Select(track => track.FileName).Should().Equal("a.wav", "copies/b.wav");
        tracks.Should().OnlyContain(track => track.Job.State == JobState.Ready && track.JobId == tracks[0].JobId);
        (await stage.JobsAsync()).Should().ContainSingle().Which.Fence.Should().Be(1, "it was analysed once");
    }

    [Fact]
    public async Task A_track_that_cannot_be_analysed_ends_as_Failed_with_the_reason_and_a_redrive_makes_it_Ready()
    {
        await using var stage = await Stage.SetAsync(emulator);
        await stage.UploadAsync("home/a.wav", TestSound.Tone(1, 440));
        await Ingest(stage).HandleAsync("home/a.wav", Cancel);
        await Worker(stage, new BrokenAnalyser()).RunAsync(Cancel);
        (await new FailedJob(stage.Jobs, NullLogger<FailedJob>.Instance).DrainAsync(Cancel)).Should().Be(1);

        (await stage.JobsAsync()).Single().Should().BeEquivalentTo(
            new
            {
                State = JobState.Failed,
                Reason = JobLedger.TriesFailed + "The disk is full.",
                Attempts = JobLedger.MaxAttempts
            });

        (await stage.Messages.RedriveAsync(tenant: null, Cancel)).Should().Be(1);
        await Worker(stage).RunAsync(Cancel);
        (await stage.JobsAsync()).Single()
            .Should().BeEquivalentTo(new { State = JobState.Ready, Reason = (string?)null });
        (await Stage.CountAsync(stage.Storage.Analysis)).Should().Be(0);
        (await Stage.CountAsync(stage.Storage.AnalysisPoison)).Should().Be(0);
    }

    private static IngestTrack Ingest(Stage stage) =>
        new(
            stage.Catalogue, stage.Storage, stage.Jobs, Missing(stage),
            new LyricsFiles(stage.Catalogue, stage.Storage, TimeProvider.System, NullLogger<LyricsFiles>.Instance),
            new IngestOptions(), TimeProvider.System, NullLogger<IngestTrack>.Instance);

    private static MissingTracks Missing(Stage stage) => new(
        stage.Catalogue, new IngestOptions(), TimeProvider.System, NullLogger<MissingTracks>.Instance);

    private static WorkerLoop Worker(Stage stage, TrackAnalyser? analyser = null) => new(
        stage.Catalogue, stage.Storage, stage.Jobs,
        analyser ?? new TrackAnalyser(DecodeLimits.Default, TimeProvider.System),
        new MachineHealth(
            DecodeLimits.Default, stage.Catalogue, stage.Storage, Options(stage), TimeProvider.System,
            NullLogger.Instance),
        new ProcessHealth(NullLogger.Instance), Options(stage),
        TimeProvider.System,
        NullLogger<WorkerLoop>.Instance);

    private static WorkerOptions Options(Stage stage) => new()
    {
        TempFolder = Path.Combine(stage.Folder, "work"),
        Visibility = TimeSpan.FromSeconds(15),
        PollInterval = TimeSpan.FromMilliseconds(50),
        RetryDelay = TimeSpan.Zero,
        ExitWhenEmptyFor = TimeSpan.Zero,
    };

    private sealed class BrokenAnalyser() : TrackAnalyser(DecodeLimits.Default, TimeProvider.System)
    {
        public override Task<Analysis> AnalyseAsync(
            string path, SaidOfTrack said, JobProgress progress, CancellationToken cancel) =>
            throw new IOException("The disk is full.");
    }
}
