// AudioMae.cs - AudioMAE's ViT encoder (arXiv 2207.06405) as OpenMU uses it (sony/openmu audiomae_encoder.py), and the
// transformer blocks that its pre-training (MaskedAutoencoder.cs) has in common with it.
// B tracks, C chunks of a track (3), N = B*C spectrograms, P patches of a spectrogram (512) in the order time x mel,
// T = P + 1 with cls, D width, H heads, d head width.
using OpenMU.Model.Families;
using OpenMU.Model.Kernels;
using OpenMU.Model.Weights;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace OpenMU.Model.Encoders;

/// <summary>A linear layer, nearly always with bias: (.., in) -> (.., out).</summary>
internal sealed class Dense : Module<Tensor, Tensor>
{
    private readonly Parameter weight;
    private readonly Parameter? bias;
    private readonly bool rounds;

    public Dense(
        WeightSource weights, int inputs, int outputs, Func<long[], Generator, Tensor>? initializer = null,
        Func<long[], Generator, Tensor>? biasInitializer = null, bool hasBias = true)
        : base(nameof(Dense))
    {
        rounds = weights.RoundsToBf16;
        weight = weights.TakeMatrix("weight", initializer ?? Initializers.Xavier, outputs, inputs);
        if (hasBias) bias = weights.Take("bias", biasInitializer ?? Initializers.Zeros, outputs);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x)
    {
        if (weight.dtype == x.dtype) return functional.linear(x, weight, bias);
        var y = MixedLinear.Product(x, weight, rounds);
        return bias is null ? y : y.add_tensor(bias);
    }
}

/// <summary>Layer normalisation over the last axis.</summary>
internal sealed class Norm : Module<Tensor, Tensor>
{
    private readonly Parameter weight, bias;
    private readonly double eps;
    private readonly long[] width;

    public Norm(WeightSource weights, int dim, double eps) : base(nameof(Norm))
    {
        (width, this.eps) = ([dim], eps);
        weight = weights.Take("weight", Initializers.Ones, dim);
        bias = weights.Take("bias", Initializers.Zeros, dim);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x) => functional.layer_norm(x, width, weight, bias, eps);
}

/// <summary>Full self-attention with one matrix for queries, keys and values: (N, T, D) -> (N, T, D).</summary>
internal sealed class VitAttention : Module<Tensor, Tensor>
{
    private readonly Dense qkv, proj;
    private readonly int heads;

    public VitAttention(WeightSource weights, int dim, int heads) : base(nameof(VitAttention))
    {
        this.heads = heads;
        qkv = new(weights.Under("qkv"), dim, 3 * dim);
        proj = new(weights.Under("proj"), dim, dim);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x) => Attend(x, null);

    /// <param name="x">(N, T, D).</param>
    /// <param name="allowed">(N, 1, 1, T), which positions may be attended to; where none may, the result is 0 and not
    /// NaN. Null allows all.</param>
    public Tensor Attend(Tensor x, Tensor? allowed)
    {
        var (N, T, D) = (x.shape[0], x.shape[1], x.shape[2]);
        var parts = qkv.call(x).view(N, T, 3, heads, D / heads).permute(2, 0, 3, 1, 4).unbind(0);    // 3 x (N, H, T, d)
        var y = functional.scaled_dot_product_attention(parts[0], parts[1], parts[2], allowed);      // (N, H, T, d)
        if (allowed is not null) y = y.masked_fill(allowed.any(-1, keepdim: true).logical_not(), Scalars.Of(0));
        return proj.call(y.transpose(1, 2).reshape(N, T, D));                                        // (N, T, D)
    }
}

/// <summary>Two linear layers with an exact (erf) GELU between: (N, T, D) -> (N, T, D).</summary>
internal sealed class VitMlp : Module<Tensor, Tensor>
{
    private readonly Dense fc1, fc2;

    public VitMlp(WeightSource weights, int dim, int hidden) : base(nameof(VitMlp))
    {
        fc1 = new(weights.Under("fc1"), dim, hidden);
        fc2 = new(weights.Under("fc2"), hidden, dim);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x) => fc2.call(functional.gelu(fc1.call(x)));
}

/// <summary>
/// Pre-norm block: (N, T, D) -> (N, T, D). In training, drop path leaves out a branch for whole
/// spectrograms at its rate.
/// </summary>
internal sealed class VitBlock : Module<Tensor, Tensor>
{
    private readonly Norm norm1, norm2;
    private readonly VitAttention attn;
    private readonly VitMlp mlp;
    private readonly LayerScale? ls1, ls2;
    private readonly double dropPath;

    public VitBlock(WeightSource weights, int dim, int heads, int mlpRatio, double eps, double dropPath = 0)
        : base(nameof(VitBlock))
    {
        this.dropPath = dropPath;
        norm1 = new(weights.Under("norm1"), dim, eps);
        attn = new(weights.Under("attn"), dim, heads);
        norm2 = new(weights.Under("norm2"), dim, eps);
        mlp = new(weights.Under("mlp"), dim, mlpRatio * dim);
        if (weights.Has("ls1.gamma")) ls1 = new(weights.Under("ls1"), dim);
        if (weights.Has("ls2.gamma")) ls2 = new(weights.Under("ls2"), dim);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x) => Apply(x, null);

    /// <summary>The same with some positions hidden from attention, see <see cref="VitAttention.Attend"/>.</summary>
    public Tensor Apply(Tensor x, Tensor? allowed)
    {
        using var scope = NewDisposeScope();
        x = x.add_tensor(DropPath(Scaled(attn.Attend(norm1.call(x), allowed), ls1)));
        return x.add_tensor(DropPath(Scaled(mlp.call(norm2.call(x)), ls2))).MoveToOuterDisposeScope();
    }

    private static Tensor Scaled(Tensor branch, LayerScale? scale) => scale?.call(branch) ?? branch;

    /// <summary>Stochastic depth (arXiv 1603.09382), scaled so that the expected value stays the same.</summary>
    private Tensor DropPath(Tensor branch)
    {
        if (!training || dropPath == 0) return branch;
        var keep = rand(branch.shape[0], 1, 1, device: branch.device) >= Scalars.Of(dropPath);         // (N, 1, 1)
        return (branch * keep.to(branch.dtype)).div_scalar(1 - dropPath);
    }
}

/// <summary>A factor for each dimension of a branch (arXiv 2103.17239): (.., D) -> (.., D).</summary>
internal sealed class LayerScale : Module<Tensor, Tensor>
{
    private readonly Parameter gamma;

    public LayerScale(WeightSource weights, int dim) : base(nameof(LayerScale))
    {
        gamma = weights.Take("gamma", Initializers.Ones, dim);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x) => x * gamma;
}

/// <summary>
/// Non-overlapping patches through one matrix: (N, 1, rows, columns) -> (N, P, D), patch row by patch row.
/// </summary>
internal sealed class PatchEmbed : Module<Tensor, Tensor>
{
    private readonly PatchConvolution proj;

    public PatchEmbed(WeightSource weights, int dim, int patch) : this(weights, dim, patch, patch)
    {
    }

    /// <param name="weights">Its source.</param>
    /// <param name="dim">D.</param>
    /// <param name="height">Rows of a patch.</param>
    /// <param name="width">Columns of a patch.</param>
    public PatchEmbed(WeightSource weights, int dim, int height, int width) : base(nameof(PatchEmbed))
    {
        proj = new(weights.Under("proj"), dim, height, width);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x) => proj.call(x);

    private sealed class PatchConvolution : Module<Tensor, Tensor>
    {
        private readonly Parameter weight, bias;
        private readonly int height, width;

        public PatchConvolution(WeightSource weights, int dim, int height, int width) : base(nameof(PatchConvolution))
        {
            (this.height, this.width) = (height, width);
            weight = weights.Take("weight", Initializers.Xavier, dim, 1, height, width);
            bias = weights.Take("bias", Initializers.Zeros, dim);
            RegisterComponents();
        }

        /// <summary>
        /// Patches do not overlap, so the convolution is one product: (N, 1, rows, columns) -> (N, P, D).
        /// </summary>
        public override Tensor forward(Tensor x)
        {
            var (N, rows, columns) = (x.shape[0], x.shape[2] / height, x.shape[3] / width);
            var patches = x.reshape(N, rows, height, columns, width)
                .permute(0, 1, 3, 2, 4).reshape(N, rows * columns, height * width);
            return functional.linear(patches, weight.view(-1, height * width), bias);
        }
    }
}

/// <summary>The audio tower: log-mel spectrograms -> music tokens.</summary>
public sealed class AudioMae : Module<Tensor, Tensor>
{
    private const int MostHidden = 5_000_000;       // numbers of an MLP's hidden layer, 20 MB

    private readonly Parameter cls_token, pos_embed;
    private readonly PatchEmbed patch_embed;
    private readonly ModuleList<VitBlock> blocks;
    private readonly Norm fc_norm;
    private readonly Dense? head;
    private readonly AudioMaeConfig config;

    /// <summary>
    /// Builds the tower from the keys of <c>vitb_finetuned.pth</c>; the classification head is optional.
    /// </summary>
    public AudioMae(AudioMaeConfig config, WeightSource weights) : base(nameof(AudioMae))
    {
        this.config = config;
        cls_token = weights.Take("cls_token", Initializers.Normal(0.02), 1, 1, config.EmbedDim);
        pos_embed = weights.Take(
            "pos_embed", (_, _) => SinCosPositions(config.EmbedDim, config.TimePatches, config.MelPatches).unsqueeze(0),
            1, config.Patches + 1, config.EmbedDim);
        patch_embed = new(weights.Under("patch_embed"), config.EmbedDim, config.PatchSize);
        blocks = new([.. Enumerable.Range(0, config.Depth)
            .Select(i => new VitBlock(weights.Under($"blocks.{i}"), config.EmbedDim, config.NumHeads, config.MlpRatio,
                config.LayerNormEps, config.DropPath * i / Math.Max(1, config.Depth - 1)))]);
        fc_norm = new(weights.Under("fc_norm"), config.EmbedDim, config.LayerNormEps);
        if (weights.Has("head.weight")) head = new(weights.Under("head"), config.EmbedDim, config.NumClasses);
        RegisterComponents();
    }

    /// <summary>
    /// (B, 1, 3072, 128) -> music tokens (B, 192, D). Chunks are encoded independently and concatenated in time.
    /// </summary>
    public override Tensor forward(Tensor spectrograms)
    {
        Shape.Require(spectrograms, "The audio tower's input", -1, 1, config.InputFrames, config.MelBins);
        using var scope = NewDisposeScope();
        var chunks = cat(
            spectrograms.split(config.ChunkFrames, 2), 0);   // (C*B, 1, 1024, 128), all tracks' chunk 0 first
        var tokens = cat([.. chunks.split(ChunksAtOnce, 0)
            .Select(part => Pool(Context(part)[.., 1..], config.Pooling))], 0);         // (C*B, M, D)
        return cat(tokens.split(spectrograms.shape[0], 0), 1).MoveToOuterDisposeScope();    // (B, C*M, D)
    }

    /// <summary>
    /// More chunks at once make the largest temporaries outgrow what the allocator keeps (32 MB): they would be mapped,
    /// cleared and unmapped for each operation, which doubled the time of eight clips.
    /// </summary>
    private int ChunksAtOnce
        => Math.Max(1, MostHidden / ((config.Patches + 1) * config.MlpRatio * config.EmbedDim));

    /// <summary>Chunks (N, 1, 1024, 128) -> (N, T, D): fc_norm of each contextual block's output, averaged.</summary>
    internal Tensor Context(Tensor chunks)
    {
        using var scope = NewDisposeScope();
        var sum = zeros(1, dtype: chunks.dtype, device: chunks.device);
        var outputs = BlockOutputs(chunks).GetEnumerator();
        for (var block = 0; outputs.MoveNext(); block++)
        {
            if (config.ContextualBlocks.Contains(block)) sum = sum.add_tensor(fc_norm.call(outputs.Current));
        }
        return sum.div_scalar(config.ContextualBlocks.Count).MoveToOuterDisposeScope();
    }

    /// <summary>Patch embeddings plus positions, cls in front: (N, 1, 1024, 128) -> (N, T, D).</summary>
    internal Tensor Embed(Tensor chunks)
    {
        var patches = patch_embed.call(chunks).add_tensor(pos_embed[.., 1..]);
        var cls = cls_token.add_tensor(pos_embed[.., ..1]).expand(chunks.shape[0], 1, -1);
        return cat([cls, patches], 1);
    }

    /// <summary>(N, 1, 1024, 128) -> the output (N, T, D) of each block in turn.</summary>
    internal IEnumerable<Tensor> BlockOutputs(Tensor chunks)
    {
        var x = Embed(chunks);
        foreach (var block in blocks) yield return x = block.call(x);
    }

    /// <summary>
    /// The published classifier: fc_norm of the mean patch of the last block, through the head. (N, 1,
    /// 1024, 128) -> (N, classes).
    /// </summary>
    internal Tensor Classify(Tensor chunks)
    {
        if (head is null) throw new InvalidOperationException("These weights have no classification head.");
        return head.call(fc_norm.call(BlockOutputs(chunks).Last()[.., 1..].mean([1])));
    }

    /// <summary>
    /// (N, P, D) -> (N, P/pooling, D): token j is the mean of the patches j, j+M, j+2M, ... with M = P/pooling.
    /// Upstream calls it pooling of neighbours, but its view() averages patches M apart: the same mel band at evenly
    /// spaced times. Kept, because the published weights were trained with it.
    /// </summary>
    internal static Tensor Pool(Tensor patches, int pooling)
        => patches.view(patches.shape[0], pooling, patches.shape[1] / pooling, patches.shape[2]).mean([1]);

    /// <summary>
    /// Fixed 2D sin-cos positions (1 + rows*columns, dim) of MAE's pos_embed.py, with a zero row for cls first: the
    /// first half of the width encodes the column (mel), the second the row (time); each half is all sines, then all
    /// cosines, of position / 10000^(k / (dim/4)).
    /// </summary>
    internal static Tensor SinCosPositions(int dim, int rows, int columns)
    {
        using var scope = NewDisposeScope();
        var frequencies = pow(tensor(10000.0), (-Scalars.arange(dim / 4, float64)).div_scalar(dim / 4.0));
        Tensor Code(Tensor positions)
        {
            var angles = outer(positions, frequencies);
            return cat([angles.sin(), angles.cos()], 1);
        }
        var index = Scalars.arange(rows * columns, float64);
        var row = index.div_scalar(columns).floor();
        var table = cat([Code(index - row.mul_scalar(columns)), Code(row)], 1);
        return cat([zeros(1, dim, dtype: float64), table], 0).to(float32).MoveToOuterDisposeScope();
    }
}
