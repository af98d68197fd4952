using System.Globalization;
using Azure.Storage.Blobs.Models;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Storage;

namespace OpenMU.Functions;

/// <summary>
/// Removes a recording because somebody may demand it: its files under all their names, its tracks, and all that is
/// known, asked or corrected about it. What stays is the content's digest with the reason and the day, so that the same
/// file is Rejected when it comes again.
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
    /// <param name="cancel">Gives up.</param>
    /// <returns>The names of the files that are gone; null where the tenant has no such track.</returns>
    public async Task<IReadOnlyList<string>?> RunAsync(
        string tenant, long track, string reason, CancellationToken cancel)
    {
        await using var db = catalogue.CreateDbContext();
        var content = await db.Tracks.Where(t => t.Tenant == tenant && t.Id == track).Select(t => t.Job.ContentId)
            .SingleOrDefaultAsync(cancel);
        if (content is null) return null;

        // First nothing of it can be seen or worked on, then the files go, and last the rows that name them.
        await ForgetAsync(db, tenant, content, reason, cancel);
        var blobs = await db.Tracks.Where(t => t.Tenant == tenant && t.Job.ContentId == content)
            .Select(t => t.BlobName).ToListAsync(cancel);
        foreach (var blob in blobs)
        {
            await storage.Tracks.GetBlobClient(blob).DeleteIfExistsAsync(
                DeleteSnapshotsOption.IncludeSnapshots, cancellationToken: cancel);
        }

        await db.InTransactionAsync(
            token => db.Tracks
                .Where(t => t.Tenant == tenant && t.Job.ContentId == content && blobs.Contains(t.BlobName))
                .ExecuteDeleteAsync(token),
            cancel);
        log.LogWarning("{Content} of {Tenant} is taken down, {Files} files: {Reason}", content, tenant, blobs.Count, reason);
        return blobs;
    }

    private async Task ForgetAsync(
        CatalogueDb db, string tenant, string content, string reason, CancellationToken cancel)
    {
        var now = time.GetUtcNow().UtcDateTime;
        var day = now.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        var text = $"{JobLedger.TakenDown}{day}: {reason}";
        await db.InTransactionAsync(
            async token =>
            {
                var jobs = db.Jobs.Where(j =>
                    j.Tenant == tenant && j.ContentId == content && j.Kind == JobKind.Analysis);
                await db.Analyses.Where(a => jobs.Any(j => j.Id == a.JobId)).ExecuteDeleteAsync(token);
                // Who works on it holds an older fence, so nothing that comes of it is stored.
                await jobs.ExecuteUpdateAsync(
                    set => set.SetProperty(j => j.State, JobState.Rejected).SetProperty(j => j.Reason, text)
                        .SetProperty(j => j.Fence, j => j.Fence + 1).SetProperty(j => j.FinishedAt, now)
                        .SetProperty(j => j.LeaseUntil, (DateTime?)null),
                    token);
                var tracks = db.Tracks.Where(t => t.Tenant == tenant && t.Job.ContentId == content).Select(t => t.Id);
                await db.Corrections.Where(c => tracks.Contains(c.TrackId)).ExecuteDeleteAsync(token);
                var questions = db.Questions.Where(q =>
                    tracks.Contains(q.TrackId) || q.Selection.Any(s => tracks.Contains(s.TrackId)));
                var asked = await questions.Select(q => q.JobId).ToListAsync(token);
                await questions.ExecuteDeleteAsync(token);
                await db.Jobs.Where(j => asked.Contains(j.Id)).ExecuteDeleteAsync(token);
                return true;
            },
            cancel);
    }
}
