using System.Security.Cryptography;
using Azure;
using Azure.Storage.Blobs.Models;
using Microsoft.EntityFrameworkCore;
using OpenMU.Catalogue.Storage;

namespace OpenMU.Worker;

/// <summary>Brings a job's bytes onto the disk, from whichever of its tracks still has them.</summary>
internal sealed class TrackDownload(IDbContextFactory<CatalogueDb> catalogue, MusicStorage storage)
{
    private const int BufferBytes = 256 << 10;

    /// <param name="jobId">The analysis job that the track belongs to.</param>
    /// <param name="contentId">The job's content.</param>
    /// <param name="path">The file to write.</param>
    /// <param name="progress">Told of every piece that arrives.</param>
    /// <param name="cancel">Stops half-way; the caller deletes the file.</param>
    /// <returns>False if no track of the job has its bytes any more.</returns>
    /// <exception cref="InvalidDataException">The bytes are not those that were ingested.</exception>
    public async Task<bool> ToFileAsync(
        long jobId, string contentId, string path, JobProgress progress, CancellationToken cancel)
    {
        foreach (var (blobName, etag) in await BlobsAsync(jobId, cancel))
        {
            var request =
                new BlobDownloadOptions { Conditions = new BlobRequestConditions { IfMatch = new ETag(etag) } };
            try
            {
                using BlobDownloadStreamingResult download = await storage.Tracks.GetBlobClient(blobName)
                    .DownloadStreamingAsync(request, cancel);
                await CopyAsync(download.Content, path, contentId, progress, cancel);
                return true;
            }
            catch (RequestFailedException gone) when (gone.Status is 404 or 412)
            {
                // Deleted, or another version by now: another track may have the same bytes.
            }
        }

        return false;
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

    private async Task<List<(string BlobName, string ETag)>> BlobsAsync(long jobId, CancellationToken cancel)
    {
        await using var db = catalogue.CreateDbContext();
        // By content and not by job: while a new model is to listen, the tracks still belong to the earlier job.
        var tracks = await (
            from job in db.Jobs
            from track in db.Tracks
            where job.Id == jobId && track.Tenant == job.Tenant && track.Job.ContentId == job.ContentId
            select track).OrderByDescending(t => t.UploadedAt)
            .Select(t => new { t.BlobName, t.ETag })
            .ToListAsync(cancel);
        return [.. tracks.Select(t => (t.BlobName, t.ETag))];
    }

    private static async Task CopyAsync(
        Stream from, string path, string contentId, JobProgress progress, CancellationToken cancel)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        // Cleaners of temporary folders do not know that a worker is at work.
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        await using var to = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        var buffer = new byte[BufferBytes];
        while (await from.ReadAsync(buffer, cancel) is var read and > 0)
        {
            hash.AppendData(buffer, 0, read);
            await to.WriteAsync(buffer.AsMemory(0, read), cancel);
            progress.Advance();
        }

        if ($"sha256:{Convert.ToHexStringLower(hash.GetHashAndReset())}" != contentId)
            throw new InvalidDataException("The downloaded bytes are not those that were ingested.");
    }
}
