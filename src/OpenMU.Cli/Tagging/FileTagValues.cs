using OpenMU.Catalogue.Exchange;
using OpenMU.Catalogue.Fields;
using OpenMU.Music;

namespace OpenMU.Cli.Tagging;

/// <summary>
/// What is to stand in a file's tags, by the names that Vorbis comments have for it. A name without values is taken out
/// of the file; what has no name here stays as it is.
/// </summary>
/// <param name="Values">By name.</param>
/// <param name="Key">Null where nothing is said about it.</param>
/// <param name="Bpm">Null where nothing is said about it.</param>
internal sealed record FileTagValues(
    IReadOnlyDictionary<string, IReadOnlyList<string>> Values, MusicalKey? Key, double? Bpm)
{
    /// <summary>The name of lyrics among the values.</summary>
    public const string Lyrics = "LYRICS";

    // The catalogue's fields and what tags call them; those that file readers know come back as the same fields.
    private static readonly (string Name, string Field)[] Names =
    [
        ("TITLE", FieldNames.Title), ("SUBTITLE", "version"), ("ARTIST", FieldNames.Artists),
        ("ALBUMARTIST", "albumArtists"), ("ALBUM", FieldNames.Album), ("TRACKNUMBER", "trackNumber"),
        ("DISCNUMBER", "discNumber"), ("DATE", "date"), ("ORIGINALDATE", "originalDate"), ("GENRE", FieldNames.Genres),
        ("MOOD", FieldNames.Moods), ("COMPOSER", "composers"), ("LYRICIST", "lyricists"), ("PUBLISHER", "publishers"),
        ("LABEL", "label"), ("COPYRIGHT", "copyright"), ("LANGUAGE", "language"), ("ISRC", FieldNames.Isrc),
        ("ISWC", "iswc"), ("BARCODE", "upc"), ("CATALOGID", FieldNames.OwnId),
        ("MUSICBRAINZ_TRACKID", "musicBrainzRecording"), ("MUSICBRAINZ_ALBUMID", "musicBrainzRelease"),
        ("MUSICBRAINZ_ARTISTID", "musicBrainzArtists"), ("MUSICBRAINZ_WORKID", "musicBrainzWork"),
    ];

    /// <summary>What holds for a track. Its caption is the comment where nobody has made one.</summary>
    public static FileTagValues Of(ExportedTrack track)
    {
        var said = track.Fields.ToDictionary(view => view.Field.Name, view => view.Values, StringComparer.Ordinal);
        var values = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        foreach (var (name, field) in Names)
        {
            if (said.TryGetValue(field, out var texts)) values[name] = texts;
        }

        if ((said.GetValueOrDefault("comment") ?? said.GetValueOrDefault(FieldNames.Caption)) is { } comment)
            values["COMMENT"] = comment;
        if (track.Lyrics is { Lines.Count: > 0 } lyrics) values[Lyrics] = [lyrics.ToSong().ToLrc().TrimEnd('\n')];
        return new FileTagValues(
            values.ToDictionary(pair => pair.Key, pair => (IReadOnlyList<string>)[.. pair.Value.Select(Whole)]),
            track.Key, track.Bpm);
    }

    // Containers end texts with a zero, and half a character has no UTF-8.
    private static string Whole(string text) =>
        string.Concat(text.Where(c => c != '\0').ToArray().AsSpan().ToString().EnumerateRunes());
}
