using OpenMU.Model.Audio;

namespace OpenMU.Training.Data;

/// <summary>
/// Music of our own making that is close to being none: drones, pads, drums alone, a voice alone without words, a few
/// plucked strings; some of it very quiet. Mono, 16 kHz, made from a seed.
/// </summary>
public static class BareMusic
{
    private static readonly (string Name, Action<float[], Random> Fill)[] Kinds =
        [("drone", Drone), ("pad", Pad), ("drums", Drums), ("voice", Voice), ("plucked", Plucked)];

    private static readonly int[] Scale = [0, 2, 4, 5, 7, 9, 11], Formants = [300, 450, 700, 850, 1100, 1800, 2300];

    /// <summary>The name of the index-th piece: kinds take turns.</summary>
    public static string NameOf(int index) => $"bare/{KindOf(index)}-{index / Kinds.Length}";

    /// <summary>The kind of the index-th piece.</summary>
    public static string KindOf(int index) => Kinds[index % Kinds.Length].Name;

    /// <summary>The index-th piece.</summary>
    public static float[] Make(int index, long seed, double seconds)
    {
        var random = Seeds.Random(seed, index);
        var samples = new float[(int)(seconds * Fbank.SampleRate)];
        Kinds[index % Kinds.Length].Fill(samples, random);
        // Hardly a recording is without any noise.
        var noise = 0.003f * random.NextSingle();
        for (var i = 0; i < samples.Length; i++) samples[i] += noise * OtherSounds.White(random);
        return OtherSounds.Levelled(samples, random, decades: 1.7);
    }

    private static double Hertz(double midi) => 440 * Math.Pow(2, (midi - 69) / 12);

    /// <summary>Adds a tone of several partials with a slow rise and fall.</summary>
    private static void Tone(float[] x, int start, int length, double hertz, double level, double dull, double attack)
    {
        var partials = (int)Math.Min(16, 7000 / hertz);
        var rise = Math.Max(80, (int)(attack * length));
        for (var k = 1; k <= partials; k++)
        {
            var (gain, step) = (level * Math.Pow(k, -dull), 2 * Math.PI * hertz * k / Fbank.SampleRate);
            for (var i = 0; i < length && start + i < x.Length; i++)
            {
                var shape = Math.Min(1, Math.Min((double)i / rise, (double)(length - i) / rise));
                x[start + i] += (float)(gain * shape * Math.Sin(step * i));
            }
        }
    }

    private static void Drone(float[] x, Random random)
    {
        double root = 28 + random.Next(30), dull = 1 + random.NextDouble();
        int[] steps = random.Next(3) switch { 0 => [0, 12], 1 => [0, 7, 12], _ => [0, 7, 12, 15] };
        foreach (var step in steps)
        {
            // Two of nearly the same pitch beat slowly.
            var hertz = Hertz(root + step);
            Tone(x, 0, x.Length, hertz, 0.3, dull, 0.1);
            Tone(x, 0, x.Length, hertz + 0.1 + random.NextDouble(), 0.2, dull, 0.3);
        }
    }

    private static void Pad(float[] x, Random random)
    {
        var (root, dull) = (40 + random.Next(20), 1.2 + random.NextDouble());
        for (var at = 0; at < x.Length;)
        {
            var length = (int)((2 + (5 * random.NextDouble())) * Fbank.SampleRate);
            var degree = random.Next(7);
            for (var third = 0; third < 6; third += 2)
            {
                var place = degree + third;
                var hertz = Hertz(root + Scale[place % 7] + (12 * (place / 7)));
                Tone(x, at, (int)(1.2 * length), hertz, 0.3, dull, 0.3);
                Tone(x, at, (int)(1.2 * length), hertz * 1.003, 0.2, dull, 0.3);
            }

            at += length;
        }
    }

    private static void Drums(float[] x, Random random)
    {
        var eighth = 30.0 / (70 + (90 * random.NextDouble())) * Fbank.SampleRate;
        var (kick, snare, hat) = (40 + (40 * random.NextDouble()), 300 + random.Next(1500), 100 + random.Next(400));
        int[] pattern = [.. Enumerable.Range(0, 16).Select(place =>
            place == 0 ? 1 : place % 8 == 4 ? 2 : random.Next(5) switch { 0 => 1, 1 => 2, _ => 0 })];
        for (var beat = 0; beat * eighth < x.Length; beat++)
        {
            var at = (int)(beat * eighth);
            Hit(x, at, 0.25f, hat, random);
            if (pattern[beat % 16] == 2) Hit(x, at, 0.7f, snare, random);
            for (var i = 0; pattern[beat % 16] == 1 && i < 4000 && at + i < x.Length; i++)
            {
                x[at + i] += (float)(Math.Exp(-i / 1200.0)
                    * Math.Sin(2 * Math.PI * kick * (1 + (2 * Math.Exp(-i / 200.0))) * i / Fbank.SampleRate));
            }
        }
    }

    private static void Hit(float[] x, int at, float level, int length, Random random)
    {
        var last = 0f;
        for (var i = 0; i < 6 * length && at + i < x.Length; i++)
        {
            var white = OtherSounds.White(random);
            x[at + i] += level * MathF.Exp(-i / (float)length) * (white - (0.7f * last));
            last = white;
        }
    }

    /// <summary>Vowels on the notes of a scale, with vibrato.</summary>
    private static void Voice(float[] x, Random random)
    {
        var (root, degree, phase) = (45 + random.Next(20), random.Next(7), 0.0);
        for (var at = 0; at < x.Length;)
        {
            var length = (int)((0.3 + (1.2 * random.NextDouble())) * Fbank.SampleRate);
            degree = Math.Clamp(degree + random.Next(-2, 3), 0, 13);
            var hertz = Hertz(root + Scale[degree % 7] + (12 * (degree / 7)));
            var (first, second) = (Formants[random.Next(4)], Formants[random.Next(4, 7)]);
            for (var i = 0; i < length && at + i < x.Length; i++)
            {
                phase += hertz * (1 + (0.01 * Math.Sin(2 * Math.PI * 5.5 * i / Fbank.SampleRate))) / Fbank.SampleRate;
                var (sum, shape) = (0.0, Math.Min(1, Math.Min(i, length - i) / 800.0));
                for (var k = 1; k <= 20 && k * hertz < 5000; k++)
                {
                    var gain = Near(k * hertz, first, 120) + (0.5 * Near(k * hertz, second, 200)) + (0.1 / k);
                    sum += gain * Math.Sin(2 * Math.PI * k * phase);
                }

                x[at + i] += (float)(shape * sum);
            }

            at += length + (random.Next(6) == 0 ? 6000 : 0);
        }
    }

    private static double Near(double hertz, double formant, double width) =>
        1 / (1 + Math.Pow((hertz - formant) / width, 2));

    /// <summary>Strings as Karplus and Strong (1983) pluck them.</summary>
    private static void Plucked(float[] x, Random random)
    {
        var (root, bright) = (36 + random.Next(24), 0.985f + 0.014f * random.NextSingle());
        for (var at = 0; at < x.Length; at += (int)((0.15 + (0.7 * random.NextDouble())) * Fbank.SampleRate))
        {
            var degree = random.Next(14);
            var wire = new float[(int)(Fbank.SampleRate / Hertz(root + Scale[degree % 7] + (12 * (degree / 7))))];
            for (var i = 0; i < wire.Length; i++) wire[i] = OtherSounds.White(random);
            for (var i = 0; i < 2 * Fbank.SampleRate && at + i < x.Length; i++)
            {
                var place = i % wire.Length;
                x[at + i] += 0.3f * wire[place];
                wire[place] = bright * 0.5f * (wire[place] + wire[(place + 1) % wire.Length]);
            }
        }
    }
}
