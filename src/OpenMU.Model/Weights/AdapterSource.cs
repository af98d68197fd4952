using OpenMU.Model.Decoder;
using OpenMU.Model.Families;
using OpenMU.Model.Kernels;
using static TorchSharp.torch;

namespace OpenMU.Model.Weights;

/// <summary>Adapters as PEFT saves them: adapter_config.json with adapter_model.safetensors or .bin.</summary>
internal static class AdapterSource
{
    /// <summary>The adapters' sizes and tensors, whose keys begin with <see cref="ModelFolder.AdapterPrefix"/>.</summary>
    /// <exception cref="InvalidDataException">A file is missing or damaged, or the adapters are of a kind that this model does not have.</exception>
    public static (LoraConfig Config, PublishedCheckpoint Checkpoint) Open(string folder)
    {
        var config = ReadConfig(Path.Combine(folder, "adapter_config.json"));
        var path = Path.Combine(folder, ModelFolder.AdapterFile);
        return (config, PublishedCheckpoint.OpenFile(File.Exists(path) ? path : Path.Combine(folder, "adapter_model.bin")));
    }

    /// <summary>Requires that the adapters are exactly those of every projection.</summary>
    /// <exception cref="InvalidDataException">A tensor is missing, surplus or misshapen.</exception>
    public static void Require(LlamaConfig llama, LoraConfig config, PublishedCheckpoint checkpoint)
    {
        var plan = new List<PlannedTensor>();
        using var adapter = new Lora(llama, config, WeightSource.Recording(plan).Under(ModelFolder.AdapterPrefix));
        ModelPlan.Require(plan, [.. checkpoint.Tensors.Select(tensor => (tensor, checkpoint.Path))]);
    }

    /// <summary>The projection's matrix with its adapter added, a few rows at a time, in float32: W + alpha/r * B A.</summary>
    public static NamedTensor Merge(NamedTensor weight, LoraConfig config, IReadOnlyDictionary<string, NamedTensor> adapters)
    {
        const string suffix = ".weight";
        var stem = $"{ModelFolder.AdapterPrefix["base_model.model.".Length..]}.";
        if (!weight.Key.StartsWith(stem, StringComparison.Ordinal) || !weight.Key.EndsWith(suffix, StringComparison.Ordinal)) return weight;
        var key = $"base_model.model.{weight.Key[..^suffix.Length]}";
        if (!adapters.TryGetValue($"{key}.lora_A.weight", out var a) || !adapters.TryGetValue($"{key}.lora_B.weight", out var b)) return weight;
        return weight with
        {
            Rows = (first, count) =>
            {
                using var scope = NewDisposeScope();
                var change = b.Rows(first, count).to(float32).mm(a.Rows(0, a.Shape[0]).to(float32));
                return weight.Rows(first, count).to(float32).Plus(change * Scalars.Of(config.Scale)).MoveToOuterDisposeScope();
            },
        };
    }

    private static LoraConfig ReadConfig(string path)
    {
        var json = LlamaSource.ReadJson(path);
        try
        {
            foreach (var (name, plain) in new[] { ("bias", "none"), ("use_rslora", "False"), ("use_dora", "False"), ("fan_in_fan_out", "False"), ("alpha_pattern", "{}"), ("rank_pattern", "{}"), ("modules_to_save", "") })
            {
                if (json.TryGetProperty(name, out var value) && value.ToString() != plain) throw new InvalidDataException($"{path} says {name} {value}; this model is computed with '{plain}' only.");
            }
            return new() { R = json.GetProperty("r").GetInt32(), Alpha = json.GetProperty("lora_alpha").GetDouble(), Dropout = json.GetProperty("lora_dropout").GetDouble() };
        }
        catch (Exception e) when (e is KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new InvalidDataException($"{path} does not give an adapter's sizes ({e.Message}).", e);
        }
    }
}
