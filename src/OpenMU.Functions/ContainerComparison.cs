using Azure.Storage.Blobs.Models;
using Microsoft.EntityFrameworkCore;
using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Storage;
using OpenMU.Catalogue.Tracks;

namespace OpenMU.Functions;

/// <summary>
/// Where container and catalogue disagree, one stretch of names at a time: both are read in the order of names, so each
/// row is read once and nothing need be remembered from page to page. Names begin with their tenant.
/// </summary>
public sealed class ContainerComparison(IDbContextFactory<CatalogueDb> catalogue, IngestOptions options)
{
    /// <summary>
    /// Names that are to be looked at. Blobs whose present version is not in the catalogue or stands there as missing,
    /// whose job was given up because it found no file or its model was not asked for, or which another model than the
    /// present one has listened to and no job is on its way to change that, is held back, or has failed to. And tracks
    /// and lyrics that the listing does not show.
    /// </summary>
    /// <param name="after">Where the stretch begins: the last name of the page before; null on the first.</param>
    /// <param name="upTo">Where it ends: the page's last name; null on the last.</param>
    /// <param name="page">The blobs listed there.</param>
    /// <param name="cancel">Gives up.</param>
    public async Task<IReadOnlyList<string>> DueAsync(
        string? after, string? upTo, IReadOnlyList<BlobItem> page, CancellationToken cancel)
    {
        await using var db = catalogue.CreateDbContext();
        var (isMeasuredOnly, isHeld) = (options.IsWithoutModel, options.HoldNewAnalyses);
        var rows = await db.TracksBetween(after, upTo)
            .Select(t => new
            {
                t.BlobName,
                t.ETag,
                IsMissing = t.MissingSince != null,
                IsSettled = !(t.Job.State == JobState.Rejected
                        && (t.Job.Reason == JobLedger.FileGone || t.Job.Reason == JobLedger.NotAskedFor))
                    && (t.Job.ModelVersion == options.ModelVersion
                        || (isMeasuredOnly && db.Analyses.Any(a => a.JobId == t.JobId))
                        || db.Jobs.Any(j =>
                        j.Tenant == t.Tenant && j.ContentId == t.Job.ContentId && j.Kind == JobKind.Analysis
                        && j.ModelVersion == options.ModelVersion
                        && (j.State == JobState.Queued || j.State == JobState.Analysing
                            || (j.State == JobState.Ready
                                && (j.HeldSince != null || (isHeld && t.Job.State == JobState.Ready)))
                            || (t.Job.State == JobState.Ready && j.State != JobState.Ready
                                && !(j.State == JobState.Rejected
                                    && (j.Reason == JobLedger.FileGone || j.Reason == JobLedger.NotAskedFor)))))),
            }).ToListAsync(cancel);
        // Where two libraries share a name by its being shortened, both rows have it.
        var settled = rows.Where(row => row.IsSettled && !row.IsMissing)
            .Select(row => (row.BlobName, row.ETag)).ToHashSet();
        var lyrics = await db.LyricsBetween(after, upTo).Select(l => new { l.BlobName, l.ETagOfBlob }).Distinct()
            .ToListAsync(cancel);
        settled.UnionWith(lyrics.Select(row => (row.BlobName!, row.ETagOfBlob!)));
        var listed = page.Select(blob => BlobPlace.Of(blob.Name).RowName).ToHashSet();
        return
        [
            .. from blob in page
               let version = blob.Properties.ETag!.Value.ToString("H")
               where !settled.Contains((BlobPlace.Of(blob.Name).RowName, version))
               select blob.Name,
            .. rows.Where(row => !row.IsMissing && !listed.Contains(row.BlobName)
                && !row.ETag.StartsWith(Track.NotUploaded, StringComparison.Ordinal)).Select(row => row.BlobName),
            .. lyrics.Where(row => !listed.Contains(row.BlobName!)).Select(row => row.BlobName!).Distinct(),
        ];
    }
}
