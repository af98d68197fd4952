using Microsoft.EntityFrameworkCore;
using OpenMU.Catalogue.Access;
using OpenMU.Catalogue.Storage;
using OpenMU.Catalogue.Tracks;

namespace OpenMU.Functions;

/// <summary>
/// Files that came while their tenant's quota was used up: they stand in the catalogue with that reason, and are looked
/// at again, the oldest first, as many as the quota has room for.
/// </summary>
internal sealed class OverQuota(IDbContextFactory<CatalogueDb> catalogue, TimeProvider time)
{
    private const int MostAtOnce = 1000;

    private DateTime Now => time.GetUtcNow().UtcDateTime;

    /// <summary>Counts a track that a transaction has added.</summary>
    /// <exception cref="QuotaExceededException">Too much.</exception>
    public Task CountAsync(CatalogueDb db, Upload upload, CancellationToken cancel) =>
        TenantQuota.CountAsync(db, upload.Blob.Tenant, Now, tracks: 1, questions: 0, upload.SizeBytes, cancel);

    /// <summary>
    /// Whether a file was refused for its quota and would be again, asked before it is read for nothing.
    /// </summary>
    public async Task<bool> IsStillAsync(Track row, Upload upload, CancellationToken cancel)
    {
        if (row is not { MissingSince: null, Job.OverQuotaSince: not null } || row.ETag != upload.Version) return false;
        await using var db = catalogue.CreateDbContext();
        return await TenantQuota.FindAsync(
            db, row.Tenant, Now, tracks: 1, questions: 0, upload.SizeBytes, cancel) is not null;
    }

    /// <summary>Has those looked at that may be taken in now.</summary>
    /// <returns>How many.</returns>
    public async Task<int> LookAgainAsync(UploadQueue uploads, CancellationToken cancel)
    {
        var names = new List<string>();
        await using var db = catalogue.CreateDbContext();
        // From tenant to tenant by the index, however many files each has.
        var tenant = "";
        while (await db.Jobs.Where(j => j.OverQuotaSince != null && string.Compare(j.Tenant, tenant) > 0)
            .OrderBy(j => j.Tenant).Select(j => j.Tenant).FirstOrDefaultAsync(cancel) is { } next)
        {
            tenant = next;
            var room = await TenantQuota.RoomAsync(db, tenant, Now, cancel);
            if (room == 0) continue;
            names.AddRange(await db.Jobs.Where(j => j.OverQuotaSince != null && j.Tenant == tenant).OrderBy(j => j.Id)
                .SelectMany(j => j.Tracks.Where(t => t.MissingSince == null)).Select(t => t.BlobName)
                .Take((int)Math.Min(room, MostAtOnce)).ToListAsync(cancel));
        }

        if (names.Count == 0 || await uploads.IsBackedUpAsync(cancel)) return 0;
        await uploads.SendAsync(names, cancel);
        return names.Count;
    }
}
