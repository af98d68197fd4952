using System.Numerics;

namespace OpenMU.Mir.Dsp;

/// <summary>
/// Discrete Fourier transform of real blocks: X[k] = sum over n of x[n] exp(-2 pi i k n / N), k = 0..N/2.
/// A real block of N samples is packed as N/2 complex numbers, transformed by a self-sorting (Stockham) radix-4 FFT
/// and unpacked. All buffers and twiddles are made once; no call allocates.
/// One instance serves one thread at a time.
/// </summary>
public sealed class RealFft
{
    private readonly int half;
    private readonly Stage[] stages;
    private readonly float[] unpackRe, unpackIm;      // exp(-2 pi i k / N), k = 0..N/4
    private float[] aRe, aIm, bRe, bIm;
    private float[]? powerIm;                          // only for sizes too large for the stack

    /// <param name="size">N, a power of two from 4 to 2^24.</param>
    /// <exception cref="ArgumentOutOfRangeException">The size is not such a power of two.</exception>
    public RealFft(int size)
    {
        if (size is < 4 or > 1 << 24 || !BitOperations.IsPow2(size))
        {
            throw new ArgumentOutOfRangeException(
                nameof(size), size, "The size must be a power of two from 4 to 2^24.");
        }
        Size = size;
        half = size / 2;
        stages = Plan(half);
        unpackRe = new float[half / 2 + 1];
        unpackIm = new float[half / 2 + 1];
        for (var k = 0; k <= half / 2; k++) (unpackRe[k], unpackIm[k]) = Root(k, size);
        aRe = new float[half];
        aIm = new float[half];
        bRe = new float[half];
        bIm = new float[half];
    }

    /// <summary>N, the samples in a block.</summary>
    public int Size { get; }

    /// <summary>N/2 + 1, the numbers in a spectrum.</summary>
    public int Bins => half + 1;

    /// <summary>Transforms x (N samples) into re and im (N/2 + 1 numbers each).</summary>
    /// <exception cref="ArgumentException">A span is too short.</exception>
    public void Forward(ReadOnlySpan<float> x, Span<float> re, Span<float> im)
    {
        if (x.Length < Size) throw new ArgumentException($"The block needs {Size} samples.", nameof(x));
        if (re.Length < Bins || im.Length < Bins)
            throw new ArgumentException($"The spectrum needs {Bins} numbers.", nameof(re));
        for (var i = 0; i < half; i++)
        {
            aRe[i] = x[2 * i];
            aIm[i] = x[2 * i + 1];
        }
        foreach (var stage in stages)
        {
            if (stage.Radix == 4) Radix4(stage);
            else Radix2(stage);
            (aRe, bRe) = (bRe, aRe);
            (aIm, bIm) = (bIm, aIm);
        }
        Unpack(re, im);
    }

    /// <summary>Squared magnitudes |X[k]|^2 of x (N samples) into power (N/2 + 1 numbers).</summary>
    /// <exception cref="ArgumentException">A span is too short.</exception>
    public void Power(ReadOnlySpan<float> x, Span<float> power)
    {
        if (power.Length < Bins) throw new ArgumentException($"The spectrum needs {Bins} numbers.", nameof(power));
        Span<float> im = Bins <= 4097 ? stackalloc float[Bins] : powerIm ??= new float[Bins];
        Forward(x, power, im);
        for (var k = 0; k < Bins; k++) power[k] = power[k] * power[k] + im[k] * im[k];
    }

    // X[k] = (Z[k] + Z*[M-k]) / 2 - i/2 exp(-2 pi i k / N) (Z[k] - Z*[M-k]), M = N/2; the partner X[M-k] falls
    // out of the same terms.
    private void Unpack(Span<float> re, Span<float> im)
    {
        var m = half;
        re[0] = aRe[0] + aIm[0];
        im[0] = 0;
        re[m] = aRe[0] - aIm[0];
        im[m] = 0;
        for (var k = 1; k <= m / 2; k++)
        {
            float evenRe = 0.5f * (aRe[k] + aRe[m - k]), evenIm = 0.5f * (aIm[k] - aIm[m - k]);
            float oddRe = 0.5f * (aIm[k] + aIm[m - k]), oddIm = 0.5f * (aRe[m - k] - aRe[k]);
            float turnedRe = oddRe * unpackRe[k] - oddIm * unpackIm[k],
                turnedIm = oddRe * unpackIm[k] + oddIm * unpackRe[k];
            re[k] = evenRe + turnedRe;
            im[k] = evenIm + turnedIm;
            re[m - k] = evenRe - turnedRe;
            im[m - k] = turnedIm - evenIm;
        }
    }

    // Decimation in frequency: groups p of length n/4 with twiddles w^p, contiguous runs q of length s.
    private void Radix4(in Stage stage)
    {
        int run = stage.Run, groups = stage.Groups, quarter = groups * run;
        for (var p = 0; p < groups; p++)
        {
            float w1r = stage.Re[p], w1i = stage.Im[p];
            float w2r = w1r * w1r - w1i * w1i, w2i = 2 * w1r * w1i;
            float w3r = w1r * w2r - w1i * w2i, w3i = w1r * w2i + w1i * w2r;
            int from = p * run, to = 4 * p * run, q = 0;
            for (; q <= run - Vector<float>.Count; q += Vector<float>.Count)
            {
                Vector<float> ar = Load(aRe, from + q), ai = Load(aIm, from + q);
                Vector<float> br = Load(aRe, from + q + quarter), bi = Load(aIm, from + q + quarter);
                Vector<float> cr = Load(aRe, from + q + 2 * quarter), ci = Load(aIm, from + q + 2 * quarter);
                Vector<float> dr = Load(aRe, from + q + 3 * quarter), di = Load(aIm, from + q + 3 * quarter);
                Vector<float> sr = ar + cr, si = ai + ci, tr = ar - cr, ti = ai - ci;
                Vector<float> ur = br + dr, ui = bi + di, vr = bi - di, vi = dr - br;      // v = -i (b - d)
                Store(to + q, sr + ur, si + ui);
                Store(to + q + run, (tr + vr) * w1r - (ti + vi) * w1i, (tr + vr) * w1i + (ti + vi) * w1r);
                Store(to + q + 2 * run, (sr - ur) * w2r - (si - ui) * w2i, (sr - ur) * w2i + (si - ui) * w2r);
                Store(to + q + 3 * run, (tr - vr) * w3r - (ti - vi) * w3i, (tr - vr) * w3i + (ti - vi) * w3r);
            }
            for (; q < run; q++)
            {
                float ar = aRe[from + q], ai = aIm[from + q], br = aRe[from + q + quarter],
                    bi = aIm[from + q + quarter];
                float cr = aRe[from + q + 2 * quarter], ci = aIm[from + q + 2 * quarter];
                float dr = aRe[from + q + 3 * quarter], di = aIm[from + q + 3 * quarter];
                float sr = ar + cr, si = ai + ci, tr = ar - cr, ti = ai - ci, ur = br + dr, ui = bi + di,
                    vr = bi - di, vi = dr - br;
                (bRe[to + q], bIm[to + q]) = (sr + ur, si + ui);
                (bRe[to + q + run], bIm[to + q + run]) = Turn(tr + vr, ti + vi, w1r, w1i);
                (bRe[to + q + 2 * run], bIm[to + q + 2 * run]) = Turn(sr - ur, si - ui, w2r, w2i);
                (bRe[to + q + 3 * run], bIm[to + q + 3 * run]) = Turn(tr - vr, ti - vi, w3r, w3i);
            }
        }
    }

    private void Radix2(in Stage stage)
    {
        var run = stage.Run;                          // always the last stage: one group, no twiddle
        for (var q = 0; q < run; q++)
        {
            (bRe[q], bIm[q]) = (aRe[q] + aRe[q + run], aIm[q] + aIm[q + run]);
            (bRe[q + run], bIm[q + run]) = (aRe[q] - aRe[q + run], aIm[q] - aIm[q + run]);
        }
    }

    private static Vector<float> Load(float[] from, int at) => Vector.LoadUnsafe(ref from[0], (nuint)at);

    private void Store(int at, Vector<float> re, Vector<float> im)
    {
        re.StoreUnsafe(ref bRe[0], (nuint)at);
        im.StoreUnsafe(ref bIm[0], (nuint)at);
    }

    private static (float Re, float Im) Turn(float re, float im, float wr, float wi) =>
        (re * wr - im * wi, re * wi + im * wr);

    private static (float Re, float Im) Root(int k, int n)
    {
        var (sin, cos) = Math.SinCos(-2 * Math.PI * k / n);
        return ((float)cos, (float)sin);
    }

    private static Stage[] Plan(int length)
    {
        List<Stage> plan = [];
        var run = 1;
        for (var n = length; n > 1;)
        {
            var radix = n % 4 == 0 ? 4 : 2;
            var groups = n / radix;
            var stage = new Stage(radix, run, groups, new float[groups], new float[groups]);
            for (var p = 0; p < groups; p++) (stage.Re[p], stage.Im[p]) = Root(p, n);
            plan.Add(stage);
            run *= radix;
            n /= radix;
        }
        return [.. plan];
    }

    private readonly record struct Stage(int Radix, int Run, int Groups, float[] Re, float[] Im);
}
