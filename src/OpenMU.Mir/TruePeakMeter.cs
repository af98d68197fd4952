using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using OpenMU.Mir.Audio;

namespace OpenMU.Mir;

/// <summary>
/// The highest level of the signal between its samples: ITU-R BS.1770-4 annex 2, four-fold oversampling. The
/// interpolator is a sinc under a Kaiser window instead of the standard's example filter, so that the samples
/// themselves stay what they are.
/// </summary>
internal sealed class TruePeakMeter
{
    private const int Taps = 24;
    private const double Beta = 3;
    private const int ChunkFrames = 256;

    // Filters for 1/4, 1/2 and 3/4 of the way between two samples, and the most that one can raise a level.
    private static readonly float[][] Phases = [Interpolator(0.25), Interpolator(0.5), Interpolator(0.75)];
    private static readonly float LargestGain = Phases.Max(phase => phase.Sum(MathF.Abs));

    private readonly int channels;
    private readonly int history;
    private float[] buffer;
    private float peak;

    public TruePeakMeter(int channels)
    {
        this.channels = channels;
        history = (Taps - 1) * channels;
        buffer = new float[history];
    }

    /// <summary>Takes the next whole frames, interleaved.</summary>
    public void Push(ReadOnlySpan<float> interleaved)
    {
        if (buffer.Length < history + interleaved.Length) Array.Resize(ref buffer, history + interleaved.Length);
        interleaved.CopyTo(buffer.AsSpan(history));
        for (var start = 0; start < interleaved.Length; start += ChunkFrames * channels)
        {
            var length = Math.Min(ChunkFrames * channels, interleaved.Length - start);
            var chunk = buffer.AsSpan(start, history + length);
            var samplePeak = MaxMagnitude(chunk);
            // Most chunks are too quiet to set a new peak, however their samples line up.
            peak = Math.Max(peak, samplePeak * LargestGain <= peak ? 0 : Math.Max(samplePeak, Interpolate(chunk)));
        }

        buffer.AsSpan(interleaved.Length, history).CopyTo(buffer);
    }

    /// <summary>The peak as a factor of full scale.</summary>
    public float Finish()
    {
        Push(new float[history]);
        return peak;
    }

    // Interleaved channels need no sorting: a tap further is simply so many samples further.
    private float Interpolate(ReadOnlySpan<float> chunk)
    {
        var count = chunk.Length - history;
        var (quarter, half, threeQuarters) = (Phases[0], Phases[1], Phases[2]);
        var highest = Vector256<float>.Zero;
        var i = 0;
        for (; i <= count - Vector256<float>.Count; i += Vector256<float>.Count)
        {
            var (a, b, c) = (Vector256<float>.Zero, Vector256<float>.Zero, Vector256<float>.Zero);
            for (var tap = 0; tap < Taps; tap++)
            {
                var x = Vector256.Create(chunk[(i + (tap * channels))..]);
                a = Vector256.FusedMultiplyAdd(x, Vector256.Create(quarter[tap]), a);
                b = Vector256.FusedMultiplyAdd(x, Vector256.Create(half[tap]), b);
                c = Vector256.FusedMultiplyAdd(x, Vector256.Create(threeQuarters[tap]), c);
            }

            highest = Vector256.Max(
                highest, Vector256.Max(Vector256.Abs(a), Vector256.Max(Vector256.Abs(b), Vector256.Abs(c))));
        }

        var result = Highest(highest);
        for (; i < count; i++)
        {
            foreach (var phase in Phases)
            {
                var y = 0f;
                for (var tap = 0; tap < Taps; tap++) y += phase[tap] * chunk[i + (tap * channels)];
                result = Math.Max(result, Math.Abs(y));
            }
        }

        return result;
    }

    private static float MaxMagnitude(ReadOnlySpan<float> samples)
    {
        var highest = Vector256<float>.Zero;
        var vectors = MemoryMarshal.Cast<float, Vector256<float>>(samples);
        foreach (var vector in vectors) highest = Vector256.Max(highest, Vector256.Abs(vector));
        var result = Highest(highest);
        foreach (var sample in samples[(vectors.Length * Vector256<float>.Count)..])
            result = Math.Max(result, Math.Abs(sample));
        return result;
    }

    private static float Highest(Vector256<float> lanes)
    {
        var result = lanes[0];
        for (var i = 1; i < Vector256<float>.Count; i++) result = Math.Max(result, lanes[i]);
        return result;
    }

    // For the point this far between the two middle ones of the taps.
    private static float[] Interpolator(double fraction)
    {
        var taps = new double[Taps];
        for (var i = 0; i < Taps; i++)
        {
            var distance = i - ((Taps / 2) - 1) - fraction;
            taps[i] = Math.Sin(Math.PI * distance) / (Math.PI * distance) * Kaiser.Window(distance / (Taps / 2), Beta);
        }

        var sum = taps.Sum();
        return [.. taps.Select(tap => (float)(tap / sum))];
    }
}
