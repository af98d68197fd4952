namespace OpenMU.Mir.Audio;

/// <summary>The Kaiser window.</summary>
internal static class Kaiser
{
    /// <param name="position">-1 to 1, the edges of the window.</param>
    /// <param name="beta">Larger suppresses more and cuts less steeply.</param>
    public static double Window(double position, double beta) =>
        BesselI0(beta * Math.Sqrt(1 - (position * position))) / BesselI0(beta);

    // Modified Bessel function of the first kind, order 0, by its power series.
    private static double BesselI0(double x)
    {
        var (sum, term) = (1.0, 1.0);
        for (var k = 1; term > 1e-17 * sum; k++)
        {
            term *= x / (2 * k) * (x / (2 * k));
            sum += term;
        }

        return sum;
    }
}
