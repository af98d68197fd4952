using TorchSharp.Modules;

namespace OpenMU.Training;

/// <summary>Parameters that share a learning rate.</summary>
/// <param name="Parameters">By the names under which a checkpoint keeps them.</param>
/// <param name="Rate">The highest learning rate; the schedule's factor multiplies it.</param>
/// <param name="WeightDecay">Decoupled weight decay.</param>
public sealed record ParameterGroup(IReadOnlyList<(string Name, Parameter Parameter)> Parameters, double Rate, double WeightDecay = 0)
{
    /// <summary>Two groups of one rate: matrices decay, vectors (biases, norms) do not.</summary>
    public static IReadOnlyList<ParameterGroup> Decaying(IEnumerable<(string Name, Parameter Parameter)> parameters, double rate, double weightDecay)
        => [.. parameters.GroupBy(p => p.Parameter.dim() > 1).Select(group => new ParameterGroup([.. group], rate, group.Key ? weightDecay : 0))];
}
