using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using OpenMU.Mir.Audio;

namespace OpenMU.Mir;

/// <summary>
/// Measures loudness while the samples pass by. Method: ITU-R BS.1770-4 annex 1 (K-weighting, 400 ms blocks every 100
/// ms, gates at -70 LUFS and at 10 LU under the mean) and EBU Tech 3342 (3 s windows every 100 ms, gates at -70 LUFS
/// and 20 LU under the mean, 10th to 95th percentile). It keeps one number for every 100 ms.
/// </summary>
public sealed class LoudnessMeter
{
    private const int ShortestBlocks = 4, ShortTermBlocks = 30;
    private const float QuietestPeak = 1e-6f;
    private const double AbsoluteGate = -70, IntegratedGate = -10, RangeGate = -20;

    private readonly int channels, framesPerBlock;
    private readonly float[] weights;
    private readonly Biquad shelf, highPass;
    private readonly PairState[] pairs;
    private readonly TruePeakMeter truePeak;

    // Weighted power of each 100 ms.
    private readonly List<double> blocks = [];
    private int framesInBlock;

    /// <param name="sampleRate">Hz.</param>
    /// <param name="channels">Channels in what will be pushed.</param>
    /// <param name="layout">ffmpeg's name of the channel layout, which tells surround channels from front ones; null
    /// takes ffmpeg's usual layout for that number.</param>
    public LoudnessMeter(int sampleRate, int channels, string? layout)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(sampleRate, 100);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(channels);
        this.channels = channels;
        weights = ChannelWeights.Of(channels, layout);
        framesPerBlock = sampleRate / 10;
        shelf = Biquad.HighShelf(sampleRate);
        highPass = Biquad.HighPass(sampleRate);
        pairs = new PairState[(channels + 1) / 2];
        truePeak = new TruePeakMeter(channels);
    }

    /// <summary>Takes the next whole frames, interleaved.</summary>
    public void Push(ReadOnlySpan<float> interleaved)
    {
        truePeak.Push(interleaved);
        while (interleaved.Length >= channels)
        {
            var frames = Math.Min(interleaved.Length / channels, framesPerBlock - framesInBlock);
            for (var pair = 0; pair < pairs.Length; pair++)
                pairs[pair] = Filter(interleaved[..(frames * channels)], 2 * pair, pairs[pair]);
            interleaved = interleaved[(frames * channels)..];
            framesInBlock += frames;
            if (framesInBlock == framesPerBlock) EndBlock();
        }
    }

    public LoudnessMeasurement Finish()
    {
        var peak = truePeak.Finish();
        return new LoudnessMeasurement(Integrated(), Range(), peak > QuietestPeak ? 20 * Math.Log10(peak) : null);
    }

    private double? Integrated()
    {
        var windows = Windows(ShortestBlocks);
        var loud = windows.Where(power => Lufs(power) > AbsoluteGate).ToList();
        if (loud.Count == 0) return null;
        var gate = Lufs(loud.Average()) + IntegratedGate;
        return Lufs(loud.Where(power => Lufs(power) > gate).Average());
    }

    private double? Range()
    {
        var loud = Windows(ShortTermBlocks).Where(power => Lufs(power) > AbsoluteGate).ToList();
        if (loud.Count == 0) return null;
        var gate = Lufs(loud.Average()) + RangeGate;
        var levels = loud.Select(Lufs).Where(level => level > gate).Order().ToArray();
        double Percentile(double share) => levels[(int)Math.Round((levels.Length - 1) * share)];
        return Percentile(0.95) - Percentile(0.10);
    }

    // Mean power of each run of so many 100 ms blocks.
    private double[] Windows(int length)
    {
        var windows = new double[Math.Max(0, blocks.Count - length + 1)];
        for (var i = 0; i < windows.Length; i++)
        {
            foreach (var power in CollectionsMarshal.AsSpan(blocks).Slice(i, length)) windows[i] += power / length;
        }

        return windows;
    }

    private static double Lufs(double power) => -0.691 + (10 * Math.Log10(power));

    private void EndBlock()
    {
        var power = 0.0;
        for (var c = 0; c < channels; c++) power += weights[c] * pairs[c / 2].Power[c % 2] / framesPerBlock;
        blocks.Add(power);
        framesInBlock = 0;
        foreach (ref var pair in pairs.AsSpan()) pair = pair.NextBlock();
    }

    // Both filters in transposed direct form II, two channels at a time, and the sum of the squares.
    private PairState Filter(ReadOnlySpan<float> interleaved, int channel, PairState state)
    {
        var (s, h) = (shelf, highPass);
        var (s1, s2, h1, h2, power) = (state.S1, state.S2, state.H1, state.H2, state.Power);
        var isPair = channel + 1 < channels;
        ref var sample = ref Unsafe.Add(ref MemoryMarshal.GetReference(interleaved), channel);
        for (var frames = interleaved.Length / channels; frames > 0; frames--)
        {
            var x = isPair
                ? Vector128.WidenLower(Vector128.CreateScalarUnsafe(Unsafe.As<float, double>(ref sample)).AsSingle())
                : Vector128.CreateScalar((double)sample);
            var y = (s.B0 * x) + s1;
            s1 = (s.B1 * x) - (s.A1 * y) + s2;
            s2 = (s.B2 * x) - (s.A2 * y);
            var z = (h.B0 * y) + h1;
            h1 = (h.B1 * y) - (h.A1 * z) + h2;
            h2 = (h.B2 * y) - (h.A2 * z);
            power += z * z;
            sample = ref Unsafe.Add(ref sample, channels);
        }

        return new PairState(s1, s2, h1, h2, power);
    }

    private readonly record struct PairState(
        Vector128<double> S1, Vector128<double> S2, Vector128<double> H1, Vector128<double> H2, Vector128<double> Power)
    {
        // Remains of old sound would become denormal numbers, which are slow.
        public PairState NextBlock() => new(Flush(S1), Flush(S2), Flush(H1), Flush(H2), default);

        private static Vector128<double> Flush(Vector128<double> v) =>
            Vector128.ConditionalSelect(Vector128.LessThan(Vector128.Abs(v), Vector128.Create(1e-30)), default, v);
    }

    /// <summary>y[n] = b0 x[n] + b1 x[n-1] + b2 x[n-2] - a1 y[n-1] - a2 y[n-2].</summary>
    private sealed record Biquad(double B0, double B1, double B2, double A1, double A2)
    {
        // The standard prints coefficients for 48 kHz only. These centre frequencies, qualities and gain are the ones
        // that give its coefficients at 48 kHz by the bilinear transform (Brecht De Man, "Evaluation of implementations
        // of the EBU R128 loudness measurement", AES 2018), and so give the same curve at any rate.
        public static Biquad HighShelf(int sampleRate)
        {
            const double Frequency = 1681.974450955533, Quality = 0.7071752369554196, GainDb = 3.999843853973347;
            var k = Math.Tan(Math.PI * Frequency / sampleRate);
            var high = Math.Pow(10, GainDb / 20);
            var band = Math.Pow(high, 0.4996667741545416);
            var a0 = 1 + (k / Quality) + (k * k);
            return new(
                (high + (band * k / Quality) + (k * k)) / a0,
                2 * ((k * k) - high) / a0,
                (high - (band * k / Quality) + (k * k)) / a0,
                2 * ((k * k) - 1) / a0,
                (1 - (k / Quality) + (k * k)) / a0);
        }

        public static Biquad HighPass(int sampleRate)
        {
            const double Frequency = 38.13547087602444, Quality = 0.5003270373238773;
            var k = Math.Tan(Math.PI * Frequency / sampleRate);
            var a0 = 1 + (k / Quality) + (k * k);
            return new(1, -2, 1, 2 * ((k * k) - 1) / a0, (1 - (k / Quality) + (k * k)) / a0);
        }
    }
}
