using System.Numerics.Tensors;

namespace OpenMU.Mir.Networks;

/// <summary>
/// How likely each key is, given how much of a stretch each chord and each pitch class sounds: one linear layer that
/// looks from each of the twelve tonics in turn and scores major and minor. Weights come from <c>openmu train-key</c>;
/// see docs/mir.md.
/// </summary>
internal sealed class KeyNetwork(NetworkWeights weights)
{
    /// <summary>
    /// Numbers seen from a tonic: 168 chords, 12 pitch classes of the bass, 12 of the middle, 12 steps from a chord to
    /// the tonic chord.
    /// </summary>
    public const int Size = Chords + 12 + 12 + 12;

    /// <summary>
    /// Numbers of the chords, which come first: root * <see cref="ChordNetwork.QualityCount"/> + quality.
    /// </summary>
    public const int Chords = 12 * ChordNetwork.QualityCount;

    /// <summary>Keys: mode * 12 + tonic, major before minor.</summary>
    public const int Keys = 24;

    private const int Modes = 2, Tonics = 12;
    private static readonly Lazy<KeyNetwork> Shipped = new(Load);

    private readonly float[] weight = weights["output.weight"], bias = weights["output.bias"];

    /// <summary>The parts of the weights file: one row each for major and minor.</summary>
    public static IReadOnlyList<WeightPart> Layout { get; } =
        [new("output.weight", Modes, Size), new("output.bias", Modes)];

    /// <summary>The network that ships with the library.</summary>
    public static KeyNetwork Default => Shipped.Value;

    /// <summary>Scores (logits) of the keys; [<see cref="Keys"/>].</summary>
    /// <param name="contents">From <see cref="KeyContents"/>; [Size], seen from C.</param>
    public float[] Scores(ReadOnlySpan<float> contents)
    {
        var view = new float[Size];
        var scores = new float[Keys];
        for (var tonic = 0; tonic < Tonics; tonic++)
        {
            View(contents, tonic, view);
            for (var mode = 0; mode < Modes; mode++)
            {
                var row = weight.AsSpan(mode * Size, Size);
                scores[mode * Tonics + tonic] = TensorPrimitives.Dot<float>(row, view) + bias[mode];
            }
        }

        return scores;
    }

    /// <summary>Probabilities of the keys; [<see cref="Keys"/>].</summary>
    /// <param name="contents">As above.</param>
    /// <param name="trust">How much the contents count, 0 to 1: at 0 all keys are alike.</param>
    public float[] Probabilities(ReadOnlySpan<float> contents, float trust = 1)
    {
        var scores = Scores(contents);
        TensorPrimitives.Multiply(scores, trust, scores);
        Softmax.Apply(scores);
        return scores;
    }

    /// <summary>Turns what is seen from C into what is seen from another tonic.</summary>
    /// <param name="contents">Chords by root (14 qualities each), then bass, middle, and steps up a fourth by root of
    /// arrival; [Size].</param>
    /// <param name="tonic">Semitones above C.</param>
    /// <param name="view">Receives the same with every root lowered by the tonic; [Size].</param>
    public static void View(ReadOnlySpan<float> contents, int tonic, Span<float> view)
    {
        const int qualities = ChordNetwork.QualityCount;
        for (var root = 0; root < 12; root++)
        {
            var from = (root + tonic) % 12;
            contents.Slice(from * qualities, qualities).CopyTo(view.Slice(root * qualities, qualities));
            for (var part = Chords; part < Size; part += 12) view[part + root] = contents[part + from];
        }
    }

    private static KeyNetwork Load() => new(NetworkWeights.Shipped("keys", Layout));
}
