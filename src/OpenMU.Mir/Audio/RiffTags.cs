namespace OpenMU.Mir.Audio;

/// <summary>Tags of files made of chunks: WAV (RIFF, RF64), AIFF, CAF and DSF.</summary>
internal static class RiffTags
{
    // Whoever writes into a pipe does not know the length and puts the largest number of 31 or 32 bits, or nearly that,
    // into the header.
    public const long NearlyTwoGigabytes = 0x7FF0_0000;

    private const int MaxChunks = 10_000;

    /// <summary>
    /// Reads a WAV file: an ID3 chunk, the INFO list and the broadcast extension, in this order of trust.
    /// </summary>
    /// <returns>What the header claims in seconds where the file ends before that; null where it does not.</returns>
    public static double? ReadWave(TagBytes file, TagCollector tags)
    {
        var (bytesPerSecond, claimed) = (0u, default(double?));
        foreach (var (name, offset, size) in Chunks(file, 12, isBigEndian: false))
        {
            if (name is "id3 " or "ID3 ") ReadId3(file, offset, size, tags);
            else if (name == "LIST") ReadInfo(file.Read(offset, size), new TagOrigin(tags, "RIFF INFO", 1));
            else if (name == "bext") ReadBroadcast(file.Read(offset, 602), new TagOrigin(tags, "BWF", 2));
            else if (name == "fmt ") bytesPerSecond = new ByteReader(file.Read(offset + 8, 4)).U32Le();
            else if (name == "data" && bytesPerSecond > 0 && size < NearlyTwoGigabytes && size > file.Length - offset)
                claimed = (double)size / bytesPerSecond;
        }

        return claimed;
    }

    /// <summary>Reads an AIFF or AIFF-C file: an ID3 chunk and the text chunks.</summary>
    public static void ReadAiff(TagBytes file, TagCollector tags)
    {
        var into = new TagOrigin(tags, "AIFF", 1);
        foreach (var (name, offset, size) in Chunks(file, 12, isBigEndian: true))
        {
            if (name is "ID3 " or "id3 ") ReadId3(file, offset, size, tags);
            if (Text(name) is var kind and not TagKind.Other)
                into.Add(kind, name, TagCharset.Fixed(file.Read(offset, Math.Min(size, 1 << 20))));
        }
    }

    /// <summary>Reads the pairs of a CAF file's information chunk.</summary>
    public static void ReadCaf(TagBytes file, TagCollector tags)
    {
        var into = new TagOrigin(tags, "CAF", 0);
        var offset = 8L;
        for (var i = 0; i < MaxChunks && file.Read(offset, 12) is { Length: 12 } head; i++)
        {
            var reader = new ByteReader(head);
            var (name, size) = (reader.Name(), (long)reader.U64Be());
            if (name == "info") ReadPairs(file.Read(offset + 12, size), into);
            // Sound of an unknown size is the last chunk.
            if (size < 0 || size > file.Length) return;
            offset += 12 + size;
        }
    }

    /// <summary>Reads the ID3v2 tag that a DSF file points to.</summary>
    public static void ReadDsf(TagBytes file, TagCollector tags)
    {
        var reader = new ByteReader(file.Read(20, 8));
        ReadId3(file, (long)Math.Min(reader.U64Le(), long.MaxValue), TagBytes.MaxPiece, tags);
    }

    private static IEnumerable<(string Name, long Offset, long Size)> Chunks(TagBytes file, long offset,
        bool isBigEndian)
    {
        for (var i = 0; i < MaxChunks && file.Read(offset, 8) is { Length: 8 } head; i++)
        {
            var (name, size) = Head(head, isBigEndian);
            yield return (name, offset + 8, size);
            // A chunk of an odd size is followed by a byte of padding.
            offset += 8 + size + (size & 1);
        }
    }

    private static (string Name, long Size) Head(ReadOnlySpan<byte> head, bool isBigEndian)
    {
        var reader = new ByteReader(head);
        return (reader.Name(), isBigEndian ? reader.U32Be() : reader.U32Le());
    }

    private static void ReadId3(TagBytes file, long offset, long size, TagCollector tags) =>
        Id3v2.Read(file.Read(offset, size), tags, rank: 0);

    private static void ReadInfo(ReadOnlySpan<byte> list, TagOrigin into)
    {
        var reader = new ByteReader(list);
        if (reader.Name() != "INFO") return;
        for (var i = 0; i < MaxChunks && reader.Rest.Length >= 8; i++)
        {
            var (name, size) = Head(reader.Take(8), isBigEndian: false);
            var text = TagCharset.Fixed(reader.Take(size));
            reader.Skip(size & 1);
            into.AddCode(name, text);
        }
    }

    private static void ReadBroadcast(ReadOnlySpan<byte> bytes, TagOrigin into)
    {
        var reader = new ByteReader(bytes);
        into.Add(TagKind.Other, "Description", TagCharset.Fixed(reader.Take(256)));
        into.Add(TagKind.Other, "Originator", TagCharset.Fixed(reader.Take(32)));
        reader.Skip(32);
        into.Add(TagKind.Date, "OriginationDate", TagCharset.Fixed(reader.Take(10)));
    }

    private static void ReadPairs(ReadOnlySpan<byte> bytes, TagOrigin into)
    {
        var reader = new ByteReader(bytes);
        var count = Math.Min(reader.U32Be(), MaxChunks);
        for (var i = 0; i < count && !reader.AtEnd; i++)
        {
            var name = TagCharset.EightBit(reader.TakeToNul());
            into.AddFree(name, TagCharset.EightBit(reader.TakeToNul()));
        }
    }

    private static TagKind Text(string chunk) => chunk switch
    {
        "NAME" => TagKind.Title,
        "AUTH" => TagKind.Artist,
        "(c) " => TagKind.Copyright,
        "ANNO" => TagKind.Comment,
        _ => TagKind.Other,
    };
}
