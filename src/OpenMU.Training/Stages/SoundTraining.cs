// SoundTraining.cs - teaches a finished model to tell music from other sound. N windows, F features of a window,
// K kinds of sound.
using OpenMU.Model;
using OpenMU.Model.Kernels;
using OpenMU.Music;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace OpenMU.Training.Stages;

/// <summary>A recording of which it is known what it sounds like.</summary>
/// <param name="Package">Where it comes from: recordings of one package resemble each other.</param>
/// <param name="Kind">Index into <see cref="SoundHead.Kinds"/>; 0 is music.</param>
/// <param name="Windows"><see cref="SoundHead.Features"/> of its windows, each (F).</param>
public sealed record SoundExample(string Package, int Kind, IReadOnlyList<float[]> Windows)
{
    /// <summary>Whether it has a say in where the line is drawn: not what was made for the training.</summary>
    public bool IsRecording { get; init; } = true;
}

/// <summary>A layer as <see cref="SoundHead"/> has it.</summary>
/// <param name="Weight">(K, F).</param>
/// <param name="Bias">(K).</param>
public sealed record SoundLayer(float[,] Weight, float[] Bias)
{
    /// <summary>What a recording sounds like.</summary>
    public HeardSound Hear(SoundExample example) => SoundHead.Of([.. example.Windows.Select(Logits)]);

    private double[] Logits(float[] window) => [.. Bias.Select((bias, kind) =>
    {
        var sum = (double)bias;
        for (var i = 0; i < window.Length; i++) sum += Weight[kind, i] * window[i];
        return sum;
    })];
}

/// <summary>Logistic regression on what the encoder says of a window, and where to draw the line.</summary>
public static class SoundTraining
{
    private const int Steps = 400, Folds = 5;
    private const double Rate = 0.02, Decay = 3e-3;

    /// <summary>So much of the music may be called none, of packages that the layer has not seen.</summary>
    private const double Refused = 0.02;

    /// <summary>
    /// Fits a layer under which music begins at even odds. The line is drawn by recordings of packages that were left
    /// out in turn, so that only one in fifty of those with music falls below it. There is no randomness in it.
    /// </summary>
    /// <param name="examples">Of all kinds.</param>
    /// <exception cref="ArgumentException">There is no music among them, or nothing else.</exception>
    public static SoundLayer Fit(IReadOnlyList<SoundExample> examples)
    {
        if (examples.All(example => example.Kind == 0) || examples.All(example => example.Kind != 0))
            throw new ArgumentException("Both music and other sound are needed.", nameof(examples));
        var unseen = new List<double>();
        foreach (var fold in examples.GroupBy(example => Fold(example.Package)))
        {
            SoundExample[] rest = [.. examples.Where(example => Fold(example.Package) != fold.Key)];
            if (rest.Select(example => example.Kind == 0).Distinct().Count() < 2) continue;
            var layer = Layer(rest);
            unseen.AddRange(fold.Where(example => example is { Kind: 0, IsRecording: true })
                .Select(example => layer.Hear(example).Music));
        }

        var whole = Layer(examples);
        if (unseen.Count == 0) return whole;
        var line = unseen.Order().ElementAt((int)(Refused * unseen.Count));
        whole.Bias[0] -= (float)Math.Log(Math.Max(line, 1e-6) / Math.Max(1 - line, 1e-6));
        return whole;
    }

    private static int Fold(string package) => (int)(Seeds.Mix(5, Seeds.Of(package)) % Folds);

    private static SoundLayer Layer(IReadOnlyList<SoundExample> examples)
    {
        using var scope = NewDisposeScope();
        var rows = examples.SelectMany(example => example.Windows.Select(window => (example, window))).ToList();
        var features = rows[0].window.Length;
        var x = tensor(rows.SelectMany(row => row.window).ToArray(), [rows.Count, features]);            // (N, F)
        var (mean, deviation) = (x.mean([0]), x.std(0, unbiased: false).clamp_min(Scalars.Of(1e-6)));
        x = (x - mean) / deviation;
        var kinds = tensor(rows.Select(row => (long)row.example.Kind).ToArray());                        // (N)
        // Music weighs as much as all else, each other kind as much as another, and in a kind each recording.
        var counts = examples.CountBy(example => example.Kind).ToDictionary();
        float ShareOf(SoundExample example) =>
            0.5f / counts[example.Kind] / (example.Kind == 0 ? 1 : counts.Count - 1) / example.Windows.Count;
        var share = tensor(rows.Select(row => ShareOf(row.example)).ToArray());                          // (N)
        var weight = new Parameter(zeros(SoundHead.Kinds.Count, features));
        var bias = new Parameter(zeros(SoundHead.Kinds.Count));
        using var optimiser = new AdamW([new([("weight", weight), ("bias", bias)], Rate)]);
        for (var step = 0; step < Steps; step++)
        {
            using var _ = NewDisposeScope();
            var losses = functional.cross_entropy(
                functional.linear(x, weight, bias), kinds, reduction: Reduction.None);
            (losses * share).sum().add_tensor(weight.pow2().sum() * Scalars.Of(Decay)).backward();
            optimiser.Step(1);
        }

        // Means and deviations become part of the layer.
        var scaled = weight.detach() / deviation;
        var shifted = bias.detach() - scaled.matmul(mean);
        var flat = scaled.data<float>().ToArray();
        var matrix = new float[SoundHead.Kinds.Count, features];
        Buffer.BlockCopy(flat, 0, matrix, 0, flat.Length * sizeof(float));
        return new(matrix, shifted.data<float>().ToArray());
    }
}
