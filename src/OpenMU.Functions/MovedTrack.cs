using Azure;
using Azure.Storage.Blobs.Models;
using Microsoft.EntityFrameworkCore;
using OpenMU.Catalogue.Storage;
using OpenMU.Catalogue.Tracks;

namespace OpenMU.Functions;

/// <summary>Gives a track's file another name. The track stays the same, with all that is known about it.</summary>
public sealed class MovedTrack(IDbContextFactory<CatalogueDb> catalogue, MusicStorage storage)
{
    /// <summary>
    /// Copies the file, deletes the old one and names the track. Whoever ingests meanwhile sees a renamed file, or for
    /// a moment a copy, which is made one with the track again.
    /// </summary>
    /// <param name="tenant">Whose track it is.</param>
    /// <param name="trackId">The track.</param>
    /// <param name="fileName">The path from now on.</param>
    /// <param name="cancel">Gives up; the copy is then a track of its own until the same is called again.</param>
    /// <returns>Why it cannot be done, in one sentence; null where it is done.</returns>
    public async Task<string?> RunAsync(string tenant, long trackId, string fileName, CancellationToken cancel)
    {
        await using var db = catalogue.CreateDbContext();
        var track = await db.Tracks.AsNoTracking()
            .SingleOrDefaultAsync(t => t.Tenant == tenant && t.Id == trackId, cancel);
        if (track is null) return $"There is no track {trackId}.";
        var target = $"{tenant}/{fileName}";
        if (Refusal(track, target, fileName) is { } refusal) return refusal;
        var (source, copy) = (storage.Tracks.GetBlobClient(track.BlobName), storage.Tracks.GetBlobClient(target));
        string version;
        try
        {
            var etag = new ETag(track.ETag);
            BlobProperties old = await source.GetPropertiesAsync(new BlobRequestConditions { IfMatch = etag }, cancel);
            await using var bytes = await source.OpenReadAsync(
                new BlobOpenReadOptions(allowModifications: false) { Conditions = new() { IfMatch = etag } }, cancel);
            var metadata = new Dictionary<string, string>(old.Metadata)
            {
                [TrackBlob.PathMetadata] = Uri.EscapeDataString(fileName),
            };
            version = (await copy.UploadAsync(bytes, new BlobUploadOptions
            {
                Conditions = new BlobRequestConditions { IfNoneMatch = ETag.All },
                HttpHeaders = new BlobHttpHeaders { ContentType = old.ContentType },
                Metadata = metadata,
            }, cancel)).Value.ETag.ToString("H");
        }
        catch (RequestFailedException taken) when (taken.Status is 409 or 412 or 404)
        {
            return taken.Status == 409
                ? $"There is a file {fileName} already."
                : $"The file of track {trackId} was replaced or deleted meanwhile: look at it again.";
        }

        await source.DeleteIfExistsAsync(DeleteSnapshotsOption.IncludeSnapshots, cancellationToken: cancel);
        await NameAsync(db, track, target, fileName, version, cancel);
        return null;
    }

    private static string? Refusal(Track track, string target, string fileName)
    {
        if (track.BlobName == target) return "It has this name already.";
        if (track.MissingSince is not null) return "The track's file is not there any more.";
        if (track.ETag.StartsWith(Track.NotUploaded, StringComparison.Ordinal))
            return "The track's file could not be uploaded, so there is nothing to rename.";
        var isPath = fileName.Length > 0 && !fileName.Any(char.IsControl)
            && fileName.Split('/').All(part => part.Trim() is not ("" or "." or ".."));
        return !isPath ? $"'{fileName}' is no name of a file, such as folder/song.flac."
            : target.Length > TrackBlob.MaxNameLength || fileName.Length > Track.MaxFileNameLength
                ? "The name is too long." : null;
    }

    private static Task<bool> NameAsync(
        CatalogueDb db, Track was, string target, string fileName, string version, CancellationToken cancel) =>
        db.InTransactionAsync(
            async token =>
            {
                var key = TrackBlob.Key(target);
                // The copy may have been ingested as a track of its own, or as this one.
                var copy = await db.Tracks.SingleOrDefaultAsync(
                    t => t.BlobKey == key && t.Tenant == was.Tenant && t.Id != was.Id, token);
                if (copy is not null) db.Tracks.Remove(copy);
                await db.SaveChangesAsync(token);
                var track = await db.Tracks.SingleOrDefaultAsync(t => t.Id == was.Id && t.ETag == was.ETag, token);
                if (track is null) return false;
                track.BlobName = target;
                track.ETag = version;
                track.FileName = fileName;
                track.MissingSince = null;
                await db.SaveChangesAsync(token);
                return true;
            },
            cancel);
}
