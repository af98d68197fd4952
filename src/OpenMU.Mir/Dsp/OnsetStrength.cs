using System.Runtime.InteropServices;
using OpenMU.Mir.Audio;

namespace OpenMU.Mir.Dsp;

/// <summary>
/// Measures where notes begin: band-wise log power at 86 frames a second, its increase (spectral flux with the
/// maximum filter of SuperFlux, Böck and Widmer, DAFx 2013) and how much the harmony changes. Takes mono samples at
/// <see cref="SampleRate"/>.
/// </summary>
public sealed class OnsetStrength
{
    /// <summary>Hz of the samples pushed.</summary>
    public const int SampleRate = 22_050;

    /// <summary>Samples between frames.</summary>
    public const int HopSamples = 256;

    /// <summary>Bands, about logarithmic from 30 Hz to 10 kHz.</summary>
    public const int Bands = 32;

    /// <summary>
    /// Numbers of harmonic change in a frame: bass and treble over each window of <see cref="HarmonicChange"/>.
    /// </summary>
    public const int Changes = HarmonicChange.Numbers;

    private const int FrameSamples = 1024, PitchSamples = 4096, FrameStart = (PitchSamples - FrameSamples) / 2;
    private const float RangeDecibels = 80;
    private const float SilenceDecibels = -75;          // of a full-scale sine; below it nothing sounds

    private static readonly int[] Edges = BandEdges();

    private readonly RealFft fft = new(FrameSamples);
    private readonly float[] window = new float[FrameSamples];
    private readonly float[] frame = new float[FrameSamples];
    private readonly float[] power = new float[FrameSamples / 2 + 1];
    private readonly float[] pending = new float[PitchSamples];
    private readonly List<float> decibels = [];
    private readonly HarmonicChange harmony = new(PitchSamples, SampleRate);
    private int filled = PitchSamples / 2;              // the first frame is centred on the first sample
    private int measured;
    private long received;

    public OnsetStrength()
    {
        for (var i = 0; i < FrameSamples; i++)
            window[i] = (float)(0.5 - 0.5 * Math.Cos(2 * Math.PI * (i + 0.5) / FrameSamples));
    }

    /// <summary>The envelope of a whole waveform, whatever its rate.</summary>
    public static OnsetEnvelope Of(Waveform audio)
    {
        var onsets = new OnsetStrength();
        if (audio.SampleRate == SampleRate)
        {
            onsets.Push(audio.Samples);
            return onsets.Finish();
        }
        var resampler = new Resampler(audio.SampleRate, SampleRate);
        onsets.Push(resampler.Push(audio.Samples));
        onsets.Push(resampler.Finish());
        return onsets.Finish();
    }

    /// <summary>Takes the next samples; blocks may have any size.</summary>
    public void Push(ReadOnlySpan<float> samples)
    {
        received += samples.Length;
        while (samples.Length > 0)
        {
            var take = Math.Min(samples.Length, PitchSamples - filled);
            samples[..take].CopyTo(pending.AsSpan(filled));
            filled += take;
            samples = samples[take..];
            if (filled < PitchSamples) return;
            MeasureFrame();
            pending.AsSpan(HopSamples).CopyTo(pending);
            filled -= HopSamples;
        }
    }

    /// <summary>The feature of everything pushed. The extractor is spent.</summary>
    public OnsetEnvelope Finish()
    {
        var samples = received;
        var frames = (int)((samples + HopSamples - 1) / HopSamples);
        Push(new float[PitchSamples]);
        var levels = CollectionsMarshal.AsSpan(decibels)[..Math.Min(decibels.Count, frames * Bands)].ToArray();
        decibels.Clear();
        decibels.TrimExcess();    // two hours' room for an hour's numbers, in the way of the network
        var loudest = levels.Length == 0 ? float.MinValue : levels.Max();
        var silent = loudest < SilenceDecibels;
        for (var i = 0; i < levels.Length; i++)
            levels[i] = silent ? -RangeDecibels : Math.Max(levels[i] - loudest, -RangeDecibels);
        return new(
            SampleRate / (double)HopSamples, Bands, levels, harmony.Finish(frames), Flux(levels),
            samples / (double)SampleRate);
    }

    private void MeasureFrame()
    {
        for (var i = 0; i < FrameSamples; i++) frame[i] = pending[FrameStart + i] * window[i];
        fft.Power(frame, power);
        const float scale = 16f / ((float)FrameSamples * FrameSamples);     // a full-scale sine comes near 1
        for (var band = 0; band < Bands; band++)
        {
            var sum = 0f;
            for (var k = Edges[band]; k < Edges[band + 1]; k++) sum += power[k];
            sum = float.IsFinite(sum) ? sum : 0;
            decibels.Add(10 * MathF.Log10(sum * scale + 1e-12f));
        }
        if (measured++ % HarmonicChange.Stride == 0) harmony.Measure(pending);
    }

    // Increase over two frames against the loudest of three neighbouring bands.
    private static float[] Flux(float[] levels)
    {
        var frames = levels.Length / Bands;
        var flux = new float[frames];
        for (var t = 2; t < frames; t++)
        {
            ReadOnlySpan<float> now = levels.AsSpan(t * Bands, Bands), before = levels.AsSpan((t - 2) * Bands, Bands);
            var sum = 0f;
            for (var b = 0; b < Bands; b++)
            {
                var reference = Math.Max(
                    before[b], Math.Max(before[Math.Max(b - 1, 0)], before[Math.Min(b + 1, Bands - 1)]));
                sum += Math.Max(0, Math.Max(now[b], -60) - Math.Max(reference, -60));
            }
            flux[t - 1] = sum;
        }
        var mean = flux.Length == 0 ? 0 : flux.Average();
        if (mean > 1e-3f)
        {
            for (var t = 0; t < frames; t++) flux[t] /= mean;
        }
        else
        {
            Array.Clear(flux);
        }
        return flux;
    }

    private static int[] BandEdges()
    {
        const double low = 30, high = 10_000;
        var edges = new int[Bands + 1];
        edges[0] = 1;
        for (var b = 1; b <= Bands; b++)
        {
            var hertz = low * Math.Pow(high / low, b / (double)Bands);
            edges[b] = Math.Max(edges[b - 1] + 1, (int)Math.Round(hertz * FrameSamples / SampleRate));
        }
        return edges;
    }
}
