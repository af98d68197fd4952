using OpenMU.Model.Decoder;
using OpenMU.Model.Families;
using OpenMU.Model.Kernels;
using static TorchSharp.torch;

namespace OpenMU.Model.Weights;

/// <summary>Adapters in PEFT's format: adapter_config.json with adapter_model.safetensors or .bin.</summary>
internal static class AdapterSource
{
    private const string ConfigFile = "adapter_config.json";

    /// <summary>
    /// The adapters' configuration and tensors by PEFT's keys.
    /// </summary>
    /// <param name="folder">A folder of PEFT.</param>
    /// <param name="model">The model whose projections the adapters are for.</param>
    /// <exception cref="InvalidDataException">
    /// A file is missing or damaged, the adapters are of a kind that this model does not have, or a tensor is
    /// missing, surplus or misshapen.
    /// </exception>
    public static (LoraConfig Config, PublishedCheckpoint Checkpoint) Open(string folder, ModelConfig model)
    {
        var foreign = ForeignConfig.Read(Path.Combine(folder, ConfigFile), ForeignConfigRules.Adapter);
        var config = ReadConfig(foreign, model);
        var path = Path.Combine(folder, ModelFolder.AdapterFile);
        var file = PublishedCheckpoint.OpenFile(File.Exists(path) ? path : Path.Combine(folder, "adapter_model.bin"));
        var tensors = file.Tensors.Select(tensor => tensor with { Key = PlainKey(tensor.Key) });
        var checkpoint = new PublishedCheckpoint(file.Path, [.. tensors], [file]);
        try
        {
            Require(model, config, checkpoint, foreign);
            return (config, checkpoint);
        }
        catch
        {
            checkpoint.Dispose();
            throw;
        }
    }

    /// <summary>
    /// A projection's matrix with its adapter merged, W + alpha/r * B A in float32, a few rows at a time. Other tensors
    /// are returned as they are.
    /// </summary>
    public static NamedTensor Merge(
        NamedTensor weight, LoraConfig config, IReadOnlyDictionary<string, NamedTensor> adapters)
    {
        const string suffix = ".weight";
        if (!weight.Key.EndsWith(suffix, StringComparison.Ordinal)) return weight;
        var key = $"{ModelFolder.AdapterPrefix}.{weight.Key[..^suffix.Length]}";
        if (!adapters.TryGetValue($"{key}.lora_A.weight", out var a)
            || !adapters.TryGetValue($"{key}.lora_B.weight", out var b))
        {
            return weight;
        }
        return weight with
        {
            Rows = (first, count) =>
            {
                using var scope = NewDisposeScope();
                var delta = b.Rows(first, count).to(float32).mm(a.Rows(0, a.Shape[0]).to(float32));
                return weight.Rows(first, count)
                    .to(float32).add_tensor(delta.mul_scalar(config.Scale)).MoveToOuterDisposeScope();
            },
        };
    }

    /// <summary>Requires that the adapters are exactly those of the projections that the configuration names.</summary>
    private static void Require(
        ModelConfig model, LoraConfig config, PublishedCheckpoint checkpoint, ForeignConfig foreign)
    {
        var plan = new List<PlannedTensor>();
        var prefix = $"{ModelFolder.AdapterPrefix}.{model.DecoderKey}";
        using var adapter = new Lora(model.Llama, config, WeightSource.Recording(plan).Under(prefix));
        var planned = plan.Select(tensor => tensor.Key).ToHashSet();
        if (checkpoint.Tensors.FirstOrDefault(tensor => !planned.Contains(tensor.Key)) is { } surplus)
        {
            var key = ForeignConfig.Escape(surplus.Key);
            if (!Lora.ProjectionsOf(model.Llama).Any(projection => IsPartOf(surplus.Key, $"{prefix}.{projection}")))
            {
                throw new InvalidDataException(
                    $"{checkpoint.Path} holds the tensor '{key}'; accepted: lora_A and lora_B of projections.");
            }
            var field = foreign.Value("layers_to_transform") is null ? "target_modules" : "layers_to_transform";
            throw foreign.Refusal(field, $"a value that covers {key}, which {Path.GetFileName(checkpoint.Path)} holds");
        }
        ModelPlan.Require(plan, [.. checkpoint.Tensors.Select(tensor => (tensor, checkpoint.Path))]);
    }

    private static LoraConfig ReadConfig(ForeignConfig foreign, ModelConfig model)
    {
        var (r, alpha) = (foreign.Whole("r"), foreign.Number("lora_alpha"));
        return new()
        {
            R = r,
            // Rank-stabilised LoRA (arXiv 2312.03732) counts alpha 1/sqrt(r) times; here it counts 1/r times.
            Alpha = foreign.Flag("use_rslora") ? alpha * Math.Sqrt(r) : alpha,
            Dropout = foreign.Value("lora_dropout")?.GetDouble() ?? 0,
            TargetModules = AdapterTargets.Of(foreign, model),
        };
    }

    private static bool IsPartOf(string key, string projection)
        => key == $"{projection}.lora_A.weight" || key == $"{projection}.lora_B.weight";

    /// <summary>While it trains, PEFT has the adapter's name in the keys, and some trainers save them so.</summary>
    private static string PlainKey(string key)
        => key.Replace(".lora_A.default.", ".lora_A.", StringComparison.Ordinal)
            .Replace(".lora_B.default.", ".lora_B.", StringComparison.Ordinal);
}
