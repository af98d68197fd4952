using TorchSharp.Modules;
using static TorchSharp.torch;

namespace OpenMU.Training;

/// <summary>Copies of the weights that were best on held-out data so far. They are part of a checkpoint, so that a run that goes on still has them.</summary>
internal sealed class BestCheckpoint : IDisposable
{
    private readonly (string Name, Parameter Parameter)[] trained;
    private readonly Func<double> measure;
    private readonly Tensor[] copies;
    private readonly Tensor best = tensor(new[] { float.MaxValue }).DetachFromDisposeScope();

    /// <param name="trained">What is trained.</param>
    /// <param name="measure">A loss on held-out data; lower is better.</param>
    public BestCheckpoint((string Name, Parameter Parameter)[] trained, Func<double> measure)
    {
        (this.trained, this.measure) = (trained, measure);
        copies = [.. trained.Select(p => p.Parameter.detach().clone().DetachFromDisposeScope())];
    }

    /// <summary>What a checkpoint has to keep.</summary>
    public IReadOnlyList<(string Name, Tensor Tensor)> Kept => [.. trained.Zip(copies, (p, copy) => ($"best.{p.Name}", copy)), ("best_loss", best)];

    /// <summary>Measures; keeps the weights if they are better than those before.</summary>
    public double Look()
    {
        var loss = measure();
        if (loss >= best.item<float>()) return loss;
        using var _ = no_grad();
        using var found = tensor(new[] { (float)loss });
        best.copy_(found);
        foreach (var (copy, (_, parameter)) in copies.Zip(trained)) copy.copy_(parameter);
        return loss;
    }

    /// <summary>The best weights by their names; the present ones where nothing was measured.</summary>
    public IEnumerable<(string Name, Tensor Tensor)> Weights()
        => best.item<float>() < float.MaxValue ? trained.Zip(copies, (p, copy) => (p.Name, copy)) : trained.Select(p => (p.Name, (Tensor)p.Parameter));

    public void Dispose()
    {
        foreach (var copy in copies) copy.Dispose();
        best.Dispose();
    }
}
