namespace OpenMU.Mir.Audio;

/// <summary>The header of a frame of MPEG audio, layers I to III (ISO 11172-3, 13818-3, and 2.5 beyond them).</summary>
internal static class MpegFrame
{
    public const int HeaderBytes = 4;

    // By the two bits of the version: 2.5, none, 2, 1.
    private static readonly int[] RateDivisors = [4, 0, 2, 1];
    private static readonly int[] Rates = [44_100, 48_000, 32_000];

    /// <summary>How long a frame lasts; null where these bytes begin none.</summary>
    public static double? Seconds(ReadOnlySpan<byte> header)
    {
        if (header.Length < HeaderBytes || header[0] != 0xFF || (header[1] & 0xE0) != 0xE0) return null;
        var (version, layer, rate) = ((header[1] >> 3) & 3, 4 - ((header[1] >> 1) & 3), (header[2] >> 2) & 3);
        if (RateDivisors[version] == 0 || layer == 4 || rate == 3) return null;
        var samples = layer == 1 ? 384 : layer == 3 && version != 3 ? 576 : 1152;
        return (double)samples * RateDivisors[version] / Rates[rate];
    }
}
