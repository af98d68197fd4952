using OpenMU.Mir.Audio;

namespace OpenMU.Mir;

/// <summary>What is wrong, or at least unusual, about the sound of a file.</summary>
[Flags]
public enum SoundFaults
{
    None = 0,

    /// <summary>Nothing reaches -70 dBFS.</summary>
    Silent = 1 << 0,

    /// <summary>At least a second of silence before the first sound.</summary>
    SilentStart = 1 << 1,

    /// <summary>At least two seconds of silence after the last sound.</summary>
    SilentEnd = 1 << 2,

    /// <summary>At least ten seconds of silence somewhere between.</summary>
    SilentGap = 1 << 3,

    /// <summary>More than ten runs a minute of three or more samples at full scale.</summary>
    Clipped = 1 << 4,

    /// <summary>A channel's mean lies more than 1% of full scale off zero.</summary>
    DcOffset = 1 << 5,

    /// <summary>
    /// Several channels with one signal: the same on both sides of stereo, the same in all channels that sound, or the
    /// centre alone.
    /// </summary>
    MonoAsStereo = 1 << 6,

    /// <summary>Channels that cancel out when mixed to mono.</summary>
    Antiphase = 1 << 7,

    /// <summary>Two or more channels with sound on one side of the listener only.</summary>
    OneSided = 1 << 8,

    /// <summary>
    /// Nothing above a steep edge far below what the file's own sampling rate allows: a strong lossy coding or a lower
    /// rate in its past.
    /// </summary>
    LowBandwidth = 1 << 9,

    /// <summary>The decoder complained: the file is damaged.</summary>
    DecodeErrors = 1 << 10,

    /// <summary>Samples that were no numbers were replaced by zero.</summary>
    BrokenSamples = 1 << 11,

    /// <summary>
    /// The file is clearly shorter than its header says, or the decoder gave up on the way: the rest is missing.
    /// </summary>
    Truncated = 1 << 12,
}

/// <summary>The technical state of a recording.</summary>
/// <param name="Faults">What stands out.</param>
/// <param name="SilentStartSeconds">Silence before the first sound; the whole duration if there is none.</param>
/// <param name="SilentEndSeconds">Silence after the last sound.</param>
/// <param name="LongestGapSeconds">Longest silence between sounds.</param>
/// <param name="ClippedSeconds">Time covered by runs of three or more samples at full scale, all
/// channels together.</param>
/// <param name="DcOffset">Mean of the channel that lies furthest off zero, as a share of full scale,
/// with its sign.</param>
/// <param name="BandwidthHz">Highest frequency with sound worth the name; null for silence and for less than a
/// tenth of a second.</param>
/// <param name="BrokenSamples">Samples that were no finite numbers.</param>
/// <param name="DecodeErrors">Lines of complaint from the decoder.</param>
public sealed record QualityReport(
    SoundFaults Faults,
    double SilentStartSeconds,
    double SilentEndSeconds,
    double LongestGapSeconds,
    double ClippedSeconds,
    double DcOffset,
    double? BandwidthHz,
    long BrokenSamples,
    int DecodeErrors)
{
    /// <summary>
    /// Length by the header of a truncated file, in seconds; the measurement has what there is. Null if it is whole or
    /// claims nothing.
    /// </summary>
    public double? ClaimedSeconds { get; init; }
}

/// <summary>
/// Quality of sound in memory; <see cref="QualityMeter"/> measures tracks of any length and any number of channels.
/// </summary>
public static class Quality
{
    public static QualityReport Estimate(Waveform wave)
    {
        var meter = new QualityMeter(wave.SampleRate, 1);
        meter.Push(wave.Samples);
        return meter.Finish(brokenSamples: 0, decodeErrors: 0);
    }
}
