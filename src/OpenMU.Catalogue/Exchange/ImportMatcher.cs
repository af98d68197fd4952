using System.Text;
using Microsoft.EntityFrameworkCore;
using OpenMU.Catalogue.Fields;
using OpenMU.Catalogue.Storage;
using OpenMU.Catalogue.Tracks;

namespace OpenMU.Catalogue.Exchange;

/// <summary>
/// Finds the tracks of many rows with one question a key. The first key that finds any decides; a further key chooses
/// among several, and one that finds another track makes the row doubtful, which is said and not guessed.
/// </summary>
internal sealed class ImportMatcher(CatalogueDb db, string tenant, IReadOnlyList<MatchKey> order)
{
    private const int MaxNamed = 5;

    private static readonly MatchKey[] Usual = Enum.GetValues<MatchKey>();

    private readonly Dictionary<MatchKey, ILookup<string, Candidate>> found = [];

    private IReadOnlyList<MatchKey> Order => order.Count == 0 ? Usual : order;

    /// <summary>What each row's track is.</summary>
    public async Task<IReadOnlyList<RowMatch>> FindAsync(
        IReadOnlyList<TrackKeys> rows, CancellationToken cancel)
    {
        foreach (var key in Order)
        {
            var values = rows.SelectMany(row => Values(row, key)).Distinct(StringComparer.Ordinal).ToList();
            found[key] = values.Count == 0
                ? Array.Empty<Candidate>().ToLookup(_ => "")
                : await LookUpAsync(key, values, cancel);
        }

        return [.. rows.Select(Match)];
    }

    /// <summary>The tracks that have values of one key, by the value; of several, those that are not Missing.</summary>
    public async Task<ILookup<string, Candidate>> FindAsync(
        MatchKey key, IReadOnlyCollection<string> values, CancellationToken cancel) =>
        (await LookUpAsync(key, [.. values.Distinct(StringComparer.Ordinal)], cancel))
            .SelectMany(same => Present([.. same.Distinct()]), (same, track) => (same.Key, track))
            .ToLookup(pair => pair.Key, pair => pair.track);

    /// <summary>Whether one path is the other, or its end.</summary>
    public static bool EndsAlike(string one, string other)
    {
        one = Folded(one);
        other = Folded(other);
        return one == other || one.EndsWith("/" + other, StringComparison.Ordinal)
            || other.EndsWith("/" + one, StringComparison.Ordinal);
    }

    private static string Folded(string path) => path.Normalize(NormalizationForm.FormC).ToLowerInvariant();

    private RowMatch Match(TrackKeys row)
    {
        List<Candidate>? tracks = null;
        MatchKey by = default;
        var tried = new List<string>();
        foreach (var key in Order)
        {
            var values = Values(row, key).ToList();
            if (values.Count == 0) continue;
            tried.Add($"{Name(key)} {(key == MatchKey.File ? row.File : string.Join(", ", values))}");
            var these = Present(Narrow(key, row, [.. values.SelectMany(value => found[key][value]).Distinct()]));
            if (these.Count == 0) continue;
            if (tracks is null)
            {
                (tracks, by) = (these, key);
                continue;
            }

            var both = tracks.Intersect(these).ToList();
            if (both.Count == 0)
            {
                return new RowMatch(null, $"The {Name(by)} is that of {Named(tracks)}, but the {Name(key)} that of "
                    + $"{Named(these)}: mend one, or say which counts with --match.");
            }

            tracks = both;
        }

        if (tracks is null)
        {
            return tried.Count > 0
                ? new RowMatch(null, $"No track has the {string.Join(", nor the ", tried)}.", IsUnknown: true)
                : new RowMatch(null, "There is nothing to find a track by: an own id, an ISRC, a file or a hash.");
        }

        return tracks is [var one]
            ? new RowMatch(one, null)
            : new RowMatch(null, $"{tracks.Count} tracks have this {Name(by)}: {Named(tracks)}.");
    }

    private static List<Candidate> Narrow(MatchKey key, TrackKeys row, List<Candidate> tracks)
    {
        if (key != MatchKey.File) return tracks;
        var path = row.File!;
        var exact = tracks.Where(track => track.FileName == path.TrimStart('/')).ToList();
        if (exact.Count > 0) return exact;
        var alike = tracks.Where(track => Agrees(track.FileName, path)).ToList();
        if (alike.Count < 2) return alike;
        // Of a path on the owner's disk, the track whose own path is the longest end of it.
        var longest = alike.Where(track => track.FileName.Length < path.Length)
            .OrderByDescending(track => track.FileName.Length).ToList();
        return longest.Count == alike.Count && longest[0].FileName.Length > longest[1].FileName.Length
            ? [longest[0]]
            : alike;
    }

    // A track in no folder may be any album's "01.mp3", unless the row's path begins at the root of a disk.
    private static bool Agrees(string file, string path) =>
        EndsAlike(file, path) && (path.Length <= file.Length || file.Contains('/')
            || path.StartsWith('/') || path.AsSpan(1).StartsWith(":/"));

    private static List<Candidate> Present(List<Candidate> tracks) =>
        tracks.Exists(track => !track.IsMissing) ? [.. tracks.Where(track => !track.IsMissing)] : tracks;

    private static IEnumerable<string> Values(TrackKeys row, MatchKey key) => key switch
    {
        MatchKey.TrackId => row.TrackId is { } id ? [$"{id}"] : [],
        MatchKey.OwnId => row.OwnId is { } id ? [id[..Math.Min(id.Length, OwnerRecord.MaxOwnIdLength)]] : [],
        MatchKey.Isrc => row.Isrcs,
        MatchKey.File => row.File is { } file ? [Track.NameKeyOf(file)] : [],
        _ => row.ContentId is { } content ? [content] : [],
    };

    private static string Name(MatchKey key) => key switch
    {
        MatchKey.TrackId => "track id",
        MatchKey.OwnId => "own id",
        MatchKey.Isrc => "ISRC",
        MatchKey.File => "file",
        _ => "hash",
    };

    private static string Named(List<Candidate> tracks) =>
        string.Join(", ", tracks.Take(MaxNamed).Select(track => $"track {track.Id} ({track.FileName})"))
            + (tracks.Count > MaxNamed ? ", ..." : "");

    private async Task<ILookup<string, Candidate>> LookUpAsync(
        MatchKey key, List<string> values, CancellationToken cancel)
    {
        var tracks = db.Tracks.AsNoTracking().Where(t => t.Tenant == tenant);
        switch (key)
        {
            case MatchKey.TrackId:
                var ids = values.ConvertAll(long.Parse);
                var numbered = await ToLookupAsync(
                    tracks.Where(t => ids.Contains(t.Id)).Select(t => new Found { Key = "", Track = t }), cancel);
                return numbered[""].ToLookup(track => $"{track.Id}");
            case MatchKey.File:
                return await ToLookupAsync(
                    tracks.Where(t => values.Contains(t.NameKey))
                        .Select(t => new Found { Key = t.NameKey, Track = t }), cancel);
            case MatchKey.Sha256:
                var jobs = db.Jobs.Where(j => j.Tenant == tenant && values.Contains(j.ContentId));
                return await ToLookupAsync(
                    jobs.SelectMany(j => j.Tracks, (j, t) => new Found { Key = j.ContentId, Track = t }), cancel);
            case MatchKey.OwnId:
                return Either(
                    await ToLookupAsync(
                        db.OwnerRecords.Where(r => r.Tenant == tenant && values.Contains(r.OwnId!))
                            .Join(tracks, r => r.TrackId, t => t.Id,
                                (r, t) => new Found { Key = r.OwnId!, Track = t }), cancel),
                    await ToLookupAsync(
                        db.Analyses.Where(a => values.Contains(a.FileOwnId!))
                            .Join(tracks, a => a.JobId, t => t.JobId,
                                (a, t) => new Found { Key = a.FileOwnId!, Track = t }), cancel));
            default:
                return Either(
                    await ToLookupAsync(
                        db.OwnerRecords.Where(r => r.Tenant == tenant && values.Contains(r.Isrc!))
                            .Join(tracks, r => r.TrackId, t => t.Id,
                                (r, t) => new Found { Key = r.Isrc!, Track = t }), cancel),
                    await ToLookupAsync(
                        db.Analyses.Where(a => values.Contains(a.FileIsrc!))
                            .Join(tracks, a => a.JobId, t => t.JobId,
                                (a, t) => new Found { Key = a.FileIsrc!, Track = t }), cancel));
        }
    }

    // What an import has said stands above what files say.
    private static ILookup<string, Candidate> Either(
        ILookup<string, Candidate> owners, ILookup<string, Candidate> files) =>
        owners.Concat(files.Where(same => !owners.Contains(same.Key)))
            .SelectMany(same => same, (same, track) => (same.Key, track))
            .ToLookup(pair => pair.Key, pair => pair.track);

    private static async Task<ILookup<string, Candidate>> ToLookupAsync(
        IQueryable<Found> tracks, CancellationToken cancel)
    {
        var rows = await tracks.Select(f => new
        {
            f.Key,
            f.Track.Id,
            f.Track.FileName,
            f.Track.Job.ContentId,
            IsMissing = f.Track.MissingSince != null
        }).ToListAsync(cancel);
        return rows.ToLookup(
            row => row.Key, row => new Candidate(row.Id, row.FileName, row.ContentId, row.IsMissing));
    }

    // Made by its members, which is how EF knows what it holds.
    private sealed class Found
    {
        public required string Key { get; init; }

        public required Track Track { get; init; }
    }
}

/// <summary>A track that a row may be about.</summary>
internal sealed record Candidate(long Id, string FileName, string ContentId, bool IsMissing);

/// <summary>What was found for a row.</summary>
/// <param name="Track">Null where there is no one track.</param>
/// <param name="Problem">Why there is none.</param>
/// <param name="IsUnknown">No track has any of the keys: one may still come.</param>
internal sealed record RowMatch(Candidate? Track, string? Problem, bool IsUnknown = false);
