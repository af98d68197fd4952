using System.Globalization;
using System.Text.RegularExpressions;

namespace OpenMU.Mir.Audio;

/// <summary>
/// Decides between the containers of a file, kind by kind, and reads the values that are numbers or ids.
/// </summary>
internal sealed partial class TagMerger(TagCollector tags)
{
    private const int MaxValues = 50;

    private static readonly TagKind[] Ids =
    [
        TagKind.MusicBrainzRecordingId, TagKind.MusicBrainzReleaseTrackId, TagKind.MusicBrainzReleaseId,
        TagKind.MusicBrainzReleaseGroupId, TagKind.MusicBrainzArtistId, TagKind.MusicBrainzAlbumArtistId,
        TagKind.MusicBrainzWorkId, TagKind.AcoustId,
    ];

    private readonly Dictionary<TagKind, string> sources = [];
    private readonly List<TagField> others =
        [.. tags.Fields.Where(f => f.Field.Kind == TagKind.Other).OrderBy(f => f.Rank).Select(f => f.Field)];

    public static FileTags Merge(TagCollector tags) => new TagMerger(tags).Merge();

    private FileTags Merge()
    {
        var (track, trackTotal) = Position(TagKind.TrackNumber, TagKind.TrackTotal);
        var timed = tags.TimedLyrics.OrderBy(lyrics => lyrics.Rank).ThenByDescending(lyrics => lyrics.Lines.Count)
            .FirstOrDefault();
        var (disc, discTotal) = Position(TagKind.DiscNumber, TagKind.DiscTotal);
        return new FileTags
        {
            Title = First(TagKind.Title),
            Artists = All(TagKind.Artist),
            Album = First(TagKind.Album),
            AlbumArtists = All(TagKind.AlbumArtist),
            Composers = All(TagKind.Composer),
            Genres = Genres(),
            Date = First(TagKind.Date),
            OriginalDate = First(TagKind.OriginalDate),
            Isrcs = Valid(TagKind.Isrc, Isrc),
            MusicBrainzIds = MusicBrainzIds(),
            Bpm = Bpm(),
            Key = First(TagKind.Key),
            Comment = First(TagKind.Comment),
            TrackNumber = track,
            TrackTotal = trackTotal,
            DiscNumber = disc,
            DiscTotal = discTotal,
            Lyrics = First(TagKind.Lyrics),
            TimedLyrics = timed.Lines ?? [],
            TimedLyricsSource = timed.Source,
            // MP4 has a language always: this one says that nobody has said which.
            Language = First(TagKind.Language) is var language and not "und" ? language : null,
            Copyright = First(TagKind.Copyright),
            Publisher = First(TagKind.Publisher),
            Cover = tags.Covers.OrderBy(cover => !cover.IsFront).ThenBy(cover => cover.Rank).FirstOrDefault().Cover,
            Sources = sources,
            Others = others,
        };
    }

    // The best container that has something to say; one that has only question marks comes last.
    private List<TagField> Chosen(TagKind kind)
    {
        var containers = tags.Fields.Where(f => f.Field.Kind == kind)
            .GroupBy(f => f.Rank, f => f.Field)
            .OrderBy(group => group.Key)
            .ToList();
        var best = containers.Find(group => group.Any(field => !IsStub(field.Value))) ?? containers.FirstOrDefault();
        if (best is null) return [];
        sources[kind] = best.First().Source;
        return [.. best.DistinctBy(field => field.Value, StringComparer.Ordinal).Take(MaxValues)];
    }

    private string? First(TagKind kind)
    {
        var chosen = Chosen(kind);
        others.AddRange(chosen.Skip(1));
        return chosen.FirstOrDefault()?.Value;
    }

    // Programs that know one genre a file write several into it, with semicolons between them.
    private List<string> Genres() =>
    [
        .. All(TagKind.Genre)
            .SelectMany(text => text.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            .Distinct(StringComparer.Ordinal).Take(MaxValues),
    ];

    private List<string> All(TagKind kind) => [.. Chosen(kind).Select(field => field.Value)];

    // Every container's valid values count here, for a wrong one says nothing.
    private List<string> Valid(TagKind kind, Func<string, string?> read)
    {
        var values = new List<string>();
        foreach (var (_, field) in tags.Fields.Where(f => f.Field.Kind == kind).OrderBy(f => f.Rank))
        {
            var parts = field.Value.Split([';', '/', ',', ' '], StringSplitOptions.RemoveEmptyEntries);
            var found = parts.Select(read).OfType<string>().ToList();
            if (found.Count == 0) others.Add(field);
            else sources.TryAdd(kind, field.Source);
            values.AddRange(found);
        }

        return [.. values.Distinct().Take(MaxValues)];
    }

    private Dictionary<TagKind, IReadOnlyList<string>> MusicBrainzIds()
    {
        var ids = new Dictionary<TagKind, IReadOnlyList<string>>();
        foreach (var kind in Ids)
        {
            if (Valid(kind, Uuid) is { Count: > 0 } values) ids[kind] = values;
        }

        return ids;
    }

    private static string? Uuid(string text) => Guid.TryParseExact(text, "D", out var id) ? id.ToString() : null;

    private double? Bpm()
    {
        foreach (var field in Chosen(TagKind.Bpm))
        {
            var isNumber = double.TryParse(field.Value.Replace(',', '.'), NumberStyles.Float,
                CultureInfo.InvariantCulture, out var bpm);
            if (isNumber && bpm is >= 1 and <= 1000) return bpm;
            if (field.Value != "0") others.Add(field);
        }

        sources.Remove(TagKind.Bpm);
        return null;
    }

    private (int? Number, int? Total) Position(TagKind numberKind, TagKind totalKind)
    {
        var place = First(numberKind)?.Split('/') ?? [];
        var total = place.Length > 1 ? Whole(place[1]) : null;
        return (place.Length > 0 ? Whole(place[0]) : null, total ?? Whole(First(totalKind) ?? ""));
    }

    private static int? Whole(string text) =>
        int.TryParse(text.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0
            ? number
            : null;

    private static bool IsStub(string value) => value.All(c => c is '?' or '\uFFFD' or ' ');

    private static string? Isrc(string text)
    {
        var plain = text.Replace("-", "", StringComparison.Ordinal).ToUpperInvariant();
        return IsrcPattern().IsMatch(plain) ? plain : null;
    }

    [GeneratedRegex("^[A-Z]{2}[A-Z0-9]{3}[0-9]{7}$", RegexOptions.CultureInvariant)]
    private static partial Regex IsrcPattern();
}
