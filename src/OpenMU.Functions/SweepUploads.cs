using Azure;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using OpenMU.Catalogue;
using OpenMU.Catalogue.Access;
using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Storage;

namespace OpenMU.Functions;

/// <summary>
/// The safety net: compares the container with the catalogue, the catalogue with the container, and the jobs with the
/// queue, and makes good what an event, a crash or an outage has lost. It only finds names; <see cref="UploadQueue"/>
/// has them looked at, many at a time. At home, where no events exist, it is also how uploads are found.
/// </summary>
public sealed class SweepUploads(
    ContainerComparison comparison, UploadQueue uploads, MissingTracks missing,
    IDbContextFactory<CatalogueDb> catalogue, MusicStorage storage, JobQueues jobs, IngestOptions options,
    TimeProvider time, ILogger<SweepUploads> log)
{
    /// <summary>Names on a page of the listing: the most that the storage gives at once.</summary>
    public const int PageSize = 5000;

    /// <summary>
    /// A container that had no more blobs than this the last time is compared as a whole with every run: it takes
    /// seconds.
    /// </summary>
    public const int SmallContainer = 100_000;

    // Well within what a function may take; the next run goes on from there.
    private static readonly TimeSpan TimeToCompare = TimeSpan.FromMinutes(6);

    private static readonly TimeSpan TimeToEnqueue = TimeSpan.FromMinutes(1);

    // How long a finished comparison that found as many blobs as the last one goes unrecorded.
    private static readonly TimeSpan RecordAgainAfter = TimeSpan.FromHours(1);

    private readonly TenantPrefixes prefixes = new(catalogue, time);

    private DateTime Now => time.GetUtcNow().UtcDateTime;

    /// <summary>
    /// Compares the whole container, from where the last run had to stop if it did, and finds lost messages.
    /// </summary>
    public Task<SweepResult> RunAsync(CancellationToken cancel) => RunAsync(_ => true, cancel);

    /// <summary>
    /// What is cheap enough for every few minutes: lost messages, what was missing for too long, the rest of a
    /// comparison that had to stop, and a whole one where the container is small.
    /// </summary>
    public Task<SweepResult> RunRecentAsync(CancellationToken cancel) =>
        RunAsync(last => last is null or { IsFinished: false } or { Listed: <= SmallContainer }, cancel);

    private async Task<SweepResult> RunAsync(Func<Sweep?, bool> isDue, CancellationToken cancel)
    {
        var result = new SweepResult(0, 0, 0);
        await using (var db = catalogue.CreateDbContext())
        {
            var last = await db.Sweeps.AsNoTracking().SingleOrDefaultAsync(cancel);
            if (isDue(last) && !await uploads.IsBackedUpAsync(cancel)) result = await CompareAsync(last, cancel);
        }

        result = result with { Removed = await missing.RemoveAsync(cancel) };
        await new OverQuota(catalogue, time).LookAgainAsync(uploads, cancel);
        foreach (var queue in jobs.All)
        {
            var sent = await EnqueueLostAsync(queue, cancel) + await queue.RefillAsync(cancel);
            result = result with { Enqueued = result.Enqueued + sent };
            Telemetry.Oldest(queue.Kind, await queue.Outbox.OldestAsync(cancel));
        }

        if (result != new SweepResult(result.Listed, 0, 0)) log.LogInformation("{Sweep}", result);
        return result;
    }

    private async Task<SweepResult> CompareAsync(Sweep? last, CancellationToken cancel)
    {
        var started = time.GetTimestamp();
        var at = last is { IsFinished: false } ? last : new Sweep { StartedAt = Now };
        var (listed, due) = (0, 0);
        try
        {
            await foreach (var page in storage.Tracks.GetBlobsAsync(cancellationToken: cancel)
                .AsPages(at.Marker, PageSize).WithCancellation(cancel))
            {
                var marker = string.IsNullOrEmpty(page.ContinuationToken) ? null : page.ContinuationToken;
                var upTo = marker is null ? null : page.Values is [.., var end] ? end.Name : at.After;
                var names = await prefixes.OwnedAsync(
                    [.. from name in await comparison.DueAsync(at.After, upTo, page.Values, cancel)
                        select (name, BlobPlace.Of(name).Tenant)],
                    cancel);
                await uploads.SendAsync(names, cancel);
                (listed, due) = (listed + page.Values.Count, due + names.Count);
                at.Listed += page.Values.Count;
                (at.Marker, at.After) = (marker, upTo ?? at.After);
                if (marker is null) break;
                await SaveAsync(at, cancel);
                if (time.GetElapsedTime(started) < TimeToCompare) continue;
                log.LogInformation("The comparison goes on after {Listed} blobs with the next sweep", at.Listed);
                return new SweepResult(listed, due, 0);
            }
        }
        catch (RequestFailedException refused) when (refused.Status == 400 && at.Marker is not null)
        {
            log.LogWarning(refused, "The storage does not know the marker any more: the sweep begins anew");
            await SaveAsync(new Sweep { StartedAt = Now }, cancel);
            throw;
        }

        await prefixes.ForgetAsync(at.StartedAt, cancel);
        at.FinishedAt = Now;
        var isSame = !ReferenceEquals(at, last) && last?.Listed == at.Listed;
        if (!isSame || at.FinishedAt - last!.FinishedAt > RecordAgainAfter) await SaveAsync(at, cancel);

        return new SweepResult(listed, due, 0);
    }

    private async Task SaveAsync(Sweep at, CancellationToken cancel)
    {
        await using var db = catalogue.CreateDbContext();
        await db.InTransactionAsync(
            async token =>
            {
                var row = await db.Sweeps.SingleOrDefaultAsync(token);
                if (row is null) db.Add(row = new Sweep());
                db.Entry(row).CurrentValues.SetValues(at);
                return await db.SaveChangesAsync(token);
            },
            cancel);
    }

    private async Task<int> EnqueueLostAsync(JobQueue queue, CancellationToken cancel)
    {
        // Nearly always nothing is old enough, and the queue need not be asked.
        if ((await queue.Outbox.DueAsync(options.Grace, front: null, atMost: 1, cancel)).Count == 0) return 0;
        var (sent, started) = (0, time.GetTimestamp());
        var front = await queue.FrontAsync(cancel);
        while (time.GetElapsedTime(started) < TimeToEnqueue)
        {
            var lost = await queue.Outbox.DueAsync(options.Grace, front, JobOutbox.AtOnce, cancel);
            foreach (var job in lost)
            {
                if (await queue.EnqueueAsync(job, cancel)) sent++;
            }

            if (lost.Count < JobOutbox.AtOnce) break;
        }

        return sent;
    }
}

/// <summary>What a sweep did.</summary>
/// <param name="Listed">Blobs that were listed.</param>
/// <param name="Due">Names that container and catalogue do not agree on, which are to be looked at.</param>
/// <param name="Enqueued">Jobs, questions among them, that had lost their message, or whose turn it was.</param>
/// <param name="Removed">Tracks that were missing for longer than is kept.</param>
public sealed record SweepResult(int Listed, int Due, int Enqueued, int Removed = 0);
