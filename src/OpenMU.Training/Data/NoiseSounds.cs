using OpenMU.Model.Audio;

namespace OpenMU.Training.Data;

/// <summary>Sound that is no music: what a model must not be sure about. Mono, 16 kHz, made from a seed.</summary>
public static class NoiseSounds
{
    private static readonly string[] Kinds = ["white", "pink", "brown", "silence", "hum", "clicks", "dither", "bursts"];

    /// <summary>The name of the index-th sound: kinds take turns.</summary>
    public static string NameOf(int index) => $"noise/{Kinds[index % Kinds.Length]}-{index / Kinds.Length}";

    /// <summary>The index-th sound. Its loudness and colour differ from those of the same kind.</summary>
    public static float[] Make(int index, long seed, double seconds)
    {
        var random = Seeds.Random(seed, index);
        var samples = new float[(int)(seconds * Fbank.SampleRate)];
        var gain = (float)Math.Pow(10, -2.5 * random.NextDouble());
        Action<float[], Random> fill = Kinds[index % Kinds.Length] switch
        {
            "white" => (x, r) => Filtered(x, r, 0),
            "pink" => (x, r) => Filtered(x, r, 0.7f + 0.25f * r.NextSingle()),
            "brown" => (x, r) => Filtered(x, r, 0.995f),
            "silence" => (x, _) => x.AsSpan().Clear(),
            "hum" => Hum,
            "clicks" => Clicks,
            "dither" => (x, r) => Dither(x, r, 1 / (32768 * gain)),
            _ => Bursts,
        };
        fill(samples, random);
        for (var i = 0; i < samples.Length; i++) samples[i] = Math.Clamp(samples[i] * gain, -1, 1);
        return samples;
    }

    private static float White(Random random) =>
        (random.NextSingle() + random.NextSingle() + random.NextSingle() - 1.5f) * 0.6f;

    /// <summary>White noise through a one-pole low-pass, brought back to its loudness.</summary>
    private static void Filtered(float[] x, Random random, float pole)
    {
        var (state, scale) = (0f, MathF.Sqrt(1 - pole * pole));
        for (var i = 0; i < x.Length; i++) x[i] = state = pole * state + scale * White(random);
    }

    /// <summary>The least that 16 bits can hold.</summary>
    private static void Dither(float[] x, Random random, float step)
    {
        for (var i = 0; i < x.Length; i++) x[i] = (random.NextSingle() - random.NextSingle()) * step;
    }

    private static void Hum(float[] x, Random random)
    {
        var (hertz, buzz) = (random.Next(2) == 0 ? 50 : 60, random.NextSingle());
        for (var i = 0; i < x.Length; i++)
        {
            var phase = 2 * MathF.PI * hertz * i / Fbank.SampleRate;
            x[i] = 0.5f * (MathF.Sin(phase) + buzz * MathF.Sin(3 * phase) / 3 + buzz * MathF.Sin(5 * phase) / 5)
                + 0.01f * White(random);
        }
    }

    private static void Clicks(float[] x, Random random)
    {
        for (var at = random.Next(8000); at < x.Length - 40; at += random.Next(400, 16000))
        {
            for (var i = 0; i < 40; i++) x[at + i] = White(random) * (1 - i / 40f);
        }
    }

    private static void Bursts(float[] x, Random random)
    {
        for (var at = random.Next(8000); at < x.Length;)
        {
            var end = Math.Min(x.Length, at + random.Next(1600, 24000));
            for (; at < end; at++) x[at] = White(random);
            at += random.Next(1600, 24000);
        }
    }
}
