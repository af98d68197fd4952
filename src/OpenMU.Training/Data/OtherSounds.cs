using OpenMU.Model.Audio;

namespace OpenMU.Training.Data;

/// <summary>
/// Sounds that are no music, of our own making: those of <see cref="NoiseSounds"/>, and what rain, wind, surf, engines,
/// rotors, fire, footsteps and bands of noise are like. Mono, 16 kHz, made from a seed.
/// </summary>
public static class OtherSounds
{
    private static readonly (string Name, Action<float[], Random> Fill)[] Kinds =
    [
        ("rain", Rain), ("wind", Wind), ("surf", Surf), ("engine", Engine), ("rotor", Rotor), ("fire", Fire),
        ("steps", Steps), ("band", Band),
    ];

    /// <summary>The name of the index-th sound: the kinds take turns with those of <see cref="NoiseSounds"/>.</summary>
    public static string NameOf(int index) =>
        index % 2 == 0 ? NoiseSounds.NameOf(index / 2) : $"noise/{Kinds[index / 2 % Kinds.Length].Name}-{index / 2}";

    /// <summary>The index-th sound. Level and colour differ from those of the same kind.</summary>
    public static float[] Make(int index, long seed, double seconds)
    {
        if (index % 2 == 0) return NoiseSounds.Make(index / 2, seed, seconds);
        var random = Seeds.Random(seed, index);
        var samples = new float[(int)(seconds * Fbank.SampleRate)];
        Kinds[index / 2 % Kinds.Length].Fill(samples, random);
        return Levelled(samples, random, decades: 2);
    }

    /// <summary>Brought to a peak of 1 and from there down by at most so many powers of ten.</summary>
    internal static float[] Levelled(float[] samples, Random random, double decades)
    {
        var peak = samples.Max(MathF.Abs);
        var gain = (float)Math.Pow(10, -decades * random.NextDouble()) / Math.Max(peak, 1e-6f);
        for (var i = 0; i < samples.Length; i++) samples[i] *= gain;
        return samples;
    }

    internal static float White(Random random) => (2 * random.NextSingle()) - 1;

    private static float Between(Random random, double low, double high) =>
        (float)(low * Math.Pow(high / low, random.NextDouble()));

    // How far a one-pole low-pass goes towards its input in a sample.
    private static float Step(double hertz) => (float)(1 - Math.Exp(-2 * Math.PI * hertz / Fbank.SampleRate));

    private static void Rain(float[] x, Random random)
    {
        var (low, bed, last) = (Step(Between(random, 200, 2000)), 0.05f + 0.3f * random.NextSingle(), 0f);
        for (var i = 0; i < x.Length; i++)
        {
            var white = White(random);
            last += low * (white - last);
            x[i] = bed * (white - last);
        }

        // Drops: short, each with a pitch and a level of its own.
        for (var at = 0; at < x.Length - 400; at += random.Next(20, random.Next(2) == 0 ? 400 : 4000))
        {
            var (hertz, level) = (Between(random, 400, 6000), Between(random, 0.02, 0.6));
            for (var i = 0; i < 400; i++)
                x[at + i] += level * MathF.Exp(-i / 60f) * MathF.Sin(2 * MathF.PI * hertz * i / Fbank.SampleRate);
        }
    }

    private static void Wind(float[] x, Random random)
    {
        var (state, second, wander, target) = (0f, 0f, 0.5f, 0.5f);
        var centre = Between(random, 150, 900);
        for (var i = 0; i < x.Length; i++)
        {
            if (i % 8000 == 0) target = random.NextSingle();
            wander += (target - wander) / 12000;
            var step = Step(centre * (0.4 + (1.6 * wander)));
            state += step * (White(random) - state);
            second += step * (state - second);
            x[i] = second * (0.2f + wander);
        }
    }

    private static void Surf(float[] x, Random random)
    {
        var (state, step) = (0f, Step(Between(random, 500, 4000)));
        var (seconds, phase) = (Between(random, 3, 12), random.NextSingle());
        for (var i = 0; i < x.Length; i++)
        {
            state += step * (White(random) - state);
            var swell = 0.5f - (0.5f * MathF.Cos(2 * MathF.PI * ((i / (seconds * Fbank.SampleRate)) + phase)));
            x[i] = state * (0.1f + (swell * swell));
        }
    }

    private static void Engine(float[] x, Random random)
    {
        var (hertz, noise, rough) = (Between(random, 15, 120), random.NextSingle(), 0.05f + 0.3f * random.NextSingle());
        var (phase, speed, target, state, step) = (0.0, 1f, 1f, 0f, Step(Between(random, 300, 3000)));
        float[] partials = [.. Enumerable.Range(1, 12).Select(k => random.NextSingle() / k)];
        var level = 1f;
        for (var i = 0; i < x.Length; i++)
        {
            if (i % 24000 == 0) target = 0.7f + 0.8f * random.NextSingle();
            speed += (target - speed) / 16000;
            phase += hertz * speed / Fbank.SampleRate;
            if (phase >= 1)
            {
                // No two strokes are alike.
                phase -= 1;
                level = 1 + (rough * White(random));
            }

            var pulse = 0f;
            for (var k = 0; k < partials.Length; k++)
                pulse += partials[k] * MathF.Sin((float)(2 * Math.PI * (k + 1) * phase));
            state += step * ((pulse * level) + (noise * White(random)) - state);
            x[i] = state;
        }
    }

    private static void Rotor(float[] x, Random random)
    {
        var (hertz, state, step) = (Between(random, 4, 24), 0f, Step(Between(random, 200, 2000)));
        for (var i = 0; i < x.Length; i++)
        {
            state += step * (White(random) - state);
            var turn = 0.5f + (0.5f * MathF.Sin(2 * MathF.PI * hertz * i / Fbank.SampleRate));
            x[i] = state * (0.15f + MathF.Pow(turn, 3));
        }
    }

    private static void Fire(float[] x, Random random)
    {
        var (state, step) = (0f, Step(Between(random, 60, 400)));
        for (var i = 0; i < x.Length; i++)
        {
            state += step * (White(random) - state);
            x[i] = 0.4f * state;
        }

        for (var at = random.Next(2000); at < x.Length - 200; at += random.Next(50, 6000))
        {
            var level = Between(random, 0.02, 0.7);
            for (var i = 0; i < 200; i++) x[at + i] += level * MathF.Exp(-i / 25f) * White(random);
        }
    }

    private static void Steps(float[] x, Random random)
    {
        var (pace, step) = (Between(random, 0.35, 0.9), Step(Between(random, 300, 3000)));
        for (var at = random.Next(8000); at < x.Length - 4000;)
        {
            var (level, length, state) = (0.4f + 0.6f * random.NextSingle(), Between(random, 200, 1200), 0f);
            for (var i = 0; i < 4000; i++)
            {
                state += step * (White(random) - state);
                x[at + i] += level * state * MathF.Exp(-i / length);
            }

            at += (int)(pace * (0.8f + 0.4f * random.NextSingle()) * Fbank.SampleRate);
        }

        for (var i = 0; i < x.Length; i++) x[i] += 0.005f * White(random);
    }

    private static void Band(float[] x, Random random)
    {
        var (hertz, damping) = (Between(random, 100, 5000), 1 - Between(random, 0.002, 0.1));
        var (a, b) = (2 * damping * MathF.Cos(2 * MathF.PI * hertz / Fbank.SampleRate), damping * damping);
        var (one, two) = (0f, 0f);
        for (var i = 0; i < x.Length; i++)
        {
            var now = White(random) + (a * one) - (b * two);
            (one, two) = (now, one);
            x[i] = now;
        }
    }
}
