using OpenMU.Model.Families;
using OpenMU.Model.Kernels;
using static TorchSharp.torch;

namespace OpenMU.Model.Weights;

/// <summary>A tensor of a model before it exists: key, shape and initializer.</summary>
public sealed record PlannedTensor(string Key, IReadOnlyList<long> Shape, Func<long[], Generator, Tensor> Initializer)
{
    /// <summary>Whether it is a large matrix, which may be held in fewer bits than the others.</summary>
    public bool IsMatrix { get; init; }

    public long Count => Shape.Aggregate(1L, (product, size) => product * size);
}

/// <summary>
/// The tensors of a model, determined without allocating them: 8 billion parameters cost no memory here.
/// </summary>
public static class ModelPlan
{
    /// <summary>
    /// Every tensor of the model by its published key, in the order in which its modules take them.
    /// Adapters are not included.
    /// </summary>
    /// <param name="config">The model's sizes.</param>
    /// <param name="present">
    /// The keys that a checkpoint has: optional parts, such as a classification head that nothing uses, are planned
    /// where it has them.
    /// </param>
    public static IReadOnlyList<PlannedTensor> Of(ModelConfig config, IEnumerable<string>? present = null)
    {
        var plan = new List<PlannedTensor>();
        // Tensors on libtorch's "meta" device have a shape and no numbers.
        using var model = config.Build(WeightSource.Recording(plan, present?.ToHashSet()));
        return plan;
    }

    /// <summary>Requires that a checkpoint has exactly the tensors that the model needs.</summary>
    /// <param name="plan">What the model needs.</param>
    /// <param name="tensors">What the checkpoint has, each with the file it comes from.</param>
    /// <exception cref="InvalidDataException">A tensor is missing, unexpected or misshapen, or two have the same name;
    /// the message names the first.</exception>
    internal static void Require(
        IReadOnlyList<PlannedTensor> plan, IReadOnlyList<(NamedTensor Tensor, string File)> tensors)
    {
        var needed = plan.ToDictionary(tensor => tensor.Key);
        var found = new HashSet<string>();
        foreach (var (tensor, file) in tensors)
        {
            if (!needed.TryGetValue(tensor.Key, out var planned))
            {
                throw new InvalidDataException(
                    $"{file} holds the tensor '{tensor.Key}', which the model does not have.");
            }
            if (!planned.Shape.SequenceEqual(tensor.Shape)
                && !Int8Matrix.IsPacked(tensor.Type, tensor.Shape, planned.Shape))
            {
                throw new InvalidDataException($"The tensor '{tensor.Key}' of {file} has the shape "
                    + $"[{string.Join(", ", tensor.Shape)}]; the model needs [{string.Join(", ", planned.Shape)}].");
            }
            if (!found.Add(tensor.Key))
                throw new InvalidDataException($"The tensor '{tensor.Key}' is there twice, the second time in {file}.");
        }
        if (plan.FirstOrDefault(tensor => !found.Contains(tensor.Key)) is { } missing)
        {
            throw new InvalidDataException($"The tensor '{missing.Key}' is in none of "
                + $"{string.Join(", ", tensors.Select(entry => entry.File).Distinct())}.");
        }
    }
}
