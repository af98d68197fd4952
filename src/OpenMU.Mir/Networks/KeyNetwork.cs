namespace OpenMU.Mir.Networks;

/// <summary>
/// How likely each key is, given how much of a stretch each chord and each pitch class sounds: one layer that looks from each of the twelve tonics in turn and scores
/// major and minor. Weights come from <c>openmu train-key</c>; see docs/mir.md.
/// </summary>
internal sealed class KeyNetwork
{
    /// <summary>Numbers seen from a tonic: 156 chords, 12 pitch classes of the bass, 12 of the middle, 12 steps from a chord to the tonic chord.</summary>
    public const int Size = 156 + 12 + 12 + 12;

    private static readonly Lazy<KeyNetwork> Shipped = new(Load);

    /// <summary>Weights: [2, Size] and [2] biases; major, minor.</summary>
    public float[][] Weights { get; } = [new float[2 * Size], new float[2]];

    public static KeyNetwork Default => Shipped.Value;

    /// <summary>Scores of the 24 keys.</summary>
    /// <param name="contents">From <see cref="KeyContents"/>; [Size], seen from C.</param>
    public float[] Scores(ReadOnlySpan<float> contents)
    {
        var view = new float[Size];
        var scores = new float[24];
        for (var tonic = 0; tonic < 12; tonic++)
        {
            See(contents, tonic, view);
            for (var mode = 0; mode < 2; mode++) scores[mode * 12 + tonic] = ChordNetwork.Dot(Weights[0].AsSpan(mode * Size, Size), view) + Weights[1][mode];
        }

        return scores;
    }

    /// <summary>Probabilities of the 24 keys.</summary>
    /// <param name="contents">As above.</param>
    /// <param name="weight">How much the contents count, 0 to 1: at 0 all keys are alike.</param>
    public float[] Probabilities(ReadOnlySpan<float> contents, float weight = 1)
    {
        var scores = Scores(contents);
        var highest = scores.Max();
        var sum = 0f;
        for (var i = 0; i < 24; i++) sum += scores[i] = MathF.Exp(weight * (scores[i] - highest));
        for (var i = 0; i < 24; i++) scores[i] /= sum;
        return scores;
    }

    /// <summary>Turns what is seen from C into what is seen from another tonic.</summary>
    public static void See(ReadOnlySpan<float> contents, int tonic, Span<float> view)
    {
        for (var root = 0; root < 12; root++)
        {
            var from = (root + tonic) % 12;
            contents.Slice(from * 13, 13).CopyTo(view.Slice(root * 13, 13));
            for (var part = 156; part < Size; part += 12) view[part + root] = contents[part + from];
        }

        // The last part holds steps up a fourth by root of arrival.
    }

    public void Save(Stream stream)
    {
        using var writer = new BinaryWriter(stream);
        foreach (var weights in Weights)
        {
            foreach (var weight in weights) writer.Write((Half)weight);
        }
    }

    public static KeyNetwork Read(Stream stream)
    {
        using var reader = new BinaryReader(stream);
        var net = new KeyNetwork();
        foreach (var weights in net.Weights)
        {
            for (var i = 0; i < weights.Length; i++) weights[i] = (float)reader.ReadHalf();
        }

        return net;
    }

    private static KeyNetwork Load() => Read(typeof(KeyNetwork).Assembly.GetManifestResourceStream("OpenMU.Mir.Weights.keys.bin")!);
}
