using System.Security.Cryptography;
using OpenMU.Catalogue.Fields;
using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Publishing;
using OpenMU.Catalogue.Search;
using OpenMU.Catalogue.Tracks;
using OpenMU.Testing;

namespace OpenMU.Functions.Tests;

/// <summary>Models that are changed one after another, while blobs are swept.</summary>
public sealed class NewModelTests(Emulator emulator)
{
    private static readonly TimeSpan Lease = TimeSpan.FromHours(1);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_new_models_job_that_was_rejected_is_not_asked_for_again_and_the_next_models_is()
    {
        await using var stage = await Stage.SetAsync(emulator);
        await stage.UploadAsync("home/a.wav", [1]);
        await SweepAsync(stage, "first");
        var first = (await stage.JobsAsync()).Single();
        await stage.Ledger.CommitAsync(await ClaimAsync(stage, first.Id), new Analysis { Codec = "wav" }, Cancel);
        (await SweepAsync(stage, "second")).Ingested.Should().Be(1);
        var second = (await stage.JobsAsync()).Single(job => job.ModelVersion == "second");
        await stage.Ledger.RejectAsync(await ClaimAsync(stage, second.Id), "The model has no idea.", Cancel);

        (await SweepAsync(stage, "second")).Ingested.Should().Be(0, "it has had its say");
        (await stage.TracksAsync()).Single().JobId.Should().Be(first.Id, "the result that there is stays in view");

        (await SweepAsync(stage, "third")).Ingested.Should().Be(1);
        var third = (await stage.JobsAsync()).Single(job => job.ModelVersion == "third");
        (await stage.TracksAsync()).Single().JobId.Should().Be(first.Id);
        await stage.Ledger.CommitAsync(await ClaimAsync(stage, third.Id), new Analysis { Codec = "wav" }, Cancel);
        (await stage.TracksAsync()).Single().JobId.Should().Be(third.Id);
    }

    [Fact]
    public async Task Back_at_a_model_that_has_failed_the_result_of_another_one_stays_in_view()
    {
        await using var stage = await Stage.SetAsync(emulator);
        await stage.UploadAsync("home/a.wav", [1]);
        await SweepAsync(stage, "first");
        var first = (await stage.JobsAsync()).Single();
        await stage.Ledger.RejectAsync(await ClaimAsync(stage, first.Id), "The model has no idea.", Cancel);
        await SweepAsync(stage, "second");
        var second = (await stage.JobsAsync()).Single(job => job.ModelVersion == "second");
        await stage.Ledger.CommitAsync(await ClaimAsync(stage, second.Id), new Analysis { Codec = "wav" }, Cancel);

        await SweepAsync(stage, "first");
        await new Handlers(stage, Options("first")).Ingest.HandleAsync("home/a.wav", Cancel);

        (await stage.TracksAsync()).Single().JobId.Should().Be(second.Id);
    }

    [Fact]
    public async Task Held_back_a_new_models_analysis_is_not_shown_by_any_sweep_until_it_is_published()
    {
        await using var stage = await Stage.SetAsync(emulator);
        await stage.UploadAsync("home/a.wav", [1]);
        await stage.UploadAsync("home/unheard.wav", [2]);
        await SweepAsync(stage, "first");
        await FinishAsync(stage, "first", [1]);

        await SweepAsync(stage, "second", isHeld: true);
        await FinishAsync(stage, "second", [1]);
        await FinishAsync(stage, "second", [2]);

        (await ModelsAsync(stage)).Should().Equal("first", "second");
        (await stage.JobsAsync()).Where(job => job.HeldSince != null).Should().ContainSingle()
            .Which.ModelVersion.Should().Be("second", "what has no analysis has nothing to hold it back for");
        (await SweepAsync(stage, "second", isHeld: true)).Ingested.Should().Be(0);
        (await SweepAsync(stage, "second")).Ingested.Should().Be(0, "what is held stays held");
        await stage.UploadAsync("home/copy.wav", [1]);
        await SweepAsync(stage, "second", isHeld: true);
        (await ModelsAsync(stage)).Should().Equal("first", "first", "second");

        var publisher = new Publisher(stage.Catalogue, TimeProvider.System);
        var (all, ada) = (TrackSelection.Of(new TrackQuery()), new CorrectionAuthor("Ada", "cli"));
        (await publisher.PublishAsync("home", all, "second", ada, null, null, null, Cancel)).Moved.Should().Be(2);
        (await SweepAsync(stage, "second", isHeld: true)).Ingested.Should().Be(0);
        (await ModelsAsync(stage)).Should().Equal("second", "second", "second");

        (await publisher.RollBackAsync("home", all, "second", ada, null, null, null, Cancel)).Moved.Should().Be(2);
        (await SweepAsync(stage, "second")).Ingested.Should().Be(0);
        (await ModelsAsync(stage)).Should().Equal("first", "first", "second");
    }

    [Fact]
    public async Task Held_back_the_former_choice_of_a_model_does_not_come_back_by_itself_either()
    {
        await using var stage = await Stage.SetAsync(emulator);
        await stage.UploadAsync("home/a.wav", [1]);
        await SweepAsync(stage, "first");
        await FinishAsync(stage, "first", [1]);
        await SweepAsync(stage, "second");
        await FinishAsync(stage, "second", [1]);

        (await SweepAsync(stage, "first", isHeld: true)).Ingested.Should().Be(0);
        await new Handlers(stage, Options("first", isHeld: true)).Ingest.HandleAsync("home/a.wav", Cancel);
        (await ModelsAsync(stage)).Should().Equal("second");

        (await SweepAsync(stage, "first")).Ingested.Should().Be(1);
        (await ModelsAsync(stage)).Should().Equal("first");
    }

    [Fact]
    public async Task A_job_that_was_given_up_for_another_model_is_asked_for_again_with_its_own()
    {
        await using var stage = await Stage.SetAsync(emulator);
        await stage.UploadAsync("home/a.wav", [1]);
        await SweepAsync(stage, "first");
        var first = (await stage.JobsAsync()).Single();
        await SweepAsync(stage, "second");
        await stage.Ledger.RejectAsync(await ClaimAsync(stage, first.Id), JobLedger.NotAskedFor, Cancel);
        await FinishAsync(stage, "second", [1]);

        await SweepAsync(stage, "first");

        (await stage.JobAsync(first.Id)).Should().BeEquivalentTo(
            new { State = JobState.Queued, Reason = (string?)null });
        await FinishAsync(stage, "first", [1]);
        await SweepAsync(stage, "first");
        (await ModelsAsync(stage)).Should().Equal("first");
    }

    private static async Task<List<string>> ModelsAsync(Stage stage) =>
        (await stage.TracksAsync()).ConvertAll(track => track.Job.ModelVersion);

    private static async Task FinishAsync(Stage stage, string model, byte[] bytes)
    {
        var content = $"sha256:{Convert.ToHexStringLower(SHA256.HashData(bytes))}";
        var job = (await stage.JobsAsync()).Single(job => job.ModelVersion == model && job.ContentId == content);
        await stage.Ledger.CommitAsync(await ClaimAsync(stage, job.Id), new Analysis { Codec = "wav" }, Cancel);
    }

    private static IngestOptions Options(string model, bool isHeld = false) =>
        new() { Grace = TimeSpan.Zero, ModelVersion = model, HoldNewAnalyses = isHeld };

    private static Task<Swept> SweepAsync(Stage stage, string model, bool isHeld = false) =>
        new Handlers(stage, Options(model, isHeld)).Sweep.RunAsync(Cancel);

    private static async Task<JobClaim> ClaimAsync(Stage stage, long job) =>
        (await stage.Ledger.ClaimAsync(job, Lease, Cancel)).Should().BeOfType<ClaimAnswer.Granted>().Subject.Claim;
}
