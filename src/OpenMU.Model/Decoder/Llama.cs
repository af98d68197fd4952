// Llama.cs - Llama 3 as published on Hugging Face: rotate-half RoPE (a pair is dimension i with i + d/2), grouped-query attention, SwiGLU.
// B batch, T positions, D width, H heads, K key/value heads, d head width, F hidden width of the MLP, V vocabulary.
using OpenMU.Model.Families;
using OpenMU.Model.Kernels;
using OpenMU.Model.Weights;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace OpenMU.Model.Decoder;

/// <summary>x / root mean square of x, in float32, times a weight.</summary>
internal sealed class RmsNorm : Module<Tensor, Tensor>
{
    private readonly Parameter weight;
    private readonly double eps;

    public RmsNorm(WeightSource weights, int dim, double eps) : base(nameof(RmsNorm))
    {
        this.eps = eps;
        weight = weights.Take("weight", Fresh.Ones, dim);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x)
    {
        var wide = x.to(float32);
        return (wide * rsqrt(wide.Squared().mean([-1], keepdim: true).Plus(Scalars.Of(eps)))).to(x.dtype) * weight;
    }
}

/// <summary>Rotary positions: cosines and sines of position * theta^(-2i/d), each written twice along d.</summary>
internal sealed class Rope : IDisposable
{
    private readonly Tensor cosines, sines;     // (positions, d)

    public Rope(LlamaConfig config, ScalarType type, Device device)
    {
        using var scope = NewDisposeScope();
        var inverse = pow(tensor((float)config.RopeTheta), arange(Scalars.Of(0), Scalars.Of(config.HeadDim), Scalars.Of(2), dtype: float32) / Scalars.Of(config.HeadDim)).reciprocal();
        if (config.RopeScaling is { } scaling) inverse = RopeScaling.Apply(inverse, scaling);
        var angles = outer(Scalars.Range(config.MaxPositionEmbeddings, float32), inverse).repeat(1, 2);
        cosines = angles.cos().to(type, device).DetachFromDisposeScope();
        sines = angles.sin().to(type, device).DetachFromDisposeScope();
    }

    /// <summary>Positions (B, T) -> cosines and sines (B, 1, T, d), to be used by every layer.</summary>
    public Angles At(Tensor positions)
    {
        var (B, T) = (positions.shape[0], positions.shape[1]);
        var flat = positions.flatten();
        return new(cosines.index_select(0, flat).view(B, 1, T, -1), sines.index_select(0, flat).view(B, 1, T, -1));
    }

    public void Dispose()
    {
        cosines.Dispose();
        sines.Dispose();
    }

    public sealed record Angles(Tensor Cosines, Tensor Sines)
    {
        /// <summary>Rotates (B, heads, T, d).</summary>
        public Tensor Rotate(Tensor x)
        {
            var halves = x.chunk(2, -1);
            return (x * Cosines).Plus(cat([-halves[1], halves[0]], -1) * Sines);
        }
    }
}

/// <summary>Grouped-query attention: (B, T, D) -> (B, T, D).</summary>
internal sealed class LlamaAttention : Module<Tensor, Rope.Angles, AttentionPass, Tensor>
{
    private readonly LoraLinear q_proj, k_proj, v_proj, o_proj;
    private readonly int layer, heads, kvHeads, headDim;

    public LlamaAttention(LlamaConfig config, int layer, WeightSource weights) : base(nameof(LlamaAttention))
    {
        (this.layer, heads, kvHeads, headDim) = (layer, config.NumAttentionHeads, config.NumKeyValueHeads, config.HeadDim);
        q_proj = new(weights.Under("q_proj"), config.HiddenSize, heads * headDim);
        k_proj = new(weights.Under("k_proj"), config.HiddenSize, kvHeads * headDim);
        v_proj = new(weights.Under("v_proj"), config.HiddenSize, kvHeads * headDim);
        o_proj = new(weights.Under("o_proj"), heads * headDim, config.HiddenSize);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x, Rope.Angles angles, AttentionPass pass)
    {
        var (B, T) = (x.shape[0], x.shape[1]);
        var q = q_proj.call(x).view(B, T, heads, headDim).transpose(1, 2);              // (B, H, T, d)
        var k = k_proj.call(x).view(B, T, kvHeads, headDim).transpose(1, 2);            // (B, K, T, d)
        var v = v_proj.call(x).view(B, T, kvHeads, headDim).transpose(1, 2);            // (B, K, T, d)
        var y = pass.Attend(layer, angles.Rotate(q), angles.Rotate(k), v);              // (B, H, T, d)
        return o_proj.call(y.transpose(1, 2).reshape(B, T, heads * headDim));           // (B, T, D)
    }
}

/// <summary>down(silu(gate x) * up x): (B, T, D) -> (B, T, D).</summary>
internal sealed class LlamaMlp : Module<Tensor, Tensor>
{
    private readonly LoraLinear gate_proj, up_proj, down_proj;

    public LlamaMlp(LlamaConfig config, WeightSource weights) : base(nameof(LlamaMlp))
    {
        gate_proj = new(weights.Under("gate_proj"), config.HiddenSize, config.IntermediateSize);
        up_proj = new(weights.Under("up_proj"), config.HiddenSize, config.IntermediateSize);
        down_proj = new(weights.Under("down_proj"), config.IntermediateSize, config.HiddenSize);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x) => down_proj.call(functional.silu(gate_proj.call(x)) * up_proj.call(x));
}

internal sealed class LlamaBlock : Module<Tensor, Rope.Angles, AttentionPass, Tensor>
{
    private readonly RmsNorm input_layernorm, post_attention_layernorm;
    private readonly LlamaAttention self_attn;
    private readonly LlamaMlp mlp;

    public LlamaBlock(LlamaConfig config, int layer, WeightSource weights) : base(nameof(LlamaBlock))
    {
        input_layernorm = new(weights.Under("input_layernorm"), config.HiddenSize, config.RmsNormEps);
        self_attn = new(config, layer, weights.Under("self_attn"));
        post_attention_layernorm = new(weights.Under("post_attention_layernorm"), config.HiddenSize, config.RmsNormEps);
        mlp = new(config, weights.Under("mlp"));
        RegisterComponents();
    }

    public override Tensor forward(Tensor x, Rope.Angles angles, AttentionPass pass)
    {
        using var scope = NewDisposeScope();
        x = x.Plus(self_attn.call(input_layernorm.call(x), angles, pass));
        return x.Plus(mlp.call(post_attention_layernorm.call(x))).MoveToOuterDisposeScope();
    }
}

/// <summary>A matrix with a row per token. It may stay bfloat16 in a memory map; rows are widened when they are looked up.</summary>
internal sealed class Embedding : Module<Tensor, Tensor>
{
    private readonly Parameter weight;
    private readonly ScalarType type;

    public Embedding(WeightSource weights, int tokens, int dim) : base(nameof(Embedding))
    {
        type = weights.ComputeType;
        weight = weights.TakeMatrix("weight", Fresh.Normal(0.02), tokens, dim);
        RegisterComponents();
    }

    /// <summary>Ids (..) -> (.., D).</summary>
    public override Tensor forward(Tensor ids) => weight.index_select(0, ids.flatten()).to(type).view([.. ids.shape, weight.shape[1]]);

    /// <summary>As the head of a model that ties the two: (.., D) -> (.., V).</summary>
    public Tensor Logits(Tensor hidden) => MixedLinear.Product(hidden, weight);
}

/// <summary>Embedding, blocks and final norm; the keys below "model." of a Hugging Face checkpoint.</summary>
internal sealed class LlamaDecoder : Module
{
    public readonly Embedding embed_tokens;
    public readonly ModuleList<LlamaBlock> layers;
    public readonly RmsNorm norm;

    public LlamaDecoder(LlamaConfig config, WeightSource weights) : base(nameof(LlamaDecoder))
    {
        embed_tokens = new(weights.Under("embed_tokens"), config.VocabSize, config.HiddenSize);
        layers = new([.. Enumerable.Range(0, config.NumHiddenLayers).Select(i => new LlamaBlock(config, i, weights.Under($"layers.{i}")))]);
        norm = new(weights.Under("norm"), config.HiddenSize, config.RmsNormEps);
        RegisterComponents();
    }
}

/// <summary>New positions of one sequence: their embeddings (n, D) and the sequence's memory, which a step extends.</summary>
public readonly record struct SequenceInput(Tensor Embeddings, KvCache Cache);

/// <summary>The language model: embeddings in, hidden states or logits out.</summary>
public sealed class Llama : Module
{
    private readonly LlamaDecoder model;
    private readonly LoraLinear? lm_head;
    private readonly Rope rope;

    /// <summary>Builds the model from the keys of a Hugging Face checkpoint ("model.layers.0...", "lm_head.weight").</summary>
    public Llama(LlamaConfig config, WeightSource weights) : base(nameof(Llama))
    {
        (Config, ComputeType, Device) = (config, weights.ComputeType, weights.Device);
        model = new(config, weights.Under("model"));
        if (!config.TieWordEmbeddings) lm_head = new(weights.Under("lm_head"), config.HiddenSize, config.VocabSize);
        rope = new(config, weights.ComputeType, weights.Device);
        RegisterComponents();
    }

    public LlamaConfig Config { get; }
    public ScalarType ComputeType { get; }
    public Device Device { get; }

    /// <summary>Token ids (..) -> (.., D).</summary>
    public Tensor Embed(Tensor ids) => model.embed_tokens.call(ids);

    /// <summary>Whole sequences (B, T, D) -> hidden states after the final norm (B, T, D).</summary>
    /// <param name="embeddings">(B, T, D).</param>
    /// <param name="mask">(B, T), 1 for real positions and 0 for padding on either side; null when nothing is padded.</param>
    /// <param name="positions">(B, T); null counts 0 .. T-1, padding included, as the reference trains.</param>
    public Tensor Hidden(Tensor embeddings, Tensor? mask = null, Tensor? positions = null)
    {
        Shape.Require(embeddings, "The language model's input", -1, -1, Config.HiddenSize);
        if (embeddings.shape[1] > Config.MaxPositionEmbeddings) throw new ArgumentException($"{embeddings.shape[1]} positions are more than the model's {Config.MaxPositionEmbeddings}.", nameof(embeddings));
        return HiddenStates(embeddings, mask, positions).Last();
    }

    /// <summary>
    /// One step for several sequences of any lengths at once: the new positions enter the sequences' caches, and the hidden state of each
    /// sequence's last position comes out, (number of sequences, D).
    /// </summary>
    /// <exception cref="ArgumentException">A cache has no room.</exception>
    public Tensor Step(IReadOnlyList<SequenceInput> inputs)
    {
        foreach (var (embeddings, cache) in inputs)
        {
            Shape.Require(embeddings, "New positions", -1, Config.HiddenSize);
            if (cache.Length + embeddings.shape[0] > cache.Capacity) throw new ArgumentException($"{cache.Length} + {embeddings.shape[0]} positions do not fit into a cache of {cache.Capacity}.");
        }
        using var scope = NewDisposeScope();
        (KvCache Cache, int Added)[] sequences = [.. inputs.Select(input => (input.Cache, (int)input.Embeddings.shape[0]))];
        var angles = rope.At(tensor(sequences.SelectMany(s => Enumerable.Range(s.Cache.Length, s.Added).Select(i => (long)i)).ToArray(), device: Device).unsqueeze(0));
        var pass = new CachedAttention(sequences);
        var x = cat([.. inputs.Select(input => input.Embeddings)], 0).unsqueeze(0);                     // (1, N, D)
        foreach (var block in model.layers) x = block.call(x, angles, pass);
        foreach (var (cache, added) in sequences) cache.Advance(added);
        var ends = sequences.Select((_, i) => sequences.Take(i + 1).Sum(s => (long)s.Added) - 1).ToArray();
        return model.norm.call(x[0].index_select(0, tensor(ends, device: Device))).MoveToOuterDisposeScope();
    }

    /// <summary>New positions (B, n, D) of sequences that the pass remembers, at positions (B, n) -> hidden states after the final norm (B, n, D).</summary>
    internal Tensor Hidden(Tensor embeddings, Tensor positions, AttentionPass pass)
    {
        using var scope = NewDisposeScope();
        var angles = rope.At(positions);
        var x = embeddings;
        foreach (var block in model.layers) x = block.call(x, angles, pass);
        return model.norm.call(x).MoveToOuterDisposeScope();
    }

    /// <summary>Hidden states (.., D) -> logits (.., V) in float32.</summary>
    public Tensor Logits(Tensor hidden) => (lm_head is null ? model.embed_tokens.Logits(hidden) : lm_head.call(hidden)).to(float32);

    /// <summary>Puts adapters on the projections, in place of any that were there; null takes them off. The base stays as it is.</summary>
    public void Use(Lora? lora)
    {
        foreach (var (key, projection) in Projections()) projection.Use(lora?.PairOf(key), lora?.Config);
    }

    /// <summary>Adds the adapters in use to the matrices themselves: the same answers, without the adapters' cost.</summary>
    public void Merge()
    {
        foreach (var (_, projection) in Projections()) projection.Merge();
    }

    /// <summary>Takes merged adapters out again; the matrices are then exactly what they were.</summary>
    public void Unmerge()
    {
        foreach (var (_, projection) in Projections()) projection.Unmerge();
    }

    /// <summary>Makes the adapters in use part of the matrices and takes them off: there is no way back.</summary>
    public void Absorb()
    {
        foreach (var (_, projection) in Projections()) projection.Absorb();
    }

    /// <summary>The embeddings, then the output of each block, the last one after the final norm.</summary>
    internal IEnumerable<Tensor> HiddenStates(Tensor embeddings, Tensor? mask = null, Tensor? positions = null)
    {
        yield return embeddings;
        var blocks = Blocks(embeddings, mask, positions);
        var x = embeddings;
        foreach (var block in blocks.SkipLast(1)) yield return x = block(x);
        yield return Normalise(blocks[^1](x));
    }

    /// <summary>The blocks one by one, for whole sequences like these embeddings (B, T, D).</summary>
    internal IReadOnlyList<Func<Tensor, Tensor>> Blocks(Tensor embeddings, Tensor? mask = null, Tensor? positions = null)
    {
        var angles = rope.At(positions ?? Scalars.Range(embeddings.shape[1], device: embeddings.device).expand(embeddings.shape[0], embeddings.shape[1]));
        var pass = new CausalAttention(mask);
        return [.. model.layers.Select(block => (Func<Tensor, Tensor>)(x => block.call(x, angles, pass)))];
    }

    /// <summary>The final norm: (.., D) -> (.., D).</summary>
    internal Tensor Normalise(Tensor x) => model.norm.call(x);

    /// <summary>Every projection that can carry an adapter, by its key below "model.": "layers.0.self_attn.q_proj".</summary>
    internal IEnumerable<(string Key, LoraLinear Projection)> Projections()
        => model.named_modules().Where(entry => entry.module is LoraLinear).Select(entry => (entry.name, (LoraLinear)entry.module));

    protected override void Dispose(bool disposing)
    {
        if (disposing) rope.Dispose();
        base.Dispose(disposing);
    }
}
