namespace OpenMU.Training.Tests;

/// <summary>What the reference's training was done with. Each of it can be made wrong on purpose.</summary>
internal sealed record TrainingRecipe(double Beta1, double Beta2, double Eps, double WeightDecay, double? Clip)
{
    /// <summary>The gradients of all rows of a step are summed; otherwise the last row's are taken alone.</summary>
    public bool Accumulates { get; init; } = true;

    /// <summary>Each row's loss is divided by the number of rows.</summary>
    public bool DividesLoss { get; init; } = true;

    /// <summary>The adapters learn at the projector's rate and the projector at theirs.</summary>
    public bool SwapsRates { get; init; }

    /// <summary>How many steps the schedule runs ahead.</summary>
    public int StepsAhead { get; init; }
}
