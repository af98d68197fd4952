namespace OpenMU.Mir.Audio;

/// <summary>
/// Tags of Matroska and WebM: titles of the segment and of its parts, tags by what they are about, and attached
/// pictures.
/// </summary>
internal sealed class MatroskaTags
{
    private const uint Segment =
        0x18538067, Info = 0x1549A966, Tracks = 0x1654AE6B, Tags = 0x1254C367, Attachments = 0x1941A469;
    private const uint TitleElement = 0x7BA9, TrackEntry = 0xAE, TrackType = 0x83, TrackName = 0x536E;
    private const uint TagElement = 0x7373, Targets = 0x63C0, Level = 0x68CA;
    private const uint ForTrack = 0x63C5, ForEdition = 0x63C9, ForChapter = 0x63C4, ForFile = 0x63C6;
    private const uint SimpleTag = 0x67C8, TagName = 0x45A3, TagText = 0x4487;
    private const uint AttachedFile = 0x61A7, FileName = 0x466E, FileData = 0x465C;
    private const int MaxElements = 20_000, AlbumLevel = 50, TrackLevel = 30;

    // A song's own tag is believed first, then the file's title, then what is about the album, then what labels a
    // stream.
    private const int SongRank = 0, SegmentRank = 1, AlbumRank = 2, StreamRank = 3;

    private readonly TagCollector tags;
    private bool hasSegmentTitle;

    private MatroskaTags(TagCollector tags) => this.tags = tags;

    public static void Read(TagBytes file, TagCollector tags)
    {
        var reader = new MatroskaTags(tags);
        foreach (var segment in Elements(file, 0, file.Length).Where(element => element.Id == Segment).Take(1))
        {
            var parts = Elements(file, segment.Start,
                segment.End).Where(part => part.Id is Info or Tracks or Tags or Attachments);
            foreach (var (id, start, end) in parts.OrderBy(part => part.Id == Tags).ToList())
                reader.ReadPart(id, file.Read(start, end - start));
        }
    }

    private static IEnumerable<(uint Id, long Start, long End)> Elements(TagBytes file, long offset, long end)
    {
        for (var i = 0; i < MaxElements && offset < end && file.Read(offset, 12) is { Length: > 0 } head; i++)
        {
            var (id, size, headBytes) = Head(head);
            if (id == 0) yield break;
            // An unknown size, as live recordings have it, reaches to the end.
            var next = size is null || size > end - offset ? end : offset + headBytes + size.Value;
            yield return (id, offset + headBytes, next);
            offset = next;
        }
    }

    private static (uint Id, long? Size, int HeadBytes) Head(ReadOnlySpan<byte> bytes)
    {
        var reader = new ByteReader(bytes);
        var idBytes = System.Numerics.BitOperations.LeadingZeroCount((uint)(bytes.IsEmpty ? 0 : bytes[0])) - 24 + 1;
        var id = (uint)reader.BigEndian(Math.Min(4, idBytes));
        var first = reader.Rest.IsEmpty ? 0u : reader.Rest[0];
        var sizeBytes = System.Numerics.BitOperations.LeadingZeroCount(first) - 24 + 1;
        if (idBytes > 4 || sizeBytes > 8) return (0, 0, 0);
        var mask = (1ul << (7 * sizeBytes)) - 1;
        var size = reader.BigEndian(sizeBytes) & mask;
        return (id, size == mask ? null : (long)size, idBytes + sizeBytes);
    }

    private static bool Next(scoped ref ByteReader reader, out uint id, out ReadOnlySpan<byte> content)
    {
        (id, var size, var headBytes) = Head(reader.Rest);
        reader.Skip(headBytes);
        content = id == 0 ? default : reader.Take(size ?? long.MaxValue);
        return id != 0;
    }

    private void ReadPart(uint id, ReadOnlySpan<byte> bytes)
    {
        var reader = new ByteReader(bytes);
        for (var i = 0; i < MaxElements && Next(ref reader, out var inner, out var content); i++)
        {
            if (id == Info && inner == TitleElement) AddSegmentTitle(TagCharset.EightBit(content));
            else if (id == Tracks && inner == TrackEntry) ReadTrack(content);
            else if (id == Tags && inner == TagElement) ReadTag(content);
            else if (id == Attachments && inner == AttachedFile) ReadAttachment(content);
        }
    }

    private void AddSegmentTitle(string title)
    {
        hasSegmentTitle = true;
        Into(SegmentRank).Add(TagKind.Title, "Title", title);
    }

    private void ReadTrack(ReadOnlySpan<byte> bytes)
    {
        const ulong Sound = 2;
        var (type, name) = (0ul, "");
        var reader = new ByteReader(bytes);
        for (var i = 0; i < MaxElements && Next(ref reader, out var id, out var content); i++)
        {
            if (id == TrackType) type = Number(content);
            else if (id == TrackName) name = TagCharset.EightBit(content);
        }

        // A label such as "Stereo 2.0 FLAC": it names the stream, not the song.
        if (type == Sound) Into(StreamRank).Add(TagKind.Other, "TrackEntry Name", name);
    }

    private void ReadTag(ReadOnlySpan<byte> bytes)
    {
        var (level, isStream) = (AlbumLevel, false);
        var reader = new ByteReader(bytes);
        var texts = new List<(string Name, string Value)>();
        for (var i = 0; i < MaxElements && Next(ref reader, out var id, out var content); i++)
        {
            if (id == SimpleTag) AddText(content, texts);
            else if (id == Targets && !ReadTargets(content, ref level, ref isStream)) return;
        }

        foreach (var (name, value) in texts) AddTag(level, isStream, name, value);
    }

    // Tags about one chapter, edition or attached file say nothing about the track.
    private static bool ReadTargets(ReadOnlySpan<byte> bytes, ref int level, ref bool isStream)
    {
        var reader = new ByteReader(bytes);
        for (var i = 0; i < MaxElements && Next(ref reader, out var id, out var content); i++)
        {
            if (id == Level) level = (int)Math.Min(Number(content), 100);
            else if (id == ForTrack && Number(content) != 0) isStream = true;
            else if (id is ForEdition or ForChapter or ForFile && Number(content) != 0) return false;
        }

        return true;
    }

    private static void AddText(ReadOnlySpan<byte> bytes, List<(string Name, string Value)> texts)
    {
        var (name, value) = ("", default(string));
        var reader = new ByteReader(bytes);
        for (var i = 0; i < MaxElements && Next(ref reader, out var id, out var content); i++)
        {
            if (id == TagName) name = TagCharset.EightBit(content);
            else if (id == TagText) value = TagCharset.EightBit(content);
        }

        if (value is not null && texts.Count < MaxElements) texts.Add((name, value));
    }

    private void AddTag(int level, bool isStream, string name, string value)
    {
        // Programs put a song's tags at the album's level as often as at the song's; the title alone has two meanings.
        var isAlbum = level >= AlbumLevel && !isStream;
        var rank = isStream ? StreamRank : level <= TrackLevel ? SongRank : AlbumRank;
        if (isAlbum && hasSegmentTitle && name.Equals("TITLE", StringComparison.OrdinalIgnoreCase))
            Into(rank).Add(TagKind.Album, name, value);
        else if (isStream && IsLabel(name)) Into(rank).Add(TagKind.Other, name, value);
        else Into(rank).AddFree(name, value);
    }

    // What muxers note about a stream is no tag of the music.
    private static bool IsLabel(string name) =>
        name is "TITLE" or "title" or "DURATION" or "BPS" or "NUMBER_OF_FRAMES" or "NUMBER_OF_BYTES" or "ENCODER"
            || name.StartsWith("_STATISTICS", StringComparison.Ordinal);

    private void ReadAttachment(ReadOnlySpan<byte> bytes)
    {
        var name = "";
        var data = default(ReadOnlySpan<byte>);
        var reader = new ByteReader(bytes);
        for (var i = 0; i < MaxElements && Next(ref reader, out var id, out var content); i++)
        {
            if (id == FileName) name = TagCharset.EightBit(content);
            else if (id == FileData) data = content;
        }

        Into(SongRank).AddCover(name.StartsWith("cover", StringComparison.OrdinalIgnoreCase), data);
    }

    private TagOrigin Into(int rank) => new(tags, "Matroska", rank);

    private static ulong Number(ReadOnlySpan<byte> content) =>
        new ByteReader(content).BigEndian(Math.Min(8, content.Length));
}
