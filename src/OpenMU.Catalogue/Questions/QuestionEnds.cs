using Microsoft.EntityFrameworkCore;
using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Storage;
using OpenMU.Catalogue.Webhooks;

namespace OpenMU.Catalogue.Questions;

/// <summary>A place in the order in which a batch's questions end.</summary>
public sealed record BatchPlace(long BatchId, long Place);

/// <summary>
/// Ends questions, and numbers the ends of those of a batch. The number is taken in the transaction that ends them,
/// from a row that is locked until it is committed: who has read up to a number will see nothing new below it.
/// </summary>
public static class QuestionEnds
{
    /// <summary>The place of the end of a question that is about to be written.</summary>
    /// <returns>Null where the job is no question of a batch.</returns>
    public static async Task<BatchPlace?> NextAsync(CatalogueDb db, long jobId, CancellationToken cancel)
    {
        var batch = await db.Questions.Where(q => q.JobId == jobId).Select(q => q.BatchId)
            .SingleOrDefaultAsync(cancel);
        return batch is { } id ? await NextInBatchAsync(db, id, cancel) : null;
    }

    /// <summary>The place of ends that are about to be written.</summary>
    public static async Task<BatchPlace> NextInBatchAsync(CatalogueDb db, long batchId, CancellationToken cancel)
    {
        await db.QuestionBatches.Where(b => b.Id == batchId)
            .ExecuteUpdateAsync(set => set.SetProperty(b => b.Ends, b => b.Ends + 1), cancel);
        return new BatchPlace(
            batchId, await db.QuestionBatches.Where(b => b.Id == batchId).Select(b => b.Ends).SingleAsync(cancel));
    }

    /// <summary>Notes that a job's question has ended.</summary>
    /// <param name="db">In the transaction in which it has.</param>
    /// <param name="jobId">The job.</param>
    /// <param name="place">As <see cref="NextAsync"/> gave it; null does nothing.</param>
    /// <param name="now">UTC.</param>
    /// <param name="cancel">Rolls back.</param>
    public static async Task EndAsync(
        CatalogueDb db, long jobId, BatchPlace? place, DateTime now, CancellationToken cancel)
    {
        if (place is null) return;
        await db.Questions.Where(q => q.JobId == jobId)
            .ExecuteUpdateAsync(set => set.SetProperty(q => q.EndedAs, place.Place), cancel);
        await FinishAsync(db, place.BatchId, now, cancel);
    }

    /// <summary>
    /// Ends questions of a batch that nobody works on. What was begun or has ended meanwhile stays as it is.
    /// </summary>
    /// <param name="db">In a transaction.</param>
    /// <param name="batchId">The batch.</param>
    /// <param name="which">Which of those that wait, for their track or for a worker.</param>
    /// <param name="state">How they end.</param>
    /// <param name="reason">Why, for people; null where the state says it.</param>
    /// <param name="now">UTC.</param>
    /// <param name="cancel">Rolls back.</param>
    /// <param name="alsoBegun">Also what a worker holds, whose fence is too old then for anything to be stored.</param>
    /// <returns>How many.</returns>
    public static async Task<int> EndAllAsync(
        CatalogueDb db, long batchId, Func<IQueryable<Question>, IQueryable<Question>> which, JobState state,
        string? reason, DateTime now, CancellationToken cancel, bool alsoBegun = false)
    {
        var place = await NextInBatchAsync(db, batchId, cancel);
        var jobs = which(db.Questions.Where(q => q.BatchId == batchId && q.EndedAs == null)).Select(q => q.JobId);
        var ended = await EndAsync(
            db.Jobs.Where(j => jobs.Contains(j.Id) && (j.State == JobState.Waiting || j.State == JobState.Queued
                || (alsoBegun && j.State == JobState.Analysing))),
            state, reason, now, cancel);
        if (ended == 0) return 0;
        await db.Questions
            .Where(q => q.BatchId == batchId && q.EndedAs == null && q.Job.State == state)
            .ExecuteUpdateAsync(set => set.SetProperty(q => q.EndedAs, place.Place), cancel);
        await CatalogueEvents.QuestionsEndedAsync(db, place, now, cancel);
        await FinishAsync(db, batchId, now, cancel);
        return ended;
    }

    /// <summary>Ends questions of no batch that wait for a track which will never be Ready.</summary>
    /// <param name="db">In a transaction.</param>
    /// <param name="jobIds">Their jobs; what somebody else has moved on meanwhile stays as it is.</param>
    /// <param name="state">How they end.</param>
    /// <param name="reason">Why, for people.</param>
    /// <param name="now">UTC.</param>
    /// <param name="cancel">Rolls back.</param>
    /// <returns>How many.</returns>
    public static async Task<int> EndAloneAsync(
        CatalogueDb db, IReadOnlyList<long> jobIds, JobState state, string? reason, DateTime now,
        CancellationToken cancel)
    {
        var ended = 0;
        // One after the other: each is told of by whoever has ended it, and by nobody else.
        foreach (var job in jobIds)
        {
            var waits = db.Jobs.Where(j => j.Id == job && j.State == JobState.Waiting);
            if (await EndAsync(waits, state, reason, now, cancel) == 0) continue;
            await CatalogueEvents.JobEndedAsync(db, JobKind.Question, job, now, cancel);
            ended++;
        }
        return ended;
    }

    private static Task<int> EndAsync(
        IQueryable<Job> jobs, JobState state, string? reason, DateTime now, CancellationToken cancel) =>
        jobs.ExecuteUpdateAsync(
            set => set.SetProperty(j => j.State, state).SetProperty(j => j.Reason, reason)
                .SetProperty(j => j.Fence, j => j.Fence + 1)
                .SetProperty(j => j.FinishedAt, now).SetProperty(j => j.LeaseUntil, (DateTime?)null),
            cancel);

    /// <summary>
    /// Ends the open questions of batches about tracks that are about to be removed; they stay, without a track.
    /// </summary>
    public static async Task LeaveAsync(
        CatalogueDb db, IReadOnlyList<long> trackIds, DateTime now, CancellationToken cancel)
    {
        var open = db.Questions.Where(
            q => trackIds.Contains(q.TrackId!.Value) && q.BatchId != null && q.EndedAs == null);
        foreach (var batch in await open.Select(q => q.BatchId!.Value).Distinct().ToListAsync(cancel))
        {
            await EndAllAsync(
                db, batch, all => all.Where(q => trackIds.Contains(q.TrackId!.Value)), JobState.Rejected,
                WaitingQuestions.TrackGone, now, cancel, alsoBegun: true);
            await db.Questions
                .Where(q => q.BatchId == batch && trackIds.Contains(q.TrackId!.Value)
                    && q.Job.Reason == WaitingQuestions.TrackGone)
                .ExecuteUpdateAsync(set => set.SetProperty(q => q.TrackId, (long?)null), cancel);
        }
    }

    /// <summary>Starts a question again that had ended: its batch is open again.</summary>
    /// <param name="db">Not in a transaction.</param>
    /// <param name="jobId">Its job.</param>
    /// <param name="restart">Restarts the job; how many it restarted.</param>
    /// <param name="cancel">Rolls back.</param>
    /// <returns>Whether it was restarted.</returns>
    public static Task<bool> TakeBackAsync(
        CatalogueDb db, long jobId, Func<CancellationToken, Task<int>> restart, CancellationToken cancel) =>
        db.InTransactionAsync(
            async token =>
            {
                var place = await NextAsync(db, jobId, token);
                if (await restart(token) == 0) return false;
                if (place is null) return true;
                await db.Questions.Where(q => q.JobId == jobId)
                    .ExecuteUpdateAsync(set => set.SetProperty(q => q.EndedAs, (long?)null), token);
                await db.QuestionBatches.Where(b => b.Id == place.BatchId)
                    .ExecuteUpdateAsync(set => set.SetProperty(b => b.FinishedAt, (DateTime?)null), token);
                return true;
            },
            cancel);

    /// <summary>Notes that a batch is through, if none of its questions is open.</summary>
    public static async Task FinishAsync(CatalogueDb db, long batchId, DateTime now, CancellationToken cancel)
    {
        if (await db.Questions.AnyAsync(q => q.BatchId == batchId && q.EndedAs == null, cancel)) return;
        var finished = await db.QuestionBatches.Where(b => b.Id == batchId && b.FinishedAt == null)
            .ExecuteUpdateAsync(set => set.SetProperty(b => b.FinishedAt, now), cancel);
        if (finished == 1) await CatalogueEvents.BatchCompletedAsync(db, batchId, now, cancel);
    }
}
