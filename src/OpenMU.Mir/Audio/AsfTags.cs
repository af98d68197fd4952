namespace OpenMU.Mir.Audio;

/// <summary>Tags of ASF, the container of WMA: the content descriptions in its header.</summary>
internal static class AsfTags
{
    private const int MaxItems = 10_000, HeadBytes = 24, GuidBytes = 16;

    private static readonly Guid Header = new("75B22630-668E-11CF-A6D9-00AA0062CE6C");
    private static readonly Guid Description = new("75B22633-668E-11CF-A6D9-00AA0062CE6C");
    private static readonly Guid Extended = new("D2D0A440-E307-11D2-97F0-00A0C95EA850");
    private static readonly Guid Extension = new("5FBF03B5-A92E-11CF-8EE3-00C00C205365");
    private static readonly Guid Metadata = new("C5F8CBEA-5BAF-4877-8467-AA8C44FA4CCA");
    private static readonly Guid Library = new("44231C94-9498-49D1-A141-1D134E457054");

    public static bool IsHeader(ReadOnlySpan<byte> head) =>
        head.Length >= GuidBytes && new Guid(head[..GuidBytes]) == Header;

    public static void Read(TagBytes file, TagCollector tags)
    {
        var size = new ByteReader(file.Read(GuidBytes, 8)).U64Le();
        var header = file.Read(0, (long)Math.Min(size, TagBytes.MaxPiece));
        if (header.Length > HeadBytes + 6)
            ReadObjects(header.AsSpan(HeadBytes + 6), new TagOrigin(tags, "ASF", 0), depth: 0);
    }

    private static void ReadObjects(ReadOnlySpan<byte> bytes, TagOrigin into, int depth)
    {
        var reader = new ByteReader(bytes);
        for (var i = 0; i < MaxItems && reader.Rest.Length >= HeadBytes; i++)
        {
            var id = new Guid(reader.Take(GuidBytes));
            var size = reader.U64Le();
            if (size < HeadBytes) return;
            var content = reader.Take((long)Math.Min(size - HeadBytes, TagBytes.MaxPiece));
            if (id == Description) ReadDescription(content, into);
            else if (id == Extended) ReadExtended(content, into);
            else if (id == Metadata || id == Library) ReadLibrary(content, into);
            else if (id == Extension && depth == 0 && content.Length > 22) ReadObjects(content[22..], into, depth + 1);
        }
    }

    private static void ReadDescription(ReadOnlySpan<byte> content, TagOrigin into)
    {
        var reader = new ByteReader(content);
        int[] sizes = [reader.U16Le(), reader.U16Le(), reader.U16Le(), reader.U16Le(), reader.U16Le()];
        TagKind[] kinds = [TagKind.Title, TagKind.Artist, TagKind.Copyright, TagKind.Comment, TagKind.Other];
        string[] names = ["Title", "Author", "Copyright", "Description", "Rating"];
        for (var i = 0; i < sizes.Length; i++) into.Add(kinds[i], names[i], Text(reader.Take(sizes[i])));
    }

    private static void ReadExtended(ReadOnlySpan<byte> content, TagOrigin into)
    {
        var reader = new ByteReader(content);
        var count = reader.U16Le();
        for (var i = 0; i < count && !reader.AtEnd; i++)
        {
            var name = Text(reader.Take(reader.U16Le()));
            var type = reader.U16Le();
            AddValue(name, type, reader.Take(reader.U16Le()), into);
        }
    }

    private static void ReadLibrary(ReadOnlySpan<byte> content, TagOrigin into)
    {
        var reader = new ByteReader(content);
        var count = reader.U16Le();
        for (var i = 0; i < count && !reader.AtEnd; i++)
        {
            reader.Skip(4);
            var (nameBytes, type, size) = (reader.U16Le(), reader.U16Le(), reader.U32Le());
            var name = Text(reader.Take(nameBytes));
            AddValue(name, type, reader.Take(size), into);
        }
    }

    private static void AddValue(string name, int type, ReadOnlySpan<byte> value, TagOrigin into)
    {
        const int Unicode = 0, Binary = 1, DoubleWord = 3, QuadWord = 4, Word = 5;
        if (type == Unicode) into.AddFree(name, Text(value));
        else if (type is DoubleWord or QuadWord or Word) into.AddFree(name, $"{new ByteReader(value).U64Le()}");
        else if (type == Binary && name == "WM/Picture") ReadPicture(value, into);
    }

    private static void ReadPicture(ReadOnlySpan<byte> value, TagOrigin into)
    {
        const int FrontCover = 3;
        var reader = new ByteReader(value);
        var isFront = reader.U8() == FrontCover;
        var size = reader.U32Le();
        // Type and description end with two zero bytes each, and the picture is the last thing.
        into.AddCover(isFront, reader.Rest[Math.Max(0, reader.Rest.Length - (int)Math.Min(size, int.MaxValue))..]);
    }

    private static string Text(ReadOnlySpan<byte> bytes) => TagCharset.Utf16(bytes).TrimEnd('\0');
}
