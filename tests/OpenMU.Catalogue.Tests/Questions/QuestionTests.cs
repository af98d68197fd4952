using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Time.Testing;
using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Questions;
using OpenMU.Catalogue.Storage;
using OpenMU.Music.Questions;

namespace OpenMU.Catalogue.Tests.Questions;

/// <summary>Questions obey the ledger as analyses do, in a ledger of their own.</summary>
public sealed class QuestionTests
{
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(60);
    private static readonly Answer Reply =
        new(
            "In A minor.", AnswerOutcome.Answered, DroppedSentences: 1,
            [new ToolCall("GetAudioKey", "A minor", Shelf.Noon)], "tiny-1", "2", "open", SecondsHeard: 100, Shelf.Noon);

    private readonly FakeTimeProvider time = new(new DateTimeOffset(Shelf.Noon));

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_answer_is_stored_together_with_the_state()
    {
        await using var file = await CatalogueFile.CreateAsync();
        var (ledger, job) = await AskAsync(file);
        (await ReadAsync(file, job)).Should().BeEquivalentTo(new { State = JobState.Queued, Answer = (Answer?)null });

        var claim = await GrantAsync(ledger, job);
        (await ReadAsync(file, job)).State.Should().Be(JobState.Analysing);
        (await ledger.CommitAsync(claim, Reply, Cancel)).Should().BeTrue();

        var stored = await ReadAsync(file, job);
        stored.State.Should().Be(JobState.Ready);
        stored.Answer.Should().BeEquivalentTo(Reply);
    }

    [Fact]
    public async Task Of_two_workers_with_one_question_only_the_later_claim_answers_and_only_once()
    {
        await using var file = await CatalogueFile.CreateAsync();
        var (ledger, job) = await AskAsync(file);
        var zombie = await GrantAsync(ledger, job);
        time.Advance(Lease);
        var living = await GrantAsync(ledger, job, alone: true);

        (await ledger.CommitAsync(zombie, Reply with { Text = "zombie" }, Cancel)).Should().BeFalse();
        (await ledger.CommitAsync(living, Reply, Cancel)).Should().BeTrue();
        (await ledger.CommitAsync(zombie, Reply with { Text = "zombie" }, Cancel)).Should().BeFalse();

        (await ledger.ClaimAsync(job, Lease, Cancel)).Should().Be(new ClaimAnswer.Finished(JobState.Ready));
        (await ReadAsync(file, job)).Answer!.Text.Should().Be(Reply.Text);
    }

    [Fact]
    public async Task A_question_that_cannot_be_answered_is_rejected_and_one_that_fails_five_times_has_failed()
    {
        await using var file = await CatalogueFile.CreateAsync();
        var (ledger, rejected) = await AskAsync(file);
        await ledger.RejectAsync(await GrantAsync(ledger, rejected), "No model is loaded.", Cancel);
        var (_, failing) = await AskAsync(file);
        for (var attempt = 1; attempt <= JobLedger.MaxAttempts; attempt++)
        {
            await GrantAsync(ledger, failing, alone: true);
            time.Advance(Lease);
        }

        (await ledger.FailAsync(failing, Cancel)).Should().BeTrue();
        (await ReadAsync(file, rejected))
            .Should().BeEquivalentTo(new { State = JobState.Rejected, Job = new { Reason = "No model is loaded." } });
        (await ReadAsync(file, failing)).Should().BeEquivalentTo(
            new
            {
                State = JobState.Failed,
                Job = new { Reason = JobLedger.TriesFailed + "The worker ended while it answered nothing but this question." }
            });
    }

    [Fact]
    public async Task A_ledger_does_not_know_jobs_of_another_kind()
    {
        await using var file = await CatalogueFile.CreateAsync();
        var (questions, job) = await AskAsync(file);
        var analyses = new JobLedger(file.Factory, time);

        (await analyses.ClaimAsync(job, Lease, Cancel)).Should().BeOfType<ClaimAnswer.Unknown>();
        (await analyses.FailAsync(job, Cancel)).Should().BeFalse();
        foreach (var kind in (JobKind[])[JobKind.Analysis, JobKind.Question])
        {
            (await new JobOutbox(file.Factory, time, kind).WithRoomAsync(Cancel))
                .Should().HaveCount(kind == JobKind.Question ? 1 : 0);
        }
    }

    private async Task<(JobLedger Ledger, long Job)> AskAsync(CatalogueFile file)
    {
        await using var db = file.Open();
        var now = time.GetUtcNow().UtcDateTime;
        var question = db.Questions.Add(new Question
        {
            Tenant = "home",
            Track = Shelf.Ready("home", $"{Guid.NewGuid():N}.flac"),
            Text = "Which key?",
            AskedAt = now,
            Job = new Job
            {
                Tenant = "home",
                ContentId = $"question:{Guid.NewGuid():N}",
                Kind = JobKind.Question,
                ModelVersion = Job.AnyModel,
                CreatedAt = now
            },
        }).Entity;
        await db.SaveChangesAsync(Cancel);
        return (new JobLedger(file.Factory, time, JobKind.Question), question.JobId);
    }

    private static async Task<JobClaim> GrantAsync(JobLedger ledger, long job, bool alone = false) =>
        (alone ? await ledger.ClaimAloneAsync(job, Lease, Cancel) : await ledger.ClaimAsync(job, Lease, Cancel))
            .Should().BeOfType<ClaimAnswer.Granted>().Subject.Claim;

    private static async Task<Question> ReadAsync(CatalogueFile file, long job)
    {
        await using var db = file.Open();
        return await db.Questions.AsNoTracking().Include(q => q.Job).SingleAsync(q => q.JobId == job, Cancel);
    }
}
