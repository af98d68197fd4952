using System.Globalization;
using TagLib;
using TagLib.Id3v2;
using TagLib.Mpeg4;
using TagLib.Ogg;

namespace OpenMU.Cli.Tagging;

/// <summary>
/// Writes tags into a file in the form of its container: ID3v2 in MPEG audio, WAV and AIFF, Vorbis comments in FLAC and
/// Ogg, atoms in MP4. Tags that nothing is said about stay.
/// </summary>
internal static class TagWriter
{
    private const string AppleNames = "com.apple.iTunes";

    // As ID3v2.4 has it, section 4.
    private const string UnknownLanguage = "XXX";

    // What ID3v2 has frames for; the rest stands in TXXX frames under its name.
    private static readonly Dictionary<string, string> Frames = new(StringComparer.Ordinal)
    {
        ["TITLE"] = "TIT2",
        ["SUBTITLE"] = "TIT3",
        ["ARTIST"] = "TPE1",
        ["ALBUMARTIST"] = "TPE2",
        ["ALBUM"] = "TALB",
        ["DATE"] = "TDRC",
        ["ORIGINALDATE"] = "TDOR",
        ["GENRE"] = "TCON",
        ["MOOD"] = "TMOO",
        ["COMPOSER"] = "TCOM",
        ["LYRICIST"] = "TEXT",
        ["PUBLISHER"] = "TPUB",
        ["COPYRIGHT"] = "TCOP",
        ["LANGUAGE"] = "TLAN",
        ["ISRC"] = "TSRC",
    };

    private static readonly Dictionary<string, string> FreeId3Names = new(StringComparer.Ordinal)
    {
        ["MUSICBRAINZ_ALBUMID"] = "MusicBrainz Album Id",
        ["MUSICBRAINZ_ARTISTID"] = "MusicBrainz Artist Id",
        ["MUSICBRAINZ_WORKID"] = "MusicBrainz Work Id",
    };

    private static readonly Dictionary<string, string> Atoms = new(StringComparer.Ordinal)
    {
        ["TITLE"] = "©nam",
        ["ARTIST"] = "©ART",
        ["ALBUMARTIST"] = "aART",
        ["ALBUM"] = "©alb",
        ["DATE"] = "©day",
        ["GENRE"] = "©gen",
        ["COMPOSER"] = "©wrt",
        ["COPYRIGHT"] = "cprt",
        ["COMMENT"] = "©cmt",
        [FileTagValues.Lyrics] = "©lyr",
    };

    // RIFF's own list, which many players read before ID3: what it says may not differ.
    private static readonly Dictionary<string, string> InfoChunks = new(StringComparer.Ordinal)
    {
        ["TITLE"] = "INAM",
        ["ARTIST"] = "IART",
        ["ALBUM"] = "IPRD",
        ["GENRE"] = "IGNR",
        ["COMMENT"] = "ICMT",
        ["DATE"] = "ICRD",
        ["COPYRIGHT"] = "ICOP",
        ["COMPOSER"] = "IMUS",
        ["TRACKNUMBER"] = "IPRT",
    };

    /// <summary>Endings of the files that tags can be written into.</summary>
    public static IReadOnlySet<string> Endings { get; } = new HashSet<string>(StringComparer.OrdinalIgnoreCase)
    {
        ".mp3", ".wav", ".aif", ".aiff", ".flac", ".ogg", ".oga", ".opus", ".m4a", ".mp4",
    };

    /// <summary>Writes.</summary>
    /// <param name="path">The file, with its usual ending; it is changed.</param>
    /// <param name="tags">What is to stand in it.</param>
    /// <param name="id3Version">3 or 4, where there is ID3v2.</param>
    /// <exception cref="InvalidDataException">The file is none of a kind that has such tags.</exception>
    public static void Write(string path, FileTagValues tags, byte id3Version)
    {
        try
        {
            using var file = TagLib.File.Create(path, ReadStyle.None);
            Write(file, tags, id3Version);
            file.Save();
        }
        catch (Exception e) when (e is CorruptFileException or UnsupportedFormatException)
        {
            throw new InvalidDataException($"Tags cannot be written into it: {e.Message}", e);
        }
    }

    private static void Write(TagLib.File file, FileTagValues tags, byte id3Version)
    {
        if (file is TagLib.Ogg.File or TagLib.Flac.File)
            Write((XiphComment)file.GetTag(TagTypes.Xiph, create: true), tags);
        else if (file is TagLib.Mpeg4.File)
            Write((AppleTag)file.GetTag(TagTypes.Apple, create: true), tags);
        else if (file.GetTag(TagTypes.Id3v2, create: true) is TagLib.Id3v2.Tag id3)
            Write(id3, tags, id3Version, NumberOf(file as TagLib.Riff.File));
        else
            throw new UnsupportedFormatException(file.MimeType);
        if (file is TagLib.Riff.File) Write((TagLib.Riff.InfoTag)file.GetTag(TagTypes.RiffInfo, create: true), tags);
        // The library makes empty ones of its own accord.
        foreach (var others in (TagTypes[])[TagTypes.Id3v1, TagTypes.MovieId, TagTypes.DivX])
        {
            if (!file.TagTypesOnDisk.HasFlag(others)) file.RemoveTags(others);
        }
    }

    private static void Write(TagLib.Riff.InfoTag info, FileTagValues tags)
    {
        foreach (var (name, values) in tags.Values)
        {
            if (!InfoChunks.TryGetValue(name, out var chunk)) continue;
            string[] whole = values.Count > 0 ? [string.Join("; ", values)] : [];
            if (name == "TRACKNUMBER") whole = [.. WithTotal(whole, info.GetValuesAsStrings(chunk))];
            info.SetValue(ByteVector.FromString(chunk, StringType.Latin1), whole);
        }
    }

    // The number within its album by RIFF's own list; of a file without ID3 it is the only one.
    private static string[] NumberOf(TagLib.Riff.File? file) =>
        (file?.GetTag(TagTypes.RiffInfo) as TagLib.Riff.InfoTag)?.GetValuesAsStrings(InfoChunks["TRACKNUMBER"]) ?? [];

    private static void Write(TagLib.Id3v2.Tag id3, FileTagValues tags, byte version, string[] numberOfRiff)
    {
        id3.Version = version;
        var encoding = version == 3 ? StringType.UTF16 : StringType.UTF8;
        foreach (var (name, values) in tags.Values)
        {
            if (name is "TRACKNUMBER" or "DISCNUMBER")
            {
                var number = name == "TRACKNUMBER" ? "TRCK" : "TPOS";
                var before = TextInformationFrame.Get(id3, number, create: false)?.Text
                    ?? (name == "TRACKNUMBER" ? numberOfRiff : []);
                SetFrame(id3, number, WithTotal(values, before), encoding);
            }
            else if (Frames.GetValueOrDefault(name) is { } code && !(version == 3 && code is "TMOO" or "TDOR"))
                SetFrame(id3, code, version == 3 && values.Count > 1 ? [string.Join('/', values)] : values, encoding);
            else if (name == "COMMENT") SetComment(id3, values, encoding);
            else if (name == FileTagValues.Lyrics) SetLyrics(id3, values, encoding);
            else if (name == "MUSICBRAINZ_TRACKID") id3.MusicBrainzTrackId = values is [var id, ..] ? id : null;
            else SetFree(id3, FreeId3Names.GetValueOrDefault(name, name), values, encoding);
        }

        if (tags.Bpm is { } bpm) SetFrame(id3, "TBPM", [Rounded(bpm)], encoding);
        if (tags.Key is { } key) SetFrame(id3, "TKEY", [ShortKey(key)], encoding);
    }

    private static void SetFrame(TagLib.Id3v2.Tag id3, string code, IReadOnlyList<string> values, StringType encoding)
    {
        id3.RemoveFrames(ByteVector.FromString(code, StringType.Latin1));
        if (values.Count == 0) return;
        id3.AddFrame(new TextInformationFrame(ByteVector.FromString(code, StringType.Latin1), encoding)
        {
            Text = [.. values]
        });
    }

    private static void SetFree(TagLib.Id3v2.Tag id3, string name, IReadOnlyList<string> values, StringType encoding)
    {
        foreach (var old in id3.GetFrames<UserTextInformationFrame>()
            .Where(frame => string.Equals(frame.Description, name, StringComparison.OrdinalIgnoreCase)).ToList())
        {
            id3.RemoveFrame(old);
        }

        if (values.Count > 0) id3.AddFrame(new UserTextInformationFrame(name, encoding) { Text = [.. values] });
    }

    // The one without a description, in whatever language it is said to be; players keep things in the others.
    private static void SetComment(TagLib.Id3v2.Tag id3, IReadOnlyList<string> values, StringType encoding)
    {
        foreach (var old in id3.GetFrames<CommentsFrame>().Where(frame => frame.Description is null or "").ToList())
            id3.RemoveFrame(old);
        if (values is [var comment, ..])
            id3.AddFrame(new CommentsFrame("", UnknownLanguage, encoding) { Text = comment });
    }

    private static void SetLyrics(TagLib.Id3v2.Tag id3, IReadOnlyList<string> values, StringType encoding)
    {
        id3.RemoveFrames("USLT");
        if (values is [var lyrics, ..])
            id3.AddFrame(new UnsynchronisedLyricsFrame("", UnknownLanguage, encoding) { Text = lyrics });
    }

    // The catalogue knows a number, "3"; the file's "3/12" says of how many besides.
    private static IReadOnlyList<string> WithTotal(IReadOnlyList<string> values, IReadOnlyList<string>? before) =>
        values is [var number] && !number.Contains('/') && before is [var old, ..] && old.IndexOf('/') is > 0 and var at
            ? [number + old[at..]]
            : values;

    private static void Write(XiphComment comment, FileTagValues tags)
    {
        foreach (var (name, values) in tags.Values)
        {
            var isNumber = name is "TRACKNUMBER" or "DISCNUMBER";
            comment.SetField(name, [.. isNumber ? WithTotal(values, comment.GetField(name)) : values]);
        }

        if (tags.Bpm is { } bpm) comment.SetField("BPM", [bpm.ToString("0.##", CultureInfo.InvariantCulture)]);
        if (tags.Key is { } key) comment.SetField("INITIALKEY", [ShortKey(key)]);
    }

    private static void Write(AppleTag apple, FileTagValues tags)
    {
        foreach (var (name, values) in tags.Values)
        {
            if (Atoms.GetValueOrDefault(name) is { } atom) apple.SetText(AtomName(atom), [.. values]);
            else if (name == "TRACKNUMBER") apple.Track = Whole(values);
            else if (name == "DISCNUMBER") apple.Disc = Whole(values);
            else if (values.Count > 0) apple.SetDashBoxes(AppleNames, FreeAtomName(name), [.. values]);
            else apple.SetDashBox(AppleNames, FreeAtomName(name), null);
        }

        if (tags.Bpm is { } bpm) apple.BeatsPerMinute = uint.Parse(Rounded(bpm), CultureInfo.InvariantCulture);
        if (tags.Key is { } key) apple.SetDashBox(AppleNames, "initialkey", ShortKey(key));
    }

    private static string FreeAtomName(string name) => name == "MUSICBRAINZ_TRACKID"
        ? "MusicBrainz Track Id" : FreeId3Names.GetValueOrDefault(name, name);

    // The sign of a copyright is one byte there.
    private static ByteVector AtomName(string atom) => ByteVector.FromString(atom, StringType.Latin1);

    private static uint Whole(IReadOnlyList<string> values) =>
        values is [var first, ..] && uint.TryParse(first, CultureInfo.InvariantCulture, out var number) ? number : 0;

    private static string Rounded(double bpm) => Math.Round(bpm).ToString(CultureInfo.InvariantCulture);

    // At most three characters, as the frame demands: Am, C#m, Bb.
    private static string ShortKey(Music.MusicalKey key) => key.Name.Split(' ')[0] + (key.IsMinor ? "m" : "");
}
