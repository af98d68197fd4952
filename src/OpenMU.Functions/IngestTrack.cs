// Over 400 lines because all that a file may be told when it comes stands here, in its order.
using System.Security.Cryptography;
using Azure;
using Azure.Storage.Blobs.Models;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using OpenMU.Catalogue;
using OpenMU.Catalogue.Access;
using OpenMU.Catalogue.Exchange;
using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Storage;
using OpenMU.Catalogue.Tracks;
using OpenMU.Catalogue.Webhooks;
using OpenMU.Music;
using OpenMU.Music.Lyrics;

namespace OpenMU.Functions;

/// <summary>
/// Makes the catalogue say of one blob what the storage says now: a new one becomes a track whose content's hash names
/// the job, so equal bytes are analysed once, and a message goes to the workers; a renamed one is the track that it
/// was; one that is gone is marked. May run any number of times for one blob, in any order and also at once, and ends
/// in the same state.
/// </summary>
public sealed class IngestTrack(
    IDbContextFactory<CatalogueDb> catalogue, MusicStorage storage, JobQueues jobs, MissingTracks missing,
    LyricsFiles lyrics, IngestOptions options, TimeProvider time, ILogger<IngestTrack> log)
{
    private const int MaxRaces = 10;
    private const int ReadBufferBytes = 4 << 20;

    // How many tracks of the same bytes are asked whether their file is gone.
    private const int MaxCopies = 16;

    private readonly TenantPrefixes prefixes = new(catalogue, time);
    private readonly OverQuota overQuota = new(catalogue, time);

    /// <param name="blobName">Name inside the container, tenant first: <c>tenant/folder/song.flac</c>.</param>
    /// <param name="cancel">Gives up; the sweep finds the blob again.</param>
    public async Task<IngestOutcome> HandleAsync(string blobName, CancellationToken cancel)
    {
        for (var race = 0; ; race++)
        {
            try
            {
                return await TryHandleAsync(BlobPlace.Of(blobName), cancel);
            }
            catch (Exception lost) when (race < MaxRaces && IsRace(lost))
            {
                // Another call was faster (a unique key or the row's version says so), or the blob was replaced or
                // deleted while we read: look again.
                log.LogDebug(lost, "{Blob} is ingested again after a race", blobName);
            }
        }
    }

    /// <summary>
    /// Why a file of this size would be Rejected, so that nobody need upload it to learn that; null if it would not.
    /// </summary>
    public string? TooLarge(long sizeBytes) => options.TooLarge(sizeBytes);

    /// <summary>
    /// Enters a file that cannot be uploaded, so that whoever looks for it in the catalogue finds the reason. Doing it
    /// again changes nothing.
    /// </summary>
    /// <param name="blobName">The name that its blob would have, tenant first.</param>
    /// <param name="fileName">The path as its owner named it.</param>
    /// <param name="fingerprint">A file that changed has another one.</param>
    /// <param name="sizeBytes">Length, 0 where it is unknown.</param>
    /// <param name="reason">One sentence for people.</param>
    /// <param name="cancel">Rolls back.</param>
    /// <returns>What stands in for the ETag, without quotes.</returns>
    public async Task<string> RefuseAsync(
        string blobName, string fileName, string fingerprint, long sizeBytes, string reason, CancellationToken cancel)
    {
        var place = BlobPlace.Of(blobName);
        var shown = place.FileName(
            new Dictionary<string, string> { [TrackBlob.PathMetadata] = Uri.EscapeDataString(fileName) });
        var version = $"{Track.NotUploaded.Trim('"')}{fingerprint}";
        var upload = new Upload(place, shown, new ETag(version), sizeBytes, time.GetUtcNow().UtcDateTime);
        var row = await RowAsync(place, cancel);
        if (!await IsKnownAsync(row, upload, cancel))
            await RecordAsync(upload, row, null, upload.UnreadContentId(), reason, cancel);
        return version;
    }

    private async Task<IngestOutcome> TryHandleAsync(BlobPlace place, CancellationToken cancel)
    {
        // The row first, the storage second: whoever changes the row after that makes the last step fail.
        var row = await RowAsync(place, cancel);
        if (await LookAsync(place, cancel) is not { } properties) return await VanishedAsync(place, row, cancel);
        if (!await prefixes.OwnsAsync(place.Tenant, place.RowName, cancel)) return IngestOutcome.OfNoTenant;
        using var activity = Telemetry.Continue(
            "ingest", properties.Metadata.TryGetValue(TrackBlob.TraceParentMetadata, out var cause) ? cause : null);
        var upload = new Upload(
            place, place.FileName(properties.Metadata), properties.ETag, properties.ContentLength,
            properties.LastModified.UtcDateTime)
        {
            GivenSha256 = properties.Metadata.TryGetValue(TrackBlob.Sha256Metadata, out var sum)
                ? sum.ToLowerInvariant()
                : null,
        };
        var areLyrics = place.Refusal is null && LyricsFile.IsNamedSo(place.Name);
        var refusal = areLyrics ? await lyrics.TakeAsync(place, properties, cancel) : place.Refusal;
        if (areLyrics && refusal is null) return IngestOutcome.Lyrics;
        if (await IsKnownAsync(row, upload, cancel))
        {
            await ReopenAsync(row!.JobId, cancel);
            // What lies beside a file of lyrics may have changed since it was refused.
            return areLyrics && await lyrics.TakeOrRefuseAsync(place, properties, row.JobId, cancel)
                ? IngestOutcome.Lyrics
                : IngestOutcome.Known;
        }

        return await TakeAsync(upload, row, refusal, areLyrics ? properties : null, cancel);
    }

    /// <summary>What a new or changed file becomes.</summary>
    /// <param name="upload">The file.</param>
    /// <param name="row">Its track, if it has one.</param>
    /// <param name="refusal">Why it is refused already.</param>
    /// <param name="lyricsFile">Its properties, where it is a file of lyrics.</param>
    /// <param name="cancel">Gives up.</param>
    private async Task<IngestOutcome> TakeAsync(
        Upload upload, Track? row, string? refusal, BlobProperties? lyricsFile, CancellationToken cancel)
    {
        var place = upload.Blob;
        refusal ??= options.TooLarge(upload.SizeBytes) ?? await CompanionAsync(upload, cancel);
        var isAsked = refusal is null && row?.Job.ModelVersion == options.ModelVersion;
        if (isAsked && await overQuota.IsStillAsync(row!, upload, cancel)) return IngestOutcome.Refused;
        // Where only the model is another one, or the file came back, the bytes need no second reading.
        var contentId = refusal is not null ? upload.UnreadContentId()
            : row?.ETag == upload.Version && row.Job.OverQuotaSince is null ? row.Job.ContentId
            : await HashAsync(place.Name, upload.ETag, upload.SizeBytes, cancel);
        if (refusal is null && upload.Damage(contentId) is { } damage)
            (refusal, contentId) = (damage, upload.UnreadContentId());
        refusal ??= await TakenDownAsync(place.Tenant, contentId, cancel);
        var renamed = refusal is null ? await RenamedAsync(place, row, contentId, cancel) : null;
        long job;
        try
        {
            job = await RecordAsync(upload, row, renamed, contentId, refusal, cancel);
        }
        catch (QuotaExceededException exceeded)
        {
            refusal = $"{exceeded.Message} It is taken in by itself when that has room again.";
            job = await RecordAsync(upload, row, null, upload.UnreadContentId(), refusal, cancel, isOverQuota: true);
        }
        await ReopenAsync(job, cancel);
        await new PendingRows(catalogue, time).TakeInAsync(place.Tenant, contentId, cancel);
        log.LogInformation("{Blob} is job {Job}: {Fate}", place.Name, job, refusal ?? "taken");
        // Its track may have come meanwhile, and have found the file without a row.
        if (lyricsFile is not null && await lyrics.TakeOrRefuseAsync(place, lyricsFile, job, cancel))
            return IngestOutcome.Lyrics;
        if (refusal is null) await HandleAllAsync(await lyrics.OfTrackAsync(place, cancel), cancel);
        return refusal is null ? IngestOutcome.Taken : IngestOutcome.Refused;
    }

    private async Task<IngestOutcome> VanishedAsync(BlobPlace place, Track? row, CancellationToken cancel)
    {
        if (row is not null) await missing.MarkAsync(row, cancel);
        if (LyricsFile.IsNamedSo(place.Name)) await HandleAllAsync(await lyrics.RemoveAsync(place, cancel), cancel);
        log.LogInformation("{Blob} is not in the storage", place.Name);
        return IngestOutcome.Vanished;
    }

    private async Task HandleAllAsync(IReadOnlyList<string> names, CancellationToken cancel)
    {
        foreach (var name in names) await HandleAsync(name, cancel);
    }

    private async Task<string?> TakenDownAsync(string tenant, string contentId, CancellationToken cancel)
    {
        await using var db = catalogue.CreateDbContext();
        return await db.Jobs.Where(j => j.Tenant == tenant && j.ContentId == contentId && j.Kind == JobKind.Analysis
                && j.State == JobState.Rejected && j.Reason!.StartsWith(JobLedger.TakenDown))
            .Select(j => j.Reason).FirstOrDefaultAsync(cancel);
    }

    private static bool IsRace(Exception lost) => lost is DbUpdateException or RequestFailedException { Status: 412 }
        || (lost is RequestFailedException gone && gone.ErrorCode == BlobErrorCode.BlobNotFound);

    // Measurements alone are nothing new about a track that has an analysis.
    private async Task<bool> IsKnownAsync(Track? row, Upload upload, CancellationToken cancel)
    {
        if (row is not { MissingSince: null, Job.OverQuotaSince: null } || row.ETag != upload.Version) return false;
        if (row.Job.ModelVersion == options.ModelVersion) return true;
        if (!options.IsWithoutModel) return false;
        await using var db = catalogue.CreateDbContext();
        return await db.Analyses.AnyAsync(a => a.JobId == row.JobId, cancel);
    }

    private async Task<Track?> RowAsync(BlobPlace place, CancellationToken cancel)
    {
        var key = place.Key;
        await using var db = catalogue.CreateDbContext();
        return await db.Tracks.AsNoTracking().Include(t => t.Job)
            .SingleOrDefaultAsync(t => t.BlobKey == key && t.Tenant == place.Tenant, cancel);
    }

    // Null only if the storage answers that this blob is not there; a container that is away is an error.
    private async Task<BlobProperties?> LookAsync(BlobPlace place, CancellationToken cancel)
    {
        try
        {
            return await storage.Tracks.GetBlobClient(place.Name).GetPropertiesAsync(cancellationToken: cancel);
        }
        catch (RequestFailedException gone) when (gone.ErrorCode == BlobErrorCode.BlobNotFound)
        {
            return null;
        }
    }

    private async Task<string?> CompanionAsync(Upload upload, CancellationToken cancel)
    {
        if (!SystemFiles.IsNamedLikeMacCompanion(upload.Blob.Name) || upload.SizeBytes == 0) return null;
        BlobDownloadResult head = await storage.Tracks.GetBlobClient(upload.Blob.Name).DownloadContentAsync(
            new BlobDownloadOptions { Range = new HttpRange(0, 4), Conditions = new() { IfMatch = upload.ETag } },
            cancel);
        return SystemFiles.IsMacCompanion(head.Content) ? "The file is what macOS keeps about another file." : null;
    }

    private async Task<string> HashAsync(string blobName, ETag version, long sizeBytes, CancellationToken cancel)
    {
        var read = new BlobOpenReadOptions(allowModifications: false)
        {
            BufferSize = (int)Math.Clamp(sizeBytes, 1, ReadBufferBytes),
            Conditions = new() { IfMatch = version }
        };
        await using var bytes = await storage.Tracks.GetBlobClient(blobName).OpenReadAsync(read, cancel);
        return $"sha256:{Convert.ToHexStringLower(await SHA256.HashDataAsync(bytes, cancel))}";
    }

    /// <summary>
    /// The track that this content was known by, if the content has a name that it did not have before and is no more
    /// where it was. Where it is there as well, the two are copies.
    /// </summary>
    private async Task<Track?> RenamedAsync(BlobPlace place, Track? row, string contentId, CancellationToken cancel)
    {
        if (row?.Job.ContentId == contentId) return null;
        var key = place.Key;
        await using var db = catalogue.CreateDbContext();
        var copies = await db.Tracks.AsNoTracking()
            // The tenant of the job too, so that the job is found by its key and not every track of the tenant is read.
            .Where(t => t.Tenant == place.Tenant && t.Job.Tenant == place.Tenant && t.Job.ContentId == contentId
                && t.BlobKey != key)
            .OrderBy(t => t.MissingSince == null).ThenBy(t => t.Id).Take(MaxCopies).ToListAsync(cancel);
        foreach (var copy in copies)
        {
            if (await IsElsewhereAsync(copy, contentId, cancel)) return copy;
        }

        return null;
    }

    private async Task<bool> IsElsewhereAsync(Track track, string contentId, CancellationToken cancel)
    {
        if (await LookAsync(BlobPlace.Of(track.BlobName), cancel) is not { } now) return true;
        return now.ETag.ToString("H") != track.ETag
            && (now.ContentLength != track.SizeBytes
                || await HashAsync(track.BlobName, now.ETag, now.ContentLength, cancel) != contentId);
    }

    /// <summary>Job and track in one transaction.</summary>
    /// <param name="upload">The blob.</param>
    /// <param name="row">The blob's row as it was before the storage was asked; null if there was none.</param>
    /// <param name="renamed">The track that the blob is under another name; null if it is none.</param>
    /// <param name="contentId">Names the job.</param>
    /// <param name="rejected">Why the job is Rejected from the start, or null.</param>
    /// <param name="cancel">Rolls back.</param>
    /// <param name="isOverQuota">Rejected only until the quota has room.</param>
    /// <returns>The job's id.</returns>
    /// <exception cref="QuotaExceededException">Nothing is stored.</exception>
    /// <exception cref="DbUpdateException">A row is not what it was: the storage must be asked again.</exception>
    private async Task<long> RecordAsync(
        Upload upload, Track? row, Track? renamed, string contentId, string? rejected, CancellationToken cancel,
        bool isOverQuota = false)
    {
        await using var db = catalogue.CreateDbContext();
        return await db.InTransactionAsync(
            async token =>
            {
                var job = await JobAsync(db, upload.Blob.Tenant, contentId, rejected, token);
                var track = await PresentAsync(db, upload.Blob, row, upload.Version, token);
                var isNew = rejected is null && renamed is null && track?.Job.ContentId != contentId;
                if (isOverQuota) job.OverQuotaSince ??= time.GetUtcNow().UtcDateTime;
                else if (track is not null) track.Job.OverQuotaSince = null;
                if (renamed is not null) track = await MoveAsync(db, renamed, track, token);
                var shown = track is { MissingSince: null } ? track.JobId : 0;
                track ??= db.Tracks.Add(new Track
                {
                    Tenant = upload.Blob.Tenant,
                    BlobName = upload.Blob.RowName,
                    ETag = upload.Version,
                    FileName = upload.FileName
                }).Entity;
                track.BlobName = upload.Blob.RowName;
                track.ETag = upload.Version;
                track.FileName = upload.FileName;
                // Not counted as stored while it waits.
                track.SizeBytes = isOverQuota ? 0 : upload.SizeBytes;
                track.UploadedAt = upload.UploadedAt;
                track.MissingSince = null;
                if (!KeepsItsJob(track, job)) track.Job = await ShownAsync(db, job, token) ?? job;
                await db.SaveChangesAsync(token);
                if (isNew) await overQuota.CountAsync(db, upload, token);
                if (track.JobId != shown)
                    await CatalogueEvents.TrackCameAsync(db, track, time.GetUtcNow().UtcDateTime, token);
                return job.Id;
            },
            cancel);
    }

    private async Task<Job> JobAsync(
        CatalogueDb db, string tenant, string contentId, string? rejected, CancellationToken cancel)
    {
        var now = time.GetUtcNow().UtcDateTime;
        var jobs = db.Jobs.Where(j =>
            j.Tenant == tenant && j.ContentId == contentId && j.Kind == JobKind.Analysis);
        // Measured only, a copy of what a model has listened to shares its analysis.
        var known = jobs.Where(j => db.Analyses.Any(a => a.JobId == j.Id));
        if (options.IsWithoutModel && await known.Where(j => j.HeldSince == null)
            .OrderBy(j => j.ModelVersion == Job.NoModel).ThenByDescending(j => j.Id)
            .FirstOrDefaultAsync(cancel) is { } job)
        {
            return job;
        }

        return await jobs.SingleOrDefaultAsync(j => j.ModelVersion == options.ModelVersion, cancel)
            ?? db.Jobs.Add(new Job
            {
                Tenant = tenant,
                ContentId = contentId,
                Kind = JobKind.Analysis,
                ModelVersion = options.ModelVersion,
                State = rejected is null ? JobState.Queued : JobState.Rejected,
                Reason = rejected,
                CreatedAt = now,
                FinishedAt = rejected is null ? null : now,
                HeldSince = options.HoldNewAnalyses && await known.AnyAsync(cancel) ? now : null,
            }).Entity;
    }

    // The blob's row, if it is still what it was; or what a first run of the same transaction has made of it.
    private static async Task<Track?> PresentAsync(
        CatalogueDb db, BlobPlace place, Track? row, string version, CancellationToken cancel)
    {
        var key = place.Key;
        var track = await db.Tracks.Include(t => t.Job)
            .SingleOrDefaultAsync(t => t.BlobKey == key && t.Tenant == place.Tenant, cancel);
        return track?.ETag == row?.ETag || track?.ETag == version
            ? track
            : throw new DbUpdateConcurrencyException($"The row of {place.Name} has changed.");
    }

    /// <summary>
    /// Frees the blob's name for the track that it was under another name. A track that has the name by now, its
    /// content overwritten, gets the other's: if that is where its content went, ingesting that blob says so.
    /// </summary>
    private async Task<Track> MoveAsync(CatalogueDb db, Track renamed, Track? overwritten, CancellationToken cancel)
    {
        var track = await db.Tracks.Include(t => t.Job)
            .SingleOrDefaultAsync(t => t.Id == renamed.Id && t.ETag == renamed.ETag, cancel)
            ?? throw new DbUpdateConcurrencyException($"The row of {renamed.BlobName} has changed.");
        if (overwritten is null) return track;

        // A unique key lets two rows change places only by way of a third name, which no blob can have.
        var (name, fileName) = (track.BlobName, track.FileName);
        track.BlobName = $"\n{track.Id}";
        await db.SaveChangesAsync(cancel);
        overwritten.BlobName = name;
        overwritten.FileName = fileName;
        overwritten.MissingSince ??= time.GetUtcNow().UtcDateTime;
        await db.SaveChangesAsync(cancel);
        return track;
    }

    // What another model has said about the same bytes stays in view until the new job is Ready; the ledger
    // then hands the track over, or somebody publishes what is held back.
    private bool KeepsItsJob(Track track, Job job) => track.Job is { } shown && shown.ContentId == job.ContentId
        && (job.HeldSince is not null
            || (shown.State == JobState.Ready && (job.State != JobState.Ready || options.HoldNewAnalyses)));

    /// <summary>What the copies of a new track show where its own job is held back; null where it is not.</summary>
    private static async Task<Job?> ShownAsync(CatalogueDb db, Job job, CancellationToken cancel) =>
        job.HeldSince is null ? null : await db.Jobs
            .Where(j => j.Tenant == job.Tenant && j.ContentId == job.ContentId && j.Kind == JobKind.Analysis
                && j.HeldSince == null && j.State == JobState.Ready)
            .OrderBy(j => j.ModelVersion == Job.NoModel).ThenByDescending(j => j.Id).FirstOrDefaultAsync(cancel);

    private async Task ReopenAsync(long jobId, CancellationToken cancel)
    {
        await jobs.Analyses.Ledger.ReopenAsync(jobId, cancel);
        await jobs.Analyses.EnqueueAsync(jobId, cancel);
    }
}

/// <summary>What became of a blob.</summary>
public enum IngestOutcome
{
    /// <summary>It is in the catalogue now.</summary>
    Taken,

    /// <summary>This version was there already.</summary>
    Known,

    /// <summary>It is in the catalogue, Rejected unread, with the reason.</summary>
    Refused,

    /// <summary>It holds the lyrics of a track beside it.</summary>
    Lyrics,

    /// <summary>It is not in the storage; its track, if it had one, is marked as missing.</summary>
    Vanished,

    /// <summary>It lies below a name that no tenant has, and is left there.</summary>
    OfNoTenant,
}
