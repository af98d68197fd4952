using OpenMU.Mir.Audio;
using OpenMU.Mir.Dsp;

namespace OpenMU.Mir;

/// <summary>A tempo and how likely it is to be the one a listener taps.</summary>
/// <param name="Bpm">Beats a minute.</param>
/// <param name="Confidence">0 (a guess) to 1 (certain).</param>
public sealed record TempoCandidate(double Bpm, double Confidence);

/// <summary>The tempo of a track.</summary>
/// <param name="Bpm">Beats a minute; where the tempo changes, that of the longest part.</param>
/// <param name="Confidence">0 (a guess) to 1 (certain).</param>
/// <param name="Alternatives">Other readings, half, double and third among them, most likely first.</param>
public sealed record TempoEstimate(double Bpm, double Confidence, IReadOnlyList<TempoCandidate> Alternatives);

/// <summary>Tempo from the periodicity of note onsets.</summary>
public static class Tempo
{
    internal const double SlowestBpm = 40, FastestBpm = 240;
    private const double ShortestSeconds = 1.5;

    /// <summary>The tempo of a waveform of any rate, or null where nothing repeats.</summary>
    public static TempoEstimate? Estimate(Waveform audio) => Estimate(OnsetStrength.Of(audio));

    /// <summary>The tempo, or null where nothing repeats: silence, one held note, less than 1.5 seconds.</summary>
    public static TempoEstimate? Estimate(OnsetEnvelope onsets)
    {
        if (onsets.DurationSeconds < ShortestSeconds) return null;
        var longest = (int)Math.Ceiling(4 * 60 / SlowestBpm * onsets.FrameRate);
        var similarity = Autocorrelation(onsets.Strength, longest);
        if (similarity[0] <= 0) return null;

        List<TempoCandidate> candidates = [];
        for (var bpm = SlowestBpm; bpm <= FastestBpm; bpm *= 1.005)
        {
            var lag = 60 / bpm * onsets.FrameRate;
            var comb = (Value(similarity, lag) + 0.5 * Value(similarity, 2 * lag) + 0.25 * Value(similarity, 4 * lag)) / 1.75;
            var octavesOff = Math.Log2(bpm / 115);
            candidates.Add(new(bpm, Math.Max(0, comb) * Math.Exp(-0.5 * octavesOff * octavesOff / (0.7 * 0.7))));
        }
        return Choose(candidates);
    }

    private static TempoEstimate? Choose(List<TempoCandidate> candidates)
    {
        var peaks = candidates.Where((c, i) =>
            i > 0 && i < candidates.Count - 1 && c.Confidence > candidates[i - 1].Confidence && c.Confidence >= candidates[i + 1].Confidence)
            .OrderByDescending(c => c.Confidence).Take(5).ToArray();
        if (peaks.Length == 0 || peaks[0].Confidence < 0.02) return null;
        var total = peaks.Sum(p => p.Confidence);
        TempoCandidate Share(TempoCandidate peak) => new(peak.Bpm, peak.Confidence / total * Math.Min(1, peaks[0].Confidence * 2));
        return new(peaks[0].Bpm, Share(peaks[0]).Confidence, [.. peaks.Skip(1).Select(Share)]);
    }

    // Correlation coefficient of the strength with itself, lag frames later, by FFT: [lags + 1]; all zero for a flat signal.
    private static float[] Autocorrelation(float[] strength, int lags)
    {
        var size = 4;
        while (size < strength.Length + lags + 1) size *= 2;
        var fft = new RealFft(size);
        float[] x = new float[size], power = new float[fft.Bins], im = new float[fft.Bins];
        var mean = strength.Average();
        for (var i = 0; i < strength.Length; i++) x[i] = Math.Min(strength[i], 8) - mean;
        fft.Power(x, power);
        for (var i = 0; i < size; i++) x[i] = power[Math.Min(i, size - i)];       // a real, even spectrum: forward equals inverse
        fft.Forward(x, power, im);
        var result = new float[lags + 1];
        if (power[0] <= 1e-3f * size) return result;
        for (var lag = 0; lag <= Math.Min(lags, strength.Length - 1); lag++)
        {
            result[lag] = power[lag] / power[0] * strength.Length / (strength.Length - 0.5f * lag);
        }
        return result;
    }

    private static double Value(float[] similarity, double lag)
    {
        var i = (int)lag;
        return i + 1 >= similarity.Length ? 0 : similarity[i] + (lag - i) * (similarity[i + 1] - similarity[i]);
    }
}
