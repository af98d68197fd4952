using System.IO.Compression;

namespace OpenMU.Mir.Audio;

/// <summary>ID3v2.2, 2.3 and 2.4: the tag, down to its frames. <see cref="Id3Frames"/> reads what is in them.</summary>
internal static class Id3v2
{
    public const int HeaderBytes = 10;
    private const int MaxFrames = 20_000, MaxInflated = 4 << 20;
    private const byte Unsynchronised = 0x80, HasExtendedHeader = 0x40, HasFooter = 0x10;

    /// <summary>Length of the tag that begins with these bytes; 0 if none does.</summary>
    public static int TotalBytes(ReadOnlySpan<byte> head)
    {
        if (head.Length < HeaderBytes || !head.StartsWith("ID3"u8) || head[3] is < 2 or > 4) return 0;
        if (((head[6] | head[7] | head[8] | head[9]) & 0x80) != 0) return 0;
        var size = (int)new ByteReader(head[6..]).SyncSafe();
        return HeaderBytes + size + (head[3] == 4 && (head[5] & HasFooter) != 0 ? HeaderBytes : 0);
    }

    /// <summary>Reads a tag that begins with its header.</summary>
    /// <param name="tag">The tag.</param>
    /// <param name="tags">Where its fields go.</param>
    /// <param name="rank">Smaller is believed first.</param>
    /// <param name="frameSeconds">Length of a frame of the MPEG audio behind the tag; null where there is none.</param>
    /// <returns>How many frames there are, as far as they are looked at.</returns>
    public static int Read(ReadOnlySpan<byte> tag, TagCollector tags, int rank, double? frameSeconds = null)
    {
        if (TotalBytes(tag) is var total && total == 0) return 0;
        var (version, flags) = (tag[3], tag[5]);
        var body = tag[HeaderBytes..Math.Min(total, tag.Length)];
        // In version 2.2 that bit means a compression that was never defined.
        if (version == 2 && (flags & HasExtendedHeader) != 0) return 0;
        if (version < 4 && (flags & Unsynchronised) != 0) body = Resynchronise(body);
        var reader = new ByteReader(body);
        if ((flags & HasExtendedHeader) != 0) SkipExtendedHeader(ref reader, version);

        var frames = new Id3Frames(new TagOrigin(tags, $"ID3v2.{version}", rank), frameSeconds);
        var count = 0;
        while (count < MaxFrames && NextFrame(ref reader, version) is { } frame)
        {
            count++;
            frames.Read(frame.Name, frame.Content);
        }

        frames.Finish();
        return count;
    }

    private static void SkipExtendedHeader(ref ByteReader reader, int version)
    {
        // Version 2.4 counts the four bytes of the size itself, version 2.3 does not.
        if (version == 4) reader.Skip(Math.Max(0, (long)reader.SyncSafe() - 4));
        else reader.Skip(reader.U32Be());
    }

    private static (string Name, byte[] Content)? NextFrame(ref ByteReader reader, int version)
    {
        var nameLength = version == 2 ? 3 : 4;
        if (!IsName(reader.Rest, nameLength)) return null;
        var name = reader.Name(nameLength);
        if (version == 2) return (name, reader.Take((long)reader.BigEndian(3)).ToArray());

        var size = version == 4 ? SizeOf24(reader.Rest) : new ByteReader(reader.Rest).U32Be();
        reader.Skip(5);
        var flags = reader.U8();
        var content = reader.Take(size);
        return (name, (version == 4 ? Unpack24(content, flags) : Unpack23(content, flags)) ?? []);
    }

    private static bool IsName(ReadOnlySpan<byte> bytes, int length)
    {
        if (bytes.Length < length) return false;
        foreach (var b in bytes[..length])
        {
            if (b is not (>= (byte)'A' and <= (byte)'Z' or >= (byte)'0' and <= (byte)'9')) return false;
        }

        return true;
    }

    // Some programs write plain sizes into version 2.4. From 128 on the two readings differ, and only one of them leads
    // to another frame.
    private static long SizeOf24(ReadOnlySpan<byte> rest)
    {
        long plain = new ByteReader(rest).U32Be(), safe = new ByteReader(rest).SyncSafe();
        var content = rest.Length > 6 ? rest[6..] : [];
        if (plain == safe) return safe;
        var hasHighBit = rest.Length >= 4 && ((rest[0] | rest[1] | rest[2] | rest[3]) & 0x80) != 0;
        return hasHighBit || (!LeadsOn(content, safe) && LeadsOn(content, plain)) ? plain : safe;
    }

    private static bool LeadsOn(ReadOnlySpan<byte> content, long size) =>
        size <= content.Length
            && (size == content.Length || content[(int)size] == 0 || IsName(content[(int)size..], 4));

    private static byte[]? Unpack23(ReadOnlySpan<byte> content, byte flags)
    {
        const byte Compressed = 0x80, Encrypted = 0x40, Grouped = 0x20;
        if ((flags & Encrypted) != 0) return null;
        var reader = new ByteReader(content);
        if ((flags & Compressed) != 0) reader.Skip(4);
        if ((flags & Grouped) != 0) reader.Skip(1);
        return (flags & Compressed) != 0 ? Inflate(reader.Rest) : reader.Rest.ToArray();
    }

    private static byte[]? Unpack24(ReadOnlySpan<byte> content, byte flags)
    {
        const byte Grouped = 0x40, Compressed = 0x08, Encrypted = 0x04, FrameUnsynchronised = 0x02, HasLength = 0x01;
        if ((flags & Encrypted) != 0) return null;
        var reader = new ByteReader(content);
        if ((flags & Grouped) != 0) reader.Skip(1);
        if ((flags & HasLength) != 0) reader.Skip(4);
        var plain = (flags & FrameUnsynchronised) != 0 ? Resynchronise(reader.Rest) : reader.Rest.ToArray();
        return (flags & Compressed) != 0 ? Inflate(plain) : plain;
    }

    /// <summary>Takes out the zeros that keep a tag from looking like MPEG audio.</summary>
    private static byte[] Resynchronise(ReadOnlySpan<byte> bytes)
    {
        var plain = new byte[bytes.Length];
        var length = 0;
        for (var i = 0; i < bytes.Length; i++)
        {
            plain[length++] = bytes[i];
            if (bytes[i] == 0xFF && i + 1 < bytes.Length && bytes[i + 1] == 0) i++;
        }

        return plain[..length];
    }

    private static byte[]? Inflate(ReadOnlySpan<byte> packed)
    {
        using var stream = new ZLibStream(new MemoryStream(packed.ToArray()), CompressionMode.Decompress);
        var plain = new byte[MaxInflated];
        try
        {
            return plain[..stream.ReadAtLeast(plain, plain.Length, throwOnEndOfStream: false)];
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }
}
