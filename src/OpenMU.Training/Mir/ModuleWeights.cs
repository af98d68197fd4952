using OpenMU.Mir.Networks;
using static TorchSharp.torch;

namespace OpenMU.Training.Mir;

/// <summary>
/// Carries weights between torch modules and the networks of OpenMU.Mir. The parts of a layout have the names of the
/// module's parameters. Where the layout puts inputs first, its arrays are the parameters with their axes in reverse
/// order: torch keeps linear layers as [out, in] and convolutions as [out, in, taps].
/// </summary>
internal static class ModuleWeights
{
    /// <summary>The module's weights as they stand.</summary>
    /// <exception cref="InvalidOperationException">The module has other parameters than the layout, or of other
    /// shapes.</exception>
    public static NetworkWeights Of(nn.Module module, IReadOnlyList<WeightPart> layout, bool inputsFirst)
    {
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        var parameters = Parameters(module, layout, inputsFirst);
        return new(layout, part => Turned(parameters[part.Name], inputsFirst).contiguous().data<float>().ToArray());
    }

    /// <summary>Overwrites the module's weights.</summary>
    /// <exception cref="InvalidOperationException">The module has other parameters than the layout, or of other
    /// shapes.</exception>
    public static void Load(
        nn.Module module, NetworkWeights weights, IReadOnlyList<WeightPart> layout, bool inputsFirst)
    {
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        var parameters = Parameters(module, layout, inputsFirst);
        foreach (var part in layout)
            parameters[part.Name].copy_(Turned(tensor(weights[part.Name], Sizes(part)), inputsFirst));
    }

    private static Dictionary<string, Tensor> Parameters(
        nn.Module module, IReadOnlyList<WeightPart> layout, bool inputsFirst)
    {
        var parameters = module.named_parameters().ToDictionary(p => p.name, p => (Tensor)p.parameter);
        if (!parameters.Keys.ToHashSet().SetEquals(layout.Select(part => part.Name)))
        {
            var names = string.Join(", ", parameters.Keys);
            throw new InvalidOperationException($"The module has {names}; the layout has other parts.");
        }

        foreach (var part in layout)
        {
            var shape = Turned(parameters[part.Name], inputsFirst).shape;
            if (shape.SequenceEqual(Sizes(part))) continue;
            var (found, expected) = (string.Join(", ", shape), string.Join(", ", part.Shape));
            throw new InvalidOperationException($"{part.Name} is [{found}] instead of [{expected}].");
        }

        return parameters;
    }

    private static long[] Sizes(WeightPart part) => [.. part.Shape.Select(size => (long)size)];

    private static Tensor Turned(Tensor x, bool inputsFirst) =>
        inputsFirst ? x.permute([.. Enumerable.Range(0, (int)x.dim()).Reverse().Select(axis => (long)axis)]) : x;
}
