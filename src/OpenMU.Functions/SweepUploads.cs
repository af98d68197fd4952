using System.Globalization;
using Azure.Storage.Blobs.Models;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using OpenMU.Catalogue;
using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Storage;
using OpenMU.Catalogue.Tracks;

namespace OpenMU.Functions;

/// <summary>
/// The safety net: compares the container with the catalogue, the catalogue with the container, and the jobs with the
/// queue, and makes good what an event, a crash or an outage has lost. At home, where no events exist, it is also how
/// uploads are found.
/// </summary>
public sealed class SweepUploads(
    IngestTrack ingest, MissingTracks missing, IDbContextFactory<CatalogueDb> catalogue, MusicStorage storage,
    JobQueues jobs, IngestOptions options, TimeProvider time, ILogger<SweepUploads> log)
{
    private const int PageSize = 500;
    private const int RowsAtOnce = 5000;

    // How long the tracks without a blob, which no listing shows, are taken to be as many as they were.
    private static readonly TimeSpan CountAgainAfter = TimeSpan.FromMinutes(5);

    private int withoutBlob;
    private long countedAt;

    public async Task<SweepResult> RunAsync(CancellationToken cancel)
    {
        var result = new SweepResult(0, 0, 0, 0);
        var listed = new HashSet<UInt128>();
        var known = 0;
        await foreach (var page in storage.Tracks.GetBlobsAsync(cancellationToken: cancel)
            .AsPages(pageSizeHint: PageSize).WithCancellation(cancel))
        {
            result = result with { Listed = result.Listed + page.Values.Count };
            var comparison = await CompareAsync(page.Values, cancel);
            listed.UnionWith(comparison.Listed);
            known += comparison.Present;
            foreach (var name in comparison.Due)
            {
                if (await TryAsync(name, cancel) is null) result = result with { Failed = result.Failed + 1 };
                else result = result with { Ingested = result.Ingested + 1 };
            }
        }

        result = result with
        {
            Missing = await FindMissingAsync(listed, known, cancel),
            Removed = await missing.RemoveAsync(cancel)
        };
        foreach (var queue in jobs.All)
        {
            result = result with { Enqueued = result.Enqueued + await EnqueueLostAsync(queue, cancel) };
            Telemetry.Oldest(queue.Kind, await queue.Outbox.OldestAsync(cancel));
        }

        if (result != new SweepResult(result.Listed, 0, 0, 0)) log.LogInformation("{Sweep}", result);
        return result;
    }

    /// <summary>
    /// Due are the blobs of a page whose present version is not in the catalogue or stands there as missing, whose job
    /// was given up because it found no file, or which another model than the present one has listened to and no job
    /// is on its way to change that, or has failed to.
    /// </summary>
    private async Task<(IEnumerable<UInt128> Listed, int Present, List<string> Due)> CompareAsync(
        IReadOnlyList<BlobItem> page, CancellationToken cancel)
    {
        var places = page.Select(blob => BlobPlace.Of(blob.Name)).ToList();
        var keys = places.ConvertAll(place => place.Key);
        await using var db = catalogue.CreateDbContext();
        var rows = await db.Tracks.Where(t => keys.Contains(t.BlobKey))
            .Select(t => new
            {
                t.Tenant,
                t.BlobKey,
                t.ETag,
                IsMissing = t.MissingSince != null,
                IsSettled = !(t.Job.State == JobState.Rejected && t.Job.Reason == JobLedger.FileGone)
                    && (t.Job.ModelVersion == options.ModelVersion || db.Jobs.Any(j =>
                        j.Tenant == t.Tenant && j.ContentId == t.Job.ContentId && j.Kind == JobKind.Analysis
                        && j.ModelVersion == options.ModelVersion
                        && (j.State == JobState.Queued || j.State == JobState.Analysing
                            || (t.Job.State == JobState.Ready && j.State != JobState.Ready
                                && !(j.State == JobState.Rejected && j.Reason == JobLedger.FileGone))))),
            }).ToListAsync(cancel);
        var settled = rows.Where(row => row.IsSettled && !row.IsMissing)
            .Select(row => (row.Tenant, row.BlobKey, row.ETag)).ToHashSet();
        var due = page.Where((blob, i) =>
            !settled.Contains((places[i].Tenant, keys[i], blob.Properties.ETag!.Value.ToString("H"))));
        return (keys.Select(Short), rows.Count(row => !row.IsMissing), [.. due.Select(blob => blob.Name)]);
    }

    private async Task<IngestOutcome?> TryAsync(string blobName, CancellationToken cancel)
    {
        try
        {
            return await ingest.HandleAsync(blobName, cancel);
        }
        catch (Exception e) when (!cancel.IsCancellationRequested)
        {
            // One bad blob must not keep the others out; the next sweep tries it again.
            log.LogError(e, "{Blob} could not be ingested", blobName);
            return null;
        }
    }

    /// <summary>
    /// Asks after the tracks that a complete listing did not show. What was uploaded, moved or deleted meanwhile is as
    /// the storage then says.
    /// </summary>
    private async Task<int> FindMissingAsync(HashSet<UInt128> listed, int known, CancellationToken cancel)
    {
        await using var db = catalogue.CreateDbContext();
        if (time.GetElapsedTime(countedAt) > CountAgainAfter) withoutBlob = 0;
        if (await db.Tracks.CountAsync(t => t.MissingSince == null, cancel) <= known + withoutBlob) return 0;
        (withoutBlob, countedAt) = (0, time.GetTimestamp());
        var (found, last) = (0, 0L);
        while (true)
        {
            var rows = await db.Tracks.Where(t => t.Id > last && t.MissingSince == null)
                .OrderBy(t => t.Id).Select(t => new { t.Id, t.BlobKey, t.BlobName, t.ETag })
                .Take(RowsAtOnce).ToListAsync(cancel);
            foreach (var row in rows.Where(row => !listed.Contains(Short(row.BlobKey))))
            {
                if (row.ETag.StartsWith(Track.NotUploaded, StringComparison.Ordinal)) withoutBlob++;
                else if (await TryAsync(row.BlobName, cancel) == IngestOutcome.Vanished) found++;
            }

            if (rows.Count < RowsAtOnce) return found;
            last = rows[^1].Id;
        }
    }

    private async Task<int> EnqueueLostAsync(JobQueue queue, CancellationToken cancel)
    {
        // Nearly always nothing is old enough, and the queue need not be asked.
        if ((await queue.Outbox.DueAsync(options.Grace, front: null, cancel)).Count == 0) return 0;
        var sent = 0;
        var front = await queue.FrontAsync(cancel);
        foreach (var job in await queue.Outbox.DueAsync(options.Grace, front, cancel))
        {
            if (await queue.EnqueueAsync(job, cancel)) sent++;
        }

        return sent;
    }

    // Half of a key tells a million names apart.
    private static UInt128 Short(string key) =>
        UInt128.Parse(key.AsSpan(0, 32), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}

/// <summary>What a sweep did.</summary>
/// <param name="Listed">Blobs in the container.</param>
/// <param name="Ingested">Blobs that were missing in the catalogue.</param>
/// <param name="Enqueued">Jobs, questions among them, that had lost their message.</param>
/// <param name="Failed">Blobs that could not be ingested this time; the log says why.</param>
/// <param name="Missing">Tracks whose blob is gone.</param>
/// <param name="Removed">Tracks that were missing for longer than is kept.</param>
public sealed record SweepResult(
    int Listed, int Ingested, int Enqueued, int Failed, int Missing = 0, int Removed = 0);
