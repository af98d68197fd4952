// Fbank.cs - Kaldi's log-mel filter bank with the settings of AudioMAE and OpenMU (torchaudio.compliance.kaldi.fbank).
// n samples, T frames, 400 samples a frame, 512 points of FFT, 257 bins, M mel bins.
using OpenMU.Model.Kernels;
using static TorchSharp.torch;

namespace OpenMU.Model.Audio;

/// <summary>
/// Natural-log mel energies: frames of 25 ms every 10 ms without padding, mean removed and pre-emphasis 0.97 within
/// each frame, symmetric Hann window, power spectrum, filters that are triangular on the mel scale from 20 Hz to 8 kHz,
/// floor at the float32 epsilon.
/// </summary>
public sealed class Fbank : IDisposable
{
    public const int SampleRate = 16000;
    public const int FrameSamples = 400;
    public const int ShiftSamples = 160;
    private const int FftSize = 512;
    private const double LowestHz = 20;
    private const float Floor = 1.1920928955078125e-07f;

    private readonly Tensor window;     // (400)
    private readonly Tensor triangles;  // (257, M)

    public Fbank(int melBins = 128)
    {
        using var scope = NewDisposeScope();
        window = tensor(Enumerable.Range(0, FrameSamples)
            .Select(i => (float)(0.5 - 0.5 * Math.Cos(2 * Math.PI * i / (FrameSamples - 1))))
            .ToArray()).DetachFromDisposeScope();
        triangles = tensor(Triangles(melBins), [melBins, FftSize / 2 + 1]).t().contiguous().DetachFromDisposeScope();
    }

    /// <summary>How many whole frames fit into this many samples (Kaldi's snip_edges).</summary>
    public static int Frames(long samples) =>
        samples < FrameSamples ? 0 : (int)(1 + (samples - FrameSamples) / ShiftSamples);

    /// <summary>Mono samples at 16 kHz in [-1, 1], mean already removed -> log-mel energies (T, M).</summary>
    /// <exception cref="ArgumentException">There are fewer samples than one frame of 25 ms.</exception>
    public Tensor Compute(ReadOnlySpan<float> samples)
    {
        var count = Frames(samples.Length);
        if (count == 0)
        {
            throw new ArgumentException(
                $"{samples.Length} samples are fewer than one frame of {FrameSamples}.", nameof(samples));
        }
        using var scope = NewDisposeScope();
        var frames = tensor(samples.ToArray()).unfold(0, FrameSamples, ShiftSamples);           // (T, 400)
        frames = frames - frames.mean([1], keepdim: true);
        var previous = cat([frames[.., ..1], frames[.., ..^1]], 1);    // the first sample stands before itself
        frames = (frames - previous.mul_scalar(0.97f)) * window;
        var spectrum = view_as_real(fft.rfft(frames, FftSize)).pow2().sum(-1);                // (T, 257)
        return spectrum.mm(triangles).clamp_min(Scalars.Of(Floor)).log().MoveToOuterDisposeScope();         // (T, M)
    }

    public void Dispose()
    {
        window.Dispose();
        triangles.Dispose();
    }

    /// <summary>
    /// Weight of FFT bin k in filter b (bins, 257): the lower of the two slopes at mel(k), at least 0. As in Kaldi, the
    /// Nyquist bin has no weight.
    /// </summary>
    private static float[] Triangles(int melBins)
    {
        var bins = FftSize / 2 + 1;
        var weights = new float[melBins * bins];
        var low = Mel(LowestHz);
        var step = (Mel(SampleRate / 2.0) - low) / (melBins + 1);
        for (var b = 0; b < melBins; b++)
        {
            for (var k = 0; k < bins - 1; k++)
            {
                var up = (Mel((double)k * SampleRate / FftSize) - (low + b * step)) / step;
                weights[b * bins + k] = (float)Math.Max(0, Math.Min(up, 2 - up));
            }
        }
        return weights;
    }

    private static double Mel(double hertz) => 1127 * Math.Log(1 + hertz / 700);
}
