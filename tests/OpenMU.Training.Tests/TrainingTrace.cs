namespace OpenMU.Training.Tests;

/// <summary>What a training left behind.</summary>
/// <param name="Losses">Per step and row.</param>
/// <param name="Norms">Per step: the norm of all gradients before clipping.</param>
/// <param name="Parameters">By the number of steps done, then by name.</param>
internal sealed record TrainingTrace(
    double[][] Losses, double[] Norms, IReadOnlyDictionary<int, Dictionary<string, float[]>> Parameters);
