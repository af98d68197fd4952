namespace OpenMU.Mir.Dsp;

/// <summary>
/// Adds up how far spectral peaks lie from the equal-tempered grid on A = 440 Hz, as a circular mean
/// weighted by their magnitude.
/// </summary>
/// <param name="hertzPerLine">Distance of the spectrum's lines.</param>
internal sealed class TuningMeter(double hertzPerLine)
{
    private double cosine, sine, weight;

    /// <summary>Adds the peaks from 110 Hz to 1760 Hz that reach a hundredth of the loudest one's power.</summary>
    public void Push(ReadOnlySpan<float> power)
    {
        var first = (int)(110 / hertzPerLine);
        var last = Math.Min((int)(1760 / hertzPerLine), power.Length - 2);
        var loudest = 0f;
        for (var k = first; k <= last; k++) loudest = MathF.Max(loudest, power[k]);
        if (loudest < 1e-8f) return;
        for (var k = first; k <= last; k++)
        {
            var p = power[k];
            if (p < loudest * 0.01f || p <= power[k - 1] || p < power[k + 1]) continue;
            var (a, b, c) = (Math.Log(power[k - 1] + 1e-20), Math.Log(p), Math.Log(power[k + 1] + 1e-20));
            var line = k + 0.5 * (a - c) / (a - 2 * b + c);
            var semitones = 12 * Math.Log2(line * hertzPerLine / 440);
            var w = Math.Sqrt(p / loudest);
            cosine += w * Math.Cos(2 * Math.PI * semitones);
            sine += w * Math.Sin(2 * Math.PI * semitones);
            weight += w;
        }
    }

    public TuningEstimate Estimate()
    {
        if (weight == 0) return new TuningEstimate(0, 0);
        var confidence = Math.Sqrt(cosine * cosine + sine * sine) / weight;
        return new TuningEstimate(
            Math.Round(Math.Atan2(sine, cosine) / (2 * Math.PI) * 100, 1), Math.Round(confidence, 3));
    }
}
