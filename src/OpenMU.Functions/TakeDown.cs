using System.Globalization;
using Azure.Storage.Blobs.Models;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using OpenMU.Catalogue.Access;
using OpenMU.Catalogue.Fields;
using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Questions;
using OpenMU.Catalogue.Storage;
using OpenMU.Catalogue.Webhooks;

namespace OpenMU.Functions;

/// <summary>
/// Removes a recording because somebody may demand it: its files under all their names, the lyrics beside them, its
/// tracks, and all that is known, asked or corrected about it. What stays is the content's digest with the reason and
/// the day, so that the same file is Rejected when it comes again.
/// </summary>
public sealed class TakeDown(
    IDbContextFactory<CatalogueDb> catalogue, MusicStorage storage, TimeProvider time, ILogger<TakeDown> log)
{
    /// <summary>
    /// Takes down the content of one track. If it breaks off, the audio is out of the catalogue already, and the same
    /// call again does the rest.
    /// </summary>
    /// <param name="tenant">Whose track it is.</param>
    /// <param name="track">The track, or any that was of the same content.</param>
    /// <param name="reason">For people, such as the number of the demand.</param>
    /// <param name="author">Who does it.</param>
    /// <param name="cancel">Gives up.</param>
    /// <returns>The names of the files that are gone; null where the tenant has no such track.</returns>
    public async Task<IReadOnlyList<string>?> RunAsync(
        string tenant, long track, string reason, CorrectionAuthor author, CancellationToken cancel)
    {
        await using var db = catalogue.CreateDbContext();
        var content = await db.Tracks.Where(t => t.Tenant == tenant && t.Id == track).Select(t => t.Job.ContentId)
            .SingleOrDefaultAsync(cancel);
        if (content is null) return null;

        // First nothing of it can be seen or worked on, then the files go, and last the rows that name them.
        await ForgetAsync(db, tenant, content, reason, author, cancel);
        var tracks = await db.Tracks.AsNoTracking().Where(
            t => t.Tenant == tenant && t.Job.Tenant == tenant && t.Job.ContentId == content)
            .ToListAsync(cancel);
        var ids = tracks.ConvertAll(t => t.Id);
        List<string> blobs = [.. tracks.Select(t => t.BlobName), .. await LyricsAsync(db, ids, cancel)];
        foreach (var blob in blobs)
        {
            await storage.Tracks.GetBlobClient(blob).DeleteIfExistsAsync(
                DeleteSnapshotsOption.IncludeSnapshots, cancellationToken: cancel);
        }

        await db.InTransactionAsync(
            token => db.Tracks
                .Where(t => ids.Contains(t.Id) && t.Job.ContentId == content && blobs.Contains(t.BlobName))
                .ExecuteDeleteAsync(token),
            cancel);
        log.LogWarning("{Content} of {Tenant} is taken down, {Files} files: {Reason}", content, tenant, blobs.Count, reason);
        return blobs;
    }

    /// <summary>Files of lyrics that are beside these tracks and beside no other.</summary>
    private static async Task<IReadOnlyList<string>> LyricsAsync(
        CatalogueDb db, List<long> tracks, CancellationToken cancel)
    {
        var files = await db.TrackLyrics.Where(l => tracks.Contains(l.TrackId) && l.BlobName != null)
            .Select(l => l.BlobName!).Distinct().ToListAsync(cancel);
        var others = await db.TrackLyrics.Where(l => files.Contains(l.BlobName!) && !tracks.Contains(l.TrackId))
            .Select(l => l.BlobName!).ToListAsync(cancel);
        return [.. files.Except(others)];
    }

    private async Task ForgetAsync(
        CatalogueDb db, string tenant, string content, string reason, CorrectionAuthor author, CancellationToken cancel)
    {
        var now = time.GetUtcNow().UtcDateTime;
        var day = now.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        var text = $"{JobLedger.TakenDown}{day}: {reason}";
        await db.InTransactionAsync(
            async token =>
            {
                var jobs = db.Jobs.Where(j =>
                    j.Tenant == tenant && j.ContentId == content && j.Kind == JobKind.Analysis);
                db.AuditEntries.Add(
                    AuditEntry.Of(tenant, author, AuditActions.TakenDown, content, now, new { reason }));
                await db.SaveChangesAsync(token);
                var ids = await jobs.Select(j => j.Id).ToListAsync(token);
                // Those of an earlier call that broke off were told by it.
                var isNew = await jobs.AnyAsync(
                    j => j.State != JobState.Rejected || !j.Reason!.StartsWith(JobLedger.TakenDown), token);
                await db.Analyses.IgnoreAutoIncludes().Where(a => ids.Contains(a.JobId)).ExecuteDeleteAsync(token);
                // Who works on it holds an older fence, so nothing that comes of it is stored.
                await jobs.ExecuteUpdateAsync(
                    set => set.SetProperty(j => j.State, JobState.Rejected).SetProperty(j => j.Reason, text)
                        .SetProperty(j => j.Fence, j => j.Fence + 1).SetProperty(j => j.FinishedAt, now)
                        .SetProperty(j => j.LeaseUntil, (DateTime?)null),
                    token);
                var files = await db.Tracks.Where(
                        t => t.Tenant == tenant && t.Job.Tenant == tenant && t.Job.ContentId == content)
                    .Select(t => new { t.Id, t.FileName }).ToListAsync(token);
                var tracks = files.ConvertAll(file => file.Id);
                if (isNew)
                {
                    await CatalogueEvents.TracksDeletedAsync(
                        db, tenant, files.Select(file => (file.Id, file.FileName)), DeletionReason.TakenDown, now,
                    token);
                }
                await db.Corrections.Where(c => c.Tenant == tenant && c.ContentId == content)
                    .ExecuteDeleteAsync(token);
                await db.CorrectionChanges.Where(c => c.Tenant == tenant && c.ContentId == content)
                    .ExecuteDeleteAsync(token);
                await db.OwnerRecords.Where(r => tracks.Contains(r.TrackId)).ExecuteDeleteAsync(token);
                await QuestionEnds.LeaveAsync(db, tracks, now, token);
                // Each kind of question by its own index.
                var asked = await db.Questions.Where(q => tracks.Contains(q.TrackId!.Value)).Select(q => q.JobId)
                    .Union(
                        from selected in db.Set<QuestionTrack>()
                        join question in db.Questions on selected.QuestionId equals question.Id
                        where tracks.Contains(selected.TrackId)
                        select question.JobId)
                    .ToListAsync(token);
                if (asked.Count == 0) return true;
                await db.Questions.Where(q => asked.Contains(q.JobId)).ExecuteDeleteAsync(token);
                await db.Jobs.Where(j => asked.Contains(j.Id)).ExecuteDeleteAsync(token);
                return true;
            },
            cancel);
    }
}
