using Microsoft.EntityFrameworkCore;
using OpenMU.Catalogue.Storage;

namespace OpenMU.Catalogue.Access;

/// <summary>
/// Counts what tenants do against what they may. Exact for any number at once: who counts first holds the tenant's row
/// until its transaction ends, and looks only then; beyond the limit all of the transaction is rolled back.
/// </summary>
public static class TenantQuota
{
    // Where bytes are limited, only a look at each file tells whether it fits.
    private const long FewAtOnce = 32;

    private static readonly TimeSpan SoonAgain = TimeSpan.FromMinutes(1), LaterAgain = TimeSpan.FromHours(1);

    /// <summary>
    /// Counts what a transaction has added, when it has been saved and is not yet committed.
    /// </summary>
    /// <param name="db">In a transaction.</param>
    /// <param name="tenant">Whose.</param>
    /// <param name="now">UTC.</param>
    /// <param name="tracks">Files with a new content.</param>
    /// <param name="questions">Questions.</param>
    /// <param name="bytes">Of the files.</param>
    /// <param name="cancel">Rolls back.</param>
    /// <exception cref="QuotaExceededException">Too much: let the transaction be rolled back.</exception>
    public static async Task CountAsync(
        CatalogueDb db, string tenant, DateTime now, int tracks, int questions, long bytes, CancellationToken cancel)
    {
        var day = DateOnly.FromDateTime(now);
        var counted = await db.TenantUsages.Where(u => u.Tenant == tenant).ExecuteUpdateAsync(
            set => set
                .SetProperty(u => u.Tracks, u => (u.Day == day ? u.Tracks : 0) + tracks)
                .SetProperty(u => u.Questions, u => (u.Day == day ? u.Questions : 0) + questions)
                .SetProperty(u => u.Day, day),
            cancel);
        if (counted == 0)
        {
            db.Add(new TenantUsage { Tenant = tenant, Day = day, Tracks = tracks, Questions = questions });
            await db.SaveChangesAsync(cancel);
        }

        if (await FindAsync(db, tenant, now, tracks, questions, isCounted: true, bytes, cancel) is { } exceeded)
            throw exceeded;
    }

    /// <summary>What would be too much now; null if nothing would, or if somebody else is faster.</summary>
    /// <param name="db">To look into.</param>
    /// <param name="tenant">Whose.</param>
    /// <param name="now">UTC.</param>
    /// <param name="tracks">More files with a new content.</param>
    /// <param name="questions">More questions.</param>
    /// <param name="bytes">More bytes, of the tracks.</param>
    /// <param name="cancel">Gives up.</param>
    public static Task<QuotaExceededException?> FindAsync(
        CatalogueDb db, string tenant, DateTime now, int tracks, int questions, long bytes, CancellationToken cancel) =>
        FindAsync(db, tenant, now, tracks, questions, isCounted: false, bytes, cancel);

    /// <summary>How many more tracks may be tried to be taken in now.</summary>
    public static async Task<long> RoomAsync(CatalogueDb db, string tenant, DateTime now, CancellationToken cancel)
    {
        var limits = await db.TenantLimits.AsNoTracking().SingleOrDefaultAsync(l => l.Tenant == tenant, cancel);
        if (limits is null) return long.MaxValue;
        var used = await UsedAsync(db, tenant, now, cancel);
        if (limits.BytesStored <= used.BytesStored) return 0;
        var most = limits.BytesStored is null ? long.MaxValue : FewAtOnce;
        return Math.Max(0, Math.Min(
            Math.Min(most, (limits.TracksADay ?? long.MaxValue) - used.TracksToday),
            (limits.JobsWaiting ?? long.MaxValue) - used.JobsWaiting));
    }

    /// <summary>What a tenant has used, by keys alone.</summary>
    public static async Task<UsedQuota> UsedAsync(CatalogueDb db, string tenant, DateTime now, CancellationToken cancel)
    {
        var day = DateOnly.FromDateTime(now);
        var usage = await db.TenantUsages.AsNoTracking().SingleOrDefaultAsync(u => u.Tenant == tenant, cancel);
        var waiting = 0L;
        foreach (var kind in Enum.GetValues<Jobs.JobKind>())
        {
            waiting += await db.TenantQueues.Where(q => q.Kind == kind && q.Tenant == tenant)
                .SumAsync(q => (long)q.Waiting + q.Sent, cancel);
        }

        var isToday = usage?.Day == day;
        return new UsedQuota(
            isToday ? usage!.Tracks : 0, isToday ? usage!.Questions : 0, usage?.Bytes ?? 0, waiting);
    }

    // What is full stops only what adds to it.
    private static async Task<QuotaExceededException?> FindAsync(
        CatalogueDb db, string tenant, DateTime now, int tracks, int questions, bool isCounted, long bytes,
        CancellationToken cancel)
    {
        var limits = await db.TenantLimits.AsNoTracking().SingleOrDefaultAsync(l => l.Tenant == tenant, cancel);
        if (limits is null) return null;
        var used = await UsedAsync(db, tenant, now, cancel);
        // As it was before what is counted already.
        if (isCounted)
        {
            used = new UsedQuota(
                used.TracksToday - tracks, used.QuestionsToday - questions, used.BytesStored - bytes,
                used.JobsWaiting - tracks - questions);
        }

        var tomorrow = now.Date.AddDays(1) - now;
        return Beyond(Quota.TracksADay, limits.TracksADay, used.TracksToday, tracks, tomorrow)
            ?? Beyond(Quota.QuestionsADay, limits.QuestionsADay, used.QuestionsToday, questions, tomorrow)
            ?? Beyond(Quota.BytesStored, limits.BytesStored, used.BytesStored, tracks > 0 ? bytes : 0, LaterAgain)
            ?? Beyond(Quota.JobsWaiting, limits.JobsWaiting, used.JobsWaiting, tracks + questions, SoonAgain);
    }

    private static QuotaExceededException? Beyond(
        Quota quota, long? allowed, long used, long asked, TimeSpan retryAfter) =>
        asked > 0 && used + asked > allowed
            ? new QuotaExceededException(quota, allowed.Value, allowed.Value - used, asked, retryAfter)
            : null;
}

/// <summary>What a tenant has used.</summary>
/// <param name="TracksToday">Files with a new content that were taken in on this day (UTC).</param>
/// <param name="QuestionsToday">Questions that were asked on this day (UTC).</param>
/// <param name="BytesStored">Of files whose tracks are not missing.</param>
/// <param name="JobsWaiting">Tracks and questions that are not settled.</param>
public sealed record UsedQuota(long TracksToday, long QuestionsToday, long BytesStored, long JobsWaiting);
