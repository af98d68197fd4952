using Microsoft.EntityFrameworkCore;
using OpenMU.Catalogue.Fields;
using OpenMU.Catalogue.Storage;

namespace OpenMU.Catalogue.Exchange;

/// <summary>
/// Rows of imports that wait for their tracks. Whoever finds out something by which a track may be found (its name and
/// content when it comes, its tags when it is analysed) has them looked for.
/// </summary>
public sealed class PendingRows(IDbContextFactory<CatalogueDb> catalogue, TimeProvider time)
{
    // A name that thousands of waiting rows have, such as 01.mp3, finds the others' rows too.
    private const int MaxRows = 200;

    /// <summary>Takes in what waits for the tracks of a content, each row once.</summary>
    /// <returns>How many rows were taken.</returns>
    public async Task<int> TakeInAsync(string tenant, string contentId, CancellationToken cancel)
    {
        await using var db = catalogue.CreateDbContext();
        if (!await db.PendingOwnerRows.AnyAsync(r => r.Tenant == tenant, cancel)) return 0;
        return await db.InTransactionAsync(token => TakeInAsync(db, tenant, contentId, token), cancel);
    }

    /// <summary>As <see cref="TakeInAsync(string, string, CancellationToken)"/>, of a job's content.</summary>
    public async Task<int> TakeInAsync(long jobId, CancellationToken cancel)
    {
        await using var db = catalogue.CreateDbContext();
        return await db.Jobs.Where(j => j.Id == jobId).Select(j => new { j.Tenant, j.ContentId })
            .SingleOrDefaultAsync(cancel) is { } job
                ? await TakeInAsync(job.Tenant, job.ContentId, cancel)
                : 0;
    }

    private async Task<int> TakeInAsync(CatalogueDb db, string tenant, string contentId, CancellationToken cancel)
    {
        var waiting = await WaitingAsync(db, tenant, contentId, cancel);
        var readings = waiting.ConvertAll(Read);
        var matches = await new ImportMatcher(db, tenant, []).FindAsync(
            readings.ConvertAll(reading => reading.Keys), cancel);
        var taken = 0;
        for (var i = 0; i < waiting.Count; i++)
        {
            if (matches[i].Track is null) continue;
            var options = new ImportOptions { Tenant = tenant, By = waiting[i].By };
            await new ImportBatch(new ImportColumns([], [], options), options, time.GetUtcNow().UtcDateTime)
                .TakeAsync(db, [readings[i]], new ImportSummary(), [], cancel);
            db.PendingOwnerRows.Remove(waiting[i]);
            taken++;
        }

        await db.SaveChangesAsync(cancel);
        return taken;
    }

    private static async Task<List<PendingOwnerRow>> WaitingAsync(
        CatalogueDb db, string tenant, string contentId, CancellationToken cancel)
    {
        var tracks = await db.Jobs.Where(j => j.Tenant == tenant && j.ContentId == contentId)
            .SelectMany(j => j.Tracks, (j, t) => new
            {
                t.NameKey,
                OwnId = j.Analysis == null ? null : j.Analysis.FileOwnId,
                Isrc = j.Analysis == null ? null : j.Analysis.FileIsrc
            }).ToListAsync(cancel);
        var names = tracks.ConvertAll(track => (string?)track.NameKey);
        var ids = tracks.Select(track => track.OwnId).OfType<string>().ToList();
        var isrcs = tracks.Select(track => track.Isrc).OfType<string>().ToList();
        return await db.PendingOwnerRows.Where(r => r.Tenant == tenant
                && (r.ContentId == contentId || names.Contains(r.NameKey) || ids.Contains(r.OwnId!)
                    || isrcs.Contains(r.Isrc!)))
            .OrderBy(r => r.At).Take(MaxRows).ToListAsync(cancel);
    }

    private static ImportReading Read(PendingOwnerRow row) => new(
        new ImportRow(0, [], []), row.OwnersFields,
        new TrackKeys(
            null, row.Fields.One(FieldNames.OwnId), row.Fields[FieldNames.Isrc] ?? [], row.File, row.ContentId),
        row.OwnersLyrics);
}
