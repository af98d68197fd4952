using System.Numerics.Tensors;
using OpenMU.Mir.Dsp;

namespace OpenMU.Mir.Networks;

/// <summary>
/// A small network that says how likely each chord is in a frame. The same two hidden layers look at the spectrum from
/// each of the twelve roots in turn and score fourteen qualities; one more score, from what all roots have in common,
/// stands for no chord. Weights come from <c>openmu train-chords</c>; see docs/mir.md.
/// </summary>
internal sealed class ChordNetwork(NetworkWeights weights)
{
    public const int Hidden1 = 64;
    public const int Hidden2 = 48;

    /// <summary>Harte shorthands, in the order of the network's outputs.</summary>
    public static readonly string[] Qualities =
        ["maj", "min", "7", "maj7", "min7", "hdim7", "dim", "dim7", "sus4", "sus2", "aug", "maj6", "min6", "5"];

    /// <summary>Chords that are told apart: root * QualityCount + quality, and last no chord.</summary>
    public const int States = Roots * QualityCount + 1;

    public const int NoChord = States - 1;

    /// <summary>How many qualities are told apart on each root.</summary>
    public const int QualityCount = 14;

    private const int Roots = 12, Inputs = PitchFeatures.Size;
    private static readonly Lazy<ChordNetwork> Shipped = new(Load);

    private readonly float[] weight1 = weights["hidden1.weight"], bias1 = weights["hidden1.bias"];
    private readonly float[] weight2 = weights["hidden2.weight"], bias2 = weights["hidden2.bias"];
    private readonly float[] weight3 = weights["output.weight"], bias3 = weights["output.bias"];

    /// <summary>The parts of the weights file; the last row of the output layer is no chord.</summary>
    public static IReadOnlyList<WeightPart> Layout { get; } =
    [
        new("hidden1.weight", Hidden1, Inputs), new("hidden1.bias", Hidden1),
        new("hidden2.weight", Hidden2, Hidden1), new("hidden2.bias", Hidden2),
        new("output.weight", QualityCount + 1, Hidden2), new("output.bias", QualityCount + 1),
    ];

    /// <summary>The network that ships with the library.</summary>
    public static ChordNetwork Default => Shipped.Value;

    /// <summary>Log-probabilities of all states; [frames, States].</summary>
    public float[] LogProbabilities(Chromagram chromagram)
    {
        var features = PitchFeatures.From(chromagram);
        var result = new float[features.Frames * States];
        var averages = new float[PitchFeatures.AverageSize];
        var scores = new float[States];
        var buffers = new Buffers();
        for (var frame = 0; frame < features.Frames; frame++)
        {
            features.Average(frame, averages);
            Score(averages, scores, buffers);
            Softmax.Log(scores, result.AsSpan(frame * States, States));
        }

        return result;
    }

    /// <summary>Scores (logits) of all states in one frame.</summary>
    /// <param name="averages">What <see cref="PitchFeatures.Average"/> gives; [PitchFeatures.AverageSize].</param>
    /// <param name="scores">Receives the scores; [States].</param>
    /// <param name="buffers">Room for the layers.</param>
    internal void Score(ReadOnlySpan<float> averages, Span<float> scores, Buffers buffers)
    {
        var (view, h1, h2, mean) = (buffers.View, buffers.H1, buffers.H2, buffers.Mean);
        Array.Clear(mean);
        for (var root = 0; root < Roots; root++)
        {
            PitchFeatures.Read(averages, root, view);
            Layer(weight1, bias1, view, h1);
            TensorPrimitives.Max<float>(h1, 0, h1);
            Layer(weight2, bias2, h1, h2);
            TensorPrimitives.Max<float>(h2, 0, h2);
            Layer(weight3, bias3, h2, scores.Slice(root * QualityCount, QualityCount));
            TensorPrimitives.Add<float>(mean, h2, mean);
        }

        TensorPrimitives.Divide(mean, Roots, mean);
        Layer(weight3.AsSpan(QualityCount * Hidden2), bias3.AsSpan(QualityCount), mean, scores[NoChord..]);
    }

    private static ChordNetwork Load() => new(NetworkWeights.Shipped("chords", Layout));

    // y[i] = weight[i] . x + bias[i], as many rows as y has.
    private static void Layer(
        ReadOnlySpan<float> weight, ReadOnlySpan<float> bias, ReadOnlySpan<float> x, Span<float> y)
    {
        var inputs = x.Length;
        for (var i = 0; i < y.Length; i++) y[i] = TensorPrimitives.Dot(weight.Slice(i * inputs, inputs), x) + bias[i];
    }

    /// <summary>What one root sees, the layers' outputs, and the mean of the second layer over the roots.</summary>
    internal sealed class Buffers
    {
        public float[] View { get; } = new float[Inputs];

        public float[] H1 { get; } = new float[Hidden1];

        public float[] H2 { get; } = new float[Hidden2];

        public float[] Mean { get; } = new float[Hidden2];
    }
}
