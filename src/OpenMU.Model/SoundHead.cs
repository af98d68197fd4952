// SoundHead.cs - music or not, from what the encoder computes anyway. W windows of a track, M music tokens of a window,
// A width of the encoder, K kinds of sound.
using OpenMU.Model.Families;
using OpenMU.Model.Weights;
using OpenMU.Music;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace OpenMU.Model;

/// <summary>
/// One linear layer from mean and spread of a window's music tokens to what it sounds like: music, speech, noise or
/// anything else. Keys: "weight" (K, 2 A) and "bias" (K). A model whose encoder learns on needs a new one.
/// </summary>
public sealed class SoundHead : Module<Tensor, Tensor>
{
    /// <summary>Below this peak, -70 dBFS, nothing is heard.</summary>
    internal const float Silence = 3.2e-4f;

    private readonly Parameter weight, bias;

    public SoundHead(int width, WeightSource weights) : base(nameof(SoundHead))
    {
        weight = weights.Take("weight", Initializers.Zeros, Kinds.Count, 2 * width);
        bias = weights.Take("bias", Initializers.Zeros, Kinds.Count);
        RegisterComponents();
    }

    /// <summary>What a window can sound like, in the order of the output; the first is music.</summary>
    public static IReadOnlyList<string> Kinds { get; } = ["music", "speech", "noise", "other"];

    /// <summary>Mean and spread (.., 2 A) -> logits (.., K).</summary>
    public override Tensor forward(Tensor features) => functional.linear(features, weight, bias);

    /// <summary>What the layer reads of a window: mean and standard deviation of its tokens (2 A).</summary>
    public static Tensor Features(EncodedWindow window) => cat(
        [window.Mean.to(float32), window.Music.to(float32).std(0, unbiased: false)], 0);

    /// <summary>
    /// How sure music is in a track that has it anywhere in a substantial part: the mean over the quarter of its
    /// windows that sound most like it.
    /// </summary>
    /// <param name="windows">Of the whole track.</param>
    /// <param name="peak">The greatest magnitude of its samples, their mean left out.</param>
    internal HeardSound Hear(IReadOnlyList<EncodedWindow> windows, float peak)
    {
        if (peak < Silence) return new(0, OtherSound.Silence);
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        var features = stack(windows.Select(Features)).to(weight.dtype, weight.device);                // (W, 2 A)
        var logits = call(features).to(float64).cpu();                                                 // (W, K)
        return Of([.. Enumerable.Range(0, windows.Count).Select(window => logits[window].data<double>().ToArray())]);
    }

    /// <summary>Puts a layer into a model folder that has tags, in the place of the one it has.</summary>
    /// <param name="folder">The model folder, which nobody has open here.</param>
    /// <param name="weight">(K, 2 A).</param>
    /// <param name="bias">(K).</param>
    public static void Write(string folder, float[,] weight, float[] bias)
    {
        var path = Path.Combine(folder, ModelFolder.TagHeadFile);
        using (var file = SafeTensors.Open(path))
        {
            using var scope = NewDisposeScope();
            SafeTensorsWriter.Write(
                path + ".new",
                [
                    .. file.NamedTensors()
                        .Where(entry => !entry.Key.StartsWith(TagHead.SoundPrefix, StringComparison.Ordinal)),
                    NamedTensor.Of(TagHead.SoundPrefix + "weight", tensor(weight)),
                    NamedTensor.Of(TagHead.SoundPrefix + "bias", tensor(bias)),
                ]);
        }

        // Whole or not at all: a worker may open the folder at any time.
        File.Move(path + ".new", path, overwrite: true);
    }

    /// <summary>
    /// What two have heard: the mean of their log odds of music, and what the first takes it for otherwise.
    /// </summary>
    /// <param name="heard">By the first.</param>
    /// <param name="other">By the second; null where nobody is.</param>
    /// <param name="share">How much the second counts, 0 to 1.</param>
    internal static HeardSound Together(HeardSound heard, HeardSound? other, double share) => other is null
        ? heard
        : heard with { Music = LogOdds.Mean(heard.Music, other.Music, share) };

    /// <summary>The same of logits (W, K).</summary>
    public static HeardSound Of(IReadOnlyList<double[]> logits)
    {
        var evidence = logits.Select(Evidence).OrderDescending().Take((logits.Count + 3) / 4).Average();
        var kinds = Enumerable.Range(1, Kinds.Count - 1)
            .Select(kind => logits.Average(window => window[kind])).ToList();
        var otherwise = Kinds[1 + kinds.IndexOf(kinds.Max())] switch
        {
            "speech" => OtherSound.Speech,
            "noise" => OtherSound.Noise,
            _ => OtherSound.Other,
        };
        return new(1 / (1 + Math.Exp(-evidence)), otherwise);
    }

    /// <summary>Log odds of music against all other kinds.</summary>
    private static double Evidence(double[] logits)
    {
        var others = logits.Skip(1).ToList();
        var top = others.Max();
        return logits[0] - top - Math.Log(others.Sum(other => Math.Exp(other - top)));
    }
}
