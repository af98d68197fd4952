using Azure.Storage.Blobs.Models;
using Azure.Storage.Queues.Models;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using OpenMU.Catalogue;
using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Storage;

namespace OpenMU.Functions;

/// <summary>
/// The safety net: compares the container with the catalogue and the catalogue with the queue, and makes good what an
/// event, a crash or an outage has lost. At home, where no events exist, it is also how uploads are found.
/// </summary>
public sealed class SweepUploads(
    IngestTrack ingest, IDbContextFactory<CatalogueDb> catalogue, MusicStorage storage, JobQueues jobs,
    IngestOptions options,
    ILogger<SweepUploads> log)
{
    private const int PageSize = 500;

    public async Task<SweepResult> RunAsync(CancellationToken cancel)
    {
        var result = new SweepResult(0, 0, 0, 0);
        await foreach (var page in storage.Tracks.GetBlobsAsync(cancellationToken: cancel)
            .AsPages(pageSizeHint: PageSize).WithCancellation(cancel))
        {
            result = result with { Listed = result.Listed + page.Values.Count };
            foreach (var name in await MissingAsync(page.Values, cancel))
            {
                if (await TryAsync(name, cancel)) result = result with { Ingested = result.Ingested + 1 };
                else result = result with { Failed = result.Failed + 1 };
            }
        }

        foreach (var queue in jobs.All)
        {
            result = result with { Enqueued = result.Enqueued + await EnqueueLostAsync(queue, cancel) };
            Telemetry.Oldest(queue.Kind, await queue.Ledger.OldestAsync(cancel));
        }

        if (result.Ingested + result.Failed + result.Enqueued > 0) log.LogInformation("{Sweep}", result);
        return result;
    }

    /// <summary>
    /// Blobs of this page whose present version is not in the catalogue, whose job was given up because it found no
    /// file, or which another model than the present one has listened to and no job is on its way to change that, or
    /// has failed to.
    /// </summary>
    private async Task<List<string>> MissingAsync(IReadOnlyList<BlobItem> page, CancellationToken cancel)
    {
        var names = page.Select(blob => blob.Name).ToList();
        await using var db = catalogue.CreateDbContext();
        var known = await db.Tracks
            .Where(t => names.Contains(t.BlobName)
                && !(t.Job.State == JobState.Rejected && t.Job.Reason == JobLedger.FileGone))
            .Where(t => t.Job.ModelVersion == options.ModelVersion || db.Jobs.Any(j =>
                j.Tenant == t.Tenant && j.ContentId == t.Job.ContentId && j.Kind == JobKind.Analysis
                && j.ModelVersion == options.ModelVersion
                && (j.State == JobState.Queued || j.State == JobState.Analysing
                    || (t.Job.State == JobState.Ready && j.State != JobState.Ready
                        && !(j.State == JobState.Rejected && j.Reason == JobLedger.FileGone)))))
            .Select(t => new { t.BlobName, t.ETag }).ToListAsync(cancel);
        var versions = known.Select(t => (t.BlobName, t.ETag)).ToHashSet();
        return [.. page.Where(blob => !versions.Contains((blob.Name, blob.Properties.ETag!.Value.ToString("H"))))
            .Select(blob => blob.Name)];
    }

    private async Task<bool> TryAsync(string blobName, CancellationToken cancel)
    {
        try
        {
            return await ingest.HandleAsync(blobName, cancel) != IngestOutcome.Refused;
        }
        catch (Exception e) when (!cancel.IsCancellationRequested)
        {
            // One bad blob must not keep the others out; the next sweep tries it again.
            log.LogError(e, "{Blob} could not be ingested", blobName);
            return false;
        }
    }

    private async Task<int> EnqueueLostAsync(JobQueue queue, CancellationToken cancel)
    {
        var lost = await queue.Ledger.NeverEnqueuedAsync(options.Grace, cancel);
        if (lost.Count == 0)
        {
            // The count includes messages that a worker holds: where it is zero, a job that waits has lost its message.
            QueueProperties properties = await queue.Waiting.GetPropertiesAsync(cancel);
            if (properties.ApproximateMessagesCount == 0) lost = await queue.Ledger.WaitingAsync(options.Grace, cancel);
        }

        foreach (var job in lost) await queue.EnqueueAsync(job, cancel);
        return lost.Count;
    }
}

/// <summary>What a sweep did.</summary>
/// <param name="Listed">Blobs in the container.</param>
/// <param name="Ingested">Blobs that were missing in the catalogue.</param>
/// <param name="Enqueued">Jobs, questions among them, that had lost their message.</param>
/// <param name="Failed">Blobs that could not be ingested this time; the log says why.</param>
public sealed record SweepResult(int Listed, int Ingested, int Enqueued, int Failed);
