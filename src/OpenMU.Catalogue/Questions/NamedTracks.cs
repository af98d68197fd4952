using Microsoft.EntityFrameworkCore;
using OpenMU.Catalogue.Exchange;
using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Search;
using OpenMU.Catalogue.Storage;
using OpenMU.Catalogue.Tracks;

namespace OpenMU.Catalogue.Questions;

/// <summary>A track that is asked about.</summary>
/// <param name="TrackId">Null where no file of the name is in the catalogue yet.</param>
/// <param name="FileName">Where it was named by its file.</param>
/// <param name="IsReady">It can be asked about now.</param>
internal sealed record NamedTrack(long? TrackId, string? FileName, bool IsReady);

/// <summary>Finds tracks by whatever an asker calls them, some hundred at a time.</summary>
internal sealed class NamedTracks(CatalogueDb db, string tenant)
{
    private const int AtOnce = 500;
    private const int MaxMistakes = 20;

    /// <summary>The tracks in their order; and sentences about those that are not there, or that are several.</summary>
    public async Task<(IReadOnlyList<NamedTrack> Tracks, IReadOnlyList<string> Mistakes)> FindAsync(
        IReadOnlyList<AskedTrack> asked, CancellationToken cancel)
    {
        var found = new List<NamedTrack>(asked.Count);
        var mistakes = new List<string>();
        foreach (var some in asked.Chunk(AtOnce))
        {
            var byId = await ByIdAsync(some, cancel);
            var byFile = await ByFileAsync(some, cancel);
            var byShownName = await ByShownNameAsync(
                [.. some.Select(track => track.FileName).OfType<string>().Where(name => !byFile.ContainsKey(KeyOf(name)))],
                cancel);
            var byOwnIdOrIsrc = await ByOwnIdOrIsrcAsync(some, cancel);
            foreach (var track in some)
            {
                if (track.FileName is { } name)
                {
                    NamedTrack[] named = byFile.GetValueOrDefault(KeyOf(name)) is { } there
                        ? [there]
                        : [.. byShownName[name]];
                    if (named.Length > 1 && mistakes.Count < MaxMistakes) mistakes.Add(Mistake(track, named));
                    found.Add(named is [var one]
                        ? one with { FileName = name }
                        : new NamedTrack(null, name, IsReady: false));
                    continue;
                }
                NamedTrack[] same = track.Id is { } id
                    ? [.. byId.Where(t => t.TrackId == id)]
                    : [.. byOwnIdOrIsrc[track]];
                if (same.Length == 1) found.Add(same[0]);
                else if (mistakes.Count < MaxMistakes) mistakes.Add(Mistake(track, same));
            }
        }
        return (found, mistakes);
    }

    private static string Mistake(AskedTrack asked, NamedTrack[] same) => same.Length == 0
        ? $"There is no track {asked}."
        : $"There are several tracks {asked}: {string.Join(", ", same.Select(track => track.TrackId))}.";

    private string KeyOf(string fileName) => TrackBlob.Key($"{tenant}/{fileName}");

    private async Task<IReadOnlyList<NamedTrack>> ByIdAsync(AskedTrack[] asked, CancellationToken cancel)
    {
        var ids = asked.Where(track => track.Id is not null).Select(track => track.Id!.Value).ToList();
        return ids.Count == 0
            ? []
            : await db.Tracks.Where(t => t.Tenant == tenant && ids.Contains(t.Id))
                .Select(t => new NamedTrack(t.Id, null, t.Job.State == JobState.Ready && t.MissingSince == null))
                .ToListAsync(cancel);
    }

    private async Task<IReadOnlyDictionary<string, NamedTrack>> ByFileAsync(
        AskedTrack[] asked, CancellationToken cancel)
    {
        var keys = asked.Where(track => track.FileName is not null).Select(track => KeyOf(track.FileName!)).ToList();
        return keys.Count == 0
            ? new Dictionary<string, NamedTrack>()
            : await db.Tracks.Where(t => keys.Contains(t.BlobKey) && t.Tenant == tenant)
                .Select(t => new
                {
                    t.BlobKey,
                    Track = new NamedTrack(t.Id, null, t.Job.State == JobState.Ready && t.MissingSince == null)
                })
                .ToDictionaryAsync(t => t.BlobKey, t => t.Track, cancel);
    }

    // Files of a folder at home are stored under the folder's name, and shown without it.
    private async Task<ILookup<string, NamedTrack>> ByShownNameAsync(
        IReadOnlyList<string> names, CancellationToken cancel)
    {
        if (names.Count == 0) return Enumerable.Empty<NamedTrack>().ToLookup(_ => "");
        // By the list's order, which has an index.
        var orders = names.Select(name => SearchFold.SortKey(name, Track.MaxFileNameLength)).Distinct().ToList();
        var shown = await db.Rows(SearchWay.Order, TrackSort.FileName)
            .Where(row => row.Tenant == tenant && orders.Contains(row.FileNameOrder) && row.State != TrackState.Missing)
            .Select(row => new
            {
                row.FileName,
                Track = new NamedTrack(row.TrackId, null, row.State == TrackState.Ready)
            })
            .ToListAsync(cancel);
        return shown.ToLookup(track => track.FileName, track => track.Track, StringComparer.Ordinal);
    }

    // As imports find them: what an owner has imported stands above what the files' tags say.
    private async Task<ILookup<AskedTrack, NamedTrack>> ByOwnIdOrIsrcAsync(
        AskedTrack[] asked, CancellationToken cancel)
    {
        var matcher = new ImportMatcher(db, tenant, []);
        var ids = await FindAsync(MatchKey.OwnId, track => track.OwnId);
        var codes = await FindAsync(MatchKey.Isrc, track => track.PlainIsrc);
        var all = ids.Concat(codes).SelectMany(same => same).Select(track => new AskedTrack(track.Id)).Distinct();
        var ready = (await ByIdAsync([.. all], cancel)).ToDictionary(track => track.TrackId!.Value);
        return asked.Where(track => track.Id is null && track.FileName is null).Distinct()
            .SelectMany(
                track => track.OwnId is { } id ? ids[id] : codes[track.PlainIsrc!],
                (track, found) => (Asked: track, Track: ready.GetValueOrDefault(found.Id)))
            .Where(pair => pair.Track is not null)
            .ToLookup(pair => pair.Asked, pair => pair.Track!);

        async Task<ILookup<string, Candidate>> FindAsync(MatchKey key, Func<AskedTrack, string?> named) =>
            asked.Select(named).OfType<string>().ToList() is { Count: > 0 } values
                ? await matcher.FindAsync(key, values, cancel)
                : Array.Empty<Candidate>().ToLookup(_ => "");
    }
}
