// Llama.cs - Llama 3, and by configuration Qwen2.5 (bias on queries, keys and values) and Qwen3 (queries and keys
// normalised per head), as in Hugging Face's modeling_llama.py, modeling_qwen2.py and modeling_qwen3.py: rotate-half
// RoPE (dimension i is paired with i + d/2), grouped-query attention, SwiGLU. Meta's own code pairs 2i with 2i + 1
// instead: see MetaCheckpoint.cs.
// B batch, T positions, D width, H heads, K key/value heads, d head width, F hidden width of the MLP, V vocabulary.
using OpenMU.Model.Families;
using OpenMU.Model.Kernels;
using OpenMU.Model.Weights;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace OpenMU.Model.Decoder;

/// <summary>x / sqrt(mean(x^2) + eps) in float32, cast back, times a weight: (.., D) -> (.., D).</summary>
internal sealed class RmsNorm : Module<Tensor, Tensor>
{
    private readonly Parameter weight;
    private readonly double eps;

    public RmsNorm(WeightSource weights, int dim, double eps) : base(nameof(RmsNorm))
    {
        this.eps = eps;
        weight = weights.Take("weight", Initializers.Ones, dim);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x)
    {
        if (RowKernels.Take(x, weight)) return RowKernels.RmsNorm(x, weight, eps);
        var x32 = x.to(float32);
        return (x32 * rsqrt(x32.pow2().mean([-1], keepdim: true).add_scalar(eps))).to(x.dtype) * weight;
    }
}

/// <summary>
/// Rotary position embedding (arXiv 2104.09864): cosine and sine tables of position * theta^(-2i/d),
/// repeated twice along d.
/// </summary>
internal sealed class Rope : IDisposable
{
    private readonly Tensor cosines, sines;     // (max positions, d)

    public Rope(LlamaConfig config, ScalarType type, Device device)
    {
        using var scope = NewDisposeScope();
        var exponents = Scalars.arange(config.HeadDim / 2, float32).mul_scalar(2).div_scalar(config.HeadDim);   // (d/2)
        var frequencies = pow(tensor((float)config.RopeTheta), exponents).reciprocal();                         // (d/2)
        if (config.RopeScaling is { } scaling) frequencies = RopeScaling.Apply(frequencies, scaling);
        var positions = Scalars.arange(config.MaxPositionEmbeddings, float32);
        var angles = outer(positions, frequencies).repeat(1, 2);    // (max positions, d)
        cosines = angles.cos().to(type, device).DetachFromDisposeScope();
        sines = angles.sin().to(type, device).DetachFromDisposeScope();
    }

    /// <summary>Positions (B, T) -> cosines and sines (B, 1, T, d), shared by all layers.</summary>
    public Angles At(Tensor positions)
    {
        var (B, T) = (positions.shape[0], positions.shape[1]);
        var flat = positions.flatten();
        return new(
            cosines.index_select(0, flat).view(B, 1, T, -1),
            sines.index_select(0, flat).view(B, 1, T, -1));
    }

    public void Dispose()
    {
        cosines.Dispose();
        sines.Dispose();
    }

    public sealed record Angles(Tensor Cosines, Tensor Sines)
    {
        /// <summary>
        /// x * cos + rotate_half(x) * sin: (B, T, heads, d) -> (B, heads, T, d). It may be written over x.
        /// </summary>
        public Tensor Rotate(Tensor x)
        {
            if (RowKernels.Take(x, Cosines)) return RowKernels.Rotate(x, Cosines, Sines).transpose(1, 2);
            x = x.transpose(1, 2);
            var halves = x.chunk(2, -1);
            return (x * Cosines).add_tensor(cat([-halves[1], halves[0]], -1) * Sines);
        }
    }
}

/// <summary>Grouped-query attention: (B, T, D) -> (B, T, D).</summary>
internal sealed class LlamaAttention : Module<Tensor, Rope.Angles, AttentionPass, Tensor>
{
    private readonly LoraLinear q_proj, k_proj, v_proj, o_proj;
    private readonly RmsNorm? q_norm, k_norm;
    private readonly int layer, heads, kvHeads, headDim;

    public LlamaAttention(LlamaConfig config, int layer, WeightSource weights) : base(nameof(LlamaAttention))
    {
        (this.layer, heads, kvHeads, headDim) =
            (layer, config.NumAttentionHeads, config.NumKeyValueHeads, config.HeadDim);
        q_proj = new(weights.Under("q_proj"), config.HiddenSize, heads * headDim, config.AttentionBias);
        k_proj = new(weights.Under("k_proj"), config.HiddenSize, kvHeads * headDim, config.AttentionBias);
        v_proj = new(weights.Under("v_proj"), config.HiddenSize, kvHeads * headDim, config.AttentionBias);
        o_proj = new(weights.Under("o_proj"), heads * headDim, config.HiddenSize);
        if (config.QkNorm)
        {
            q_norm = new(weights.Under("q_norm"), headDim, config.RmsNormEps);
            k_norm = new(weights.Under("k_norm"), headDim, config.RmsNormEps);
        }
        RegisterComponents();
    }

    public override Tensor forward(Tensor x, Rope.Angles angles, AttentionPass pass)
    {
        var (B, T) = (x.shape[0], x.shape[1]);
        var q = Normalised(q_proj.call(x).view(B, T, heads, headDim), q_norm);          // (B, T, H, d)
        var k = Normalised(k_proj.call(x).view(B, T, kvHeads, headDim), k_norm);        // (B, T, K, d)
        var v = v_proj.call(x).view(B, T, kvHeads, headDim).transpose(1, 2);            // (B, K, T, d)
        var y = pass.Attend(layer, angles.Rotate(q), angles.Rotate(k), v);              // (B, H, T, d)
        return o_proj.call(y.transpose(1, 2).reshape(B, T, heads * headDim));           // (B, T, D)
    }

    /// <summary>(B, T, heads, d), each head normalised by itself where there is a norm.</summary>
    private static Tensor Normalised(Tensor heads, RmsNorm? norm) => norm?.call(heads) ?? heads;
}

/// <summary>Pre-norm transformer block with residual connections: (B, T, D) -> (B, T, D).</summary>
internal sealed class LlamaBlock : Module<Tensor, Rope.Angles, AttentionPass, Tensor>
{
    private readonly RmsNorm input_layernorm, post_attention_layernorm;
    private readonly LlamaAttention self_attn;
    private readonly GatedMlp mlp;

    public LlamaBlock(LlamaConfig config, int layer, WeightSource weights) : base(nameof(LlamaBlock))
    {
        input_layernorm = new(weights.Under("input_layernorm"), config.HiddenSize, config.RmsNormEps);
        self_attn = new(config, layer, weights.Under("self_attn"));
        post_attention_layernorm = new(weights.Under("post_attention_layernorm"), config.HiddenSize, config.RmsNormEps);
        mlp = new(weights.Under("mlp"), config.HiddenSize, config.IntermediateSize, config.HiddenSize);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x, Rope.Angles angles, AttentionPass pass)
    {
        using var scope = NewDisposeScope();
        x = x.add_tensor(self_attn.call(input_layernorm.call(x), angles, pass));
        return x.add_tensor(mlp.call(post_attention_layernorm.call(x))).MoveToOuterDisposeScope();
    }
}

/// <summary>
/// Token embedding. The matrix may stay bfloat16 in a memory map; rows are cast when they are looked up.
/// </summary>
internal sealed class Embedding : Module<Tensor, Tensor>
{
    private readonly Parameter weight;
    private readonly ScalarType type;
    private readonly int dim;
    private readonly bool rounds;

    public Embedding(WeightSource weights, int tokens, int dim) : base(nameof(Embedding))
    {
        (type, this.dim, rounds) = (weights.ComputeType, dim, weights.RoundsToBf16);
        weight = weights.TakeMatrix("weight", Initializers.Normal(0.02), tokens, dim);
        RegisterComponents();
    }

    /// <summary>Whether the matrix is stored in another type than that of the activations.</summary>
    public bool IsNarrow => weight.dtype != type;

    /// <summary>Ids (..) -> (.., D).</summary>
    public override Tensor forward(Tensor ids)
        => MixedLinear.Widened(weight.index_select(0, ids.flatten()), dim).to(type).view([.. ids.shape, dim]);

    /// <summary>The tied output head: (.., D) -> (.., V).</summary>
    public Tensor Logits(Tensor hidden) => MixedLinear.Product(hidden, weight, rounds);
}

/// <summary>Embedding, blocks and final norm: the keys below "model." of a Hugging Face checkpoint.</summary>
internal sealed class LlamaDecoder : Module
{
    public readonly Embedding embed_tokens;
    public readonly ModuleList<LlamaBlock> layers;
    public readonly RmsNorm norm;

    public LlamaDecoder(LlamaConfig config, WeightSource weights) : base(nameof(LlamaDecoder))
    {
        embed_tokens = new(weights.Under("embed_tokens"), config.VocabSize, config.HiddenSize);
        layers = new([.. Enumerable.Range(0, config.NumHiddenLayers)
            .Select(i => new LlamaBlock(config, i, weights.Under($"layers.{i}")))]);
        norm = new(weights.Under("norm"), config.HiddenSize, config.RmsNormEps);
        RegisterComponents();
    }
}

/// <summary>
/// New positions of one sequence: their embeddings (n, W) and the sequence's KV cache, which a step extends. The first
/// D numbers of a row are the embedding; each D after them is added to the output of one of the first layers
/// (DeepStack, arXiv 2406.04334), where an encoder feeds those too.
/// </summary>
public readonly record struct SequenceInput(Tensor Embeddings, KvCache Cache);

/// <summary>The language model: embeddings in, hidden states or logits out.</summary>
public sealed class Llama : Module
{
    private readonly LlamaDecoder model;
    private readonly LoraLinear? lm_head;
    private readonly Rope rope;

    /// <summary>
    /// Builds the model from the keys of a Hugging Face checkpoint ("model.layers.0...", "lm_head.weight"), with
    /// another prefix of the layers where <paramref name="decoder"/> gives one.
    /// </summary>
    public Llama(LlamaConfig config, WeightSource weights, string decoder = "model") : base(nameof(Llama))
    {
        (Config, ComputeType, Device) = (config, weights.ComputeType, weights.Device);
        model = new(config, weights.Under(decoder));
        if (!config.TieWordEmbeddings) lm_head = new(weights.Under("lm_head"), config.HiddenSize, config.VocabSize);
        rope = new(config, weights.ComputeType, weights.Device);
        RegisterComponents();
    }

    public LlamaConfig Config { get; }
    public ScalarType ComputeType { get; }
    public Device Device { get; }

    /// <summary>Token ids (..) -> (.., D).</summary>
    public Tensor Embed(Tensor ids) => model.embed_tokens.call(ids);

    /// <summary>Whole sequences, without a KV cache -> hidden states after the final norm (B, T, D).</summary>
    /// <param name="embeddings">(B, T, W), see <see cref="SequenceInput"/>.</param>
    /// <param name="mask">(B, T), 1 for real positions and 0 for padding on either side; null when there
    /// is no padding.</param>
    /// <param name="positions">(B, T); null counts 0 .. T-1, padding included, as the reference
    /// does in training.</param>
    /// <exception cref="ArgumentException">The width is not D, or T exceeds max_position_embeddings.</exception>
    public Tensor Hidden(Tensor embeddings, Tensor? mask = null, Tensor? positions = null)
    {
        Shape.Require(embeddings, "The language model's input", -1, -1, Width(embeddings));
        if (embeddings.shape[1] > Config.MaxPositionEmbeddings)
        {
            throw new ArgumentException(
                $"{embeddings.shape[1]} positions are more than the model's {Config.MaxPositionEmbeddings}.",
                nameof(embeddings));
        }
        return Hidden(embeddings, positions ?? PositionsFromZero(embeddings), new CausalAttention(mask));
    }

    /// <summary>
    /// One step for several sequences of any lengths: the new positions enter the sequences' caches -> the hidden state
    /// of each sequence's last position, (number of sequences, D).
    /// </summary>
    /// <exception cref="ArgumentException">A cache is too small, or an input has the wrong width.</exception>
    public Tensor Step(IReadOnlyList<SequenceInput> inputs)
    {
        foreach (var (embeddings, cache) in inputs)
        {
            Shape.Require(embeddings, "New positions", -1, Width(embeddings));
            var added = embeddings.shape[0];
            if (cache.Length + added > cache.Capacity)
            {
                throw new ArgumentException(
                    $"{cache.Length} + {added} positions do not fit into a cache of {cache.Capacity}.", nameof(inputs));
            }
        }
        // Where libtorch multiplies the matrices itself, it keeps its threads.
        using var few = KernelThreads.ForRows(
            model.embed_tokens.IsNarrow ? inputs.Sum(input => input.Embeddings.shape[0]) : long.MaxValue);
        using var scope = NewDisposeScope();
        (KvCache Cache, int Added)[] sequences =
            [.. inputs.Select(input => (input.Cache, (int)input.Embeddings.shape[0]))];
        long[] positions = [.. sequences.SelectMany(s => Enumerable.Range(s.Cache.Length, s.Added), (_, i) => (long)i)];
        Tensor[] rows = [.. inputs.Select(input => input.Embeddings)];                                  // (n, W) each
        var x = cat([.. rows.Select(row => PartOf(row, 0))], 0).unsqueeze(0);                           // (1, N, D)
        var angles = rope.At(tensor(positions, device: Device).unsqueeze(0));
        var attention = new CachedAttention(sequences);
        for (var layer = 0; layer < model.layers.Count; layer++)
        {
            x = model.layers[layer].call(x, angles, attention);
            AddDeep(x[0], rows, layer);
        }
        foreach (var (cache, count) in sequences) cache.Advance(count);
        var last = sequences.Select((_, i) => sequences.Take(i + 1).Sum(s => (long)s.Added) - 1).ToArray();
        return model.norm.call(x[0].index_select(0, tensor(last, device: Device))).MoveToOuterDisposeScope();
    }

    /// <summary>Hidden states (.., D) -> logits (.., V) in float32.</summary>
    public Tensor Logits(Tensor hidden)
        => (lm_head is null ? model.embed_tokens.Logits(hidden) : lm_head.call(hidden)).to(float32);

    /// <summary>
    /// PEFT's set_adapter: puts adapters on all projections, replacing earlier ones; null removes them.
    /// The base is untouched.
    /// </summary>
    public void SetAdapter(Lora? lora)
    {
        foreach (var (key, projection) in Projections()) projection.SetAdapter(lora?.PairOf(key), lora?.Config);
    }

    /// <summary>
    /// PEFT's merge_adapter: adds the active adapters to the weights, for the same outputs without the adapters' cost.
    /// </summary>
    public void MergeAdapter()
    {
        foreach (var (_, projection) in Projections()) projection.MergeAdapter();
    }

    /// <summary>PEFT's unmerge_adapter: restores the weights bit for bit.</summary>
    public void UnmergeAdapter()
    {
        foreach (var (_, projection) in Projections()) projection.UnmergeAdapter();
    }

    /// <summary>PEFT's merge_and_unload: adds the active adapters to the weights for good.</summary>
    public void MergeAndUnload()
    {
        foreach (var (_, projection) in Projections()) projection.MergeAndUnload();
    }

    /// <summary>New positions (B, n, W) at positions (B, n) -> hidden states after the final norm (B, n, D).</summary>
    internal Tensor Hidden(Tensor embeddings, Tensor positions, AttentionPass attention)
    {
        using var scope = NewDisposeScope();
        var angles = rope.At(positions);
        var x = PartOf(embeddings, 0);
        for (var layer = 0; layer < model.layers.Count; layer++)
        {
            x = model.layers[layer].call(x, angles, attention);
            if (HasPart(embeddings, layer + 1)) x = x.add_tensor(PartOf(embeddings, layer + 1));
        }
        return model.norm.call(x).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// One layer of <see cref="Hidden(Tensor, Tensor?, Tensor?)"/> without padding, for gradient checkpointing:
    /// (B, T, D) -> (B, T, D).
    /// </summary>
    /// <param name="layer">0 .. layers - 1.</param>
    /// <param name="x">The embeddings, or the output of the layer before.</param>
    internal Tensor Layer(int layer, Tensor x)
    {
        using var scope = NewDisposeScope();
        return model.layers[layer].call(x, rope.At(PositionsFromZero(x)), new CausalAttention(null))
            .MoveToOuterDisposeScope();
    }

    /// <summary>What follows the last layer: (.., D) -> (.., D).</summary>
    internal Tensor FinalNorm(Tensor x) => model.norm.call(x);

    /// <summary>
    /// Every projection that can carry an adapter, by its key below "model.": "layers.0.self_attn.q_proj".
    /// </summary>
    internal IEnumerable<(string Key, LoraLinear Projection)> Projections()
        => model.named_modules()
            .Where(entry => entry.module is LoraLinear)
            .Select(entry => (entry.name, (LoraLinear)entry.module));

    protected override void Dispose(bool disposing)
    {
        if (disposing) rope.Dispose();
        base.Dispose(disposing);
    }

    /// <summary>
    /// What <see cref="SequenceInput"/> says of a width: D, or a multiple of it for the first layers.
    /// </summary>
    private long Width(Tensor embeddings)
        => embeddings.shape[^1] % Config.HiddenSize == 0
            && embeddings.shape[^1] / Config.HiddenSize - 1 <= Config.NumHiddenLayers
            ? embeddings.shape[^1]
            : Config.HiddenSize;

    private bool HasPart(Tensor embeddings, int part) => embeddings.shape[^1] > (long)part * Config.HiddenSize;

    /// <summary>(.., W) -> (.., D): the embedding, or what is added after layer part - 1.</summary>
    private Tensor PartOf(Tensor embeddings, int part)
        => embeddings.shape[^1] == Config.HiddenSize
            ? embeddings
            : embeddings.narrow(-1, (long)part * Config.HiddenSize, Config.HiddenSize);

    /// <summary>Adds to a layer's output x (N, D) what the rows have for it.</summary>
    private void AddDeep(Tensor x, Tensor[] rows, int layer)
    {
        var start = 0L;
        foreach (var row in rows)
        {
            if (HasPart(row, layer + 1))
                x.narrow(0, start, row.shape[0]).add_(PartOf(row, layer + 1), Scalars.One);
            start += row.shape[0];
        }
    }

    /// <summary>(B, T), each row 0 .. T-1.</summary>
    private static Tensor PositionsFromZero(Tensor embeddings)
        => Scalars.arange(embeddings.shape[1], device: embeddings.device)
            .expand(embeddings.shape[0], embeddings.shape[1]);
}
