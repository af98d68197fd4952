using OpenMU.Mir.Audio;
using OpenMU.Model.Audio;

namespace OpenMU.Training.Evaluation;

/// <summary>
/// A way in which a recording may differ from those that a model was trained on, while the same music is heard.
/// </summary>
/// <param name="Name">For tables.</param>
/// <param name="Change">Mono samples at 16 kHz to the same.</param>
public sealed record AudioPerturbation(string Name, Func<float[], float[]> Change)
{
    private const int Window = 1024, Hop = Window / 2, Search = 256;

    /// <summary>What the robustness study tries, besides MP3 and other soundfonts.</summary>
    public static IReadOnlyList<AudioPerturbation> All { get; } =
    [
        new("as it is", samples => samples),
        new("noise 20 dB below", samples => AddNoise(samples, 20)),
        new("noise 10 dB below", samples => AddNoise(samples, 10)),
        new("noise as loud", samples => AddNoise(samples, 0)),
        new("1 semitone up", samples => PitchShift(samples, 1)),
        new("2 semitones down", samples => PitchShift(samples, -2)),
        new("10 % faster", samples => TimeStretch(samples, 1.1)),
        new("10 % slower", samples => TimeStretch(samples, 0.9)),
        new("20 dB softer", samples => Array.ConvertAll(samples, sample => sample * 0.1f)),
    ];

    /// <summary>Adds white noise at a number of decibels below the recording's own level.</summary>
    public static float[] AddNoise(float[] samples, double decibels)
    {
        var factor = (float)Math.Pow(10, -decibels / 20);
        var noise = ControlSound.WhiteNoise(samples, seed: 1);
        return [.. samples.Select((sample, i) => sample + factor * noise[i])];
    }

    /// <summary>The same length, higher by a number of semitones: played faster, then stretched.</summary>
    public static float[] PitchShift(float[] samples, double semitones)
    {
        var factor = Math.Pow(2, semitones / 12);
        var rate = (int)Math.Round(Fbank.SampleRate * factor);
        return TimeStretch(Resampler.Resample(samples, rate, Fbank.SampleRate), 1 / factor);
    }

    /// <summary>
    /// The same pitch, faster by a factor: overlapping windows are moved together or apart, each to where it continues
    /// the last one best (WSOLA, Verhelst and Roelands, 1993).
    /// </summary>
    public static float[] TimeStretch(float[] samples, double factor)
    {
        var output = new float[(int)(samples.Length / factor)];
        if (samples.Length < Window + 2 * Search) return samples;
        var place = 0;
        for (var start = 0; start + Window <= output.Length; start += Hop)
        {
            // The half window that would have followed in the recording is what the next window is to begin with.
            var wanted = Math.Clamp((int)(start * factor), 0, samples.Length - Window);
            place = start == 0 ? 0 : BestPlace(samples, Math.Min(place + Hop, samples.Length - Window), wanted);
            for (var i = 0; i < Window; i++)
            {
                var weight = start == 0 && i < Hop ? 1 : 0.5 - 0.5 * Math.Cos(2 * Math.PI * (i + 0.5) / Window);
                output[start + i] += (float)(weight * samples[place + i]);
            }
        }
        return output;
    }

    private static int BestPlace(float[] samples, int natural, int wanted)
    {
        var (best, bestScore) = (wanted, double.NegativeInfinity);
        for (var place = Math.Max(0, wanted - Search);
            place <= Math.Min(samples.Length - Window, wanted + Search); place += 2)
        {
            var (product, power) = (0f, 1e-9f);
            for (var i = 0; i < Hop; i++)
            {
                product += samples[natural + i] * samples[place + i];
                power += samples[place + i] * samples[place + i];
            }
            if (product / Math.Sqrt(power) is var score && score > bestScore) (best, bestScore) = (place, score);
        }
        return best;
    }
}

/// <summary>
/// Sounds without music in them. What a model scores on these it owes to its questions, not to its ears.
/// </summary>
public static class ControlSound
{
    /// <summary>Gaussian white noise as long and, in its root mean square, as loud as a recording.</summary>
    /// <param name="recording">Samples in [-1, 1].</param>
    /// <param name="seed">Another one for each clip.</param>
    public static float[] WhiteNoise(ReadOnlySpan<float> recording, int seed)
    {
        var power = 0.0;
        foreach (var sample in recording) power += (double)sample * sample;
        var deviation = Math.Sqrt(power / Math.Max(1, recording.Length));
        var random = new Random(seed);
        var noise = new float[recording.Length];
        for (var i = 0; i < noise.Length; i++)
        {
            // Box and Muller.
            noise[i] = (float)(deviation * Math.Sqrt(-2 * Math.Log(1 - random.NextDouble()))
                * Math.Cos(2 * Math.PI * random.NextDouble()));
        }
        return noise;
    }

    /// <summary>As long as a recording.</summary>
    public static float[] Silence(ReadOnlySpan<float> recording) => new float[recording.Length];
}
