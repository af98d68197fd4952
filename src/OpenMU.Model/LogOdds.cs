namespace OpenMU.Model;

/// <summary>ln(p / (1 - p)) of probabilities.</summary>
internal static class LogOdds
{
    // Nothing is so sure that it could not be outweighed.
    private const double Least = 1e-4;

    /// <summary>ln(p / (1 - p)), of 0.0001 at least and of 0.9999 at most.</summary>
    public static double Of(double probability)
    {
        var p = Math.Clamp(probability, Least, 1 - Least);
        return Math.Log(p / (1 - p));
    }

    /// <summary>The probability whose log odds are the mean of two.</summary>
    /// <param name="first">The first, 0 to 1.</param>
    /// <param name="second">The second, 0 to 1.</param>
    /// <param name="share">How much the second counts, 0 to 1.</param>
    public static double Mean(double first, double second, double share) =>
        1 / (1 + Math.Exp(-(1 - share) * Of(first) - share * Of(second)));
}
