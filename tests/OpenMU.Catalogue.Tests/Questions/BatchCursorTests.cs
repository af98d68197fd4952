using CsCheck;
using Microsoft.EntityFrameworkCore;
using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Questions;
using OpenMU.Catalogue.Storage;
using OpenMU.Music.Questions;

namespace OpenMU.Catalogue.Tests.Questions;

/// <summary>Whoever reads a batch's answers from cursor to cursor gets each once, whatever goes on meanwhile.</summary>
public sealed class BatchCursorTests
{
    private static readonly Answer Reply = new(
        "In A minor.", AnswerOutcome.Answered, 0, [], "tiny-1", "2", "open", 100, Shelf.Noon);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public enum Move
    {
        Commit,
        Reject,
        EndSome,
        Poll,
    }

    [Fact]
    public void A_cursor_is_read_back_and_anything_else_is_none()
    {
        Gen.Select(Gen.Long[0, long.MaxValue], Gen.Long[0, long.MaxValue]).Sample(
            (place, id) => BatchCursor.TryParse(new BatchCursor(place, id).ToString()) == new BatchCursor(place, id));
        Gen.String.Sample(text => BatchCursor.TryParse(text) is null or { Place: >= 0, QuestionId: >= 0 });
    }

    [Fact]
    public async Task Each_end_is_read_once_in_its_order_whatever_ends_and_whenever_is_polled()
    {
        await using var file = await Shelf.WithAsync(Shelf.Other("home", "a.wav", JobState.Queued));
        var store = Store(file);
        await Gen.Select(Gen.Enum<Move>(), Gen.Int[1, 4]).Array[1, 25].SampleAsync(
            async moves =>
            {
                var (batch, jobs) = await BatchAsync(file, store, 12);
                var reader = new Reader(store, batch);
                foreach (var (move, count) in moves)
                {
                    if (move == Move.Poll) await reader.PollAsync(count);
                    else if (move == Move.EndSome) await EndSomeAsync(file, batch, count);
                    else if (jobs.TryDequeue(out var job)) await EndAsync(file, job, move);
                }
                await store.CancelAsync("home", batch, Cancel);
                await reader.FinishAsync();
                await CheckAsync(file, batch, reader.Read);
            },
            iter: 25, threads: 1);
    }

    [Fact]
    public async Task Each_end_is_read_once_while_workers_answer_side_by_side()
    {
        await using var file = await Shelf.WithAsync(Shelf.Other("home", "a.wav", JobState.Queued));
        var store = Store(file);
        var (batch, jobs) = await BatchAsync(file, store, 80);
        var reader = new Reader(store, batch);
        var shares = jobs.Chunk(20).ToList();

        var workers = Task.WhenAll(shares.Select(share => Task.Run(
            async () =>
            {
                foreach (var (i, job) in share.Index())
                    await EndAsync(file, job, i % 5 == 0 ? Move.Reject : Move.Commit);
            },
            Cancel)));
        while (!workers.IsCompleted) await reader.PollAsync(7);
        await workers;
        await reader.FinishAsync();

        await CheckAsync(file, batch, reader.Read);
        reader.Read.Should().HaveCount(80);
    }

    private static BatchStore Store(CatalogueFile file)
    {
        var jobs = new JobQueues(
            file.Factory, MusicStorage.FromConnectionString("UseDevelopmentStorage=true"), TimeProvider.System);
        return new BatchStore(
            file.Factory, jobs, TimeProvider.System);
    }

    // All Queued, as if their messages were sent.
    private static async Task<(long Batch, Queue<long> Jobs)> BatchAsync(
        CatalogueFile file, BatchStore store, int count)
    {
        await using var db = file.Open();
        var track = await db.Tracks.Select(t => t.Id).SingleAsync(Cancel);
        string[] texts = [.. Enumerable.Range(0, count).Select(i => $"Question {i}?")];
        var batch = ((BatchAnswer.Accepted)await store.SubmitAsync(
            "home", new BatchRequest(texts, [new AskedTrack(track)]), null, Cancel)).Batch.Id;
        var jobs = await db.Questions.Where(q => q.BatchId == batch).OrderBy(q => q.Position).Select(q => q.JobId)
            .ToListAsync(Cancel);
        await db.Jobs.Where(j => jobs.Contains(j.Id)).ExecuteUpdateAsync(
            set => set.SetProperty(j => j.State, JobState.Queued).SetProperty(j => j.EnqueuedAt, Shelf.Noon), Cancel);
        return (batch, new Queue<long>(jobs));
    }

    private static async Task EndAsync(CatalogueFile file, long job, Move move)
    {
        var ledger = new JobLedger(file.Factory, TimeProvider.System, JobKind.Question);
        var answer = await ledger.ClaimAsync(job, TimeSpan.FromMinutes(5), Cancel);
        if (answer is not ClaimAnswer.Granted { Claim: var claim })
            return;
        if (move == Move.Reject) await ledger.RejectAsync(claim, "No model is loaded.", Cancel);
        else await ledger.CommitAsync(claim, Reply, Cancel);
    }

    // As the sweep ends those whose track is gone.
    private static async Task EndSomeAsync(CatalogueFile file, long batch, int count)
    {
        await using var db = file.Open();
        await db.InTransactionAsync(
            async token =>
            {
                var ids = await db.Questions.Where(q => q.BatchId == batch && q.EndedAs == null)
                    .OrderByDescending(q => q.Id).Take(count).Select(q => q.Id).ToListAsync(token);
                return await QuestionEnds.EndAllAsync(
                    db, batch, all => all.Where(q => ids.Contains(q.Id)), JobState.Rejected, WaitingQuestions.FileGone,
                    Shelf.Noon, token);
            },
            Cancel);
    }

    private static async Task CheckAsync(CatalogueFile file, long batch, IReadOnlyList<Question> read)
    {
        await using var db = file.Open();
        var ids = await db.Questions.Where(q => q.BatchId == batch).Select(q => q.Id).ToListAsync(Cancel);
        read.Select(q => q.Id).Should().BeEquivalentTo(ids, "each has ended, and is read once");
        read.Select(q => q.EndedAs).Should().BeInAscendingOrder();
        (await db.QuestionBatches.SingleAsync(b => b.Id == batch, Cancel)).FinishedAt.Should().NotBeNull();
    }

    /// <summary>A partner who polls with the last cursor that he has.</summary>
    private sealed class Reader(BatchStore store, long batch)
    {
        private BatchCursor after = BatchCursor.Start;

        public List<Question> Read { get; } = [];

        public async Task<int> PollAsync(int atMost)
        {
            var some = await store.EndedAsync("home", batch, after, atMost, Cancel);
            Read.AddRange(some);
            if (some is [.., var last])
                after = BatchCursor.TryParse(new BatchCursor(last.EndedAs!.Value, last.Id).ToString())!;
            return some.Count;
        }

        public async Task FinishAsync()
        {
            while (await PollAsync(3) > 0)
            {
            }
        }
    }
}
