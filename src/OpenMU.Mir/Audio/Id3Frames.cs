using OpenMU.Music.Lyrics;

namespace OpenMU.Mir.Audio;

/// <summary>The frames of one ID3v2 tag.</summary>
/// <param name="into">Where the fields go.</param>
/// <param name="frameSeconds">Length of a frame of the MPEG audio behind the tag; null where there is none.</param>
internal sealed class Id3Frames(TagOrigin into, double? frameSeconds)
{
    private const string MusicBrainz = "http://musicbrainz.org";
    private const int MaxPieces = 10_000;

    private string? year, dayAndMonth;
    private int pictureBytes;

    public void Read(string name, ReadOnlySpan<byte> content)
    {
        if (content.IsEmpty) return;
        switch (name)
        {
            case "TXXX" or "TXX": ReadUserText(content); break;
            case "COMM" or "COM": ReadComment(content); break;
            case "USLT" or "ULT": ReadLyrics(content); break;
            case "SYLT" or "SLT": ReadTimedLyrics(content); break;
            case "APIC": ReadPicture(content, isOld: false); break;
            case "PIC": ReadPicture(content, isOld: true); break;
            case "UFID" or "UFI": ReadId(content); break;
            case "TYER" or "TYE": year = OneText(content); break;
            case "TDAT" or "TDA": dayAndMonth = OneText(content); break;
            case "TCON" or "TCO":
                foreach (var text in Texts(content)) AddGenres(name, text);
                break;
            default:
                if (name[0] == 'T') foreach (var text in Texts(content)) into.AddCode(name, text);
                else if (name[0] == 'W' && name is not ("WXXX" or "WXX"))
                    into.Add(TagKind.Other, name, TagCharset.Fixed(content));
                break;
        }
    }

    /// <summary>Adds what is spread over several frames.</summary>
    public void Finish()
    {
        if (year is null) return;
        var isWhole = year.Length == 4 && dayAndMonth is { Length: 4 } && dayAndMonth.All(char.IsAsciiDigit);
        into.Add(TagKind.Date, "TYER", isWhole ? $"{year}-{dayAndMonth![2..]}-{dayAndMonth[..2]}" : year);
    }

    private static IEnumerable<string> Texts(ReadOnlySpan<byte> content) =>
        TagCharset.Values(TagCharset.Id3(content[1..], content[0]));

    private static string? OneText(ReadOnlySpan<byte> content) => Texts(content).FirstOrDefault();

    private void AddGenres(string name, string text)
    {
        foreach (var genre in Id3Genres.Parse(text)) into.Add(TagKind.Genre, name, genre);
    }

    private void ReadUserText(ReadOnlySpan<byte> content)
    {
        var description = TakeText(content[1..], content[0], out var values);
        foreach (var value in TagCharset.Values(TagCharset.Id3(values, content[0]))) into.AddFree(description, value);
    }

    private void ReadComment(ReadOnlySpan<byte> content)
    {
        if (content.Length < 4) return;
        var description = TakeText(content[4..], content[0], out var text);
        var value = string.Join('\n', TagCharset.Values(TagCharset.Id3(text, content[0])));
        // Comments with a description are notes of programs, such as iTunNORM; some are fields of their own.
        if (description.Length == 0) into.Add(TagKind.Comment, "COMM", value);
        else into.Add(TagKind.Other, $"COMM:{description}", value);
    }

    private void ReadLyrics(ReadOnlySpan<byte> content)
    {
        if (content.Length < 4) return;
        TakeText(content[4..], content[0], out var text);
        into.Add(TagKind.Lyrics, "USLT", string.Join('\n', TagCharset.Values(TagCharset.Id3(text, content[0]))));
    }

    private void ReadTimedLyrics(ReadOnlySpan<byte> content)
    {
        const byte MpegFrames = 1, Milliseconds = 2, Words = 1, Transcription = 2;
        if (content.Length < 6 || content[5] is not (Words or Transcription)) return;
        var unit = content[4] == Milliseconds ? 0.001 : content[4] == MpegFrames ? frameSeconds : null;
        var encoding = content[0];
        TakeText(content[6..], encoding, out var rest);
        var pieces = new List<LyricWord>();
        while (rest.Length > 0 && pieces.Count < MaxPieces)
        {
            var text = TakeText(rest, encoding, out rest);
            var reader = new ByteReader(rest);
            if (rest.Length < 4) break;
            pieces.Add(new LyricWord(reader.U32Be() * (unit ?? 0), text));
            rest = reader.Rest;
        }

        var lines = Lines(pieces);
        if (unit is not null) into.AddTimed(lines);
        else into.Add(TagKind.Lyrics, "SYLT", string.Join('\n', lines.Select(line => line.Text)));
    }

    // A piece is a line, unless line feeds say where lines begin: then pieces are words or syllables.
    private static List<LyricLine> Lines(List<LyricWord> pieces)
    {
        if (!pieces.Exists(piece => piece.Text.Contains('\n')))
            return pieces.ConvertAll(piece => new LyricLine(piece.Seconds, piece.Text));
        var (lines, words) = (new List<LyricLine>(), new List<LyricWord>());
        foreach (var piece in pieces)
        {
            var parts = piece.Text.ReplaceLineEndings("\n").Split('\n');
            for (var i = 0; i < parts.Length; i++)
            {
                if (i > 0) End();
                if (parts[i].Length > 0) words.Add(piece with { Text = parts[i] });
            }
        }

        End();
        return lines;

        void End()
        {
            if (words.Count > 0)
                lines.Add(new LyricLine(words[0].Seconds, string.Concat(words.Select(word => word.Text)), [.. words]));
            words.Clear();
        }
    }

    private void ReadPicture(ReadOnlySpan<byte> content, bool isOld)
    {
        const byte FrontCover = 3;
        var reader = new ByteReader(content[1..]);
        if (isOld) reader.Skip(3);
        else reader.TakeToNul();
        var isFront = reader.U8() == FrontCover;
        TakeText(reader.Rest, content[0], out var image);
        pictureBytes += image.Length;
        if (pictureBytes <= TagBytes.MaxPiece) into.AddCover(isFront, image);
    }

    private void ReadId(ReadOnlySpan<byte> content)
    {
        var reader = new ByteReader(content);
        var owner = TagCharset.EightBit(reader.TakeToNul());
        if (owner == MusicBrainz) into.Add(TagKind.MusicBrainzRecordingId, "UFID", TagCharset.EightBit(reader.Rest));
    }

    // Text up to its terminator, which is two bytes wide and aligned in UTF-16.
    private static string TakeText(ReadOnlySpan<byte> bytes, int encoding, out ReadOnlySpan<byte> rest)
    {
        var width = encoding is 1 or 2 ? 2 : 1;
        var end = 0;
        while (end + width <= bytes.Length && (bytes[end] != 0 || bytes[end + width - 1] != 0)) end += width;
        rest = bytes[Math.Min(bytes.Length, end + width)..];
        return TagCharset.Id3(bytes[..Math.Min(bytes.Length, end)], encoding).Trim('\uFEFF');
    }
}
