using System.Security.Cryptography;
using Azure;
using Azure.Storage.Blobs.Models;
using Microsoft.EntityFrameworkCore;
using OpenMU.Catalogue.Storage;

namespace OpenMU.Worker;

/// <summary>Brings a job's bytes onto the disk, from whichever of its tracks still has them.</summary>
internal sealed class TrackDownload(
    IDbContextFactory<CatalogueDb> catalogue, MusicStorage storage, WorkDisk disk, string folder)
{
    private const int BufferBytes = 256 << 10;

    /// <summary>Waits for room on the disk and downloads.</summary>
    /// <param name="jobId">The analysis job that the track belongs to.</param>
    /// <param name="contentId">The job's content.</param>
    /// <param name="name">Of the file in the work folder.</param>
    /// <param name="progress">Told of every piece that arrives.</param>
    /// <param name="cancel">Stops half-way.</param>
    /// <returns>Null if no track of the job has its bytes any more.</returns>
    /// <exception cref="InvalidDataException">The bytes are not those that were ingested.</exception>
    public async Task<DownloadedFile?> FetchAsync(
        long jobId, string contentId, string name, JobProgress progress, CancellationToken cancel)
    {
        foreach (var (blobName, etag, bytes) in await BlobsAsync(jobId, cancel))
        {
            WorkDisk.Room room;
            using (progress.Wait()) room = await disk.TakeAsync(bytes, cancel);
            var file = new DownloadedFile(Path.Combine(folder, name), contentId, room);
            var isWhole = false;
            try
            {
                await DownloadAsync(blobName, etag, file, contentId, progress, cancel);
                isWhole = true;
                return file;
            }
            catch (RequestFailedException gone)
                when (gone.Status == 412 || gone.ErrorCode == BlobErrorCode.BlobNotFound)
            {
                // Deleted, or another version by now: another track may have the same bytes.
            }
            finally
            {
                if (!isWhole) file.Dispose();
            }
        }

        return null;
    }

    /// <summary>Whether the job is the latest that its content was given.</summary>
    public async Task<bool> IsLatestAsync(long jobId, CancellationToken cancel)
    {
        await using var db = catalogue.CreateDbContext();
        var later = from job in db.Jobs
                    from other in db.Jobs
                    where job.Id == jobId && other.Id > jobId && other.Tenant == job.Tenant
                        && other.ContentId == job.ContentId && other.Kind == job.Kind
                    select other.Id;
        return !await later.AnyAsync(cancel);
    }

    private async Task<List<(string BlobName, string ETag, long Bytes)>> BlobsAsync(
        long jobId, CancellationToken cancel)
    {
        await using var db = catalogue.CreateDbContext();
        // By content and not by job: while a new model is to listen, the tracks still belong to the earlier job.
        var tracks = await (
            from job in db.Jobs
            from track in db.Tracks
            where job.Id == jobId && track.Tenant == job.Tenant
                && track.Job.Tenant == job.Tenant && track.Job.ContentId == job.ContentId
            select track).OrderByDescending(t => t.UploadedAt)
            .Select(t => new { t.BlobName, t.ETag, t.SizeBytes })
            .ToListAsync(cancel);
        return [.. tracks.Select(t => (t.BlobName, t.ETag, t.SizeBytes))];
    }

    private async Task DownloadAsync(
        string blobName, string etag, DownloadedFile file, string contentId, JobProgress progress,
        CancellationToken cancel)
    {
        var request = new BlobDownloadOptions { Conditions = new BlobRequestConditions { IfMatch = new ETag(etag) } };
        using BlobDownloadStreamingResult download = await storage.Tracks.GetBlobClient(blobName)
            .DownloadStreamingAsync(request, cancel);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        // Cleaners of temporary folders do not know that a worker is at work.
        Directory.CreateDirectory(folder);
        await using var to = new FileStream(
            file.Path, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        var buffer = new byte[BufferBytes];
        while (await ReadAsync(download.Content, buffer, cancel) is var read and > 0)
        {
            hash.AppendData(buffer, 0, read);
            await to.WriteAsync(buffer.AsMemory(0, read), cancel);
            file.Wrote(read);
            progress.Advance();
        }

        if (DownloadedFile.ContentIdOf(hash.GetHashAndReset()) != contentId)
            throw new InvalidDataException("The downloaded bytes are not those that were ingested.");
    }

    // What breaks off while it is read is told from what the disk refuses.
    private static async Task<int> ReadAsync(Stream from, byte[] buffer, CancellationToken cancel)
    {
        try
        {
            return await from.ReadAsync(buffer, cancel);
        }
        catch (Exception e) when (!cancel.IsCancellationRequested && Outage.Is(e))
        {
            throw new RequestFailedException($"A download broke off: {Outage.FirstLine(e)}", e);
        }
    }
}
