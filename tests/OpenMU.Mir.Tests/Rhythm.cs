using OpenMU.Mir.Audio;
using OpenMU.Mir.Dsp;

namespace OpenMU.Mir.Tests;

/// <summary>Synthetic percussion with known beats.</summary>
internal static class Rhythm
{
    public const int Rate = OnsetStrength.SampleRate;

    /// <summary>A decaying click at each time; the pitch in hertz sets high ticks apart from low thumps.</summary>
    public static float[] Clicks(double seconds, IEnumerable<double> times, double hertz = 1500, double gain = 0.5, float[]? onto = null)
    {
        var samples = onto ?? new float[(int)(seconds * Rate)];
        foreach (var time in times)
        {
            var start = (int)Math.Round(time * Rate);
            for (var i = 0; i < Rate / 20 && start + i < samples.Length; i++)
            {
                samples[start + i] += (float)(gain * Math.Exp(-i / (0.008 * Rate)) * Math.Sin(2 * Math.PI * hertz * i / Rate));
            }
        }
        return samples;
    }

    /// <summary>Times from first to the end of the clip, evenly spaced.</summary>
    public static double[] Grid(double bpm, double seconds, double first = 0.1) =>
        [.. Enumerable.Range(0, (int)((seconds - first) * bpm / 60) + 1).Select(i => first + i * 60 / bpm).Where(t => t < seconds)];

    public static Waveform Wave(float[] samples) => new(samples, Rate);

    /// <summary>Share of the wanted times that have a found one within 70 ms.</summary>
    public static double Recall(IReadOnlyList<double> wanted, IReadOnlyList<double> found) =>
        wanted.Count(w => found.Any(f => Math.Abs(f - w) <= 0.07)) / (double)wanted.Count;
}
