using Microsoft.EntityFrameworkCore;
using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Tracks;
using OpenMU.Mir.Audio;
using OpenMU.Testing;

namespace OpenMU.Worker.Tests;

/// <summary>What is found anew of a content that was analysed before, by the real worker with real models.</summary>
public sealed class AnalysisWorkTests(Emulator emulator)
{
    private const string Blob = "home/a.wav", Before = "Said before.";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_new_model_says_what_it_says_in_a_full_run_and_nothing_is_measured_again()
    {
        await using var stage = await Stage.SetAsync(emulator);
        using var first = Model(stage, 1);
        using var second = Model(stage, 2);
        var track = await AnalyseAsync(stage, first);
        var job = await AddJobAsync(stage, second.Version);

        await WorkAsync(stage, second, job);
        var reused = (await stage.JobAsync(job)).Analysis!;
        await RetryAsync(stage, second, track, onlyChanged: false);
        var full = (await stage.JobAsync(job)).Analysis!;

        reused.Work.Should().BeEquivalentTo(new { Measure = 0.0 });
        reused.Work.Generate.Should().BePositive();
        full.Work.Measure.Should().BePositive("whoever doubts what is known gets all of it anew");
        reused.Caption.Should().NotBeNull();
        reused.Should().BeEquivalentTo(full, options => options.Excluding(a => a.Work).Excluding(a => a.AnalysedAt));
        reused.Sources.Single(source => source.Field == nameof(Analysis.Caption)).Version.Should().Be(second.Version);
        reused.Sources.Single(source => source.Field == nameof(Analysis.Bpm)).Version.Should()
            .Be(TrackAnalyser.ToolsVersion);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Newer_tools_measure_again_and_the_model_is_asked_only_where_they_found_other_things(bool isOther)
    {
        await using var stage = await Stage.SetAsync(emulator);
        using var model = Model(stage, 1);
        var track = await AnalyseAsync(stage, model);
        await ChangeAsync(stage, analysis =>
        {
            analysis.Caption = Before;
            if (isOther) analysis.IntegratedLufs -= 3;
            analysis.Sources = [.. analysis.Sources.Select(source =>
                source.Version == TrackAnalyser.ToolsVersion ? source with { Version = "0.0.1" } : source)];
        });

        await RetryAsync(stage, model, track, onlyChanged: true);

        var analysis = (await stage.JobsAsync()).Single().Analysis!;
        analysis.Work.Measure.Should().BePositive();
        (analysis.Work.Generate > 0).Should().Be(isOther);
        (analysis.Caption != Before).Should().Be(isOther);
        analysis.Sources.Select(source => source.Version).Distinct().Should()
            .BeEquivalentTo(TrackAnalyser.ToolsVersion, model.Version);
    }

    [Fact]
    public async Task Where_nothing_changed_nothing_is_done_and_the_file_need_not_even_be_there()
    {
        await using var stage = await Stage.SetAsync(emulator);
        using var model = Model(stage, 1);
        var track = await AnalyseAsync(stage, model);
        await ChangeAsync(stage, analysis => analysis.Caption = Before);
        await stage.Storage.Tracks.DeleteBlobIfExistsAsync(Blob, cancellationToken: Cancel);

        await RetryAsync(stage, model, track, onlyChanged: true);

        (await stage.JobsAsync()).Single().Should().BeEquivalentTo(
            new { State = JobState.Ready, Fence = 2L, Analysis = new { Caption = Before } });
    }

    [Fact]
    public async Task Measurements_alone_are_taken_from_what_another_job_has_measured()
    {
        await using var stage = await Stage.SetAsync(emulator);
        using var model = Model(stage, 1);
        await AnalyseAsync(stage, model);
        await stage.Storage.Tracks.DeleteBlobIfExistsAsync(Blob, cancellationToken: Cancel);
        var job = await AddJobAsync(stage, Job.NoModel);

        await WorkAsync(stage, null, job);

        (await stage.JobAsync(job)).Should().BeEquivalentTo(
            new { State = JobState.Ready, Analysis = new { Caption = (string?)null, Codec = "pcm_s16le" } });
        (await stage.TracksAsync()).Single().Job.Analysis!.Caption.Should().NotBeNull("the model's words stay in view");
    }

    [Fact]
    public async Task A_worker_without_a_model_leaves_what_one_has_said_of_a_track_that_is_tried_again()
    {
        await using var stage = await Stage.SetAsync(emulator);
        using var model = Model(stage, 1);
        var track = await AnalyseAsync(stage, model);
        await ChangeAsync(stage, analysis => analysis.Caption = Before);

        await RetryAsync(stage, null, track, onlyChanged: false);

        (await stage.JobsAsync()).Single().Should().BeEquivalentTo(
            new { State = JobState.Ready, Analysis = new { Caption = Before } });
    }

    [Fact]
    public async Task Words_that_are_missing_are_added_to_what_was_measured()
    {
        await using var stage = await Stage.SetAsync(emulator);
        using var model = Model(stage, 1);
        await AnalyseAsync(stage, model);
        await ChangeAsync(stage, analysis =>
        {
            var measured = analysis.Sources.Where(source => source.Version == TrackAnalyser.ToolsVersion);
            (analysis.Caption, analysis.Sources) = (null, [.. measured]);
            analysis.ModelProblem = Analysis.ModelFailed + "It was ill.";
        });

        (await stage.Messages.RedriveWithoutWordsAsync("home", Cancel)).Should().Be(1);
        await TestWorker.On(stage, Analyser(model)).RunAsync(Cancel);

        var analysis = (await stage.JobsAsync()).Single().Analysis!;
        analysis.Work.Measure.Should().Be(0);
        analysis.Should().BeEquivalentTo(new { ModelProblem = (string?)null });
        analysis.Caption.Should().NotBeNull();
    }

    private static ModelSession Model(Stage stage, long seed) => ModelSession.Open(
        new WorkerOptions { ModelFolder = SmallRandomModel.Write(stage.Folder, seed), ModelThreads = 1 })!;

    private static TrackAnalyser Analyser(ModelSession? model) => new(DecodeLimits.Default, TimeProvider.System, model);

    /// <summary>A track with a whole analysis.</summary>
    private static async Task<long> AnalyseAsync(Stage stage, ModelSession model)
    {
        var job = await stage.AddTrackAsync(Blob, TestSound.Tone(5, 440));
        await using (var db = stage.Catalogue.CreateDbContext())
            await db.Jobs.ExecuteUpdateAsync(set => set.SetProperty(j => j.ModelVersion, model.Version), Cancel);
        await WorkAsync(stage, model, job);
        var track = (await stage.TracksAsync()).Single();
        track.Job.State.Should().Be(JobState.Ready);
        return track.Id;
    }

    private static async Task<long> AddJobAsync(Stage stage, string model)
    {
        var earlier = (await stage.JobsAsync()).Single();
        await using var db = stage.Catalogue.CreateDbContext();
        var job = new Job { Tenant = earlier.Tenant, ContentId = earlier.ContentId, ModelVersion = model };
        db.Add(job);
        await db.SaveChangesAsync(Cancel);
        return job.Id;
    }

    private static async Task WorkAsync(Stage stage, ModelSession? model, long job)
    {
        await stage.SendAsync(job);
        await TestWorker.On(stage, Analyser(model)).RunAsync(Cancel);
    }

    private static async Task RetryAsync(Stage stage, ModelSession? model, long track, bool onlyChanged)
    {
        (await stage.Messages.RetryAsync("home", [track], onlyChanged, Cancel)).Should().Be(1);
        await TestWorker.On(stage, Analyser(model)).RunAsync(Cancel);
    }

    private static async Task ChangeAsync(Stage stage, Action<Analysis> change)
    {
        await using var db = stage.Catalogue.CreateDbContext();
        change(await db.Analyses.SingleAsync(Cancel));
        await db.SaveChangesAsync(Cancel);
    }
}
