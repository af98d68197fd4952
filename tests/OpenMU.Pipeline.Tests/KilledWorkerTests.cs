using OpenMU.Catalogue.Jobs;
using OpenMU.Testing;

namespace OpenMU.Pipeline.Tests;

public sealed class KilledWorkerTests(Emulator emulator)
{
    // Long enough that a worker on a busy machine renews in time, short enough to wait for after a kill.
    private static readonly TimeSpan Visibility = TimeSpan.FromSeconds(8);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Killed_three_times_within_fifty_tracks_the_worker_ends_with_fifty_Ready()
    {
        const int tracks = 50;
        await using var stage = await Stage.SetAsync(emulator);
        for (var i = 0; i < tracks; i++)
        {
            await stage.Messages.EnqueueAsync(
                await stage.AddTrackAsync($"home/{i:00}.wav", TestSound.Tone(0.5, 200 + (10 * i))), Cancel);
        }

        for (var kill = 1; kill <= 3; kill++)
        {
            using var worker = WorkerProcess.Start(stage, Visibility, untilEmpty: false);
            var enough = 10 * kill;
            await stage.UntilAsync(jobs => jobs.Count(job => job.State == JobState.Ready) >= enough
                && jobs.Exists(job => job.State == JobState.Analysing));
            await worker.KillAsync(Cancel);
        }

        (await stage.JobsAsync()).Should().Contain(
            job => job.State != JobState.Ready, "the last kill came in the middle of the work, too");
        using (var last = WorkerProcess.Start(stage, Visibility, untilEmpty: true))
        {
            var (code, log) = await last.EndAsync(Cancel);
            code.Should().Be(0, log);
        }

        var ended = await stage.JobsAsync();
        ended.Should().HaveCount(tracks)
            .And.OnlyContain(job => job.State == JobState.Ready && job.Analysis != null && job.LeaseUntil == null);
        ended.Sum(job => job.Fence).Should().BeGreaterThan(tracks, "the kills hit tracks that were being analysed");
        (await Stage.CountAsync(stage.Storage.Analysis)).Should().Be(0);
        (await Stage.CountAsync(stage.Storage.AnalysisPoison)).Should().Be(0);
        Directory.GetFileSystemEntries(WorkerProcess.Work(stage))
            .Should().BeEmpty("the next worker cleans up after a killed one");
    }

    [Fact]
    public async Task A_track_that_ends_every_worker_is_Failed_after_five_tries_alone_and_its_neighbours_are_Ready()
    {
        await using var stage = await Stage.SetAsync(emulator);
        var guilty = await stage.AddTrackAsync("home/long.wav", TestSound.Tone(1200, 440));
        await stage.Messages.EnqueueAsync(guilty, Cancel);
        for (var i = 0; i < 3; i++)
        {
            await stage.Messages.EnqueueAsync(
                await stage.AddTrackAsync($"home/{i}.wav", TestSound.Tone(0.5, 200 + (10 * i))), Cancel);
        }

        // A kill whenever that track is worked on: it ends its workers as surely as one that takes all the memory.
        for (var deaths = 0; deaths < 1 + JobLedger.MaxAttempts; deaths++)
        {
            using var worker = WorkerProcess.Start(stage, TimeSpan.FromSeconds(4), untilEmpty: false);
            var fence = deaths;
            await stage.UntilAsync(jobs => jobs.Single(job => job.Id == guilty) is var job
                && job.State == JobState.Analysing && job.Fence > fence);
            await worker.KillAsync(Cancel);
        }

        using (var last = WorkerProcess.Start(stage, TimeSpan.FromSeconds(4), untilEmpty: true))
        {
            var (code, log) = await last.EndAsync(Cancel);
            code.Should().Be(0, log);
        }

        (await Stage.CountAsync(stage.Storage.AnalysisPoison)).Should().Be(1);
        (await stage.Ledger.FailAsync(guilty, Cancel)).Should().BeTrue("that is what its poison message leads to");
        var ended = await stage.JobsAsync();
        ended.Single(job => job.Id == guilty).Reason.Should().Be(
            JobLedger.TriesFailed + "The worker ended while it analysed nothing but this track.");
        ended.Where(job => job.Id != guilty).Should().HaveCount(3).And.OnlyContain(job => job.State == JobState.Ready);
    }

    [Fact]
    public async Task Told_to_end_the_worker_gives_back_what_it_holds_untried_and_ends_well()
    {
        await using var stage = await Stage.SetAsync(emulator);
        // Long enough that nobody has analysed it before the signal comes.
        var job = await stage.AddTrackAsync("home/long.wav", TestSound.Tone(1200, 440));
        await stage.Messages.EnqueueAsync(job, Cancel);
        using var worker = WorkerProcess.Start(stage, TimeSpan.FromMinutes(5), untilEmpty: false);
        await stage.UntilAsync(jobs => jobs.Single().State == JobState.Analysing);
        worker.Terminate();
        var (code, log) = await worker.EndAsync(Cancel);

        code.Should().Be(0, log);
        (await stage.JobAsync(job))
            .Should().BeEquivalentTo(new { State = JobState.Queued, Attempts = 0, LeaseUntil = (DateTime?)null });
        (await stage.Storage.Analysis.PeekMessagesAsync(1, Cancel)).Value
            .Should().ContainSingle("another worker can have it at once");
        Directory.GetFileSystemEntries(WorkerProcess.Work(stage)).Should().BeEmpty();
    }
}
