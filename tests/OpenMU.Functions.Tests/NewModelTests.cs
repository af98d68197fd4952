using OpenMU.Catalogue.Jobs;
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

    private static IngestOptions Options(string model) => new() { Grace = TimeSpan.Zero, ModelVersion = model };

    private static Task<Swept> SweepAsync(Stage stage, string model) =>
        new Handlers(stage, Options(model)).Sweep.RunAsync(Cancel);

    private static async Task<JobClaim> ClaimAsync(Stage stage, long job) =>
        (await stage.Ledger.ClaimAsync(job, Lease, Cancel)).Should().BeOfType<ClaimAnswer.Granted>().Subject.Claim;
}
