using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Azure;
using Azure.Storage.Blobs.Models;
using OpenMU.Catalogue;
using OpenMU.Catalogue.Storage;
using OpenMU.Catalogue.Tracks;
using OpenMU.Functions;
using OpenMU.Mir.Audio;
using OpenMU.Music;

namespace OpenMU.Cli.Home;

/// <summary>
/// Copies a folder's music into the container of tracks, as a customer's uploader would; what is there already is left
/// alone. A file that cannot be read, or is too large, is entered into the catalogue as Rejected, with the reason.
/// </summary>
/// <param name="storage">Where to.</param>
/// <param name="ingest">Enters what cannot be uploaded.</param>
/// <param name="tenant">Whose library.</param>
/// <param name="folder">The folder.</param>
/// <param name="deleted">Files that were deleted from the catalogue, which are left where they are; null for none.</param>
internal sealed class FolderUpload(
    MusicStorage storage, IngestTrack ingest, string tenant, string folder, DeletedFiles? deleted = null)
{
    // As it goes into a header, of which the emulator takes 16 KB in all, the blob's name among them.
    private const int MaxEscapedPathLength = 4096;

    // The emulator saves every five seconds; a large catalogue of blobs takes it a while longer.
    private static readonly TimeSpan SavedWithin = TimeSpan.FromSeconds(30);

    /// <summary>The folder's full path.</summary>
    public string Folder { get; } = Path.GetFullPath(folder);

    /// <summary>
    /// What every blob of this folder begins with: the tenant, and the folder's name with a hash that keeps two
    /// folders of one name apart.
    /// </summary>
    public string Prefix { get; } =
        $"{tenant}/{Escape(new DirectoryInfo(folder).Name)}-{ShortHash(Path.GetFullPath(folder))}/";

    /// <summary>The blob that stands for a file.</summary>
    public string BlobName(MusicFile file)
    {
        var name = Prefix + string.Join('/', file.RelativePath.Split('/').Select(Escape));
        if (name.Length <= TrackBlob.MaxNameLength) return name;
        // Deeper paths keep their beginning and get a hash for the rest. Half a character has no UTF-8.
        var hash = $"-{ShortHash(name)}";
        var kept = TrackBlob.MaxNameLength - hash.Length;
        return name[..(char.IsHighSurrogate(name[kept - 1]) ? kept - 1 : kept)] + hash;
    }

    /// <summary>
    /// What has arrived by now: name of the blob and its ETag without quotes. Grows while <see cref="RunAsync"/> works.
    /// </summary>
    public ConcurrentDictionary<string, string> Arrived { get; } = new(StringComparer.Ordinal);

    /// <summary>Uploads what is new or changed, a few files at a time.</summary>
    /// <param name="files">The folder's.</param>
    /// <param name="cancel">Stops between two blocks of a file.</param>
    /// <param name="storageWasCut">The storage ended without saving: its newest blobs may be names without bytes. They are
    /// compared with their files, and those that are not whole uploaded again.</param>
    public async Task RunAsync(IEnumerable<MusicFile> files, CancellationToken cancel, bool storageWasCut = false)
    {
        files = Kept(files);
        var before = await ListAsync(cancel);
        var trusted = storageWasCut && before.Count > 0
            ? before.Values.Max(blob => blob.Modified) - SavedWithin
            : DateTimeOffset.MaxValue;
        await Parallel.ForEachAsync(
            files, new ParallelOptions { MaxDegreeOfParallelism = 4, CancellationToken = cancel },
            async (file, token) =>
            {
                var name = BlobName(file);
                var unchanged = before.TryGetValue(name, out var there) && there.Size == file.SizeBytes
                    && there.Stamp == Stamp(file)
                    && (there.Modified <= trusted || await IsWholeAsync(name, file, token));
                Arrived[name] = unchanged ? there.ETag : await TakeAsync(name, file, token);
            });
    }

    /// <summary>The files that belong into the catalogue: not those that were deleted there unchanged.</summary>
    public IReadOnlyList<MusicFile> Kept(IEnumerable<MusicFile> files)
    {
        var gone = deleted?.Read();
        return [.. files.Where(file => gone is null || gone.Count == 0
            || gone.GetValueOrDefault(BlobName(file)) != Stamp(file))];
    }

    // Another upload of the same bytes would be another version, which questions that wait for the track do not know.
    private async Task<bool> IsWholeAsync(string name, MusicFile file, CancellationToken cancel)
    {
        try
        {
            await using var ours = File.OpenRead(file.FullPath);
            using BlobDownloadStreamingResult there = await storage.Tracks.GetBlobClient(name)
                .DownloadStreamingAsync(cancellationToken: cancel);
            var stored = await SHA256.HashDataAsync(there.Content, cancel);
            var known = await SHA256.HashDataAsync(ours, cancel);
            return stored.AsSpan().SequenceEqual(known);
        }
        catch (Exception e) when (e is RequestFailedException or IOException or UnauthorizedAccessException
            && !cancel.IsCancellationRequested)
        {
            return false;
        }
    }

    private async Task<string> TakeAsync(string name, MusicFile file, CancellationToken cancel)
    {
        var problem = file.Problem ?? ingest.TooLarge(file.SizeBytes);
        if (problem is null)
        {
            try
            {
                return await UploadAsync(name, file, cancel);
            }
            catch (RequestFailedException e) when (IsTheFilesFault(e))
            {
                problem = $"The storage refuses the file: {e.ErrorCode ?? e.Message.Split('\n')[0].Trim()}.";
            }
            catch (Exception) when (!cancel.IsCancellationRequested)
            {
                // Either end can break off a transfer: the storage's is no reason to refuse the file.
                problem = await WhyUnreadableAsync(file, cancel);
                if (problem is null) throw;
            }
        }

        // An earlier version of the file, which could be uploaded, is not the file any more.
        await storage.Tracks.DeleteBlobIfExistsAsync(name, cancellationToken: cancel);
        return await ingest.RefuseAsync(
            name, file.RelativePath, ShortHash($"{Stamp(file)} {problem}"), file.SizeBytes, problem, cancel);
    }

    // What the storage says to a request that it will never take, however often it is sent.
    private static bool IsTheFilesFault(RequestFailedException e) =>
        e.Status is >= 400 and < 500 and not (401 or 403 or 404 or 408 or 409 or 412 or 429);

    private static async Task<string?> WhyUnreadableAsync(MusicFile file, CancellationToken cancel)
    {
        try
        {
            await using var content = File.OpenRead(file.FullPath);
            await content.CopyToAsync(Stream.Null, cancel);
            return null;
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            return $"The file cannot be read: {e.Message}";
        }
    }

    private async Task<string> UploadAsync(string name, MusicFile file, CancellationToken cancel)
    {
        await using var content = File.OpenRead(file.FullPath);
        using var activity = Telemetry.Activities.StartActivity("upload", ActivityKind.Producer);
        var options = new BlobUploadOptions
        {
            Metadata = new Dictionary<string, string>
            {
                [TrackBlob.PathMetadata] = EscapedPath(file.RelativePath),
                [TrackBlob.ModifiedMetadata] = Stamp(file)
            },
            HttpHeaders = new BlobHttpHeaders
            {
                ContentType = AudioFileTypes.PlayableAs(file.FullPath) ?? AudioFileTypes.Bytes,
            },
        };
        if (Telemetry.TraceParent is { } trace) options.Metadata[TrackBlob.TraceParentMetadata] = trace;
        return (await storage.Tracks.GetBlobClient(name).UploadAsync(content, options, cancel)).Value.ETag.ToString()
            .Trim('"');
    }

    // Of a longer path the catalogue shows the end.
    private static string EscapedPath(string path)
    {
        var escaped = Uri.EscapeDataString(path.Length <= Track.MaxFileNameLength
            ? path
            : path[^Track.MaxFileNameLength..]);
        // A character takes nine at most.
        return escaped.Length <= MaxEscapedPathLength ? escaped
            : Uri.EscapeDataString(path[^Math.Min(path.Length, MaxEscapedPathLength / 9)..]);
    }

    private async Task<Dictionary<string, (long Size, string Stamp, string ETag, DateTimeOffset Modified)>> ListAsync(
        CancellationToken cancel)
    {
        var blobs = new Dictionary<string, (long, string, string, DateTimeOffset)>(StringComparer.Ordinal);
        await foreach (var blob in storage.Tracks.GetBlobsAsync(BlobTraits.Metadata, BlobStates.None, Prefix, cancel))
        {
            var stamp = blob.Metadata.TryGetValue(TrackBlob.ModifiedMetadata, out var value) ? value : "";
            blobs[blob.Name] = (
                blob.Properties.ContentLength ?? -1, stamp, blob.Properties.ETag.ToString()!.Trim('"'),
                blob.Properties.LastModified ?? default);
        }

        return blobs;
    }

    private static string Stamp(MusicFile file) => file.ModifiedUtc.ToString("O", CultureInfo.InvariantCulture);

    private static string ShortHash(string text) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..12];

    // Control characters cannot stand in the XML of a listing; the others would be read as parts of a URL or of a path.
    private static string Escape(string segment)
    {
        var escaped = new StringBuilder(segment.Length);
        foreach (var character in segment)
        {
            if (char.IsControl(character) || character is '\\' or '%' or '?' or '#')
                escaped.Append('%').Append(((int)character).ToString("X2"));
            else
                escaped.Append(character);
        }

        // A trailing dot is dropped by some storage front ends.
        return segment.EndsWith('.') ? escaped.Append("%2E").ToString() : escaped.ToString();
    }
}
