using Microsoft.EntityFrameworkCore;
using OpenMU.Catalogue.Storage;

namespace OpenMU.Catalogue.Tracks;

/// <summary>Files that are to be fetched, and every move of one; only the latest claim may make one.</summary>
public sealed class UrlUploads(IDbContextFactory<CatalogueDb> catalogue, TimeProvider time)
{
    private const int ForgottenAtOnce = 1000;

    private static readonly TimeSpan Lease = TimeSpan.FromMinutes(2), Keep = TimeSpan.FromDays(30);

    private static readonly TimeSpan[] Pauses =
    [
        TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(30),
        TimeSpan.FromHours(2),
    ];

    /// <summary>Adds one.</summary>
    /// <returns>False where the tenant has <see cref="UrlUpload.MaxWaiting"/> already.</returns>
    public async Task<bool> AddAsync(UrlUpload upload, CancellationToken cancel)
    {
        await using var db = catalogue.CreateDbContext();
        if (await db.UrlUploads.CountAsync(
            u => u.Tenant == upload.Tenant && u.State == UrlUploadState.Waiting, cancel) >= UrlUpload.MaxWaiting)
            return false;
        upload.CreatedAt = upload.DueAt = await db.NowAsync(time, cancel);
        db.Add(upload);
        await db.SaveChangesAsync(cancel);
        return true;
    }

    /// <returns>Null where the tenant has no such.</returns>
    public async Task<UrlUpload?> FindAsync(string tenant, long id, CancellationToken cancel)
    {
        await using var db = catalogue.CreateDbContext();
        return await db.UrlUploads.AsNoTracking().SingleOrDefaultAsync(u => u.Tenant == tenant && u.Id == id, cancel);
    }

    /// <summary>Claims the next that is due, for two minutes from each sign of life on.</summary>
    /// <returns>Null where none is.</returns>
    public async Task<UrlUpload?> ClaimAsync(CancellationToken cancel)
    {
        await using var db = catalogue.CreateDbContext();
        while (true)
        {
            var now = await db.NowAsync(time, cancel);
            var due = await db.UrlUploads.AsNoTracking()
                .Where(u => u.State == UrlUploadState.Waiting && u.DueAt <= now)
                .OrderBy(u => u.DueAt).FirstOrDefaultAsync(cancel);
            if (due is null) return null;
            var hidden = now + Lease;
            var claimed = await Held(db, due).ExecuteUpdateAsync(
                set => set.SetProperty(u => u.Fence, u => u.Fence + 1).SetProperty(u => u.DueAt, hidden), cancel);
            if (claimed == 0) continue;
            due.Fence++;
            return due;
        }
    }

    /// <summary>Notes how much is there, and what it is the beginning of.</summary>
    /// <returns>False where somebody else has claimed it since: stop.</returns>
    public async Task<bool> ProgressAsync(UrlUpload claimed, CancellationToken cancel)
    {
        await using var db = catalogue.CreateDbContext();
        var hidden = await db.NowAsync(time, cancel) + Lease;
        return await Held(db, claimed).ExecuteUpdateAsync(
            set => set.SetProperty(u => u.Bytes, claimed.Bytes).SetProperty(u => u.ETag, claimed.ETag)
                .SetProperty(u => u.Attempts, 0).SetProperty(u => u.DueAt, hidden),
            cancel) == 1;
    }

    /// <summary>Lets go of it after a try that failed, or that had no more time.</summary>
    /// <param name="claimed">With the tries so far.</param>
    /// <param name="reason">Null where only the time was up.</param>
    /// <param name="cancel">Gives up.</param>
    public async Task PostponeAsync(UrlUpload claimed, string? reason, CancellationToken cancel)
    {
        if (reason is not null && claimed.Attempts + 1 >= UrlUpload.MaxAttempts)
        {
            await EndAsync(claimed, UrlUploadState.Failed, reason, cancel);
            return;
        }

        await using var db = catalogue.CreateDbContext();
        var again = await db.NowAsync(time, cancel)
            + (reason is null ? TimeSpan.Zero : Pauses[Math.Min(claimed.Attempts, Pauses.Length - 1)]);
        var more = reason is null ? 0 : 1;
        await Held(db, claimed).ExecuteUpdateAsync(
            set => set.SetProperty(u => u.Reason, reason).SetProperty(u => u.DueAt, again)
                .SetProperty(u => u.Attempts, u => u.Attempts + more).SetProperty(u => u.Fence, u => u.Fence + 1),
            cancel);
    }

    /// <summary>Ends it.</summary>
    public async Task EndAsync(
        UrlUpload claimed, UrlUploadState state, string? reason, CancellationToken cancel)
    {
        await using var db = catalogue.CreateDbContext();
        var now = await db.NowAsync(time, cancel);
        await Held(db, claimed).ExecuteUpdateAsync(
            set => set.SetProperty(u => u.State, state).SetProperty(u => u.Reason, reason)
                .SetProperty(u => u.EndedAt, now).SetProperty(u => u.Bytes, claimed.Bytes),
            cancel);
    }

    /// <summary>Removes those that ended a month ago, some at a time.</summary>
    public async Task ForgetAsync(CancellationToken cancel)
    {
        await using var db = catalogue.CreateDbContext();
        var before = await db.NowAsync(time, cancel) - Keep;
        var old = await db.UrlUploads.Where(u => u.EndedAt < before).OrderBy(u => u.EndedAt).Select(u => u.Id)
            .Take(ForgottenAtOnce).ToListAsync(cancel);
        if (old.Count > 0) await db.UrlUploads.Where(u => old.Contains(u.Id)).ExecuteDeleteAsync(cancel);
    }

    private static IQueryable<UrlUpload> Held(CatalogueDb db, UrlUpload claimed) => db.UrlUploads.Where(
        u => u.Id == claimed.Id && u.Fence == claimed.Fence && u.State == UrlUploadState.Waiting);
}
