using OpenMU.Catalogue.Fields;

namespace OpenMU.Catalogue.Exchange;

/// <summary>
/// What other systems call the fields: libraries' tables (Harvest Media, SourceAudio, 7digital), players and DJ
/// programs, and names of tags. Signs and spaces do not count, nor do capitals.
/// </summary>
internal static class ColumnAliases
{
    private static readonly Dictionary<string, string> ByName = Of(
        (FieldNames.OwnId, "Own id, Our id, Track code, Track id, Song id, Source id, Client id, Internal id, "
            + "Reference, Catalog no, Catalogue no, Catalog number, Catalogue number, Catno, CatalogId, Asset id, "
            + "Track reference, External id, Custom id, UPN"),
        (FieldNames.Title, "Track title, Song title, Song, Song name, Track name, Name, TIT2, Work title, Track"),
        ("version", "Track version, Version title, Mix, Mix name, Remix, Subtitle, Version name, Mix version"),
        (FieldNames.Artists, "Artist, Artist(s), Track artist, Track artists, Main artist, Main artists, Performer, "
            + "Performers, Primary artist, Display artist, Artist name, TPE1, Band"),
        ("albumArtists", "Album artist, Album artist(s), Album artist name, TPE2, Release artist"),
        (FieldNames.Album, "Album title, Album name, Release, Release title, Release name, TALB, Record"),
        ("trackNumber", "Track no, Track #, Track num, No, #, Number, TRCK, Tracknumber, Track number, Track position"),
        ("discNumber", "Disc no, Disc #, Disc, Disk, Disk number, CD, Volume number, TPOS, Medium"),
        (FieldNames.Isrc, "ISRC code, ISRCs, TSRC, Track ISRC, Recording ISRC"),
        ("iswc", "ISWC code, ISWCs, Work ISWC"),
        ("upc", "EAN, Barcode, UPC code, UPC/EAN, GTIN, Album UPC, Release UPC, ICPN"),
        ("musicBrainzRecording", "MusicBrainz recording id, MBID, MusicBrainz track id, Recording MBID, mb_trackid"),
        ("musicBrainzRelease", "MusicBrainz release id, MusicBrainz album id, Release MBID, mb_albumid"),
        ("musicBrainzArtists", "MusicBrainz artist id, MusicBrainz artist ids, Artist MBID, mb_artistid"),
        ("musicBrainzWork", "MusicBrainz work id, Work MBID, mb_workid"),
        (FieldNames.Genres, "Genre, Genre(s), Main genre, Primary genre, Sub-genre, Sub-genres, Subgenre(s), "
            + "Secondary genre, TCON, Style, Styles, Music style"),
        (FieldNames.Moods, "Mood, Mood(s), Feel, TMOO, Emotion, Emotions"),
        (FieldNames.Instruments, "Instrument, Instrument(s), Instrumentation, Main instruments"),
        (FieldNames.Themes, "Theme, Theme(s), Lyrics theme, Music for, Usage, Use cases, Activity"),
        (FieldNames.Voices, "Voice, Vocal, Vocals, Vocal type, Voice type, Vocal gender"),
        ("energy", "Energy level"),
        ("era", "Decade, Decades, Period"),
        (FieldNames.Tags, "Tag, Keyword, Keywords, Category codes, Categories, Category"),
        ("composers", "Composer, Composer(s), Writer, Writers, Writer(s), Songwriter, Songwriters, TCOM, Author"),
        ("lyricists", "Lyricist, Lyricist(s), Lyrics by"),
        ("publishers", "Publisher, Publisher(s), TPUB, Music publisher"),
        ("label", "Label name, Record label, Library, Library name, Imprint"),
        ("date", "Release date, Released, Date released, Published, Publication date, TDRC, Street date"),
        ("originalDate", "Original release date, First released, TDOR, Original year, Original date"),
        ("year", "Release year, TYER, Recording year"),
        ("language", "Lyrics language, Lyric language, Vocal language, TLAN, Language of lyrics"),
        ("explicit", "Is explicit, Parental advisory, Explicit content, Advisory, Explicit lyrics"),
        ("copyright", "Copyright notice, P line, C line, TCOP, PLine, CLine"),
        ("comment", "Comments, Notes, Note, COMM"),
        ("rightsFrom", "Rights start, Licence start, License start, Valid from, Available from, Rights begin"),
        ("rightsUntil", "Rights end, Licence end, License end, Valid until, Valid to, Available until, Expiry, "
            + "Expiry date, Rights expiry"),
        ("territories", "Territory, Countries, Rights territories, Licence territories, License territories"),
        (FieldNames.Bpm, "Tempo (BPM), Beats per minute, TBPM, Average BPM, BPM value"),
        (FieldNames.Key, "Initial key, Musical key, Tonality, Key signature, TKEY, InitialKey, Camelot key"),
        (FieldNames.Metre, "Meter"),
        ("duration", "Duration (s), Duration in seconds, Length, Time, Total time, Track length, Track duration, "
            + "Seconds, Duration ms, Duration (ms), Length ms, Running time, TLEN"),
        (FieldNames.Caption, "Short description"),
        ("description", "Track description, Long description"),
        ("file", "File name, Filename, File path, Path, Location, Audio file, Track file, File location, Audio, "
            + "Audio filename, Original filename, Source file"),
        ("sha256", "SHA-256, Content hash, Hash, Content id, File hash, Checksum"),
        ("lyrics", "Lyric, Song text, Words, USLT, Unsynced lyrics"),
        ("trackId", "OpenMU id"));

    // What an export of ours has beside fields.
    private static readonly HashSet<string> OfExport =
    [
        .. ExportColumn.All([]).Select(column => column.Name)
            .Where(name => CatalogueField.Find(name) is null && !ColumnUse.Special.ContainsKey(name))
            .Select(Letters),
    ];

    /// <summary>The name of the field, or of what else a column may be; empty where it is to be passed over, and null
    /// where no system calls one so.</summary>
    /// <param name="column">As its owner named it.</param>
    /// <param name="isOwnExport">The file was written by this program.</param>
    public static string? Find(string column, bool isOwnExport)
    {
        var name = Letters(column);
        if (isOwnExport && OfExport.Contains(name)) return "";
        if (ByName.TryGetValue(name, out var found)) return found;
        // "TRACK: Title" of a Harvest table is the track's.
        foreach (var (prefix, rest) in (ReadOnlySpan<(string, string)>)[("TRACK:", ""), ("ALBUM:", "album "),
            ("LIBRARY:", "library ")])
        {
            if (column.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
                return Field(rest + column[prefix.Length..]);
        }

        // "Composer 2" is one more composer; a second title is none.
        var single = name.TrimEnd("0123456789".ToCharArray());
        return single.Length < name.Length && Field(single) is { } field
            && CatalogueField.Find(field) is { Type: FieldType.List }
                ? field
                : null;
    }

    /// <summary>Letters and digits alone, small.</summary>
    public static string Letters(string text) =>
        new([.. text.Where(c => char.IsLetterOrDigit(c) || c == '#').Select(char.ToLowerInvariant)]);

    private static string? Field(string name) => ByName.GetValueOrDefault(Letters(name));

    private static Dictionary<string, string> Of(params ReadOnlySpan<(string Field, string Names)> table)
    {
        var names = new Dictionary<string, string>();
        foreach (var (field, others) in table)
        {
            foreach (var name in others.Split(',', StringSplitOptions.TrimEntries).Append(field))
                names[Letters(name)] = field;
        }

        foreach (var field in CatalogueField.Known)
            names[Letters(field.Label)] = names[Letters(field.Name)] = field.Name;
        return names;
    }
}
