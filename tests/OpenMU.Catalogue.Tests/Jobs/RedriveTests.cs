using Microsoft.EntityFrameworkCore;
using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Tracks;

namespace OpenMU.Catalogue.Tests.Jobs;

public sealed class RedriveTests
{
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(60);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Rejected_jobs_are_chosen_by_their_reason_and_those_refused_unread_stay()
    {
        await using var file = await CatalogueFile.CreateAsync();
        var ledger = new JobLedger(file.Factory, TimeProvider.System);
        var decoder = await AddAsync(file, "sha256:1", JobState.Rejected, "The file does not exist.");
        var noise = await AddAsync(file, "sha256:2", JobState.Rejected, "This is not audio.");
        await AddAsync(file, "unread:3", JobState.Rejected, "The file is larger than 2 GiB.");
        await AddAsync(file, "sha256:4", JobState.Failed, "The file does not exist.");

        (await ledger.RedriveRejectedAsync("somebody else", null, Cancel)).Should().BeEmpty();
        (await ledger.RedriveRejectedAsync("home", "does NOT exist", Cancel)).Should().Equal(decoder);
        (await ledger.RedriveRejectedAsync(null, null, Cancel)).Should().Equal(noise);
        (await JobLedgerTests.ReadAsync(file, noise)).Should().BeEquivalentTo(
            new { State = JobState.Queued, Attempts = 0, Reason = (string?)null, FinishedAt = (DateTime?)null });
    }

    [Fact]
    public async Task A_track_without_words_keeps_its_measurements_until_the_new_analysis_takes_their_place()
    {
        await using var file = await CatalogueFile.CreateAsync();
        var ledger = new JobLedger(file.Factory, TimeProvider.System);
        var job = await AddAsync(file, "sha256:1", JobState.Ready, null, Analysis.ModelFailed + "CUDA error");
        await AddAsync(file, "sha256:2", JobState.Ready, null, "The track is too short for the model.");
        await AddAsync(file, "sha256:3", JobState.Ready, null);

        (await ledger.RedriveWithoutWordsAsync(null, Cancel)).Should().Equal(job);
        (await JobLedgerTests.ReadAsync(file, job)).Analysis!.Codec.Should().Be("old");

        var claim = (await ledger.ClaimAsync(job, Lease, Cancel))
            .Should().BeOfType<ClaimAnswer.Granted>().Subject.Claim;
        (await ledger.CommitAsync(claim, new Analysis { Codec = "new", Caption = "A waltz." }, Cancel))
            .Should().BeTrue();

        (await JobLedgerTests.ReadAsync(file, job)).Should().BeEquivalentTo(new
        {
            State = JobState.Ready,
            Analysis = new { Codec = "new", Caption = "A waltz.", ModelProblem = (string?)null }
        });
        await using var db = file.Open();
        (await db.SearchRows.AsNoTracking().Where(row => row.FileName == "sha256:1")
            .Select(row => row.Caption).SingleAsync(Cancel)).Should().Be("A waltz.");
        (await ledger.RedriveWithoutWordsAsync(null, Cancel)).Should().BeEmpty();
    }

    private static async Task<long> AddAsync(
        CatalogueFile file, string content, JobState state, string? reason, string? modelProblem = null)
    {
        var job = new Job
        {
            Tenant = "home",
            ContentId = content,
            ModelVersion = "tiny",
            State = state,
            Reason = reason,
            Attempts = 5,
            FinishedAt = new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc),
            Analysis = state == JobState.Ready ? new Analysis { Codec = "old", ModelProblem = modelProblem } : null,
            Tracks = { new Track { Tenant = "home", BlobName = $"home/{content}", ETag = "1", FileName = content } },
        };
        await using var db = file.Open();
        db.Add(job);
        await db.SaveChangesAsync(Cancel);
        return job.Id;
    }
}
