namespace OpenMU.Mir.Audio;

/// <summary>Finds the Vorbis comments and pictures of FLAC and Ogg files.</summary>
internal static class XiphTags
{
    private const int CommentBlock = 4, PictureBlock = 6;

    /// <summary>Reads a FLAC stream's metadata blocks.</summary>
    /// <param name="file">The file.</param>
    /// <param name="offset">Where <c>fLaC</c> stands.</param>
    /// <param name="into">The collection.</param>
    public static void ReadFlac(TagBytes file, long offset, TagOrigin into)
    {
        offset += 4;
        while (file.Read(offset, 4) is { Length: 4 } head)
        {
            var size = (long)new ByteReader(head.AsSpan(1)).BigEndian(3);
            var type = head[0] & 0x7F;
            if (type is CommentBlock or PictureBlock) ReadBlock(type, file.Read(offset + 4, size), into);
            if (IsLast(head)) return;
            offset += 4 + size;
        }
    }

    /// <summary>Reads the comments of an Ogg file's first stream of sound.</summary>
    public static void ReadOgg(TagBytes file, TagCollector tags)
    {
        var (followed, into, prefix) = (default(uint?), default(TagOrigin), 0);
        foreach (var (serial, packet) in OggPackets.Read(file))
        {
            if (followed is null)
            {
                if (Kind(packet) is not { } kind) continue;
                (followed, into, prefix) = (serial, new TagOrigin(tags, kind.Source, 0), kind.Prefix);
            }
            else if (serial == followed && prefix >= 0)
            {
                VorbisComments.Read(packet.AsSpan(Math.Min(prefix, packet.Length)), into);
                return;
            }
            else if (serial == followed)
            {
                if (packet.Length > 4) ReadBlock(packet[0] & 0x7F, packet.AsSpan(4), into);
                if (packet.Length <= 4 || IsLast(packet)) return;
            }
        }
    }

    // What stands before the comments in the second packet; less than nothing where FLAC's blocks follow.
    private static (string Source, int Prefix)? Kind(ReadOnlySpan<byte> first)
    {
        if (first.StartsWith("\u0001vorbis"u8)) return ("Ogg Vorbis", 7);
        if (first.StartsWith("OpusHead"u8)) return ("Ogg Opus", 8);
        if (first.StartsWith("\u007fFLAC"u8)) return ("Ogg FLAC", -1);
        return first.StartsWith("Speex   "u8) ? ("Ogg Speex", 0) : null;
    }

    private static bool IsLast(ReadOnlySpan<byte> block) => (block[0] & 0x80) != 0;

    private static void ReadBlock(int type, ReadOnlySpan<byte> block, TagOrigin into)
    {
        if (type == CommentBlock) VorbisComments.Read(block, into);
        else if (type == PictureBlock) VorbisComments.ReadPicture(block, into);
    }
}
