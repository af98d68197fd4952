using Azure;
using Azure.Storage.Blobs.Models;
using Microsoft.EntityFrameworkCore;
using OpenMU.Catalogue.Access;
using OpenMU.Catalogue.Fields;
using OpenMU.Catalogue.Storage;
using OpenMU.Catalogue.Webhooks;

namespace OpenMU.Catalogue.Tracks;

/// <summary>
/// Deletes tracks that somebody does not want any more: the file goes, and the track is Missing until its time is up.
/// Unlike a take-down it leaves no word behind, and the same file may come back. What somebody has locked stays.
/// </summary>
public sealed class DeletedTracks(IDbContextFactory<CatalogueDb> catalogue, MusicStorage storage, TimeProvider time)
{
    /// <summary>A file was deleted: whoever would bring it again, such as a folder at home, remembers it.</summary>
    public event Action<DeletedFile>? Deleted;

    /// <summary>Deletes one track. If it breaks off, the same call does the rest.</summary>
    /// <param name="tenant">Whose track it is.</param>
    /// <param name="trackId">The track; its copies stay.</param>
    /// <param name="author">Who deletes it.</param>
    /// <param name="cancel">Gives up.</param>
    public async Task<TrackDeletion> RunAsync(
        string tenant, long trackId, CorrectionAuthor author, CancellationToken cancel)
    {
        await using var db = catalogue.CreateDbContext();
        var track = await db.Tracks.AsNoTracking()
            .SingleOrDefaultAsync(t => t.Tenant == tenant && t.Id == trackId, cancel);
        if (track is null) return new TrackDeletion(null, "There is no such track.");
        var blob = storage.Tracks.GetBlobClient(track.BlobName);
        var metadata = await MetadataAsync(blob, cancel);
        // Marked first: whoever hears that the file is gone then leaves the track as it is and does not look for a copy
        // that the file could have been renamed to.
        var now = time.GetUtcNow().UtcDateTime;
        var lockedBy = await db.InTransactionAsync(
            async token =>
            {
                var by = await CorrectionStore.LockedBy(db, tenant, [trackId]).FirstOrDefaultAsync(token);
                if (by is not null) return by;
                var marked = await db.Tracks.Where(t => t.Id == trackId && t.MissingSince == null)
                    .ExecuteUpdateAsync(set => set.SetProperty(t => t.MissingSince, now), token);
                if (marked == 0) return null;
                db.AuditEntries.Add(AuditEntry.Of(
                    tenant, author, AuditActions.Deleted, $"{trackId}", now, new { track.FileName }));
                await CatalogueEvents.TracksDeletedAsync(
                    db, tenant, [(trackId, track.FileName)], DeletionReason.Deleted, now, token);
                await db.SaveChangesAsync(token);
                return null;
            },
            cancel);
        if (lockedBy is not null)
            return new TrackDeletion(null, $"{lockedBy} has locked this track: unlock it to delete it.");
        await blob.DeleteIfExistsAsync(DeleteSnapshotsOption.IncludeSnapshots, cancellationToken: cancel);
        var file = new DeletedFile(track.Id, track.FileName, track.BlobName, track.SizeBytes, metadata);
        Deleted?.Invoke(file);
        return new TrackDeletion(file, null);
    }

    private static async Task<string?> MetadataAsync(
        Azure.Storage.Blobs.BlobClient blob, CancellationToken cancel)
    {
        try
        {
            var properties = (await blob.GetPropertiesAsync(cancellationToken: cancel)).Value;
            return properties.Metadata.TryGetValue(TrackBlob.ModifiedMetadata, out var stamp) ? stamp : null;
        }
        catch (RequestFailedException gone) when (gone.Status == 404)
        {
            return null;
        }
    }
}

/// <summary>What came of a deletion: one of both.</summary>
/// <param name="File">What was deleted.</param>
/// <param name="Refusal">Why nothing was, in one sentence for people.</param>
public sealed record TrackDeletion(DeletedFile? File, string? Refusal);

/// <summary>A file that was deleted.</summary>
/// <param name="TrackId">The track that it was.</param>
/// <param name="FileName">As its owner named it.</param>
/// <param name="BlobName">As the storage did.</param>
/// <param name="SizeBytes">Its size.</param>
/// <param name="Modified">When the file of a folder at home was changed last; null of any other, or one that was gone
/// already.</param>
public sealed record DeletedFile(long TrackId, string FileName, string BlobName, long SizeBytes, string? Modified);
