namespace OpenMU.Mir.Audio;

/// <summary>
/// APEv2 at the end of MP3, WavPack, Musepack and Monkey's Audio files: UTF-8, several values with NUL between them.
/// </summary>
internal static class ApeTag
{
    public const int FooterBytes = 32;
    private const int MaxItems = 10_000;
    private static ReadOnlySpan<byte> Preamble => "APETAGEX"u8;

    /// <summary>Bytes of the items and the footer, if these are a footer; else 0.</summary>
    public static long TagBytes(ReadOnlySpan<byte> footer)
    {
        if (footer.Length != FooterBytes || !footer.StartsWith(Preamble)) return 0;
        var size = new ByteReader(footer[12..]).U32Le();
        return size >= FooterBytes ? size : 0;
    }

    /// <summary>Reads the items, which come before the footer.</summary>
    public static void Read(ReadOnlySpan<byte> items, TagOrigin into)
    {
        const uint KindMask = 6, Text = 0, Binary = 2;
        var reader = new ByteReader(items);
        for (var i = 0; i < MaxItems && reader.Rest.Length > 8; i++)
        {
            var (size, flags) = (reader.U32Le(), reader.U32Le());
            var name = TagCharset.EightBit(reader.TakeToNul());
            var value = reader.Take(size);
            if ((flags & KindMask) == Binary) ReadPicture(name, value, into);
            if ((flags & KindMask) != Text) continue;
            foreach (var text in TagCharset.Values(TagCharset.EightBit(value))) into.AddFree(name, text);
        }
    }

    private static void ReadPicture(string name, ReadOnlySpan<byte> value, TagOrigin into)
    {
        if (!name.StartsWith("Cover Art", StringComparison.OrdinalIgnoreCase)) return;
        var reader = new ByteReader(value);
        reader.TakeToNul();
        into.AddCover(name.Contains("Front", StringComparison.OrdinalIgnoreCase), reader.Rest);
    }
}
