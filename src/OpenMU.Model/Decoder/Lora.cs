// Lora.cs - low-rank adapters (arXiv 2106.09685) with PEFT's keys and meaning.
//
//   x (.., in) --+-- weight (out, in) ----------------------------------------+--> + --> y (.., out)
//                +-- dropout -- lora_A (r, in) -- lora_B (out, r) -- * alpha/r +
//
using OpenMU.Model.Families;
using OpenMU.Model.Kernels;
using OpenMU.Model.Weights;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace OpenMU.Model.Decoder;

/// <summary>The adapter of one projection: lora_A (r, in) and lora_B (out, r).</summary>
public sealed record LoraPair(Parameter A, Parameter B);

/// <summary>
/// A set of adapters for projections of a language model. Several sets can exist for one base model; one is
/// active at a time (<see cref="Llama.SetAdapter"/>).
/// </summary>
public sealed class Lora : IDisposable
{
    private static readonly string[] Targets =
    [
        "self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj", "self_attn.o_proj", "mlp.gate_proj",
        "mlp.up_proj", "mlp.down_proj",
    ];

    private readonly SortedDictionary<string, LoraPair> pairs = new(StringComparer.Ordinal);

    /// <summary>
    /// Adapters from PEFT's keys ("layers.0.self_attn.q_proj.lora_A.weight" below "base_model.model.model."). Newly
    /// initialised ones have lora_B = 0 and change no output.
    /// </summary>
    public Lora(LlamaConfig llama, LoraConfig config, WeightSource weights)
    {
        Config = config;
        for (var layer = 0; layer < llama.NumHiddenLayers; layer++)
        {
            foreach (var target in Targets)
            {
                if (!config.Targets($"layers.{layer}.{target}")) continue;
                var (outputs, inputs) = SizeOf(target, llama);
                var source = weights.Under($"layers.{layer}.{target}");
                var a = source.Take("lora_A.weight", Initializers.FanIn, config.R, inputs);
                var b = source.Take("lora_B.weight", Initializers.Zeros, outputs, config.R);
                pairs.Add($"layers.{layer}.{target}", new(a, b));
            }
        }
    }

    public LoraConfig Config { get; }

    /// <summary>The trainable tensors, by PEFT's keys below "base_model.model.model.".</summary>
    public IEnumerable<(string Name, Parameter Parameter)> NamedParameters()
        => pairs.SelectMany(pair => new[]
        {
            ($"{pair.Key}.lora_A.weight", pair.Value.A),
            ($"{pair.Key}.lora_B.weight", pair.Value.B),
        });

    public void Dispose()
    {
        foreach (var (_, parameter) in NamedParameters()) parameter.Dispose();
    }

    /// <summary>Every projection of such a model, by its key below "model.".</summary>
    internal static IEnumerable<string> ProjectionsOf(LlamaConfig llama)
        => from layer in Enumerable.Range(0, llama.NumHiddenLayers)
           from target in Targets
           select $"layers.{layer}.{target}";

    /// <summary>The adapter of a projection, or null where it has none.</summary>
    internal LoraPair? PairOf(string key) => pairs.GetValueOrDefault(key);

    private static (int Outputs, int Inputs) SizeOf(string target, LlamaConfig config)
        => target[(target.IndexOf('.', StringComparison.Ordinal) + 1)..] switch
        {
            "k_proj" or "v_proj" => (config.NumKeyValueHeads * config.HeadDim, config.HiddenSize),
            "gate_proj" or "up_proj" => (config.IntermediateSize, config.HiddenSize),
            "down_proj" => (config.HiddenSize, config.IntermediateSize),
            "q_proj" => (config.NumAttentionHeads * config.HeadDim, config.HiddenSize),
            "o_proj" => (config.HiddenSize, config.NumAttentionHeads * config.HeadDim),
            _ => throw new ArgumentException($"{target} is no projection.", nameof(target)),
        };
}

/// <summary>
/// A linear layer that can carry an adapter: (.., in) -> (.., out). Its weight keeps the base model's own key, so base
/// checkpoints load without renaming.
/// </summary>
internal sealed class LoraLinear : Module<Tensor, Tensor>
{
    private readonly Parameter weight;
    private readonly Parameter? bias;
    private readonly bool rounds;
    private LoraPair? pair;
    private LoraConfig? config;
    private MergedWeight? merged;

    public LoraLinear(WeightSource weights, int inputs, int outputs, bool hasBias = false) : base(nameof(LoraLinear))
    {
        rounds = weights.RoundsToBf16;
        weight = weights.TakeMatrix("weight", Initializers.Normal(0.02), outputs, inputs);
        if (hasBias) bias = weights.Take("bias", Initializers.Zeros, outputs);
        RegisterComponents();
    }

    /// <summary>
    /// The matrix that <see cref="forward"/> multiplies by: with the adapter added where it is merged.
    /// </summary>
    internal Tensor EffectiveWeight => merged?.Value ?? weight;

    public override Tensor forward(Tensor x)
    {
        var y = MixedLinear.Product(x, EffectiveWeight, rounds);                                    // (.., out)
        if (bias is not null) y = y.add_tensor(bias);
        if (pair is null || merged is not null) return y;
        var branch = functional.dropout(x.to(pair.A.dtype), config!.Dropout, training);
        var delta = functional.linear(functional.linear(branch, pair.A), pair.B).mul_scalar(config.Scale);
        return y.add_tensor(delta.to(y.dtype));
    }

    public void SetAdapter(LoraPair? newPair, LoraConfig? newConfig)
    {
        UnmergeAdapter();
        (pair, config) = (newPair, newConfig);
    }

    /// <summary>weight + alpha/r * B A, added in float32.</summary>
    public void MergeAdapter()
    {
        if (pair is null || merged is not null) return;
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        var delta = pair.B.to(float32).mm(pair.A.to(float32)).mul_scalar(config!.Scale);            // (out, in)
        var sum = MixedLinear.Widened(weight, delta.shape[1]).to(float32).add_tensor(delta);
        var stored = weight.dtype == int8 ? Int8Matrix.Of(sum).to(weight.device) : sum.to(weight.dtype);
        merged = new(stored.DetachFromDisposeScope());
    }

    public void UnmergeAdapter()
    {
        merged?.Value.Dispose();
        merged = null;
    }

    /// <summary>Writes the merged matrix into the weight and removes the adapter. It cannot be undone.</summary>
    public void MergeAndUnload()
    {
        MergeAdapter();
        if (merged is not null)
        {
            using var _ = no_grad();
            weight.copy_(merged.Value);
            Int8Torch.Forget(weight);
        }
        SetAdapter(null, null);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) UnmergeAdapter();
        base.Dispose(disposing);
    }

    /// <summary>A wrapper, because a module registers a bare tensor field as a buffer of its state dict.</summary>
    private sealed record MergedWeight(Tensor Value);
}
