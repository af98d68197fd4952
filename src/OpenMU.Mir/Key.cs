using OpenMU.Mir.Audio;
using OpenMU.Mir.Dsp;

namespace OpenMU.Mir;

/// <summary>The key: one of 24, or none, by correlating pitch class profiles (Krumhansl, 1990; Temperley, 2007) with what sounds.</summary>
public static class Key
{
    // Weights of the scale degrees, the mean of the two sources' profiles after scaling to unit sum.
    private static readonly double[] Major = [0.176, 0.042, 0.096, 0.051, 0.121, 0.104, 0.05, 0.141, 0.055, 0.092, 0.045, 0.065];
    private static readonly double[] Minor = [0.17, 0.052, 0.09, 0.134, 0.05, 0.1, 0.048, 0.138, 0.088, 0.054, 0.058, 0.07];

    /// <summary>Estimates the key of a whole waveform.</summary>
    public static KeyEstimate Estimate(Waveform waveform) => Estimate(Chromagram(waveform));

    /// <summary>Estimates the key from what was extracted.</summary>
    public static KeyEstimate Estimate(Chromagram chromagram)
    {
        var chroma = PitchClasses(chromagram);
        var end = chromagram.Frames * chromagram.HopSeconds;
        var scores = Enumerable.Range(0, 24).Select(key => Correlation(chroma, key)).ToArray();
        var best = Array.IndexOf(scores, scores.Max());
        if (double.IsNaN(scores[best]) || scores[best] < 0.5 || chromagram.Tuning.Confidence < 0.1)
            return new KeyEstimate(null, 1 - chromagram.Tuning.Confidence, null, null, chromagram.Tuning.Cents, [], [new KeySegment(0, end, null, 1)]);

        var odds = scores.Select(score => Math.Exp(30 * (score - scores[best]))).ToArray();
        var probability = odds.Select(odd => odd / odds.Sum()).ToArray();
        var ranked = Enumerable.Range(0, 24).OrderByDescending(key => probability[key]).ThenBy(key => key).ToArray();
        return new KeyEstimate(
            KeyNames.Name(best), probability[best], KeyNames.Camelot(best), KeyNames.OpenKey(best), chromagram.Tuning.Cents,
            [.. ranked.Skip(1).Take(3).Select(key => new KeyAlternative(KeyNames.Name(key), probability[key]))],
            [new KeySegment(0, end, KeyNames.Name(best), probability[best])]);
    }

    internal static Chromagram Chromagram(Waveform waveform)
    {
        var extractor = new ChromaExtractor(waveform.SampleRate);
        extractor.Push(waveform.Samples);
        return extractor.Finish();
    }

    private static double[] PitchClasses(Chromagram chromagram)
    {
        var chroma = new double[12];
        Span<float> power = stackalloc float[Dsp.Chromagram.Semitones];
        for (var frame = 0; frame < chromagram.Frames; frame++)
        {
            chromagram.SemitonePower(frame, power);
            for (var k = 12; k < 72; k++) chroma[k % 12] += Math.Pow(power[k], 0.25) * Math.Exp(-0.5 * Math.Pow((k - 36) / 15.0, 2));
        }

        return chroma;
    }

    private static double Correlation(double[] chroma, int key)
    {
        var profile = key < 12 ? Major : Minor;
        var (meanChroma, meanProfile) = (chroma.Average(), profile.Average());
        var (xy, xx, yy) = (0.0, 0.0, 0.0);
        for (var i = 0; i < 12; i++)
        {
            var (x, y) = (chroma[(i + key) % 12] - meanChroma, profile[i] - meanProfile);
            xy += x * y;
            xx += x * x;
            yy += y * y;
        }

        return xx < 1e-12 ? double.NaN : xy / Math.Sqrt(xx * yy);
    }
}
