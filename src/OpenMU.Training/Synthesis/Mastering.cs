namespace OpenMU.Training.Synthesis;

/// <summary>
/// What happens to a mix on its way to a listener: an equaliser, and saturation, which makes it louder.
/// </summary>
internal static class Mastering
{
    private const int Bands = 3;

    /// <summary>Changes the samples in place.</summary>
    public static void Apply(double[] samples, int rate, SeededRandom random)
    {
        for (var band = 0; band < Bands; band++)
        {
            Peaking(
                samples, 80 * Math.Pow(80, random.NextDouble()) / rate, random.Uniform(.5, 1.6), random.Uniform(-7, 7));
        }

        if (random.Chance(.5)) Saturate(samples, Math.Pow(10, random.Uniform(0, 12) / 20));
    }

    /// <summary>A peaking biquad (R. Bristow-Johnson's cookbook of equaliser formulae).</summary>
    private static void Peaking(double[] x, double frequency, double q, double decibels)
    {
        double amplitude = Math.Pow(10, decibels / 40), w = 2 * Math.PI * frequency, alpha = Math.Sin(w) / (2 * q),
            a0 = 1 + (alpha / amplitude);
        double b0 = (1 + (alpha * amplitude)) / a0, b1 = -2 * Math.Cos(w) / a0, b2 = (1 - (alpha * amplitude)) / a0,
            a2 = (1 - (alpha / amplitude)) / a0;
        double x1 = 0, x2 = 0, y1 = 0, y2 = 0;
        for (var i = 0; i < x.Length; i++)
        {
            var y = (b0 * x[i]) + (b1 * x1) + (b2 * x2) - (b1 * y1) - (a2 * y2);
            (x2, x1, y2, y1) = (x1, x[i], y1, y);
            x[i] = y;
        }
    }

    /// <summary>A soft limiter: peaks are rounded, the rest grows louder by comparison.</summary>
    private static void Saturate(double[] x, double drive)
    {
        var peak = x.Max(Math.Abs);
        if (peak == 0) return;
        for (var i = 0; i < x.Length; i++) x[i] = peak * Math.Tanh(drive * x[i] / peak) / Math.Tanh(drive);
    }
}
