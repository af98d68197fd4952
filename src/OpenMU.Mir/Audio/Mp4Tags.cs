namespace OpenMU.Mir.Audio;

/// <summary>
/// Tags of MP4 and QuickTime: iTunes' list of items, Apple's list with named keys, and the older texts of the user
/// data.
/// </summary>
internal static class Mp4Tags
{
    private const string Source = "MP4";
    private const int MaxBoxes = 10_000;

    public static void Read(TagBytes file, TagCollector tags)
    {
        foreach (var movie in Boxes(file, 0, file.Length).Where(box => box.Name == "moov").Take(1))
        {
            foreach (var (name, start, end) in Boxes(file, movie.Start, movie.End))
            {
                if (name == "udta") ReadUserData(file.Read(start, end - start), tags);
                else if (name == "meta") ReadMeta(file.Read(start, end - start), tags);
            }
        }
    }

    private static IEnumerable<(string Name, long Start, long End)> Boxes(TagBytes file, long offset, long end)
    {
        for (var i = 0; i < MaxBoxes && file.Read(offset, 16) is { Length: >= 8 } head && offset < end; i++)
        {
            var (name, size, headBytes) = Head(head, end - offset);
            if (size < headBytes) yield break;
            yield return (name, offset + headBytes, Math.Min(end, offset + size));
            offset += size;
        }
    }

    private static (string Name, long Size, int HeadBytes) Head(ReadOnlySpan<byte> bytes, long left)
    {
        var reader = new ByteReader(bytes);
        var (size, name) = ((long)reader.U32Be(), reader.Name());
        // 1 stands for a size of eight bytes, 0 for all that is left.
        if (size == 1) return (name, (long)Math.Min(reader.U64Be(), (ulong)left), 16);
        return (name, size == 0 ? left : size, 8);
    }

    private static bool NextBox(scoped ref ByteReader reader, out string name, out ReadOnlySpan<byte> content)
    {
        name = "";
        content = default;
        if (reader.Rest.Length < 8) return false;
        (name, var size, var headBytes) = Head(reader.Rest, reader.Rest.Length);
        if (size < headBytes) return false;
        content = reader.Take(size)[headBytes..];
        return true;
    }

    private static void ReadUserData(ReadOnlySpan<byte> bytes, TagCollector tags)
    {
        var texts = new TagOrigin(tags, "QuickTime", 1);
        var reader = new ByteReader(bytes);
        for (var i = 0; i < MaxBoxes && NextBox(ref reader, out var name, out var content); i++)
        {
            if (name == "meta") ReadMeta(content, tags);
            else if (name.StartsWith('©') && content.Length > 4) texts.AddCode(name, QuickTimeText(content));
            else if (Old3gpp(name) is var kind and not TagKind.Other && content.Length > 6)
                texts.Add(kind, name, Text3gpp(content[6..]));
        }
    }

    // Length and language, then the text.
    private static string QuickTimeText(ReadOnlySpan<byte> content) =>
        TagCharset.EightBit(new ByteReader(content[4..]).Take(new ByteReader(content).U16Be())).TrimEnd('\0');

    private static TagKind Old3gpp(string name) => name switch
    {
        "titl" => TagKind.Title,
        "perf" => TagKind.Artist,
        "albm" => TagKind.Album,
        "auth" => TagKind.Composer,
        "gnre" => TagKind.Genre,
        _ => TagKind.Other,
    };

    private static string Text3gpp(ReadOnlySpan<byte> text) =>
        text is [0xFE, 0xFF, ..] or [0xFF, 0xFE, ..] ? TagCharset.Utf16(text).TrimEnd('\0') : TagCharset.Fixed(text);

    private static void ReadMeta(ReadOnlySpan<byte> bytes, TagCollector tags)
    {
        // In MP4 four bytes of version and flags come first, in QuickTime there are none.
        if (bytes.Length <= 8) return;
        var reader = new ByteReader(new ByteReader(bytes[4..]).Name() == "hdlr" ? bytes : bytes[4..]);
        var keys = new List<string>();
        for (var i = 0; i < MaxBoxes && NextBox(ref reader, out var name, out var content); i++)
        {
            if (name == "keys") ReadKeys(content, keys);
            else if (name == "ilst")
                ReadItems(content, keys,
                    keys.Count > 0 ? new TagOrigin(tags, "QuickTime", 1) : new TagOrigin(tags, Source, 0));
        }
    }

    private static void ReadKeys(ReadOnlySpan<byte> content, List<string> keys)
    {
        var reader = new ByteReader(content);
        reader.Skip(8);
        while (keys.Count < MaxBoxes && NextBox(ref reader, out _, out var key))
        {
            const string Prefix = "com.apple.quicktime.";
            var name = TagCharset.EightBit(key);
            keys.Add(name.StartsWith(Prefix, StringComparison.Ordinal) ? name[Prefix.Length..] : name);
        }
    }

    private static void ReadItems(ReadOnlySpan<byte> list, List<string> keys, TagOrigin into)
    {
        var reader = new ByteReader(list);
        for (var i = 0; i < MaxBoxes && NextBox(ref reader, out var name, out var item); i++)
        {
            var index = keys.Count > 0 ? new ByteReader(list[^(reader.Rest.Length + item.Length + 4)..]).U32Be() : 0;
            var key = index > 0 && index <= keys.Count ? keys[(int)index - 1] : null;
            var values = new ByteReader(item);
            var freeName = name == "----" ? FreeName(ref values) : key;
            while (NextBox(ref values, out var box, out var data))
            {
                if (box == "data" && data.Length >= 8)
                    ReadValue(name, freeName, new ByteReader(data).U32Be(), data[8..], into);
            }
        }
    }

    // Reverse-domain name, name, then the data.
    private static string FreeName(ref ByteReader values)
    {
        var name = "";
        while (NextName(values.Rest) is "mean" or "name" && NextBox(ref values, out var box, out var text))
        {
            if (box == "name" && text.Length > 4) name = TagCharset.EightBit(text[4..]);
        }

        return name;
    }

    private static string NextName(ReadOnlySpan<byte> rest) => rest.Length > 8 ? new ByteReader(rest[4..]).Name() : "";

    private static void ReadValue(string name, string? freeName, uint type, ReadOnlySpan<byte> value, TagOrigin into)
    {
        const uint Utf16 = 2, SignedInteger = 21, UnsignedInteger = 22;
        var pair = new ByteReader(value.Length > 2 ? value[2..] : []);
        var text = type switch
        {
            Utf16 => TagCharset.Utf16(value, isBigEndian: true),
            SignedInteger or UnsignedInteger => $"{new ByteReader(value).BigEndian(Math.Min(8, value.Length))}",
            _ => TagCharset.EightBit(value),
        };
        if (freeName is not null) into.AddFree(freeName, text);
        else if (name == "covr") into.AddCover(isFront: true, value);
        else if (name is "trkn" or "disk") AddPosition(name, pair.U16Be(), pair.U16Be(), into);
        else if (name == "gnre")
            into.Add(TagKind.Genre, name, Id3Genres.Of((int)new ByteReader(value).BigEndian(2) - 1));
        else if (name == "tmpo")
            into.Add(TagKind.Bpm, name, $"{new ByteReader(value).BigEndian(Math.Min(8, value.Length))}");
        else if (type is not (0 or 13 or 14)) into.AddCode(name, text);
    }

    private static void AddPosition(string name, int number, int total, TagOrigin into)
    {
        var isTrack = name == "trkn";
        if (number > 0) into.Add(isTrack ? TagKind.TrackNumber : TagKind.DiscNumber, name, $"{number}");
        if (total > 0) into.Add(isTrack ? TagKind.TrackTotal : TagKind.DiscTotal, name, $"{total}");
    }
}
