// Tagger.cs - tags, voices, and music or not, from a small network beside the model. N patches of T = 96 frames with
// M = 64 bands, C channels, E channels of the last convolution, L labels of all groups, K kinds of sound.
using System.Text.Json;
using System.Text.Json.Serialization;
using OpenMU.Model.Audio;
using OpenMU.Model.Kernels;
using OpenMU.Model.Weights;
using OpenMU.Music;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace OpenMU.Model;

/// <summary>tagger.json: the shape of the network, and its labels.</summary>
public sealed record TaggerConfig
{
    private static readonly JsonSerializerOptions Json = new(TagGroup.Json) { RespectNullableAnnotations = true };

    /// <summary>Channels of the first convolution and of each block after it.</summary>
    public required IReadOnlyList<int> Channels { get; init; }

    /// <summary>By how much each of them shortens both axes: 1 or 2.</summary>
    public required IReadOnlyList<int> Strides { get; init; }

    /// <summary>The groups of labels, in the order of the output.</summary>
    public required IReadOnlyList<TagGroup> Groups { get; init; }

    /// <summary>
    /// How much the model's tag head counts in the log odds of the labels that both know, 0 to 1: the two err in
    /// different music.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public double HeadShare { get; init; }

    /// <summary>The same of what the tag head hears as music or not.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public double HeadSoundShare { get; init; }

    /// <exception cref="InvalidDataException">The text is no such configuration, or contradicts itself.</exception>
    public static TaggerConfig FromJson(string json)
    {
        try
        {
            var config = JsonSerializer.Deserialize<TaggerConfig>(json, Json)
                ?? throw new InvalidDataException("The tagger's configuration is empty.");
            if (config.Channels.Count == 0 || config.Channels.Count != config.Strides.Count
                || config.Channels.Any(channels => channels < 1)
                || config.Strides.Any(stride => stride is not (1 or 2)))
            {
                throw new InvalidDataException("A tagger needs channels, and for each a stride of 1 or 2.");
            }
            if (config.HeadShare is not (>= 0 and <= 1) || config.HeadSoundShare is not (>= 0 and <= 1))
                throw new InvalidDataException("The share of the tag head is not between 0 and 1.");
            foreach (var group in config.Groups) group.Validate();
            return config;
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"The tagger's configuration cannot be read: {e.Message}", e);
        }
    }

    public string ToJson() => JsonSerializer.Serialize(this, Json);
}

/// <summary>What is heard in a track.</summary>
/// <param name="Sound">Whether there is music; null where nothing tells.</param>
/// <param name="Tags">As <see cref="TagGroup.Stated"/>; none where there is no music.</param>
/// <param name="Scores">Of every label.</param>
public sealed record HeardTags(HeardSound? Sound, IReadOnlyList<TagScore> Tags, IReadOnlyList<TagScore> Scores);

/// <summary>
/// Depthwise separable convolutions (MobileNet, arXiv 1704.04861) over patches of 0.96 s, whose means over windows and
/// over the track go through one linear layer each. Keys: "convolutions.I.weight", "convolutions.I.bias" (the first
/// convolution, then two for each block), "tags.weight" (L, E), "tags.bias", "sound.weight" (K, E), "sound.bias".
/// </summary>
public sealed class Tagger : Module<Tensor, Tensor>
{
    /// <summary>Frames of a patch.</summary>
    public const int PatchFrames = 96;

    /// <summary>Samples of a patch at 16 kHz.</summary>
    public const int PatchSamples = (PatchFrames - 1) * LogMelFrames.Hop + LogMelFrames.Frame;

    // 16 windows of 7.7 s: up to two minutes are heard whole, of more a part everywhere.
    private const int Windows = 16, PatchesOfWindow = 8;

    private readonly ModuleList<TaggerConvolution> convolutions = new();
    private readonly Parameter tagWeight, tagBias, soundWeight, soundBias;
    private readonly TaggerConfig config;

    public Tagger(TaggerConfig config, WeightSource weights) : base(nameof(Tagger))
    {
        this.config = config;
        foreach (var (shape, i) in TaggerConvolution.Shapes(config).Select((shape, i) => (shape, i)))
            convolutions.Add(new TaggerConvolution(shape, weights.Under($"convolutions.{i}")));
        var labels = Groups.Sum(group => group.Labels.Count);
        var width = config.Channels[^1];
        tagWeight = weights.Take("tags.weight", Initializers.Normal(0.01), labels, width);
        tagBias = weights.Take("tags.bias", Initializers.Zeros, labels);
        soundWeight = weights.Take("sound.weight", Initializers.Normal(0.01), SoundHead.Kinds.Count, width);
        soundBias = weights.Take("sound.bias", Initializers.Zeros, SoundHead.Kinds.Count);
        RegisterComponents();
    }

    /// <summary>The groups in the order of the output.</summary>
    public IReadOnlyList<TagGroup> Groups => config.Groups;

    /// <summary>All labels that may be reported.</summary>
    public IReadOnlyList<(string Group, string Tag)> Labels =>
        [.. Groups.SelectMany(group => group.Labels.Select(label => (group.Group, label)))];

    /// <summary>Patches of <see cref="LogMelFrames"/> (N, T, M) -> what each sounds like (N, E).</summary>
    public override Tensor forward(Tensor patches)
    {
        var x = patches.unsqueeze(1);                                                       // (N, 1, T, M)
        foreach (var convolution in convolutions) x = convolution.call(x);
        return x.mean([2, 3]);                                                              // (N, E)
    }

    /// <summary>Mean embeddings (.., E) -> logits of all labels (.., L).</summary>
    public Tensor TagLogits(Tensor mean) => functional.linear(mean, tagWeight, tagBias);

    /// <summary>The same -> logits of <see cref="SoundHead.Kinds"/> (.., K).</summary>
    public Tensor SoundLogits(Tensor mean) => functional.linear(mean, soundWeight, soundBias);

    /// <summary>Hears a track: windows spread over all of it.</summary>
    /// <param name="mono16kHz">At least one sample.</param>
    /// <param name="peak">The greatest magnitude of the samples, their mean left out.</param>
    /// <param name="head">What the model's tag head says of the track; null where there is none.</param>
    public HeardTags Hear(float[] mono16kHz, float peak, HeardTags? head = null)
    {
        var (own, sound) = Listen(mono16kHz);
        var confidences = TagGroup.Together(own, head?.Scores ?? [], config.HeadShare);
        var heard = peak < SoundHead.Silence
            ? new(0, OtherSound.Silence)
            : SoundHead.Together(SoundHead.Of(sound), head?.Sound, config.HeadSoundShare);
        return new(heard, heard.IsMusic ? TagGroup.Stated(confidences) : [], TagGroup.Scores(confidences));
    }

    /// <summary>How sure it is of every label of every group, music or not.</summary>
    /// <param name="mono16kHz">At least one sample.</param>
    /// <param name="head">What the model's tag head says of the labels; null where there is none.</param>
    public IReadOnlyList<(TagGroup Group, double[] Confidences)> Confidences(
        float[] mono16kHz, IReadOnlyList<TagScore>? head = null) =>
        TagGroup.Together(Listen(mono16kHz).Confidences, head ?? [], config.HeadShare);

    /// <summary>
    /// Writes a tagger into a model folder, in the place of the one it has. Whole or not at all, and the configuration
    /// last: a folder without it has no tagger.
    /// </summary>
    /// <param name="folder">The folder, which nobody has open here.</param>
    /// <param name="config">Shape and labels.</param>
    /// <param name="weights">By the keys of this class; stored as float16.</param>
    public static void Write(string folder, TaggerConfig config, IReadOnlyDictionary<string, Tensor> weights)
    {
        var file = Path.Combine(folder, ModelFolder.TaggerFile);
        var json = Path.Combine(folder, ModelFolder.TaggerConfigFile);
        SafeTensorsWriter.Write(
            file + ".new", [.. weights.Select(entry => NamedTensor.Of(entry.Key, entry.Value).As(float16))]);
        File.WriteAllText(json + ".new", config.ToJson() + "\n");
        File.Delete(json);
        File.Move(file + ".new", file, overwrite: true);
        File.Move(json + ".new", json);
    }

    /// <summary>The configuration of a folder's tagger; null where it has none.</summary>
    /// <exception cref="InvalidDataException">It cannot be read.</exception>
    public static TaggerConfig? ReadConfig(string folder)
    {
        const int maximumBytes = 1 << 20;
        var json = Path.Combine(folder, ModelFolder.TaggerConfigFile);
        if (!File.Exists(json)) return null;
        return new FileInfo(json).Length <= maximumBytes
            ? TaggerConfig.FromJson(File.ReadAllText(json))
            : throw new InvalidDataException($"{json} is larger than {maximumBytes} bytes.");
    }

    /// <summary>Where windows begin.</summary>
    internal static IReadOnlyList<int> Starts(int samples)
    {
        const int length = PatchesOfWindow * PatchFrames * LogMelFrames.Hop;
        var count = Math.Clamp((samples + length - 1) / length, 1, Windows);
        // One after the other where that is all of it, else evenly.
        var last = Math.Max(0, samples - PatchSamples - (PatchesOfWindow - 1) * PatchFrames * LogMelFrames.Hop);
        return [.. Enumerable.Range(0, count).Select(i =>
            (long)count * length >= samples ? i * length : (int)((long)last * i / (count - 1)))
            .Where(start => start == 0 || start + PatchSamples <= samples)];
    }

    // Of the whole track, and the logits of each window.
    private (IReadOnlyList<(TagGroup Group, double[] Confidences)> Confidences, List<double[]> Sound) Listen(
        float[] samples)
    {
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        var sums = new List<Tensor>();
        var patches = 0L;
        var sound = new List<double[]>();
        foreach (var start in Starts(samples.Length))
        {
            using var step = NewDisposeScope();
            var window = call(Patches(samples, start).to(tagWeight.device));                // (N, E)
            sound.Add(SoundLogits(window.mean([0])).to(float64).cpu().data<double>().ToArray());
            sums.Add(window.sum([0]).MoveToOuterDisposeScope());
            patches += window.shape[0];
        }
        var logits = TagLogits(stack(sums).sum([0]).div_scalar((double)patches));             // (L)
        return (TagGroup.Confidences(logits.to(float64), Groups), sound);
    }

    // (N, T, M). What is shorter than a patch is heard again and again.
    private static Tensor Patches(float[] samples, int start)
    {
        using var scope = NewDisposeScope();
        var left = samples.Length - start;
        var count = Math.Clamp((left - PatchSamples) / (PatchFrames * LogMelFrames.Hop) + 1, 1, PatchesOfWindow);
        var needed = (count - 1) * PatchFrames * LogMelFrames.Hop + PatchSamples;
        var part = new float[needed];
        for (var i = 0; i < needed; i++) part[i] = samples[start + i % left];
        var frames = LogMelFrames.Of(part);                                                 // (count T, M)
        return frames.view(count, PatchFrames, LogMelFrames.Bands).MoveToOuterDisposeScope();
    }
}

/// <summary>The shape of a convolution of the tagger.</summary>
/// <param name="Inputs">Channels in; a depthwise convolution has as many out.</param>
/// <param name="Outputs">Channels out.</param>
/// <param name="Kernel">3, or 1 for a pointwise convolution.</param>
/// <param name="Stride">1 or 2.</param>
/// <param name="IsDepthwise">Whether each channel has a filter of its own.</param>
public sealed record ConvolutionShape(int Inputs, int Outputs, int Kernel, int Stride, bool IsDepthwise)
{
    /// <summary>Of the weights.</summary>
    public long[] Weight => [Outputs, IsDepthwise ? 1 : Inputs, Kernel, Kernel];

    /// <summary>
    /// The convolution alone: as many outputs as inputs, or half; what is missing at the edges is 0, at a stride of 2
    /// at the far end only, as TensorFlow has it.
    /// </summary>
    /// <param name="x">(N, C, T, M).</param>
    /// <param name="weight">As <see cref="Weight"/>.</param>
    /// <param name="bias">(C'); may be null.</param>
    public Tensor Apply(Tensor x, Tensor weight, Tensor? bias)
    {
        var edge = Kernel == 3 && Stride == 1 ? 1 : 0;
        if (Stride == 2) x = functional.pad(x, [0L, 1, 0, 1]);
        return functional.conv2d(
            x, weight, bias, strides: [Stride, Stride], padding: [edge, edge], groups: IsDepthwise ? Inputs : 1);
    }

    /// <summary>What follows it: min(max(x, 0), 6).</summary>
    public static Tensor Activate(Tensor x) => x.clamp(Scalars.Of(0), Scalars.Of(6));
}

/// <summary>A convolution with its batch norm folded in, and ReLU6.</summary>
internal sealed class TaggerConvolution : Module<Tensor, Tensor>
{
    private readonly ConvolutionShape shape;
    private readonly Parameter weight, bias;

    public TaggerConvolution(ConvolutionShape shape, WeightSource weights) : base(nameof(TaggerConvolution))
    {
        this.shape = shape;
        weight = weights.Take("weight", Initializers.Xavier, shape.Weight);
        bias = weights.Take("bias", Initializers.Zeros, shape.Outputs);
        RegisterComponents();
    }

    /// <summary>All of a network, in their order.</summary>
    public static IEnumerable<ConvolutionShape> Shapes(TaggerConfig config)
    {
        yield return new(1, config.Channels[0], 3, config.Strides[0], IsDepthwise: false);
        for (var i = 1; i < config.Channels.Count; i++)
        {
            var inputs = config.Channels[i - 1];
            yield return new(inputs, inputs, 3, config.Strides[i], IsDepthwise: true);
            yield return new(inputs, config.Channels[i], 1, 1, IsDepthwise: false);
        }
    }

    public override Tensor forward(Tensor x) => ConvolutionShape.Activate(shape.Apply(x, weight, bias));
}
