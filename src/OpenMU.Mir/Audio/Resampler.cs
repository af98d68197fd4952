using System.Numerics;
using System.Runtime.InteropServices;

namespace OpenMU.Mir.Audio;

/// <summary>Which low-pass filter changes the sampling rate: the one that a model was trained with.</summary>
public enum ResampleFilter
{
    /// <summary>SciPy's resample_poly: Kaiser window, beta 5, ten zero crossings a side. OpenMU's.</summary>
    SciPy,

    /// <summary>torchaudio's resample: cos^2 window, six zero crossings a side, roll-off 0.99. MOSS-Music's.</summary>
    TorchAudio,
}

/// <summary>
/// Changes the sampling rate of a mono signal by a polyphase FIR filter, block by block. Alignment is that of SciPy's
/// resample_poly and torchaudio's resample: the first sample stays where it is.
/// </summary>
public sealed class Resampler
{
    private const double Beta = 5;
    private const int ZeroCrossings = 10;
    private const int TorchZeroCrossings = 6;
    private const double TorchRollOff = 0.99;

    private readonly int up, down, taps, delay;
    private readonly float[][] phases;
    private float[] input = [];
    private float[] output = [];
    private int filled;
    private long firstIndex, produced, received;

    /// <param name="fromRate">Hz of what is pushed.</param>
    /// <param name="toRate">Hz of what comes back.</param>
    /// <param name="kind">The low-pass filter.</param>
    public Resampler(int fromRate, int toRate, ResampleFilter kind = ResampleFilter.SciPy)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(fromRate);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(toRate);
        var divisor = (int)BigInteger.GreatestCommonDivisor(fromRate, toRate);
        (up, down) = (toRate / divisor, fromRate / divisor);
        var step = Math.Max(up, down);
        delay = kind == ResampleFilter.SciPy ? ZeroCrossings * step : (int)(TorchZeroCrossings * step / TorchRollOff);
        var filter = up == down ? [1f]
            : kind == ResampleFilter.SciPy ? LowPass(delay, 1.0 / step, up)
            : SquaredCosine(delay, TorchRollOff / step, up);
        if (up == down) delay = 0;
        taps = (filter.Length + up - 1) / up;
        // Each phase runs backwards in time, so that one output is a plain dot product with the newest inputs.
        phases = [.. Enumerable.Range(0, up).Select(phase =>
            Enumerable.Range(0, taps)
                .Select(tap => phase + ((taps - 1 - tap) * up) is var i && i < filter.Length ? filter[i] : 0f)
                .ToArray())];
        firstIndex = 1 - taps;
        filled = taps - 1;
        input = new float[filled];
    }

    /// <summary>A whole signal at once: ceil(n * toRate / fromRate) samples for n.</summary>
    /// <param name="samples">Mono.</param>
    /// <param name="fromRate">Hz of the samples.</param>
    /// <param name="toRate">Hz of the result.</param>
    /// <param name="kind">The low-pass filter.</param>
    public static float[] Resample(
        ReadOnlySpan<float> samples, int fromRate, int toRate, ResampleFilter kind = ResampleFilter.SciPy)
    {
        var resampler = new Resampler(fromRate, toRate, kind);
        var output = new float[resampler.OutputLength(samples.Length)];
        var begin = resampler.Push(samples);
        begin.CopyTo(output);
        resampler.Finish().CopyTo(output.AsSpan(begin.Length));
        return output;
    }

    /// <summary>Takes the next samples and returns those that are complete, valid until the next call.</summary>
    public ReadOnlySpan<float> Push(ReadOnlySpan<float> samples)
    {
        received += samples.Length;
        return Advance(samples, long.MaxValue);
    }

    /// <summary>The rest: in all, ceil(n * toRate / fromRate) samples come out for n samples in.</summary>
    public ReadOnlySpan<float> Finish() => Advance(new float[(delay / up) + 1], OutputLength(received));

    private long OutputLength(long inputs) => ((inputs * up) + down - 1) / down;

    private ReadOnlySpan<float> Advance(ReadOnlySpan<float> samples, long lastOutput)
    {
        if (input.Length < filled + samples.Length) Array.Resize(ref input, filled + samples.Length);
        samples.CopyTo(input.AsSpan(filled));
        filled += samples.Length;

        // Output m takes inputs up to (m * down + delay) / up.
        var reach = ((firstIndex + filled) * up) - 1 - delay;
        var ready = reach < 0 ? 0 : Math.Min((reach / down) + 1, lastOutput);
        var count = (int)Math.Max(0, ready - produced);
        if (output.Length < count) output = new float[count];
        for (var i = 0; i < count; i++, produced++)
        {
            var position = (produced * down) + delay;
            var newest = (int)((position / up) - firstIndex);
            output[i] = Dot(input.AsSpan(newest - taps + 1, taps), phases[position % up]);
        }

        // The next output needs an input that has not come yet and the taps - 1 before it.
        var spent = filled - (taps - 1);
        input.AsSpan(spent, taps - 1).CopyTo(input);
        firstIndex += spent;
        filled -= spent;
        return output.AsSpan(0, count);
    }

    // Filters have 40 to 60 taps at the usual rates: for so few, TensorPrimitives.Dot takes half as long again.
    private static float Dot(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        var sum = Vector<float>.Zero;
        var vectorsA = MemoryMarshal.Cast<float, Vector<float>>(a);
        var vectorsB = MemoryMarshal.Cast<float, Vector<float>>(b)[..vectorsA.Length];
        for (var i = 0; i < vectorsA.Length; i++) sum = Vector.FusedMultiplyAdd(vectorsA[i], vectorsB[i], sum);
        var result = Vector.Sum(sum);
        for (var i = vectorsA.Length * Vector<float>.Count; i < a.Length; i++) result += a[i] * b[i];
        return result;
    }

    // Windowed sinc with gain 1 at 0 Hz, times up to make good for the zeros between the inputs.
    private static float[] LowPass(int half, double cutoff, int up)
    {
        var filter = new double[(2 * half) + 1];
        for (var i = 0; i < filter.Length; i++)
        {
            var t = i - half;
            var x = Math.PI * cutoff * t;
            var sinc = t == 0 ? 1 : Math.Sin(x) / x;
            filter[i] = cutoff * sinc * Kaiser.Window((double)t / half, Beta);
        }

        var gain = up / filter.Sum();
        return [.. filter.Select(h => (float)(h * gain))];
    }

    // Not normalised: torchaudio takes the sinc's own area for the gain.
    private static float[] SquaredCosine(int half, double cutoff, int up) =>
        [.. Enumerable.Range(-half, (2 * half) + 1).Select(i =>
        {
            var t = cutoff * i;
            var sinc = i == 0 ? 1 : Math.Sin(Math.PI * t) / (Math.PI * t);
            var window = Math.Cos(Math.PI * t / TorchZeroCrossings / 2);
            return (float)(cutoff * up * sinc * window * window);
        })];
}
