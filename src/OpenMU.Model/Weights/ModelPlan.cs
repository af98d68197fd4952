using OpenMU.Model.Families;
using static TorchSharp.torch;

namespace OpenMU.Model.Weights;

/// <summary>A tensor that a model of some configuration has: key, shape, and the rule for fresh numbers.</summary>
public sealed record PlannedTensor(string Key, IReadOnlyList<long> Shape, Func<long[], Generator, Tensor> Fresh)
{
    public long Count => Shape.Aggregate(1L, (product, size) => product * size);
}

/// <summary>What a model consists of, known without building it: 8 billion parameters cost no memory here.</summary>
public static class ModelPlan
{
    /// <summary>Every tensor of the model by its published key, in the order in which its modules ask for them. Adapters are not among them.</summary>
    /// <param name="config">The model's sizes.</param>
    /// <param name="classifier">With the audio tower's classification head, which a model may carry and nothing uses.</param>
    public static IReadOnlyList<PlannedTensor> Of(OpenMuConfig config, bool classifier = false)
    {
        var plan = new List<PlannedTensor>();
        // libtorch's "meta" tensors have a shape and no numbers.
        using var model = new OpenMu(config, WeightSource.Recording(plan, classifier));
        return plan;
    }

    /// <summary>Compares what a checkpoint holds with what the model needs.</summary>
    /// <param name="plan">What the model needs.</param>
    /// <param name="tensors">What there is, each with the file it comes from.</param>
    /// <exception cref="InvalidDataException">A tensor is missing, surplus or misshapen, or two have one name; the first in the order of the keys is named.</exception>
    internal static void Require(IReadOnlyList<PlannedTensor> plan, IReadOnlyList<(NamedTensor Tensor, string File)> tensors)
    {
        var needed = plan.ToDictionary(tensor => tensor.Key);
        var found = new HashSet<string>();
        foreach (var (tensor, file) in tensors)
        {
            if (!needed.TryGetValue(tensor.Key, out var planned)) throw new InvalidDataException($"{file} holds the tensor '{tensor.Key}', which the model does not have.");
            if (!planned.Shape.SequenceEqual(tensor.Shape)) throw new InvalidDataException($"The tensor '{tensor.Key}' of {file} has the shape [{string.Join(", ", tensor.Shape)}]; the model needs [{string.Join(", ", planned.Shape)}].");
            if (!found.Add(tensor.Key)) throw new InvalidDataException($"The tensor '{tensor.Key}' is there twice, the second time in {file}.");
        }
        if (plan.FirstOrDefault(tensor => !found.Contains(tensor.Key)) is { } missing)
            throw new InvalidDataException($"The tensor '{missing.Key}' is in none of {string.Join(", ", tensors.Select(entry => entry.File).Distinct())}.");
    }
}
