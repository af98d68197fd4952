using Microsoft.EntityFrameworkCore;
using OpenMU.Catalogue.Access;
using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Storage;

namespace OpenMU.Catalogue.Questions;

/// <summary>Where questions are asked in bulk and their answers fetched, each tenant its own.</summary>
public sealed class BatchStore(IDbContextFactory<CatalogueDb> catalogue, JobQueues jobs, TimeProvider time)
{
    /// <summary>Why a question ends that was taken back.</summary>
    public const string Cancelled = "The batch was cancelled.";

    // Somebody waits for the answer; the sweep sends what was not sent by then.
    private static readonly TimeSpan TimeToSend = TimeSpan.FromSeconds(3);

    /// <summary>
    /// Stores a batch with all its questions, or nothing. The same key and the same request again find the batch that
    /// the first made.
    /// </summary>
    /// <param name="tenant">Who asks.</param>
    /// <param name="request">Without <see cref="BatchRequest.Mistakes"/>.</param>
    /// <param name="key">The request's idempotency key; null for none.</param>
    /// <param name="cancel">Rolls back.</param>
    /// <exception cref="QuotaExceededException">The tenant may not ask as much; nothing is stored.</exception>
    public async Task<BatchAnswer> SubmitAsync(
        string tenant, BatchRequest request, string? key, CancellationToken cancel)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(request.Total, QuestionBatch.MaxItems);
        var (hash, now) = (request.Hash, time.GetUtcNow().UtcDateTime);
        key ??= $"batch:{Guid.NewGuid():N}";
        await using var db = catalogue.CreateDbContext();
        var (tracks, unknown) = await new NamedTracks(db, tenant).FindAsync(request.Tracks, cancel);
        var answer = await db.InTransactionAsync<BatchAnswer>(
            async token =>
            {
                if (await FindAsync(db, tenant, key, token) is { } earlier)
                {
                    if (now - earlier.AskedAt < QuestionBatch.KeyHolds)
                    {
                        return earlier.RequestHash == hash
                            ? new BatchAnswer.Accepted(earlier)
                            : new BatchAnswer.OtherRequest();
                    }
                    earlier.Key = $"batch:{Guid.NewGuid():N}";
                    await db.SaveChangesAsync(token);
                }
                if (unknown.Count > 0) return new BatchAnswer.Unknown(unknown);
                var batch = new QuestionBatch
                {
                    Tenant = tenant,
                    Key = key,
                    RequestHash = hash,
                    Priority = request.Priority ?? JobPriority.Normal,
                    AskedAt = now,
                    ExpiresAt = now + TimeSpan.FromSeconds(request.ExpiresIn ?? BatchRequest.UsualExpiry),
                    Total = (int)request.Total,
                };
                db.QuestionBatches.Add(batch);
                await db.SaveChangesAsync(token);
                await new BatchRows(db, batch).AddAsync(request.Questions, tracks, token);
                await TenantQuota.CountAsync(db, tenant, now, tracks: 0, questions: batch.Total, bytes: 0, token);
                return new BatchAnswer.Accepted(batch);
            },
            cancel);
        await SendSomeAsync(cancel);
        return answer;
    }

    /// <returns>The batch and how many of its questions are in which state; null where the tenant has no such batch.
    /// </returns>
    public async Task<(QuestionBatch Batch, IReadOnlyDictionary<JobState, int> Counts)?> GetAsync(
        string tenant, long id, CancellationToken cancel)
    {
        await using var db = catalogue.CreateDbContext();
        var batch = await db.QuestionBatches.AsNoTracking()
            .SingleOrDefaultAsync(b => b.Tenant == tenant && b.Id == id, cancel);
        if (batch is null) return null;
        var counts = await db.Questions.Where(q => q.BatchId == id).GroupBy(q => q.Job.State)
            .Select(group => new { group.Key, Count = group.Count() })
            .ToDictionaryAsync(group => group.Key, group => group.Count, cancel);
        return (batch, counts);
    }

    /// <summary>Whether the tenant has such a batch.</summary>
    public async Task<bool> ExistsAsync(string tenant, long id, CancellationToken cancel)
    {
        await using var db = catalogue.CreateDbContext();
        return await db.QuestionBatches.AnyAsync(b => b.Tenant == tenant && b.Id == id, cancel);
    }

    /// <summary>A tenant's batches, the latest first.</summary>
    /// <param name="tenant">Whose.</param>
    /// <param name="before">Only those before this one; null for all.</param>
    /// <param name="atMost">How many.</param>
    /// <param name="cancel">Gives up.</param>
    public async Task<IReadOnlyList<QuestionBatch>> ListAsync(
        string tenant, long? before, int atMost, CancellationToken cancel)
    {
        await using var db = catalogue.CreateDbContext();
        return await db.QuestionBatches.AsNoTracking()
            .Where(b => b.Tenant == tenant && b.Id < (before ?? long.MaxValue))
            .OrderByDescending(b => b.Id).Take(atMost).ToListAsync(cancel);
    }

    /// <summary>
    /// A batch's questions that have ended, in the order in which they did. Whoever goes on from the last one that he
    /// has misses none and gets none twice, unless one was started again and ends again.
    /// </summary>
    /// <param name="tenant">Whose.</param>
    /// <param name="batchId">The batch; none where the tenant has no such one.</param>
    /// <param name="after">From where.</param>
    /// <param name="atMost">How many.</param>
    /// <param name="cancel">Gives up.</param>
    public async Task<IReadOnlyList<Question>> EndedAsync(
        string tenant, long batchId, BatchCursor after, int atMost, CancellationToken cancel)
    {
        await using var db = catalogue.CreateDbContext();
        var (place, id) = after;
        return await db.Questions.AsNoTracking().Include(q => q.Job)
            .Where(q => q.BatchId == batchId && q.Tenant == tenant && q.EndedAs >= place)
            .Where(q => q.EndedAs > place || q.Id > id)
            .OrderBy(q => q.EndedAs).ThenBy(q => q.Id).Take(atMost).ToListAsync(cancel);
    }

    /// <summary>Takes back what nobody has begun; what a worker holds it finishes. Doing it again changes nothing.
    /// </summary>
    /// <returns>False where the tenant has no such batch.</returns>
    public async Task<bool> CancelAsync(string tenant, long id, CancellationToken cancel)
    {
        await using var db = catalogue.CreateDbContext();
        var now = time.GetUtcNow().UtcDateTime;
        return await db.InTransactionAsync(
            async token =>
            {
                var mine = db.QuestionBatches.Where(b => b.Tenant == tenant && b.Id == id);
                if (!await mine.AnyAsync(token)) return false;
                await mine.Where(b => b.CancelledAt == null && b.FinishedAt == null)
                    .ExecuteUpdateAsync(set => set.SetProperty(b => b.CancelledAt, now), token);
                await QuestionEnds.EndAllAsync(db, id, all => all, JobState.Cancelled, Cancelled, now, token);
                return true;
            },
            cancel);
    }

    private static Task<QuestionBatch?> FindAsync(
        CatalogueDb db, string tenant, string key, CancellationToken cancel) =>
        db.QuestionBatches.SingleOrDefaultAsync(b => b.Tenant == tenant && b.Key == key, cancel);

    private async Task SendSomeAsync(CancellationToken cancel)
    {
        using var limit = new CancellationTokenSource(TimeToSend, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancel);
        try
        {
            await jobs.Questions.RefillAsync(both.Token);
        }
        catch (Exception e) when (Outage.Is(e))
        {
            // The rows are the promise, whoever has left meanwhile; what has no message, the sweep gives one.
        }
    }
}

/// <summary>What becomes of a request for a batch.</summary>
public abstract record BatchAnswer
{
    private BatchAnswer()
    {
    }

    /// <summary>The batch is stored, now or by an earlier request that was the same.</summary>
    public sealed record Accepted(QuestionBatch Batch) : BatchAnswer;

    /// <summary>Nothing is stored: there are no such tracks, or several.</summary>
    public sealed record Unknown(IReadOnlyList<string> Mistakes) : BatchAnswer;

    /// <summary>Nothing is stored: the key was another request's.</summary>
    public sealed record OtherRequest : BatchAnswer;
}
