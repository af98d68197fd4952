namespace OpenMU.Training.Evaluation.Mir;

/// <summary>How well an estimated tempo fits, in beats a minute.</summary>
public static class TempoMetrics
{
    private static readonly double[] Levels = [1, 2, 1.0 / 2, 3, 1.0 / 3];

    /// <summary>
    /// MIREX tempo detection: two reference tempi, of which the first weighs <paramref name="weight"/>,
    /// against two estimates.
    /// </summary>
    /// <exception cref="ArgumentException">Not two tempi each, a negative tempo, or a weight
    /// outside 0 to 1.</exception>
    public static TempoDetection Detection(
        IReadOnlyList<double> reference, double weight, IReadOnlyList<double> estimated, double tolerance = 0.08)
    {
        if (reference.Count != 2 || estimated.Count != 2)
            throw new ArgumentException("Tempo detection compares two tempi with two.");
        if (reference.Concat(estimated).Any(tempo => !double.IsFinite(tempo) || tempo < 0))
            throw new ArgumentException("A tempo is not negative.");
        if (weight is < 0 or > 1) throw new ArgumentException("The weight lies in 0 to 1.", nameof(weight));
        bool IsHit(double tempo) =>
            tempo > 0 && estimated.Min(estimate => Math.Abs(tempo - estimate) / tempo) <= tolerance;
        var (first, second) = (IsHit(reference[0]), IsHit(reference[1]));
        return new TempoDetection((first ? weight : 0) + (second ? 1 - weight : 0), first || second, first && second);
    }

    /// <summary>True if the estimate lies within 4 % of the reference (Gouyon et al., 2006).</summary>
    public static bool Acc1(double reference, double estimated, double tolerance = 0.04) =>
        IsNear(reference, estimated, tolerance);

    /// <summary>As <see cref="Acc1"/>, but the double, half, triple and third of the reference count too.</summary>
    public static bool Acc2(double reference, double estimated, double tolerance = 0.04) =>
        Levels.Any(level => IsNear(reference * level, estimated, tolerance));

    private static bool IsNear(double target, double estimated, double tolerance) =>
        Math.Abs(estimated - target) <= tolerance * target;
}

/// <summary>Result of <see cref="TempoMetrics.Detection"/>.</summary>
/// <param name="PScore">Weight of the reference tempi that were hit, 0 to 1.</param>
/// <param name="OneCorrect">At least one was hit.</param>
/// <param name="BothCorrect">Both were hit.</param>
public readonly record struct TempoDetection(double PScore, bool OneCorrect, bool BothCorrect);
