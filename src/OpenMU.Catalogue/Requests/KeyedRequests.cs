using Microsoft.EntityFrameworkCore;
using OpenMU.Catalogue.Storage;

namespace OpenMU.Catalogue.Requests;

/// <summary>Which requests with an idempotency key run or have been answered, each tenant's its own.</summary>
public sealed class KeyedRequests(IDbContextFactory<CatalogueDb> catalogue, TimeProvider time)
{
    /// <summary>How long an answer is kept.</summary>
    public static readonly TimeSpan Kept = TimeSpan.FromDays(1);

    /// <summary>How long a runner may be silent before its request may run again.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromMinutes(1);

    private const int MaxRaces = 10;
    private const int RemovedAtOnce = 1000;

    /// <summary>Begins a request, unless it runs already or has its answer.</summary>
    public async Task<KeyAnswer> BeginAsync(string tenant, string key, CancellationToken cancel)
    {
        for (var race = 0; ; race++)
        {
            await using var db = catalogue.CreateDbContext();
            var now = await db.NowAsync(time, cancel);
            var runner = Guid.NewGuid();
            var row = await Of(db, tenant, key).AsNoTracking().SingleOrDefaultAsync(cancel);
            if (row is { RunsUntil: null } && row.ExpiresAt > now) return new KeyAnswer.Answered(row);
            if (row?.RunsUntil > now) return new KeyAnswer.Running();
            if (row is not null)
            {
                // Whoever ran it has ended without an answer, or the answer is too old.
                var taken = await Of(db, tenant, key).Where(r => r.Runner == row.Runner && r.RunsUntil == row.RunsUntil)
                    .ExecuteUpdateAsync(
                        set => set.SetProperty(r => r.Runner, runner).SetProperty(r => r.RunsUntil, now + Lease)
                            .SetProperty(r => r.RequestHash, (string?)null).SetProperty(r => r.ExpiresAt, now + Kept),
                        cancel);
                if (taken == 1) return new KeyAnswer.Begun(runner);
                continue;
            }

            try
            {
                db.KeyedRequests.Add(new KeyedRequest
                {
                    Tenant = tenant,
                    Key = key,
                    Runner = runner,
                    RunsUntil = now + Lease,
                    ExpiresAt = now + Kept,
                });
                await db.SaveChangesAsync(cancel);
                return new KeyAnswer.Begun(runner);
            }
            catch (DbUpdateException) when (race < MaxRaces && !cancel.IsCancellationRequested)
            {
                // Another request with the same key was faster, or the database is away: the next look tells.
            }
        }
    }

    /// <summary>Goes on with a request that takes long.</summary>
    public async Task RenewAsync(string tenant, string key, Guid runner, CancellationToken cancel)
    {
        await using var db = catalogue.CreateDbContext();
        var until = await db.NowAsync(time, cancel) + Lease;
        await Of(db, tenant, key).Where(r => r.Runner == runner && r.RunsUntil != null)
            .ExecuteUpdateAsync(set => set.SetProperty(r => r.RunsUntil, until), cancel);
    }

    /// <summary>Keeps a request's answer.</summary>
    /// <param name="answer">The request as it was begun, with its hash and its answer.</param>
    /// <param name="cancel">Gives up.</param>
    public async Task KeepAsync(KeyedRequest answer, CancellationToken cancel)
    {
        await using var db = catalogue.CreateDbContext();
        await Of(db, answer.Tenant, answer.Key).Where(r => r.Runner == answer.Runner)
            .ExecuteUpdateAsync(
                set => set.SetProperty(r => r.RunsUntil, (DateTime?)null)
                    .SetProperty(r => r.RequestHash, answer.RequestHash).SetProperty(r => r.Status, answer.Status)
                    .SetProperty(r => r.ContentType, answer.ContentType).SetProperty(r => r.Location, answer.Location)
                    .SetProperty(r => r.Body, answer.Body),
                cancel);
    }

    /// <summary>Forgets a request that came to nothing, so that it may be sent again.</summary>
    public async Task LetGoAsync(string tenant, string key, Guid runner, CancellationToken cancel)
    {
        await using var db = catalogue.CreateDbContext();
        await Of(db, tenant, key).Where(r => r.Runner == runner).ExecuteDeleteAsync(cancel);
    }

    /// <summary>Forgets what is too old.</summary>
    /// <returns>How many requests.</returns>
    public async Task<int> SweepAsync(CancellationToken cancel)
    {
        await using var db = catalogue.CreateDbContext();
        var now = await db.NowAsync(time, cancel);
        var removed = 0;
        while (true)
        {
            var old = await db.KeyedRequests.Where(r => r.ExpiresAt <= now).OrderBy(r => r.ExpiresAt)
                .Select(r => new { r.Tenant, r.Key, r.Runner }).Take(RemovedAtOnce).ToListAsync(cancel);
            foreach (var request in old)
            {
                removed += await Of(db, request.Tenant, request.Key).Where(r => r.Runner == request.Runner)
                    .ExecuteDeleteAsync(cancel);
            }

            if (old.Count < RemovedAtOnce) return removed;
        }
    }

    private static IQueryable<KeyedRequest> Of(CatalogueDb db, string tenant, string key) =>
        db.KeyedRequests.Where(r => r.Tenant == tenant && r.Key == key);
}

/// <summary>How a request with an idempotency key stands.</summary>
public abstract record KeyAnswer
{
    private KeyAnswer()
    {
    }

    /// <summary>It is new: the caller runs it.</summary>
    public sealed record Begun(Guid Runner) : KeyAnswer;

    /// <summary>Another request with the same key runs.</summary>
    public sealed record Running : KeyAnswer;

    /// <summary>It has its answer.</summary>
    public sealed record Answered(KeyedRequest Request) : KeyAnswer;
}
