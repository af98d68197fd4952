namespace OpenMU.Training;

/// <summary>Learning rate over a run: linear from 0 through the warm-up, then half a cosine down to 0 (transformers' cosine schedule).</summary>
public static class Schedule
{
    /// <summary>Steps of warm-up: a share of the run, rounded up.</summary>
    public static double Warmup(double share, double length) => Math.Ceiling(share * length);

    /// <summary>The factor by which the rate is multiplied.</summary>
    /// <param name="position">Where the run is: steps or seconds from its start.</param>
    /// <param name="length">All of it, in the same unit.</param>
    /// <param name="warmup">The part that is warm-up, in the same unit.</param>
    public static double Factor(double position, double length, double warmup)
    {
        if (position < warmup) return position / warmup;
        var done = (position - warmup) / Math.Max(length - warmup, 1e-9);
        return 0.5 * (1 + Math.Cos(Math.PI * Math.Clamp(done, 0, 1)));
    }
}
