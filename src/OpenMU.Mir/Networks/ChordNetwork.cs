using System.Numerics;
using OpenMU.Mir.Dsp;

namespace OpenMU.Mir.Networks;

/// <summary>
/// A small network that says how likely each chord is in a frame. The same two hidden layers look at the spectrum from each of the twelve roots in turn and score
/// thirteen qualities; one more score, from what all roots have in common, stands for no chord. Weights come from <c>openmu train-chords</c>; see docs/mir.md.
/// </summary>
internal sealed class ChordNetwork
{
    public const int Hidden1 = 64;
    public const int Hidden2 = 48;

    /// <summary>Harte shorthands, in the order of the network's outputs.</summary>
    public static readonly string[] Qualities = ["maj", "min", "7", "maj7", "min7", "hdim7", "dim", "dim7", "sus4", "sus2", "aug", "maj6", "min6"];

    /// <summary>Chords that are told apart: root * 13 + quality, and last no chord.</summary>
    public const int States = 12 * 13 + 1;

    public const int NoChord = States - 1;

    private const int In = PitchFeatures.Size;
    private static readonly Lazy<ChordNetwork> Shipped = new(Load);

    /// <summary>Weights: [Hidden1, In], [Hidden1], [Hidden2, Hidden1], [Hidden2], [13 + 1, Hidden2], [13 + 1]; the last row is no chord.</summary>
    public float[][] Weights { get; } =
        [new float[Hidden1 * In], new float[Hidden1], new float[Hidden2 * Hidden1], new float[Hidden2], new float[14 * Hidden2], new float[14]];

    /// <summary>The network that ships with the library.</summary>
    public static ChordNetwork Default => Shipped.Value;

    /// <summary>Scores of all states for one frame, and what lies between for the trainer.</summary>
    public void Forward(ReadOnlySpan<float> averages, Activations a)
    {
        Array.Clear(a.Mean);
        for (var root = 0; root < 12; root++)
        {
            var view = a.View.AsSpan(root * In, In);
            var h1 = a.H1.AsSpan(root * Hidden1, Hidden1);
            var h2 = a.H2.AsSpan(root * Hidden2, Hidden2);
            PitchFeatures.Read(averages, root, view);
            for (var i = 0; i < Hidden1; i++) h1[i] = MathF.Max(0, Dot(Weights[0].AsSpan(i * In, In), view) + Weights[1][i]);
            for (var i = 0; i < Hidden2; i++) h2[i] = MathF.Max(0, Dot(Weights[2].AsSpan(i * Hidden1, Hidden1), h1) + Weights[3][i]);
            for (var q = 0; q < 13; q++) a.Scores[root * 13 + q] = Dot(Weights[4].AsSpan(q * Hidden2, Hidden2), h2) + Weights[5][q];
            for (var i = 0; i < Hidden2; i++) a.Mean[i] += h2[i] / 12;
        }

        a.Scores[NoChord] = Dot(Weights[4].AsSpan(13 * Hidden2, Hidden2), a.Mean) + Weights[5][13];
    }

    /// <summary>Log-probabilities of all states; [frames, States].</summary>
    public float[] LogProbabilities(Chromagram chromagram)
    {
        var features = PitchFeatures.From(chromagram);
        var result = new float[features.Frames * States];
        var averages = new float[PitchFeatures.AverageSize];
        var activations = new Activations();
        for (var frame = 0; frame < features.Frames; frame++)
        {
            features.Average(frame, averages);
            Forward(averages, activations);
            var highest = activations.Scores.Max();
            var sum = 0f;
            foreach (var score in activations.Scores) sum += MathF.Exp(score - highest);
            var shift = highest + MathF.Log(sum);
            for (var s = 0; s < States; s++) result[frame * States + s] = activations.Scores[s] - shift;
        }

        return result;
    }

    /// <summary>Writes the weights as half-precision numbers.</summary>
    public void Save(Stream stream)
    {
        using var writer = new BinaryWriter(stream);
        foreach (var weights in Weights)
        {
            foreach (var weight in weights) writer.Write((Half)weight);
        }
    }

    public static ChordNetwork Read(Stream stream)
    {
        using var reader = new BinaryReader(stream);
        var net = new ChordNetwork();
        foreach (var weights in net.Weights)
        {
            for (var i = 0; i < weights.Length; i++) weights[i] = (float)reader.ReadHalf();
        }

        return net;
    }

    private static ChordNetwork Load() => Read(typeof(ChordNetwork).Assembly.GetManifestResourceStream("OpenMU.Mir.Weights.chords.bin")!);

    // Both lengths are a multiple of 16.
    internal static float Dot(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        var (sum0, sum1) = (Vector<float>.Zero, Vector<float>.Zero);
        var i = 0;
        for (; i <= a.Length - 2 * Vector<float>.Count; i += 2 * Vector<float>.Count)
        {
            sum0 += new Vector<float>(a[i..]) * new Vector<float>(b[i..]);
            sum1 += new Vector<float>(a[(i + Vector<float>.Count)..]) * new Vector<float>(b[(i + Vector<float>.Count)..]);
        }

        var sum = Vector.Sum(sum0 + sum1);
        for (; i < a.Length; i++) sum += a[i] * b[i];
        return sum;
    }

    /// <summary>Buffers of one frame.</summary>
    public sealed class Activations
    {
        public float[] View { get; } = new float[12 * In];

        public float[] H1 { get; } = new float[12 * Hidden1];

        public float[] H2 { get; } = new float[12 * Hidden2];

        public float[] Mean { get; } = new float[Hidden2];

        public float[] Scores { get; } = new float[States];
    }
}
