namespace OpenMU.Mir.Audio;

/// <summary>What one file may cost. The defaults let a four-hour recording pass and stop a decompression bomb.</summary>
public sealed record DecodeLimits
{
    public static DecodeLimits Default { get; } = new();

    /// <summary>Longest track in seconds of sound, whatever its header claims.</summary>
    public double MaxSeconds { get; init; } = 4 * 3600;

    /// <summary>Largest file in bytes.</summary>
    public long MaxFileBytes { get; init; } = 4L << 30;

    /// <summary>Address space of the decoder process, where <c>prlimit</c> exists (Linux).</summary>
    public long MaxDecoderBytes { get; init; } = 2L << 30;

    /// <summary>How long the decoder may keep us waiting, all waits of one file together. Time that the analysis takes between reads does not count.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(10);
}
