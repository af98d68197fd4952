using Azure.Storage.Blobs.Models;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Storage;
using OpenMU.Catalogue.Tracks;
using OpenMU.Music.Lyrics;

namespace OpenMU.Functions;

/// <summary>
/// Files of lyrics beside tracks, <c>song.lrc</c> or <c>song.txt</c> beside <c>song.mp3</c>: they belong to the track
/// and are none themselves. Either may come first, and each may be replaced, renamed or deleted alone.
/// </summary>
public sealed class LyricsFiles(
    IDbContextFactory<CatalogueDb> catalogue, MusicStorage storage, TimeProvider time, ILogger<LyricsFiles> log)
{
    /// <summary>Why a file that is named like lyrics is Rejected where no track is beside it.</summary>
    public const string NoTrack =
        "There is no track beside it: lyrics lie beside song.mp3 as song.lrc or song.txt.";

    /// <summary>Why they are Rejected where the track was taken down.</summary>
    public const string TrackTakenDown = "The track beside it was taken down.";

    // Of the blobs whose names begin as a track's does.
    private const int MaxListed = 500;

    /// <summary>Gives a file's words to the tracks beside it.</summary>
    /// <param name="place">The file, named like lyrics.</param>
    /// <param name="properties">Of its present version.</param>
    /// <param name="cancel">Gives up; the sweep sees it again.</param>
    /// <returns>Why it is no track's, in one sentence for people; null if it is one's.</returns>
    internal async Task<string?> TakeAsync(BlobPlace place, BlobProperties properties, CancellationToken cancel)
    {
        var beside = await BesideAsync(place.Name, cancel);
        var music = beside.Where(name => !LyricsFile.IsNamedSo(name) && LyricsFile.BelongsTo(place.Name, name))
            .Select(name => BlobPlace.Of(name).Key).ToList();
        await using var db = catalogue.CreateDbContext();
        var all = db.Tracks.Where(t => t.Tenant == place.Tenant && music.Contains(t.BlobKey));
        var tracks = await all
            .Where(t => t.Job.State != JobState.Rejected || !t.Job.Reason!.StartsWith(JobLedger.TakenDown))
            .Select(t => t.Id).ToListAsync(cancel);
        if (tracks.Count == 0) return await all.AnyAsync(cancel) ? TrackTakenDown : NoTrack;
        var (key, source, version) = (place.Key, Source(place.Name), properties.ETag.ToString("H"));
        var rows = await db.TrackLyrics.Where(l => tracks.Contains(l.TrackId) && l.Source == source)
            .ToListAsync(cancel);
        var nearer = rows.FindAll(row => row.BlobKey != key && beside.Contains(row.BlobName!)
            && IsNearer(row.BlobName!, place.Name));
        if (nearer.Count == tracks.Count) return $"Other lyrics are beside the track: {nearer[0].Origin}.";
        var song = new Lazy<Task<SongLyrics>>(() => ReadAsync(place.Name, properties, cancel));
        try
        {
            foreach (var id in tracks.Where(id => !nearer.Exists(row => row.TrackId == id)))
            {
                var row = rows.Find(row => row.TrackId == id);
                if (row?.BlobKey == key && row.ETagOfBlob == version) continue;
                row ??= db.TrackLyrics.Add(new TrackLyrics { TrackId = id, Source = source, Origin = "" }).Entity;
                (row.BlobKey, row.BlobName, row.ETagOfBlob) = (key, place.Name, version);
                row.Origin = Origin(place.FileName(properties.Metadata));
                row.Take(await song.Value, null, null, time.GetUtcNow().UtcDateTime);
            }
        }
        catch (UnusableLyricsException unusable)
        {
            return $"As lyrics this file cannot be used: {char.ToLowerInvariant(unusable.Message[0])}"
                + unusable.Message[1..];
        }

        await db.SaveChangesAsync(cancel);
        await RemoveStrayAsync(db, place, cancel);
        log.LogInformation("{Blob} are the lyrics of {Count} tracks", place.Name, tracks.Count - nearer.Count);
        return null;
    }

    /// <summary>Takes a file that has the row of a refused one, or says in that row why it is refused now.</summary>
    /// <returns>Whether it is a track's lyrics now, and has no row any more.</returns>
    internal async Task<bool> TakeOrRefuseAsync(
        BlobPlace place, BlobProperties properties, long jobId, CancellationToken cancel)
    {
        // Looked at once more after each writing: a track that came meanwhile may have written the truth before us.
        for (string? written = null; ;)
        {
            if (await TakeAsync(place, properties, cancel) is not { } reason) return true;
            if (reason == written) return false;
            written = reason;
            await using var db = catalogue.CreateDbContext();
            await db.Jobs.Where(j => j.Id == jobId && j.State == JobState.Rejected && j.Reason != reason)
                .ExecuteUpdateAsync(set => set.SetProperty(j => j.Reason, reason), cancel);
        }
    }

    /// <summary>A file is gone, or is no lyrics any more: so are its words.</summary>
    /// <param name="place">The file, named like lyrics.</param>
    /// <param name="cancel">Gives up; the sweep sees it again.</param>
    /// <returns>Files that lie beside the same tracks and may take its place.</returns>
    internal async Task<IReadOnlyList<string>> RemoveAsync(BlobPlace place, CancellationToken cancel)
    {
        var key = place.Key;
        await using var db = catalogue.CreateDbContext();
        var tracks = await db.TrackLyrics.Where(l => l.BlobKey == key)
            .Join(db.Tracks, l => l.TrackId, t => t.Id, (_, t) => t.BlobName).Distinct().ToListAsync(cancel);
        if (await db.TrackLyrics.Where(l => l.BlobKey == key).ExecuteDeleteAsync(cancel) == 0) return [];
        log.LogInformation("{Blob} is nobody's lyrics any more", place.Name);
        var others = new List<string>();
        foreach (var track in tracks) others.AddRange(await OfTrackAsync(BlobPlace.Of(track), cancel));
        return others;
    }

    /// <summary>A track has come, or has another name: what lies beside it, and forgets what does not.</summary>
    /// <param name="place">The track.</param>
    /// <param name="cancel">Gives up; the sweep sees the files again.</param>
    /// <returns>Names of the files that may be its lyrics.</returns>
    internal async Task<IReadOnlyList<string>> OfTrackAsync(BlobPlace place, CancellationToken cancel)
    {
        var files = (await BesideAsync(place.Name, cancel))
            .Where(name => LyricsFile.IsNamedSo(name) && LyricsFile.BelongsTo(name, place.Name)).ToList();
        var key = place.Key;
        await using var db = catalogue.CreateDbContext();
        var tracks = await db.Tracks.Where(t => t.Tenant == place.Tenant && t.BlobKey == key).Select(t => t.Id)
            .ToListAsync(cancel);
        await db.TrackLyrics
            .Where(l => tracks.Contains(l.TrackId) && l.BlobName != null && !files.Contains(l.BlobName))
            .ExecuteDeleteAsync(cancel);
        return files;
    }

    private async Task<HashSet<string>> BesideAsync(string name, CancellationToken cancel)
    {
        var stem = LyricsFile.Stem(name);
        var names = new HashSet<string>(StringComparer.Ordinal);
        await foreach (var blob in storage.Tracks.GetBlobsAsync(
            BlobTraits.None, BlobStates.None, stem + ".", cancel))
        {
            if (names.Add(blob.Name) && names.Count == MaxListed) break;
        }

        // A track may have no extension, or all of it before the lyrics' own: song.mp3.lrc.
        if (LyricsFile.IsNamedSo(name) && await storage.Tracks.GetBlobClient(stem).ExistsAsync(cancel)) names.Add(stem);
        return names;
    }

    private async Task<SongLyrics> ReadAsync(string name, BlobProperties properties, CancellationToken cancel)
    {
        if (LyricsFile.TooLarge(properties.ContentLength) is { } reason) throw new UnusableLyricsException(reason);
        if (properties.ContentLength == 0) throw new UnusableLyricsException("There are no words in it.");
        BlobDownloadResult content = await storage.Tracks.GetBlobClient(name).DownloadContentAsync(
            new BlobDownloadOptions { Conditions = new BlobRequestConditions { IfMatch = properties.ETag } }, cancel);
        return LyricsFile.Read(content.Content);
    }

    // What came before its track was Rejected for that; now it is none of the tracks.
    private static async Task RemoveStrayAsync(CatalogueDb db, BlobPlace place, CancellationToken cancel)
    {
        var key = place.Key;
        var jobs = await db.Tracks.Where(t => t.BlobKey == key && t.Tenant == place.Tenant).Select(t => t.JobId)
            .ToListAsync(cancel);
        if (jobs.Count == 0) return;
        await db.Tracks.Where(t => t.BlobKey == key && t.Tenant == place.Tenant).ExecuteDeleteAsync(cancel);
        await db.Jobs.Where(j => jobs.Contains(j.Id) && !j.Tracks.Any()).ExecuteDeleteAsync(cancel);
    }

    private static LyricsSource Source(string name) =>
        LyricsFile.IsLrc(name) ? LyricsSource.LrcFile : LyricsSource.TextFile;

    // song.mp3.lrc is nearer to song.mp3 than song.lrc is.
    private static bool IsNearer(string name, string than) => name.Length != than.Length
        ? name.Length > than.Length
        : string.CompareOrdinal(name, than) < 0;

    private static string Origin(string fileName)
    {
        var name = fileName[(fileName.LastIndexOf('/') + 1)..];
        return name.Length <= StoredLyrics.MaxOriginLength ? name : name[^StoredLyrics.MaxOriginLength..];
    }
}
