using System.Security.Cryptography;
using Azure;
using Azure.Storage.Blobs.Models;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using OpenMU.Catalogue;
using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Storage;
using OpenMU.Catalogue.Tracks;

namespace OpenMU.Functions;

/// <summary>
/// Takes an uploaded blob into the catalogue: its content's hash names the job, so equal bytes are analysed once, and a
/// message goes to the workers. May run any number of times for one blob, also at once, and ends in the same state.
/// </summary>
public sealed class IngestTrack(
    IDbContextFactory<CatalogueDb> catalogue, MusicStorage storage, JobQueues jobs, IngestOptions options,
    TimeProvider time, ILogger<IngestTrack> log)
{
    private const int MaxRaces = 10;
    private const int ReadBufferBytes = 4 << 20;

    /// <param name="blobName">Name inside the container, tenant first: <c>tenant/folder/song.flac</c>.</param>
    /// <param name="cancel">Gives up; the sweep finds the blob again.</param>
    public async Task<IngestOutcome> HandleAsync(string blobName, CancellationToken cancel)
    {
        for (var race = 0; ; race++)
        {
            try
            {
                return await TryHandleAsync(blobName, cancel);
            }
            catch (RequestFailedException gone) when (gone.ErrorCode == BlobErrorCode.BlobNotFound)
            {
                log.LogInformation("{Blob} vanished before it could be ingested", blobName);
                return IngestOutcome.Vanished;
            }
            catch (Exception lost) when (race < MaxRaces
                && lost is DbUpdateException or RequestFailedException { Status: 412 })
            {
                // Another call was faster (a unique key says so), or a new version came while we read: look again.
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
    /// <param name="version">Stands in for the ETag: a file that changed has another one.</param>
    /// <param name="sizeBytes">Length, 0 where it is unknown.</param>
    /// <param name="reason">One sentence for people.</param>
    /// <param name="cancel">Rolls back.</param>
    public async Task RefuseAsync(
        string blobName, string fileName, string version, long sizeBytes, string reason, CancellationToken cancel)
    {
        var (tenant, shownName) = Upload.Names(
            blobName, new Dictionary<string, string> { [TrackBlob.PathMetadata] = Uri.EscapeDataString(fileName) })
            ?? throw new ArgumentException($"No tenant can be read from {blobName}.", nameof(blobName));
        var upload = new Upload(
            tenant, blobName, shownName, new ETag(version), sizeBytes, time.GetUtcNow().UtcDateTime);
        if ((await KnownJobAsync(upload, cancel))?.ModelVersion != options.ModelVersion)
            await RecordAsync(upload, upload.UnreadContentId(), reason, cancel);
    }

    private async Task<IngestOutcome> TryHandleAsync(string blobName, CancellationToken cancel)
    {
        var blob = storage.Tracks.GetBlobClient(blobName);
        BlobProperties properties = await blob.GetPropertiesAsync(cancellationToken: cancel);
        using var activity = Telemetry.Continue(
            "ingest", properties.Metadata.TryGetValue(TrackBlob.TraceParentMetadata, out var cause) ? cause : null);
        if (Upload.Names(blobName, properties.Metadata) is not var (tenant, fileName))
        {
            log.LogWarning("{Blob} is refused: its tenant is missing or its name is too long", blobName);
            return IngestOutcome.Refused;
        }

        var upload = new Upload(
            tenant, blobName, fileName, properties.ETag, properties.ContentLength, properties.LastModified.UtcDateTime);
        var known = await KnownJobAsync(upload, cancel);
        if (known?.ModelVersion == options.ModelVersion)
        {
            await jobs.Analyses.Ledger.ReopenAsync(known.Id, cancel);
            await EnqueueOnceAsync(known.Id, cancel);
            return IngestOutcome.Known;
        }

        // Only the model is another one: the bytes need no second reading.
        var tooLarge = options.TooLarge(upload.SizeBytes);
        var contentId = tooLarge is not null
            ? upload.UnreadContentId()
            : known?.ContentId ?? await HashAsync(upload, cancel);
        var job = await RecordAsync(upload, contentId, tooLarge, cancel);
        await jobs.Analyses.Ledger.ReopenAsync(job, cancel);
        await EnqueueOnceAsync(job, cancel);
        log.LogInformation(
            "{Blob} is job {Job}{Rejected}", blobName, job, tooLarge is null ? "" : ", rejected: too large");
        return tooLarge is null ? IngestOutcome.Taken : IngestOutcome.TooLarge;
    }

    private async Task<Job?> KnownJobAsync(Upload upload, CancellationToken cancel)
    {
        var etag = upload.ETag.ToString("H");
        await using var db = catalogue.CreateDbContext();
        return await db.Tracks.AsNoTracking()
            .Where(t => t.Tenant == upload.Tenant && t.BlobName == upload.BlobName && t.ETag == etag)
            .Select(t => t.Job).SingleOrDefaultAsync(cancel);
    }

    private async Task<string> HashAsync(Upload upload, CancellationToken cancel)
    {
        var read = new BlobOpenReadOptions(allowModifications: false)
        {
            BufferSize = ReadBufferBytes,
            Conditions = new() { IfMatch = upload.ETag }
        };
        await using var bytes = await storage.Tracks.GetBlobClient(upload.BlobName).OpenReadAsync(read, cancel);
        return $"sha256:{Convert.ToHexStringLower(await SHA256.HashDataAsync(bytes, cancel))}";
    }

    /// <summary>Job and track in one transaction.</summary>
    /// <param name="upload">The blob.</param>
    /// <param name="contentId">Names the job.</param>
    /// <param name="rejected">Why the job is Rejected from the start, or null.</param>
    /// <param name="cancel">Rolls back.</param>
    /// <returns>The job's id.</returns>
    private async Task<long> RecordAsync(Upload upload, string contentId, string? rejected, CancellationToken cancel)
    {
        var now = time.GetUtcNow().UtcDateTime;
        await using var db = catalogue.CreateDbContext();
        return await db.InTransactionAsync(
            async token =>
            {
                var job = await db.Jobs.SingleOrDefaultAsync(
                    j => j.Tenant == upload.Tenant && j.ContentId == contentId && j.Kind == JobKind.Analysis
                        && j.ModelVersion == options.ModelVersion,
                    token);
                job ??= db.Jobs.Add(new Job
                {
                    Tenant = upload.Tenant,
                    ContentId = contentId,
                    Kind = JobKind.Analysis,
                    ModelVersion = options.ModelVersion,
                    State = rejected is null ? JobState.Queued : JobState.Rejected,
                    Reason = rejected,
                    CreatedAt = now,
                    FinishedAt = rejected is null ? null : now,
                }).Entity;

                var etag = upload.ETag.ToString("H");
                var track = await db.Tracks.Include(t => t.Job)
                    .SingleOrDefaultAsync(t => t.Tenant == upload.Tenant && t.BlobName == upload.BlobName, token);
                track ??= db.Tracks.Add(new Track
                {
                    Tenant = upload.Tenant,
                    BlobName = upload.BlobName,
                    ETag = etag,
                    FileName = upload.FileName
                }).Entity;

                // A late call for an old version must not push out a newer one.
                if (track.UploadedAt <= upload.UploadedAt)
                {
                    track.ETag = etag;
                    track.FileName = upload.FileName;
                    track.SizeBytes = upload.SizeBytes;
                    track.UploadedAt = upload.UploadedAt;
                    if (!KeepsItsJob(track, job)) track.Job = job;
                }

                await db.SaveChangesAsync(token);
                return job.Id;
            },
            cancel);
    }

    // What another model has said about the same bytes stays in view until the new job is Ready; the ledger
    // then hands the track over.
    private static bool KeepsItsJob(Track track, Job job) =>
        track.Job is { State: JobState.Ready } shown && shown.ContentId == job.ContentId
        && job.State != JobState.Ready;

    private async Task EnqueueOnceAsync(long jobId, CancellationToken cancel)
    {
        await using var db = catalogue.CreateDbContext();
        if (!await db.Jobs.AnyAsync(j => j.Id == jobId && j.State == JobState.Queued && j.EnqueuedAt == null, cancel))
            return;
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

    /// <summary>It is in the catalogue, Rejected for its size.</summary>
    TooLarge,

    /// <summary>It was deleted meanwhile.</summary>
    Vanished,

    /// <summary>Its name cannot stand in the catalogue.</summary>
    Refused,
}
