using OpenMU.Mir.Audio;

namespace OpenMU.Mir;

/// <summary>How loud a track is, after ITU-R BS.1770-4 and EBU Tech 3342.</summary>
/// <param name="IntegratedLufs">Gated loudness of the whole track in LUFS; null for silence and for
/// less than 0.4 s.</param>
/// <param name="RangeLu">Loudness range in LU; null for silence and for less than 3 s.</param>
/// <param name="TruePeakDbtp">Highest level between the samples too, in dB relative to full scale; null for silence
/// (less than -120 dBTP).</param>
public sealed record LoudnessMeasurement(double? IntegratedLufs, double? RangeLu, double? TruePeakDbtp);

/// <summary>
/// Loudness of sound in memory; <see cref="LoudnessMeter"/> measures tracks of any length and any number of channels.
/// </summary>
public static class Loudness
{
    public static LoudnessMeasurement Estimate(Waveform wave)
    {
        var meter = new LoudnessMeter(wave.SampleRate, 1, "mono");
        meter.Push(wave.Samples);
        return meter.Finish();
    }
}
