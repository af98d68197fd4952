using System.Globalization;
using OpenMU.Model.Families;
using OpenMU.Model.Generation;
using OpenMU.Model.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace OpenMU.Model.Weights;

/// <summary>The memory that a model takes in each type: its weights, and the KV cache of one sequence.</summary>
/// <param name="Matrices">Numbers in large matrices, which take the chosen type.</param>
/// <param name="Others">Numbers in all other tensors.</param>
/// <param name="CacheNumbers">Numbers in the KV cache of the longest sequence.</param>
internal sealed record MemoryPlan(long Matrices, long Others, long CacheNumbers)
{
    private const int MostPositions = 16 * TextGenerator.DefaultBudget;

    /// <summary>Of a configuration, from shapes alone.</summary>
    public static MemoryPlan Of(ModelConfig config)
    {
        var plan = ModelPlan.Of(config);
        var matrices = plan.Where(tensor => tensor.IsMatrix).Sum(tensor => tensor.Count);
        var llama = config.Llama;
        return new(
            matrices, plan.Sum(tensor => tensor.Count) - matrices,
            2L * llama.NumHiddenLayers * llama.NumKeyValueHeads * llama.HeadDim
            * Math.Min(config.MaxLength, llama.MaxPositionEmbeddings));
    }

    /// <summary>Bytes with the matrices in this type.</summary>
    /// <param name="type">The type.</param>
    /// <param name="isGpu">Whether all else is in that type too (bfloat16 beside int8); on a CPU it is float32.</param>
    public long Bytes(ScalarType type, bool isGpu)
    {
        var matrices = type == int8
            ? Matrices * Int8Matrix.Width(Int8Matrix.Group) / Int8Matrix.Group
            : Matrices * type.ElementSize();
        var others = !isGpu ? float32 : type == int8 ? bfloat16 : type;
        return matrices + others.ElementSize() * (Others + CacheNumbers);
    }

    /// <summary>
    /// Positions of KV cache that texts may take together: those of a quarter of the memory that is free once the model
    /// is loaded, but no fewer than a few texts need.
    /// </summary>
    /// <param name="config">Of the model.</param>
    /// <param name="type">That it computes in.</param>
    /// <param name="free">Free bytes; null where they are not known.</param>
    public static int CachePositions(ModelConfig config, ScalarType type, long? free)
    {
        var llama = config.Llama;
        var bytes = 2L * llama.NumHiddenLayers * llama.NumKeyValueHeads * llama.HeadDim * type.ElementSize();
        return (int)Math.Clamp((free ?? 0) / 4 / bytes, TextGenerator.DefaultBudget, MostPositions);
    }

    /// <summary>Requires that the model fits.</summary>
    /// <param name="folder">The model, for the message.</param>
    /// <param name="type">The type that it would be held in.</param>
    /// <param name="device">Where: cpu, or a GPU's name.</param>
    /// <param name="free">Free bytes there; null, where they are not known, fits all.</param>
    /// <exception cref="InvalidDataException">It does not; the message says what would.</exception>
    public void Require(string folder, ScalarType type, string device, long? free)
    {
        var isGpu = device != "cpu";
        if (free is null || Bytes(type, isGpu) <= free) return;
        var fitting = WeightTypes.ByName.OrderByDescending(pair => Bytes(pair.Value, isGpu))
            .Where(pair => Bytes(pair.Value, isGpu) <= free
                && !(isGpu && pair.Value == float32))
            .Select(pair =>
                $"as {pair.Key} it takes {Size(Bytes(pair.Value, isGpu))} and fits: say --type {pair.Key}")
            .FirstOrDefault();
        throw new InvalidDataException($"{folder} takes {Size(Bytes(type, isGpu))} as {WeightTypes.NameOf(type)}, and "
            + $"{device} has {Size(free.Value)} free; {fitting ?? "no type of it fits: take a smaller model (`openmu models`)"}.");
    }

    private static string Size(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e9:F2} GB");
}
