using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Time.Testing;
using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Questions;
using OpenMU.Catalogue.Storage;
using OpenMU.Music.Questions;

namespace OpenMU.Catalogue.Tests.Questions;

/// <summary>Batches whose tracks are not Ready yet, so that no message is sent.</summary>
public sealed class BatchStoreTests
{
    private static readonly Answer Reply = new(
        "In A minor.", AnswerOutcome.Answered, 0, [], "tiny-1", "2", "open", 100, Shelf.Noon);

    private readonly FakeTimeProvider time = new(new DateTimeOffset(Shelf.Noon));

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Ten_thousand_questions_are_stored_once_each_in_the_order_of_tracks_and_texts()
    {
        await using var file = await Shelf.WithAsync(
            [.. Enumerable.Range(0, 100).Select(i => Shelf.Other("home", $"{i}.wav", JobState.Queued))]);
        string[] texts = [.. Enumerable.Range(0, 100).Select(i => $"Question {i}?")];

        var batch = await SubmitAsync(file, new BatchRequest(texts, await TracksAsync(file), JobPriority.Bulk));

        await using var db = file.Open();
        var stored = await db.Questions.Include(q => q.Job).Include(q => q.Track).OrderBy(q => q.Position)
            .ToListAsync(Cancel);
        stored.Select(q => q.Position).Should().Equal(Enumerable.Range(0, 10_000));
        stored.Select(q => q.Text).Take(100).Should().Equal(texts);
        stored.Select(q => q.Track!.FileName).Should().Equal(
            Enumerable.Range(0, 10_000).Select(i => $"{i / 100}.wav"));
        stored.Should().OnlyContain(q => q.BatchId == batch.Id && q.State == JobState.Waiting && q.AskedAt == Shelf.Noon
            && q.Tenant == "home" && q.Job.Priority == JobPriority.Bulk && q.Job.CreatedAt == Shelf.Noon
            && q.Job.Kind == JobKind.Question && q.Job.ModelVersion == Job.AnyModel && q.EndedAs == null);
        stored.Select(q => q.Job.ContentId).Should().OnlyHaveUniqueItems();
        (await Store(file).GetAsync("home", batch.Id, Cancel))!.Value.Counts
            .Should().Equal(new Dictionary<JobState, int> { [JobState.Waiting] = 10_000 });
    }

    [Fact]
    public async Task The_same_key_and_request_make_one_batch_however_often_and_at_once()
    {
        await using var file = await Shelf.WithAsync(Shelf.Other("home", "a.wav", JobState.Queued));
        var request = new BatchRequest(["Which key?"], await TracksAsync(file));
        var store = Store(file);

        var answers = await Task.WhenAll(
            Enumerable.Range(0, 4).Select(_ => Task.Run(() => store.SubmitAsync("home", request, "k", Cancel))));
        var other = await store.SubmitAsync("home", request with { Priority = JobPriority.Urgent }, "k", Cancel);
        time.Advance(QuestionBatch.KeyHolds);
        var nextDay = await store.SubmitAsync("home", request, "k", Cancel);

        answers.Should().AllBeOfType<BatchAnswer.Accepted>()
            .Which.Select(answer => answer.Batch.Id).Distinct().Should().ContainSingle();
        other.Should().BeOfType<BatchAnswer.OtherRequest>();
        nextDay.Should().BeOfType<BatchAnswer.Accepted>().Which.Batch.Id
            .Should().NotBe(((BatchAnswer.Accepted)answers[0]).Batch.Id);
        await using var db = file.Open();
        (await db.Questions.CountAsync(Cancel)).Should().Be(2);
    }

    [Fact]
    public async Task A_track_that_is_not_there_is_named_and_nothing_is_stored_but_a_file_may_come_later()
    {
        await using var file = await Shelf.WithAsync(Shelf.Other("other", "a.wav", JobState.Queued));
        var foreign = (await TracksAsync(file))[0];
        var store = Store(file);

        var refused = await store.SubmitAsync(
            "home", new BatchRequest(["Which key?"], [foreign, new(FileName: "b.wav"), new(OwnId: "X-1")]), null, Cancel);
        refused.Should().BeOfType<BatchAnswer.Unknown>().Which.Mistakes
            .Should().Equal($"There is no track {foreign.Id}.", "There is no track with the owner's id X-1.");
        var later = await SubmitAsync(file, new BatchRequest(["Which key?"], [new(FileName: "a.wav")]));

        await using var db = file.Open();
        (await db.Questions.Include(q => q.Job).ToListAsync(Cancel)).Should().ContainSingle().Which.Should()
            .BeEquivalentTo(new { BatchId = later.Id, TrackId = (long?)null, FileName = "a.wav", State = JobState.Waiting });
    }

    [Fact]
    public async Task What_is_not_begun_is_cancelled_and_what_runs_finishes()
    {
        await using var file = await Shelf.WithAsync(Shelf.Other("home", "a.wav", JobState.Queued));
        var batch = await SubmitAsync(file, new BatchRequest(["One?", "Two?", "Three?"], await TracksAsync(file)));
        var jobs = await QueueAsync(file, 2);
        var ledger = Ledger(file);
        var claim = await GrantAsync(ledger, jobs[0]);

        (await Store(file).CancelAsync("other", batch.Id, Cancel)).Should().BeFalse();
        (await Store(file).CancelAsync("home", batch.Id, Cancel)).Should().BeTrue();
        var half = (await Store(file).GetAsync("home", batch.Id, Cancel))!.Value;
        half.Counts.Should().Equal(
            new Dictionary<JobState, int> { [JobState.Analysing] = 1, [JobState.Cancelled] = 2 });
        half.Batch.FinishedAt.Should().BeNull();
        (await ledger.ClaimAsync(jobs[1], TimeSpan.FromMinutes(1), Cancel))
            .Should().Be(new ClaimAnswer.Finished(JobState.Cancelled));
        (await ledger.CommitAsync(claim, Reply, Cancel)).Should().BeTrue();
        (await Store(file).CancelAsync("home", batch.Id, Cancel)).Should().BeTrue();

        var whole = (await Store(file).GetAsync("home", batch.Id, Cancel))!.Value;
        whole.Counts.Should().Equal(new Dictionary<JobState, int> { [JobState.Ready] = 1, [JobState.Cancelled] = 2 });
        whole.Batch.FinishedAt.Should().NotBeNull();
        whole.Batch.CancelledAt.Should().Be(Shelf.Noon);
        (await ReadAsync(file, batch, 2)).Select(q => q.State)
            .Should().Equal(JobState.Cancelled, JobState.Cancelled, JobState.Ready);
    }

    [Fact]
    public async Task A_question_that_is_started_again_opens_its_batch_and_is_read_again_when_it_ends()
    {
        await using var file = await Shelf.WithAsync(Shelf.Other("home", "a.wav", JobState.Queued));
        var batch = await SubmitAsync(file, new BatchRequest(["One?"], await TracksAsync(file)));
        var job = (await QueueAsync(file, 1)).Single();
        var ledger = Ledger(file);
        await ledger.RejectAsync(await GrantAsync(ledger, job), "No model is loaded.", Cancel);
        var first = (await Store(file).EndedAsync("home", batch.Id, BatchCursor.Start, 10, Cancel)).Single();

        (await ledger.RedriveRejectedAsync("home", "model", Cancel)).Should().Equal(job);
        (await Store(file).GetAsync("home", batch.Id, Cancel))!.Value.Batch.FinishedAt.Should().BeNull();
        (await ReadAsync(file, batch, 2)).Should().BeEmpty();
        await ledger.CommitAsync(await GrantAsync(ledger, job), Reply, Cancel);

        var after = new BatchCursor(first.EndedAs!.Value, first.Id);
        (await Store(file).EndedAsync("home", batch.Id, after, 10, Cancel)).Should().ContainSingle()
            .Which.Answer!.Text.Should().Be(Reply.Text);
        (await Store(file).GetAsync("home", batch.Id, Cancel))!.Value.Batch.FinishedAt.Should().NotBeNull();
    }

    private static JobLedger Ledger(CatalogueFile file) => new(file.Factory, TimeProvider.System, JobKind.Question);

    private BatchStore Store(CatalogueFile file)
    {
        var storage = MusicStorage.FromConnectionString("UseDevelopmentStorage=true");
        return new BatchStore(
            file.Factory, new JobQueues(file.Factory, storage, time), time);
    }

    private async Task<QuestionBatch> SubmitAsync(CatalogueFile file, BatchRequest request) =>
        ((BatchAnswer.Accepted)await Store(file).SubmitAsync("home", request, null, Cancel)).Batch;

    private async Task<List<Question>> ReadAsync(CatalogueFile file, QuestionBatch batch, int atOnce)
    {
        var (read, after) = (new List<Question>(), BatchCursor.Start);
        while (await Store(file).EndedAsync("home", batch.Id, after, atOnce, Cancel) is { Count: > 0 } some)
        {
            read.AddRange(some);
            after = new BatchCursor(some[^1].EndedAs!.Value, some[^1].Id);
        }
        return read;
    }

    private static async Task<IReadOnlyList<AskedTrack>> TracksAsync(CatalogueFile file)
    {
        await using var db = file.Open();
        var ids = await db.Tracks.OrderBy(t => t.Id).Select(t => t.Id).ToListAsync(Cancel);
        return [.. ids.Select(id => new AskedTrack(id))];
    }

    /// <summary>The first waiting ones, as if their track were Ready and their message sent.</summary>
    private static async Task<List<long>> QueueAsync(CatalogueFile file, int count)
    {
        await using var db = file.Open();
        var jobs = await db.Questions.Where(q => q.Job.State == JobState.Waiting).OrderBy(q => q.Position)
            .Select(q => q.JobId).Take(count).ToListAsync(Cancel);
        await db.Jobs.Where(j => jobs.Contains(j.Id)).ExecuteUpdateAsync(
            set => set.SetProperty(j => j.State, JobState.Queued).SetProperty(j => j.EnqueuedAt, Shelf.Noon), Cancel);
        return jobs;
    }

    private static async Task<JobClaim> GrantAsync(JobLedger ledger, long job) =>
        ((ClaimAnswer.Granted)await ledger.ClaimAsync(job, TimeSpan.FromMinutes(1), Cancel)).Claim;
}
