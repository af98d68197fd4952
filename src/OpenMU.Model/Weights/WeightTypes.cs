using static TorchSharp.torch;

namespace OpenMU.Model.Weights;

/// <summary>The types in which weights are stored or held in memory, by the names that options give them.</summary>
public static class WeightTypes
{
    public static IReadOnlyDictionary<string, ScalarType> ByName { get; } = new Dictionary<string, ScalarType>
    {
        ["bf16"] = ScalarType.BFloat16,
        ["fp16"] = ScalarType.Float16,
        ["fp32"] = ScalarType.Float32,
        ["int8"] = ScalarType.Int8,
    };

    public static string NameOf(ScalarType type) => ByName.First(pair => pair.Value == type).Key;
}
