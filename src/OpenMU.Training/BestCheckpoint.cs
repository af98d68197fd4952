using TorchSharp.Modules;
using static TorchSharp.torch;

namespace OpenMU.Training;

/// <summary>
/// Copies of the weights with the lowest validation loss so far. They are part of the trainer's state, so that a run
/// that goes on still has them.
/// </summary>
internal sealed class BestCheckpoint : IDisposable
{
    private readonly (string Name, Parameter Parameter)[] trained;
    private readonly Tensor[] copies;
    private readonly Tensor best = tensor(new[] { float.MaxValue }).DetachFromDisposeScope();

    /// <param name="trained">What is trained.</param>
    public BestCheckpoint(IReadOnlyList<(string Name, Parameter Parameter)> trained)
    {
        this.trained = [.. trained];
        copies = [.. trained.Select(p => p.Parameter.detach().clone().DetachFromDisposeScope())];
    }

    /// <summary>What a checkpoint has to keep.</summary>
    public IReadOnlyList<(string Name, Tensor Tensor)> State
        => [.. trained.Zip(copies, (p, copy) => ($"best.{p.Name}", copy)), ("best_loss", best)];

    /// <summary>Keeps the present weights if their loss is lower than every loss before.</summary>
    public void Update(double loss)
    {
        if (loss >= best.item<float>()) return;
        using var _ = no_grad();
        using var found = tensor(new[] { (float)loss });
        best.copy_(found);
        foreach (var (copy, (_, parameter)) in copies.Zip(trained)) copy.copy_(parameter);
    }

    /// <summary>The best weights by their names; the present ones where no loss was given.</summary>
    public IEnumerable<(string Name, Tensor Tensor)> Weights()
        => best.item<float>() < float.MaxValue
            ? trained.Zip(copies, (p, copy) => (p.Name, copy))
            : trained.Select(p => (p.Name, (Tensor)p.Parameter));

    public void Dispose()
    {
        foreach (var copy in copies) copy.Dispose();
        best.Dispose();
    }
}
