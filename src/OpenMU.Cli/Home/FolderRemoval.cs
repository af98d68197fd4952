using Azure.Storage.Blobs.Models;
using Microsoft.EntityFrameworkCore;
using OpenMU.Catalogue.Storage;
using OpenMU.Functions;
using OpenMU.Mir.Audio;

namespace OpenMU.Cli.Home;

/// <summary>
/// What has left the folder leaves the storage, so that its tracks are marked as missing there, as in the cloud. That
/// comes before the upload: a file with a new name is then known to be the old one.
/// </summary>
internal sealed class FolderRemoval(
    MusicStorage storage, IngestTrack ingest, IDbContextFactory<CatalogueDb> catalogue, KnownFolders known,
    FolderUpload upload)
{
    /// <summary>Removes what is not among the files, and all of the folders that are there no more.</summary>
    /// <param name="files">The folder's.</param>
    /// <param name="cancel">Stops between two blobs.</param>
    /// <returns>How many blobs and refused files.</returns>
    public async Task<int> RunAsync(IReadOnlyList<MusicFile> files, CancellationToken cancel)
    {
        var wanted = files.Select(upload.BlobName).ToHashSet(StringComparer.Ordinal);
        // Nobody can say what is in a folder that cannot be read.
        var unseen = files.Where(file => file.Problem is not null)
            .Select(file => file.RelativePath.Length == 0 ? upload.Prefix : upload.BlobName(file) + "/").ToList();
        var removed = await RemoveAsync(
            upload.Prefix, name => !wanted.Contains(name)
                && !unseen.Exists(folder => name.StartsWith(folder, StringComparison.Ordinal)), cancel);

        // A folder that was moved or renamed, or a disk that was taken out.
        var folders = new Dictionary<string, string>(known.Read()) { [upload.Prefix] = upload.Folder };
        known.Write(folders);
        foreach (var (prefix, folder) in folders.Where(entry => !Directory.Exists(entry.Value)).ToList())
        {
            removed += await RemoveAsync(prefix, _ => true, cancel);
            folders.Remove(prefix);
            known.Write(folders);
        }

        return removed;
    }

    private async Task<int> RemoveAsync(string prefix, Func<string, bool> isGone, CancellationToken cancel)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        await foreach (var blob in storage.Tracks.GetBlobsAsync(
            BlobTraits.None, BlobStates.None, prefix, cancel))
        {
            names.Add(blob.Name);
        }

        await using var db = catalogue.CreateDbContext();
        // Files that could not be uploaded have only a row.
        names.UnionWith(await db.Tracks.Where(t => t.MissingSince == null && t.BlobName.StartsWith(prefix))
            .Select(t => t.BlobName).ToListAsync(cancel));
        var removed = 0;
        foreach (var name in names.Where(isGone))
        {
            await storage.Tracks.DeleteBlobIfExistsAsync(name, cancellationToken: cancel);
            await ingest.HandleAsync(name, cancel);
            removed++;
        }

        return removed;
    }
}
