using OpenMU.Mir.Audio;
using OpenMU.Mir.Dsp;

namespace OpenMU.Testing;

/// <summary>Synthetic percussion with known beats.</summary>
public static class Rhythm
{
    public const int Rate = OnsetStrength.SampleRate;

    /// <summary>A decaying click at each time; the pitch in hertz sets high ticks apart from low thumps.</summary>
    public static float[] Clicks(
        double seconds, IEnumerable<double> times, double hertz = 1500, double gain = 0.5, float[]? onto = null,
        double decay = 0.008)
    {
        var samples = onto ?? new float[(int)(seconds * Rate)];
        foreach (var time in times)
        {
            var start = (int)Math.Round(time * Rate);
            for (var i = 0; i < 8 * decay * Rate && start + i < samples.Length; i++)
            {
                samples[start + i] +=
                    (float)(gain * Math.Exp(-i / (decay * Rate)) * Math.Sin(2 * Math.PI * hertz * i / Rate));
            }
        }
        return samples;
    }

    /// <summary>
    /// A drum on each beat: low on the first of the bar (and the third of four), bright on the others, ticks between.
    /// </summary>
    public static float[] Drums(double seconds, double[] beats, int length)
    {
        var samples = new float[(int)(seconds * Rate)];
        bool Low(int k) => k % length == 0;
        Clicks(seconds, beats.Where((_, k) => Low(k)), hertz: 60, gain: 0.8, onto: samples, decay: 0.07);
        Clicks(
            seconds, beats.Where((_, k) => length == 4 && k % 4 == 2), hertz: 60, gain: 0.5,
            onto: samples, decay: 0.07);
        Clicks(
            seconds, beats.Where((_, k) => length == 4 ? k % 2 == 1 : !Low(k)), hertz: 1800, gain: 0.3,
            onto: samples, decay: 0.02);
        return Clicks(seconds, beats.Zip(beats.Skip(1), (a, b) => (a + b) / 2), hertz: 6000, gain: 0.05, onto: samples);
    }

    /// <summary>Times from first to the end of the clip, evenly spaced.</summary>
    public static double[] Grid(double bpm, double seconds, double first = 0.1) =>
        [.. Enumerable.Range(0, (int)((seconds - first) * bpm / 60) + 1).Select(i => first + i * 60 / bpm)
            .Where(t => t < seconds)];

    public static Waveform Wave(float[] samples) => new(samples, Rate);

    /// <summary>Share of the wanted times that have a found one within 70 ms.</summary>
    public static double Recall(IReadOnlyList<double> wanted, IReadOnlyList<double> found) =>
        wanted.Count(w => found.Any(f => Math.Abs(f - w) <= 0.07)) / (double)wanted.Count;
}
