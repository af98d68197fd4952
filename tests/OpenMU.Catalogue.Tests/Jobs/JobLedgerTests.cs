using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Time.Testing;
using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Storage;
using OpenMU.Catalogue.Tracks;

namespace OpenMU.Catalogue.Tests.Jobs;

public sealed class JobLedgerTests
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 2, 12, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(60);

    private readonly FakeTimeProvider time = new(Noon);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_claimed_job_is_held_until_its_lease_ends()
    {
        await using var file = await CatalogueFile.CreateAsync();
        var (ledger, job) = await NewJobAsync(file);
        var first = await GrantAsync(ledger, job);

        (await ledger.ClaimAsync(job, Lease, Cancel)).Should().Be(new ClaimAnswer.Held(Lease));
        (await ReadAsync(file, job)).Attempts.Should().Be(1, "a refused claim is no try");

        time.Advance(Lease);
        var second = await GrantAloneAsync(ledger, job);
        second.Fence.Should().BeGreaterThan(first.Fence);
        second.Attempt.Should().Be(1, "nobody knows which of its jobs ended the first worker");
    }

    [Fact]
    public async Task A_renewed_lease_keeps_others_out_and_a_taken_one_cannot_be_renewed()
    {
        await using var file = await CatalogueFile.CreateAsync();
        var (ledger, job) = await NewJobAsync(file);
        var first = await GrantAsync(ledger, job);
        time.Advance(Lease / 2);
        (await ledger.RenewAsync(first, Lease, Cancel)).Should().BeTrue();
        time.Advance(Lease / 2);
        (await ledger.ClaimAsync(job, Lease, Cancel)).Should().BeOfType<ClaimAnswer.Held>();

        time.Advance(Lease);
        await GrantAloneAsync(ledger, job);
        (await ledger.RenewAsync(first, Lease, Cancel)).Should().BeFalse();
    }

    [Fact]
    public async Task A_worker_that_lost_its_claim_can_change_nothing()
    {
        await using var file = await CatalogueFile.CreateAsync();
        var (ledger, job) = await NewJobAsync(file);
        var zombie = await GrantAsync(ledger, job);
        time.Advance(Lease);
        var living = await GrantAloneAsync(ledger, job);

        (await ledger.CommitAsync(zombie, Result("zombie"), Cancel)).Should().BeFalse();
        (await ledger.RejectAsync(zombie, "too late", Cancel)).Should().BeFalse();
        (await ledger.PostponeAsync(zombie, "too late", Cancel)).Should().BeFalse();
        (await ledger.ReleaseAsync(zombie, Cancel)).Should().BeFalse();
        (await ledger.CommitAsync(living, Result("living"), Cancel)).Should().BeTrue();
        (await ledger.CommitAsync(zombie, Result("zombie"), Cancel)).Should().BeFalse();

        var stored = await ReadAsync(file, job);
        stored.State.Should().Be(JobState.Ready);
        stored.Analysis!.Codec.Should().Be("living");
    }

    [Fact]
    public async Task Only_one_of_many_claims_at_once_is_granted()
    {
        await using var file = await CatalogueFile.CreateAsync();
        var (ledger, job) = await NewJobAsync(file);
        var answers = await Task.WhenAll(
            Enumerable.Range(0, 16).Select(_ => Task.Run(() => ledger.ClaimAsync(job, Lease, Cancel))));
        answers.OfType<ClaimAnswer.Granted>().Should().ContainSingle();
        answers.OfType<ClaimAnswer.Held>().Should().HaveCount(15);
        (await ReadAsync(file, job)).Attempts.Should().Be(1);
    }

    [Fact]
    public async Task A_released_try_does_not_count_and_a_postponed_one_does()
    {
        await using var file = await CatalogueFile.CreateAsync();
        var (ledger, job) = await NewJobAsync(file);
        (await ledger.ReleaseAsync(await GrantAsync(ledger, job), Cancel)).Should().BeTrue();
        (await ReadAsync(file, job))
            .Should().BeEquivalentTo(new { State = JobState.Queued, Attempts = 0, LeaseUntil = (DateTime?)null });
        (await ledger.PostponeAsync(await GrantAsync(ledger, job), "No room\non the disk", Cancel)).Should().BeTrue();
        (await ReadAsync(file, job))
            .Should().BeEquivalentTo(new { State = JobState.Queued, Attempts = 1, Reason = "No room on the disk" });
    }

    [Fact]
    public async Task Five_failed_tries_exhaust_a_job_and_its_last_error_is_the_reason_it_fails_for()
    {
        await using var file = await CatalogueFile.CreateAsync();
        var (ledger, job) = await NewJobAsync(file);
        for (var attempt = 1; attempt <= 5; attempt++)
        {
            (await ledger.FailAsync(job, Cancel)).Should().BeFalse("it still has tries");
            var claim = await GrantAsync(ledger, job);
            claim.IsLast.Should().Be(attempt == 5);
            await ledger.PostponeAsync(claim, $"Error {attempt}.", Cancel);
        }

        (await ledger.ClaimAsync(job, Lease, Cancel)).Should().BeOfType<ClaimAnswer.Exhausted>();
        (await ledger.FailAsync(job, Cancel)).Should().BeTrue();
        (await ledger.FailAsync(job, Cancel)).Should().BeFalse();
        (await ReadAsync(file, job)).Should().BeEquivalentTo(new
        {
            State = JobState.Failed,
            Reason = JobLedger.TriesFailed + "Error 5.",
            FinishedAt = Noon.UtcDateTime
        });
    }

    [Fact]
    public async Task A_track_that_ends_five_workers_with_nothing_else_in_flight_fails_and_says_so()
    {
        await using var file = await CatalogueFile.CreateAsync();
        var (ledger, job) = await NewJobAsync(file);
        await GrantAsync(ledger, job);
        time.Advance(Lease);
        for (var attempt = 1; attempt <= 5; attempt++)
        {
            (await ledger.FailAsync(job, Cancel)).Should().BeFalse("it still has tries");
            (await GrantAloneAsync(ledger, job)).Attempt.Should().Be(attempt);
            (await ledger.FailAsync(job, Cancel)).Should().BeFalse("somebody works on it");
            time.Advance(Lease);
        }

        (await ledger.ClaimAloneAsync(job, Lease, Cancel)).Should().BeOfType<ClaimAnswer.Exhausted>();
        (await ledger.FailAsync(job, Cancel)).Should().BeTrue();
        (await ReadAsync(file, job)).Reason
            .Should().Be(JobLedger.TriesFailed + "The worker ended while it analysed nothing but this track.");
    }

    [Fact]
    public async Task A_worker_that_ends_with_other_jobs_too_costs_none_of_them_a_try()
    {
        await using var file = await CatalogueFile.CreateAsync();
        var (ledger, job) = await NewJobAsync(file);
        for (var attempt = 1; attempt <= 4; attempt++)
            await ledger.PostponeAsync(await GrantAsync(ledger, job), "Broken.", Cancel);
        (await GrantAsync(ledger, job)).IsLast.Should().BeTrue();
        time.Advance(Lease);

        (await ledger.FailAsync(job, Cancel)).Should().BeFalse("its last try was not its own failure");
        (await ledger.ClaimAsync(job, Lease, Cancel)).Should().BeOfType<ClaimAnswer.Suspect>();
        (await ReadAsync(file, job)).Fence.Should().Be(5, "a refused claim changes nothing");
        var claim = await GrantAloneAsync(ledger, job);
        claim.Should().BeEquivalentTo(new { Attempt = 5, IsAlone = true });
        (await ledger.ReleaseAsync(claim, Cancel)).Should().BeTrue();
        (await ledger.ClaimAsync(job, Lease, Cancel))
            .Should().BeOfType<ClaimAnswer.Suspect>("a release proves nothing");
        (await ledger.CommitAsync(await GrantAloneAsync(ledger, job), Result("flac"), Cancel)).Should().BeTrue();
    }

    [Fact]
    public async Task A_redriven_job_has_five_tries_again_and_an_old_poison_message_cannot_fail_it()
    {
        await using var file = await CatalogueFile.CreateAsync();
        var (ledger, job) = await NewJobAsync(file);
        for (var attempt = 1; attempt <= 5; attempt++)
            await ledger.PostponeAsync(await GrantAsync(ledger, job), "Broken.", Cancel);
        await ledger.FailAsync(job, Cancel);

        (await ledger.RedriveAsync("somebody else", Cancel)).Should().BeEmpty();
        (await ledger.RedriveAsync("home", Cancel)).Should().Equal(job);
        (await ledger.FailAsync(job, Cancel)).Should().BeFalse();
        (await ReadAsync(file, job)).EnqueuedAt.Should().BeNull("its message is due");
        var claim = await GrantAsync(ledger, job);
        claim.Attempt.Should().Be(1);
        await ledger.CommitAsync(claim, Result("flac"), Cancel);
        (await ReadAsync(file, job)).Should().BeEquivalentTo(new { State = JobState.Ready, Reason = (string?)null });
    }

    [Fact]
    public async Task A_settled_job_is_never_claimed_again_and_an_unknown_one_is_named_so()
    {
        await using var file = await CatalogueFile.CreateAsync();
        var (ledger, job) = await NewJobAsync(file);
        await ledger.RejectAsync(await GrantAsync(ledger, job), "Not audio.", Cancel);
        (await ledger.ClaimAsync(job, Lease, Cancel)).Should().Be(new ClaimAnswer.Finished(JobState.Rejected));
        (await ledger.ClaimAsync(job + 1, Lease, Cancel)).Should().BeOfType<ClaimAnswer.Unknown>();
    }

    [Fact]
    public async Task Only_a_job_rejected_for_its_missing_file_is_reopened()
    {
        await using var file = await CatalogueFile.CreateAsync();
        var (ledger, job) = await NewJobAsync(file);
        await ledger.RejectAsync(await GrantAsync(ledger, job), JobLedger.FileGone, Cancel);
        await ledger.ReopenAsync(job, Cancel);
        (await ReadAsync(file, job))
            .Should().BeEquivalentTo(new { State = JobState.Queued, Attempts = 0, Reason = (string?)null });

        await ledger.RejectAsync(await GrantAsync(ledger, job), "Not audio.", Cancel);
        await ledger.ReopenAsync(job, Cancel);
        (await ReadAsync(file, job)).State.Should().Be(JobState.Rejected);
    }

    /// <summary>
    /// Workers that claim, renew, finish, fail, stop, fall asleep and wake as zombies, in any order: the promises hold
    /// all the time, and in the end every job has ended.
    /// </summary>

    private async Task<(JobLedger Ledger, long Job)> NewJobAsync(CatalogueFile file)
    {
        await using var db = file.Open();
        var job = new Job
        {
            Tenant = "home",
            ContentId = "sha256:00",
            ModelVersion = "none",
            CreatedAt = time.GetUtcNow().UtcDateTime
        };
        db.Add(job);
        await db.SaveChangesAsync(Cancel);
        return (new JobLedger(file.Factory, time), job.Id);
    }

    private static async Task<JobClaim> GrantAsync(JobLedger ledger, long job) =>
        (await ledger.ClaimAsync(job, Lease, Cancel)).Should().BeOfType<ClaimAnswer.Granted>().Subject.Claim;

    private static async Task<JobClaim> GrantAloneAsync(JobLedger ledger, long job) =>
        (await ledger.ClaimAloneAsync(job, Lease, Cancel)).Should().BeOfType<ClaimAnswer.Granted>().Subject.Claim;

    internal static async Task<Job> ReadAsync(CatalogueFile file, long job)
    {
        await using var db = file.Open();
        return await db.Jobs.AsNoTracking().Include(j => j.Analysis).SingleAsync(j => j.Id == job, Cancel);
    }

    internal static Analysis Result(string codec) => new() { Codec = codec };
}
