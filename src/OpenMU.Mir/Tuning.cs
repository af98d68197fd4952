using OpenMU.Mir.Audio;
using OpenMU.Mir.Dsp;

namespace OpenMU.Mir;

/// <summary>How far a recording lies from A = 440 Hz.</summary>
public static class Tuning
{
    public static TuningEstimate Estimate(Waveform waveform) => Estimate(KeyEstimator.Chromagram(waveform));

    public static TuningEstimate Estimate(Chromagram chromagram) => chromagram.Tuning;
}

/// <summary>Tuning of a recording.</summary>
/// <param name="Cents">Hundredths of a semitone above (or below) A = 440 Hz, -50 to 50.</param>
/// <param name="Confidence">0 (no pitches, or pitches anywhere) to 1 (all on one grid).</param>
public readonly record struct TuningEstimate(double Cents, double Confidence)
{
    /// <summary>Frequency of the A above middle C.</summary>
    public double ReferenceHertz => 440 * Math.Pow(2, Cents / 1200);
}
