using System.Security.Cryptography;
using Microsoft.Extensions.DependencyInjection;
using OpenMU.Catalogue.Storage;
using OpenMU.Catalogue.Tracks;
using OpenMU.Cli.Home;

namespace OpenMU.Cli.Tagging;

/// <summary>
/// Finds the very bytes that a track was made of: in the folders of music that were uploaded from here, else in the
/// container.
/// </summary>
/// <param name="data">The home folder of the catalogue; null for one in Azure.</param>
internal sealed class MusicSource(DirectoryInfo? data) : IAsyncDisposable
{
    private readonly IReadOnlyDictionary<string, string> folders = data is null
        ? new Dictionary<string, string>()
        : new KnownFolders(Path.Combine(data.FullName, HomeSystem.FoldersFile)).Read();

    private CatalogueAccess? storage;

    /// <summary>The folders of music that were uploaded from here, by the prefix of their blobs.</summary>
    public IEnumerable<string> Folders => folders.Values;

    /// <summary>
    /// The track's file in a folder; null where it is in none, or is another one by now than the track was made of.
    /// </summary>
    public async Task<string?> FileAsync(Track track, CancellationToken cancel)
    {
        foreach (var path in Places(track))
        {
            if (await ContentAsync(path, cancel) == track.Job.ContentId) return path;
        }

        return null;
    }

    /// <summary>Files that have the track's name, whatever is in them.</summary>
    public IEnumerable<string> Places(Track track)
    {
        foreach (var (prefix, folder) in folders)
        {
            // The name in the catalogue is the path in the folder, but for what no path may have.
            var path = Path.GetFullPath(Path.Combine(folder, track.FileName));
            if (!track.BlobName.StartsWith(prefix, StringComparison.Ordinal) || !File.Exists(path)) continue;
            var inside = Path.GetFullPath(folder) + Path.DirectorySeparatorChar;
            if (!path.StartsWith(inside, StringComparison.Ordinal)) continue;
            // Of a link, what it leads to: the link itself stays one.
            yield return File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path;
        }
    }

    /// <summary>Puts the track's bytes into a file.</summary>
    /// <exception cref="IOException">They are nowhere.</exception>
    public async Task CopyAsync(Track track, string to, CancellationToken cancel)
    {
        if (await FileAsync(track, cancel) is { } file)
        {
            File.Copy(file, to, overwrite: true);
            File.SetAttributes(to, FileAttributes.Normal);
            return;
        }

        storage ??= await CatalogueAccess.OpenAsync(data, withStorage: true, cancel);
        var blob = storage.Services.GetRequiredService<MusicStorage>().Tracks.GetBlobClient(track.BlobName);
        await blob.DownloadToAsync(to, cancel);
        if (await ContentAsync(to, cancel) != track.Job.ContentId)
            throw new IOException("The file is another one by now than the catalogue knows.");
    }

    public ValueTask DisposeAsync() => storage?.DisposeAsync() ?? ValueTask.CompletedTask;

    /// <summary>What the catalogue calls a file's bytes.</summary>
    public static async Task<string> ContentAsync(string path, CancellationToken cancel)
    {
        await using var file = File.OpenRead(path);
        return $"sha256:{Convert.ToHexStringLower(await SHA256.HashDataAsync(file, cancel))}";
    }
}
