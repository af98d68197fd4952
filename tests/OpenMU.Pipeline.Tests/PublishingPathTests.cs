using Microsoft.Extensions.Logging.Abstractions;
using OpenMU.Catalogue.Fields;
using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Publishing;
using OpenMU.Catalogue.Search;
using OpenMU.Catalogue.Tracks;
using OpenMU.Functions;
using OpenMU.Mir.Audio;
using OpenMU.Testing;
using OpenMU.Worker;

namespace OpenMU.Pipeline.Tests;

/// <summary>
/// A new model on its whole way: upload, ingest, worker, what would change, publishing and the way back. The second
/// model is the one that ships.
/// </summary>
public sealed class PublishingPathTests(Emulator emulator)
{
    private static readonly TrackSelection All = TrackSelection.Of(new TrackQuery());
    private static readonly CorrectionAuthor Ada = new("Ada", "cli");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_second_model_is_held_compared_published_and_rolled_back_and_corrections_survive_all()
    {
        await using var stage = await Stage.SetAsync(emulator);
        using var first = Open(SmallRandomModel.Write(stage.Folder));
        using var second = Open(Path.Combine(RepositoryRoot(), "models", "openmu-tiny"));
        await stage.UploadAsync("home/a.wav", TestSound.Tone(4, 440));
        await stage.UploadAsync("home/b.wav", TestSound.Clicks(6, TestSound.SampleRate));
        await RunAsync(stage, first);
        var corrected = (await stage.TracksAsync())[0];
        await new CorrectionStore(stage.Catalogue, TimeProvider.System).ChangeAsync(
            "home", corrected.Id, [FieldEdit.Set(CatalogueField.Find(FieldNames.Caption)!, ["By hand."])], Ada, null, Cancel);
        var before = await CaptionsAsync(stage);

        await RunAsync(stage, second);

        (await CaptionsAsync(stage)).Should().Equal(before, "the new model's words are held back");
        var held = (await stage.JobsAsync()).Where(job => job.ModelVersion == second.Version).ToList();
        held.Should().HaveCount(2).And.OnlyContain(job =>
            job.State == JobState.Ready && job.HeldSince != null && job.Analysis!.Work.Measure == 0
            && job.Analysis.Work.Encode > 0, "what the same tools measured is not measured again");
        var diff = await new AnalysisComparison(stage.Catalogue).RunAsync(
            "home", All, second.Version, against: null, progress: null, Cancel);
        diff.Should().BeEquivalentTo(new { Tracks = 2, Changed = 2, Open = 0, Failed = 0 });
        diff.Fields.Select(field => field.Field).Should().Contain("caption").And.NotContain(["bpm", "key", "lufs", "beats"]);
        diff.Fields.Single(field => field.Field == "caption").Corrected.Should().Be(1);
        diff.Costs.WorkSeconds.Should().BePositive();

        var publisher = new Publisher(stage.Catalogue, TimeProvider.System);
        (await publisher.PublishAsync("home", All, second.Version, Ada, null, null, null, Cancel)).Moved.Should().Be(2);
        var after = await CaptionsAsync(stage);
        after.Should().Equal("By hand.", held.Single(job => job.ContentId != corrected.Job.ContentId).Analysis!.Caption);
        await RunAsync(stage, second);
        (await CaptionsAsync(stage)).Should().Equal(after);

        (await publisher.RollBackAsync("home", All, second.Version, Ada, null, null, null, Cancel)).Moved.Should().Be(2);
        await RunAsync(stage, second);
        (await CaptionsAsync(stage)).Should().Equal(before);
        (await stage.JobsAsync()).Should().HaveCount(4)
            .And.OnlyContain(job => job.State == JobState.Ready && job.Analysis != null);
        (await Stage.CountAsync(stage.Storage.Analysis)).Should().Be(0);
    }

    private static ModelSession Open(string folder) =>
        ModelSession.Open(new WorkerOptions { ModelFolder = folder, ModelThreads = 1 })!;

    // As lists and searches show them, by file name.
    private static async Task<List<string?>> CaptionsAsync(Stage stage)
    {
        await using var db = stage.Catalogue.CreateDbContext();
        var page = await new TrackSearch(db).FindAsync("home", new TrackQuery(), Cancel);
        return [.. page.Tracks.Select(track => track.Caption)];
    }

    // A sweep takes in what is new to this model, and the worker works it off.
    private static async Task RunAsync(Stage stage, ModelSession model)
    {
        var options = new IngestOptions
        {
            Grace = TimeSpan.Zero,
            ModelVersion = model.Version,
            HoldNewAnalyses = true,
        };
        var missing = new MissingTracks(
            stage.Catalogue, options, TimeProvider.System, NullLogger<MissingTracks>.Instance);
        var lyrics = new LyricsFiles(
            stage.Catalogue, stage.Storage, TimeProvider.System, NullLogger<LyricsFiles>.Instance);
        var ingest = new IngestTrack(
            stage.Catalogue, stage.Storage, stage.Jobs, missing, lyrics, options, TimeProvider.System,
            NullLogger<IngestTrack>.Instance);
        var uploads = new UploadQueue(ingest, stage.Storage, NullLogger<UploadQueue>.Instance);
        await new SweepUploads(
            new ContainerComparison(stage.Catalogue, options), uploads, missing, stage.Catalogue, stage.Storage, stage.Jobs,
            options, TimeProvider.System, NullLogger<SweepUploads>.Instance).RunAsync(Cancel);
        await uploads.DrainAsync(Cancel);
        var work = new WorkerOptions
        {
            TempFolder = Path.Combine(stage.Folder, "work"),
            PollInterval = TimeSpan.FromMilliseconds(50),
            RetryDelay = TimeSpan.Zero,
            ExitWhenEmptyFor = TimeSpan.Zero,
        };
        await new WorkerLoop(
            stage.Catalogue, stage.Storage, stage.Jobs,
            new TrackAnalyser(DecodeLimits.Default, TimeProvider.System, model),
            new MachineHealth(
                DecodeLimits.Default, stage.Catalogue, stage.Storage, work, TimeProvider.System, NullLogger.Instance),
            new ProcessHealth(NullLogger.Instance), work, TimeProvider.System, NullLogger<WorkerLoop>.Instance)
            .RunAsync(Cancel);
    }

    private static string RepositoryRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "OpenMU.Functions.sln"))) folder = folder.Parent!;
        return folder.FullName;
    }
}
