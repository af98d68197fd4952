// MelSpectrogram.cs - centred power mel spectrograms in double precision, as torchaudio and transformers compute them
// for Dasheng and Whisper. Fbank is Kaldi's, which AudioMAE was trained with.
// n samples, F samples of a frame, K = F/2 + 1 bins, M mel bins, T = 1 + n/160 frames.
using OpenMU.Model.Kernels;
using static TorchSharp.torch;

namespace OpenMU.Model.Audio;

/// <summary>
/// Frames every 10 ms, centred, with reflection at both ends; |FFT|^2 through mel filters. Double precision, because
/// Dasheng's floor lies 120 dB below the loudest value, where float32 has only noise.
/// </summary>
internal sealed class MelSpectrogram : IDisposable
{
    /// <summary>Samples between two frames at 16 kHz.</summary>
    public const int Hop = 160;

    /// <summary>Frames at a time, so that a long recording needs no more memory than a short one.</summary>
    private const int BlockFrames = 2048;

    private const double SampleRate = 16000;
    private const double Smallest = 1e-10;

    private readonly Tensor window;     // (F)
    private readonly Tensor filters;    // (K, M)

    /// <param name="window">(F).</param>
    /// <param name="filters">(K, M).</param>
    public MelSpectrogram(Tensor window, Tensor filters)
    {
        this.window = window.to(float64, copy: true).DetachFromDisposeScope();
        this.filters = filters.to(float64, copy: true).DetachFromDisposeScope();
    }

    /// <summary>Dasheng's: frames of 512, 64 triangles on the HTK scale.</summary>
    public static MelSpectrogram Dasheng(int melBins) => new(Hann(512), HtkFilters(melBins, 257));

    /// <summary>Whisper's: frames of 400, triangles of equal area on Slaney's scale.</summary>
    public static MelSpectrogram Whisper(int melBins) => new(Hann(400), SlaneyFilters(melBins, 201));

    /// <summary>
    /// 10 log10 of the energies, not below 120 dB under the loudest of the clip: (M, T), float32.
    /// </summary>
    /// <exception cref="ArgumentException">There are too few samples for one frame.</exception>
    public Tensor Decibels(ReadOnlySpan<float> samples)
    {
        using var scope = NewDisposeScope();
        var decibels = LogEnergies(samples).mul_scalar(10);                                        // (T, M)
        return maximum(decibels, decibels.max().sub_scalar(120)).to(float32).t().contiguous().MoveToOuterDisposeScope();
    }

    /// <summary>
    /// Whisper's scale, of a clip as long as it is: log10 of the energies without the last frame, not below 8 under the
    /// largest of the clip, plus 4, divided by 4: (M, n/160), float32.
    /// </summary>
    /// <exception cref="ArgumentException">There are too few samples for one frame.</exception>
    public Tensor Whisper(ReadOnlySpan<float> samples)
    {
        if (samples.Length < Hop) throw TooShort(samples.Length);
        using var scope = NewDisposeScope();
        var log = LogEnergies(samples)[..^1];                                                      // (n/160, M)
        return maximum(log, log.max().sub_scalar(8)).add_scalar(4).div_scalar(4)
            .to(float32).t().contiguous().MoveToOuterDisposeScope();
    }

    public void Dispose()
    {
        window.Dispose();
        filters.Dispose();
    }

    /// <summary>The periodic Hann window (n).</summary>
    public static Tensor Hann(int n)
        => tensor(Enumerable.Range(0, n).Select(i => 0.5 - 0.5 * Math.Cos(2 * Math.PI * i / n)).ToArray());

    /// <summary>
    /// Triangles from 0 to 8 kHz (bins, mels) whose corners are evenly spaced on the scale 2595 log10(1 + f/700).
    /// </summary>
    public static Tensor HtkFilters(int melBins, int bins)
        => Triangles(bins, Corners(melBins, 2595 * Math.Log10(1 + SampleRate / 2 / 700), mel
            => 700 * (Math.Pow(10, mel / 2595) - 1)), _ => 1);

    /// <summary>The same on Slaney's scale, linear below 1 kHz, each triangle with the area 1.</summary>
    public static Tensor SlaneyFilters(int melBins, int bins)
    {
        var step = Math.Log(6.4) / 27;
        var corners = Corners(melBins, 15 + Math.Log(SampleRate / 2 / 1000) / step, mel
            => mel < 15 ? 200 * mel / 3 : 1000 * Math.Exp(step * (mel - 15)));
        return Triangles(bins, corners, filter => 2 / (corners[filter + 2] - corners[filter]));
    }

    private static double[] Corners(int melBins, double highest, Func<double, double> hertz)
        => [.. Enumerable.Range(0, melBins + 2).Select(i => hertz(highest * i / (melBins + 1)))];

    private static Tensor Triangles(int bins, double[] corners, Func<int, double> height)
    {
        var mels = corners.Length - 2;
        var weights = new double[bins * mels];
        for (var bin = 0; bin < bins; bin++)
        {
            var f = SampleRate / 2 * bin / (bins - 1);
            for (var filter = 0; filter < mels; filter++)
            {
                var up = (f - corners[filter]) / (corners[filter + 1] - corners[filter]);
                var down = (corners[filter + 2] - f) / (corners[filter + 2] - corners[filter + 1]);
                weights[bin * mels + filter] = Math.Max(0, Math.Min(up, down)) * height(filter);
            }
        }
        return tensor(weights, [bins, mels]);
    }

    private static ArgumentException TooShort(int samples)
        => new($"{samples} samples at 16 kHz are too few for a spectrogram.", nameof(samples));

    /// <summary>log10 of the energies, each at least 1e-10: (T, M), float64.</summary>
    private Tensor LogEnergies(ReadOnlySpan<float> samples)
    {
        using var scope = NewDisposeScope();
        var frames = tensor(Reflected(samples)).unfold(0, window.shape[0], Hop);                   // (T, F)
        var blocks = new List<Tensor>();
        for (long first = 0; first < frames.shape[0]; first += BlockFrames)
        {
            using var block = NewDisposeScope();
            var some = frames.narrow(0, first, Math.Min(BlockFrames, frames.shape[0] - first)) * window;
            var power = view_as_real(fft.rfft(some)).pow2().sum(-1);                               // (t, K)
            blocks.Add(power.mm(filters).clamp_min(Scalars.Of(Smallest)).log10().MoveToOuterDisposeScope());
        }
        return cat(blocks, 0).MoveToOuterDisposeScope();
    }

    /// <summary>Half a frame of reflection at both ends, without repeating the first and the last sample.</summary>
    private double[] Reflected(ReadOnlySpan<float> samples)
    {
        var (n, half) = (samples.Length, (int)window.shape[0] / 2);
        if (n <= half) throw TooShort(n);
        var padded = new double[n + 2 * half];
        for (var i = 0; i < n; i++) padded[half + i] = samples[i];
        for (var i = 1; i <= half; i++)
        {
            padded[half - i] = samples[i];
            padded[half + n - 1 + i] = samples[n - 1 - i];
        }
        return padded;
    }
}
