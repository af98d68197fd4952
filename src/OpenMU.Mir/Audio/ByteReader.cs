using System.Text;

namespace OpenMU.Mir.Audio;

/// <summary>
/// Reads a hostile file's bytes in order. Past the end there is nothing: a slice comes out shorter and a number has
/// zeros, so no length in the file can make it throw or allocate.
/// </summary>
internal ref struct ByteReader(ReadOnlySpan<byte> bytes)
{
    /// <summary>What has not been read.</summary>
    public ReadOnlySpan<byte> Rest { get; private set; } = bytes;

    public readonly bool AtEnd => Rest.IsEmpty;

    public byte U8() => (byte)BigEndian(1);

    public ushort U16Be() => (ushort)BigEndian(2);

    public ushort U16Le() => (ushort)LittleEndian(2);

    public uint U32Be() => (uint)BigEndian(4);

    public uint U32Le() => (uint)LittleEndian(4);

    public ulong U64Be() => BigEndian(8);

    public ulong U64Le() => LittleEndian(8);

    /// <summary>28 bits in four bytes of seven, as ID3v2 writes sizes.</summary>
    public uint SyncSafe()
    {
        var value = 0u;
        foreach (var b in Take(4)) value = (value << 7) | (b & 0x7Fu);
        return value;
    }

    /// <summary>A big-endian number of up to eight bytes.</summary>
    public ulong BigEndian(int count)
    {
        var value = 0ul;
        foreach (var b in Take(count)) value = (value << 8) | b;
        return value;
    }

    /// <summary>The next bytes, fewer at the end.</summary>
    public ReadOnlySpan<byte> Take(long count)
    {
        var taken = Rest[..(int)Math.Clamp(count, 0, Rest.Length)];
        Rest = Rest[taken.Length..];
        return taken;
    }

    public void Skip(long count) => Take(count);

    /// <summary>Up to the next byte 0, which is consumed; all that is left if there is none.</summary>
    public ReadOnlySpan<byte> TakeToNul()
    {
        var end = Rest.IndexOf((byte)0);
        var taken = Take(end < 0 ? Rest.Length : end);
        Skip(1);
        return taken;
    }

    /// <summary>Four characters that name a chunk, a box or a frame.</summary>
    public string Name(int length = 4) => Encoding.Latin1.GetString(Take(length));

    private ulong LittleEndian(int count)
    {
        var value = 0ul;
        var taken = Take(count);
        for (var i = taken.Length - 1; i >= 0; i--) value = (value << 8) | taken[i];
        return value;
    }
}
