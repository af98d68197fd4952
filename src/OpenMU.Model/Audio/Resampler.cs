using System.Numerics;

namespace OpenMU.Model.Audio;

/// <summary>
/// Polyphase resampling with the defaults of scipy's <c>resample_poly</c>, which made the model's training data: a sinc of
/// 2*10*max(up, down)+1 taps under a Kaiser window (beta 5), zeros beyond the ends, ceil(n*up/down) samples out.
/// </summary>
public static class Resampler
{
    private const double KaiserBeta = 5.0;

    /// <summary>Samples at <paramref name="fromRate"/> Hz to samples at <paramref name="toRate"/> Hz.</summary>
    public static float[] Resample(ReadOnlySpan<float> samples, int fromRate, int toRate)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(fromRate);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(toRate);
        var divisor = (int)BigInteger.GreatestCommonDivisor(fromRate, toRate);
        var (up, down) = (toRate / divisor, fromRate / divisor);
        if (up == 1 && down == 1) return samples.ToArray();

        var filter = LowPass(up, down);
        var half = filter.Length / 2;
        var phases = Phases(filter, up);
        var output = new float[((long)samples.Length * up + down - 1) / down];
        // y[m] = sum over k of h[m*down + half - k*up] * x[k]: one phase of the filter, laid backwards, against a run of x.
        for (long m = 0; m < output.Length; m++)
        {
            var at = m * down + half;
            var phase = phases[at % up];
            var first = at / up - (phase.Length - 1);
            var skip = (int)Math.Max(0, -first);
            var count = (int)Math.Min(phase.Length, samples.Length - first) - skip;
            if (count > 0) output[m] = Dot(phase.AsSpan(skip, count), samples.Slice((int)(first + skip), count));
        }
        return output;
    }

    /// <summary>scipy's firwin: a windowed sinc with the cut-off at the lower of the two Nyquist rates, unit gain at 0 Hz, times <paramref name="up"/>.</summary>
    private static float[] LowPass(int up, int down)
    {
        var cutoff = 1.0 / Math.Max(up, down);
        var half = 10 * Math.Max(up, down);
        var taps = new double[2 * half + 1];
        for (var i = 0; i < taps.Length; i++)
        {
            var x = cutoff * (i - half) * Math.PI;
            var edge = (double)(i - half) / half;
            taps[i] = cutoff * (x == 0 ? 1 : Math.Sin(x) / x) * BesselI0(KaiserBeta * Math.Sqrt(1 - edge * edge)) / BesselI0(KaiserBeta);
        }
        var sum = taps.Sum();
        return [.. taps.Select(tap => (float)(tap / sum) * up)];
    }

    /// <summary>Phase p holds the taps h[p], h[p+up], ... in reverse, so that it meets the samples in ascending order.</summary>
    private static float[][] Phases(float[] filter, int up)
    {
        var phases = new float[up][];
        for (var p = 0; p < up; p++)
        {
            phases[p] = new float[(filter.Length - p + up - 1) / up];
            for (var t = 0; t < phases[p].Length; t++) phases[p][^(t + 1)] = filter[p + t * up];
        }
        return phases;
    }

    private static float Dot(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        var sums = Vector<float>.Zero;
        var i = 0;
        for (; i <= a.Length - Vector<float>.Count; i += Vector<float>.Count) sums += new Vector<float>(a[i..]) * new Vector<float>(b[i..]);
        var sum = Vector.Sum(sums);
        for (; i < a.Length; i++) sum += a[i] * b[i];
        return sum;
    }

    /// <summary>The modified Bessel function of order zero, by its series.</summary>
    private static double BesselI0(double x)
    {
        var (sum, term) = (1.0, 1.0);
        for (var k = 1; term > sum * 1e-17; k++)
        {
            term *= x * x / (4.0 * k * k);
            sum += term;
        }
        return sum;
    }
}
