// Whisper.cs - Whisper's encoder layers (arXiv 2212.04356) behind three convolutions, as MOSS-Music uses them
// (OpenMOSS/MOSS-Music): chunks of 4 s that do not see each other, and the outputs of some layers kept for the language
// model's first layers (DeepStack).
// C chunks, M mel bins, F frames of a chunk, S = F/8 positions of it, A tokens of all clips, H channels, D width.
using OpenMU.Model.Kernels;
using OpenMU.Model.Weights;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace OpenMU.Model.Encoders;

/// <summary>The encoder's sizes. Names as in the published configuration, or Whisper's.</summary>
public sealed record WhisperConfig
{
    public int DModel { get; init; } = 1280;
    public int EncoderLayers { get; init; } = 32;
    public int EncoderAttentionHeads { get; init; } = 20;
    public int EncoderFfnDim { get; init; } = 5120;
    public int NumMelBins { get; init; } = 128;

    /// <summary>Channels of the convolutions.</summary>
    public int DownsampleHiddenSize { get; init; } = 480;

    /// <summary>Half a chunk, in frames.</summary>
    public int NWindow { get; init; } = 200;

    /// <summary>Of the last norm; the layers' own have Whisper's 1e-5.</summary>
    public double LayerNormEps { get; init; } = 1e-5;

    /// <summary>The layers, counted from 0, whose outputs are kept.</summary>
    public IReadOnlyList<int> DeepstackEncoderLayerIndexes { get; init; } = [8, 16, 24];
}

/// <summary>3 x 3 with stride 2 and erf GELU behind: (C, in, f, t) -> (C, out, f/2, t/2).</summary>
internal sealed class HalvingConvolution : Module<Tensor, Tensor>
{
    private readonly Parameter weight, bias;

    public HalvingConvolution(WeightSource weights, int inputs, int outputs) : base(nameof(HalvingConvolution))
    {
        weight = weights.Take("weight", Initializers.Xavier, outputs, inputs, 3, 3);
        bias = weights.Take("bias", Initializers.Zeros, outputs);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x) => functional.gelu(Convolve(x));

    internal Tensor Convolve(Tensor x)
        => functional.conv2d(x, weight, bias, strides: [2, 2], padding: [1, 1]);
}

/// <summary>Attention with separate projections, of which the keys' has no bias: (N, T, D) -> (N, T, D).</summary>
internal sealed class WhisperAttention : Module<Tensor, Tensor>
{
    private readonly Dense q_proj, k_proj, v_proj, out_proj;
    private readonly int heads;

    public WhisperAttention(WeightSource weights, int dim, int heads) : base(nameof(WhisperAttention))
    {
        this.heads = heads;
        q_proj = new(weights.Under("q_proj"), dim, dim);
        k_proj = new(weights.Under("k_proj"), dim, dim, hasBias: false);
        v_proj = new(weights.Under("v_proj"), dim, dim);
        out_proj = new(weights.Under("out_proj"), dim, dim);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x)
    {
        var (N, T, D) = (x.shape[0], x.shape[1], x.shape[2]);
        Tensor Heads(Tensor y) => y.view(N, T, heads, D / heads).transpose(1, 2);                   // (N, H, T, d)
        var y = functional.scaled_dot_product_attention(
            Heads(q_proj.call(x)), Heads(k_proj.call(x)), Heads(v_proj.call(x)));
        return out_proj.call(y.transpose(1, 2).reshape(N, T, D));
    }
}

/// <summary>Pre-norm block: (N, T, D) -> (N, T, D).</summary>
internal sealed class WhisperLayer : Module<Tensor, Tensor>
{
    private const double Eps = 1e-5;

    private readonly Norm self_attn_layer_norm, final_layer_norm;
    private readonly WhisperAttention self_attn;
    private readonly Dense fc1, fc2;

    public WhisperLayer(WhisperConfig config, WeightSource weights) : base(nameof(WhisperLayer))
    {
        self_attn_layer_norm = new(weights.Under("self_attn_layer_norm"), config.DModel, Eps);
        self_attn = new(weights.Under("self_attn"), config.DModel, config.EncoderAttentionHeads);
        final_layer_norm = new(weights.Under("final_layer_norm"), config.DModel, Eps);
        fc1 = new(weights.Under("fc1"), config.DModel, config.EncoderFfnDim);
        fc2 = new(weights.Under("fc2"), config.EncoderFfnDim, config.DModel);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        x = x.add_tensor(self_attn.call(self_attn_layer_norm.call(x)));
        var inner = functional.gelu(fc1.call(final_layer_norm.call(x)));
        return x.add_tensor(fc2.call(inner)).MoveToOuterDisposeScope();
    }
}

/// <summary>The encoder: log-mel spectrograms -> 12.5 tokens a second.</summary>
public sealed class Whisper : Module
{
    /// <summary>Chunks at a time: the first convolution of one needs 25 MB at the published size.</summary>
    private const int ChunksAtOnce = 4;

    private readonly HalvingConvolution conv1, conv2, conv3;
    private readonly Dense stem_proj;
    private readonly ModuleList<WhisperLayer> layers;
    private readonly Norm layer_norm;
    private readonly WhisperConfig config;
    private readonly ScalarType type;
    private readonly Device device;

    /// <summary>Builds the encoder from the published keys.</summary>
    public Whisper(WhisperConfig config, WeightSource weights) : base(nameof(Whisper))
    {
        (this.config, type, device) = (config, weights.ComputeType, weights.Device);
        conv1 = new(weights.Under("conv1"), 1, config.DownsampleHiddenSize);
        conv2 = new(weights.Under("conv2"), config.DownsampleHiddenSize, config.DownsampleHiddenSize);
        conv3 = new(weights.Under("conv3"), config.DownsampleHiddenSize, config.DownsampleHiddenSize);
        var heard = config.DownsampleHiddenSize * (int)Downsampled(config.NumMelBins);
        stem_proj = new(weights.Under("stem_proj"), heard, config.DModel);
        layers = new([.. Enumerable.Range(0, config.EncoderLayers)
            .Select(i => new WhisperLayer(config, weights.Under($"layers.{i}")))]);
        layer_norm = new(weights.Under("layer_norm"), config.DModel, config.LayerNormEps);
        RegisterComponents();
    }

    /// <summary>What three halvings leave of a length: a clip's tokens of its frames.</summary>
    public static long Downsampled(long length)
    {
        for (var i = 0; i < 3; i++) length = (length - 1) / 2 + 1;
        return length;
    }

    /// <summary>
    /// Clips of one prompt, each (M, frames) -> for each its tokens (a, D + kept layers x D): the normalised output,
    /// and behind it the outputs of the kept layers as they are.
    /// </summary>
    /// <remarks>
    /// A chunk that is shorter than the longest of the call is filled with zeros before the convolutions, which see
    /// them. So the last tokens of a short clip differ a little beside a longer one: as published.
    /// </remarks>
    public IReadOnlyList<Tensor> Encode(IReadOnlyList<Tensor> clips)
    {
        using var scope = NewDisposeScope();
        Tensor[][] chunks = [.. clips.Select(ChunksOf)];
        var longest = chunks.Max(LongestOf);
        return Outer(Encode(chunks, _ => longest));
    }

    /// <summary>The same for clips of different prompts: each as it is alone.</summary>
    public IReadOnlyList<Tensor> EncodeApart(IReadOnlyList<Tensor> clips)
    {
        using var scope = NewDisposeScope();
        return Outer(Encode([.. clips.Select(ChunksOf)], LongestOf));
    }

    /// <summary>Chunks (C, M, F), already filled -> positions without sinusoids (C, S, D).</summary>
    internal Tensor Stem(Tensor chunks)
    {
        using var scope = NewDisposeScope();
        var x = conv3.call(conv2.call(conv1.call(chunks.unsqueeze(1).to(type, device))));           // (C, H, M/8, S)
        // Channels come before mels.
        return stem_proj.call(x.permute(0, 3, 1, 2).flatten(2, 3)).MoveToOuterDisposeScope();       // (C, S, D)
    }

    /// <summary>Positions (C, s, D) -> the output of each layer in turn (C, s, D).</summary>
    internal IEnumerable<Tensor> LayerOutputs(Tensor positions)
    {
        var x = positions.add_tensor(Sinusoids(positions.shape[1]).to(type, device));
        foreach (var layer in layers) yield return x = layer.call(x);
    }

    /// <summary>The first convolution of chunks (C, M, F), before its GELU.</summary>
    internal Tensor FirstConvolution(Tensor chunks) => conv1.Convolve(chunks.unsqueeze(1).to(type, device));

    private Tensor[] ChunksOf(Tensor clip) => clip.split(2 * config.NWindow, 1);

    private static long LongestOf(Tensor[] chunks) => chunks.Max(chunk => chunk.shape[1]);

    private static IReadOnlyList<Tensor> Outer(Tensor[] outputs)
        => [.. outputs.Select(output => output.MoveToOuterDisposeScope())];

    /// <summary>
    /// Chunks of each clip -> (a, D + kept layers x D) of each, those of one length a few at a time whichever clip they
    /// are of.
    /// </summary>
    /// <param name="clips">All chunks of a clip but the last are of one length.</param>
    /// <param name="filledTo">The frames that a clip's chunks are filled to.</param>
    private Tensor[] Encode(Tensor[][] clips, Func<Tensor[], long> filledTo)
    {
        var outputs = clips.Select(clip => new Tensor[clip.Length]).ToArray();
        var places = clips.SelectMany((chunks, clip) => chunks.Select((chunk, at) =>
            (Clip: clip, At: at, Chunk: chunk, Valid: Downsampled(chunk.shape[1]), Filled: filledTo(chunks))));
        foreach (var batch in places.GroupBy(place => (place.Valid, place.Filled))
            .SelectMany(alike => alike.Chunk(ChunksAtOnce)))
        {
            using var scope = NewDisposeScope();
            var valid = batch[0].Valid;
            var encoded = Encode(
                stack(batch.Select(place => functional.pad(place.Chunk, [0, place.Filled - place.Chunk.shape[1]]))),
                valid).split(valid, 0);
            foreach (var (place, output) in batch.Zip(encoded))
                outputs[place.Clip][place.At] = output.clone().MoveToOuterDisposeScope();
        }
        return [.. outputs.Select(clip => cat(clip, 0))];
    }

    /// <summary>
    /// Chunks (C, M, F) with so many valid positions -> (C x valid, D + kept layers x D). Positions behind them would
    /// be hidden from attention, so they are left out.
    /// </summary>
    private Tensor Encode(Tensor chunks, long valid)
    {
        using var scope = NewDisposeScope();
        var kept = new Tensor[config.DeepstackEncoderLayerIndexes.Count];
        var last = chunks;
        foreach (var (layer, output) in LayerOutputs(Stem(chunks).narrow(1, 0, valid)).Index())
        {
            for (var i = 0; i < kept.Length; i++)
            {
                if (config.DeepstackEncoderLayerIndexes[i] == layer) kept[i] = output;
            }
            last = output;
        }
        return cat([layer_norm.call(last), .. kept], 2).flatten(0, 1).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// (s, D): sines of position / 10000^(i / (D/2 - 1)), then cosines. They begin anew in each chunk.
    /// </summary>
    private Tensor Sinusoids(long positions)
    {
        using var scope = NewDisposeScope();
        var half = config.DModel / 2;
        var rates = Scalars.arange(half, float64).mul_scalar(-Math.Log(10000) / (half - 1)).exp();
        var angles = outer(Scalars.arange(positions, float64), rates);
        return cat([angles.sin(), angles.cos()], 1).to(float32).MoveToOuterDisposeScope();
    }
}
