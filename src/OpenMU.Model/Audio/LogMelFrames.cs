// LogMelFrames.cs - what the tagger reads of a sound. n samples, T = 1 + (n - 400) / 160 frames, K = 257 bins, M bands.
using OpenMU.Model.Kernels;
using static TorchSharp.torch;

namespace OpenMU.Model.Audio;

/// <summary>
/// Frames of 25 ms every 10 ms: log(|FFT| through 64 mel filters from 125 to 7500 Hz + 0.001), as YAMNet has them
/// (Plakal and Ellis, Apache-2.0), so that what it says of a patch of frames can be learnt.
/// </summary>
public static class LogMelFrames
{
    /// <summary>Mel bands.</summary>
    public const int Bands = 64;

    /// <summary>Samples between two frames, and of a frame, at 16 kHz.</summary>
    public const int Hop = 160, Frame = 400;

    private const int Bins = 257, BlockFrames = 4096;
    private const double Lowest = 125, Highest = 7500, Offset = 0.001;

    // Half a spectrum at a time, in single precision: 257 bins are 0 to 8 kHz.
    private static readonly float[] Window = [.. Enumerable.Range(0, Frame)
        .Select(i => (float)(0.5 - 0.5 * Math.Cos(2 * Math.PI * i / Frame)))];

    private static readonly float[] Filters = MakeFilters();

    /// <summary>The frames of a sound: (T, M), float32.</summary>
    /// <param name="mono16kHz">At least <see cref="Frame"/> samples.</param>
    public static Tensor Of(float[] mono16kHz)
    {
        if (mono16kHz.Length < Frame)
            throw new ArgumentException($"{mono16kHz.Length} samples are less than a frame.", nameof(mono16kHz));
        using var scope = NewDisposeScope();
        var window = tensor(Window);                                                        // (400)
        var filters = tensor(Filters, [Bins, Bands]);                                       // (K, M)
        var frames = tensor(mono16kHz).unfold(0, Frame, Hop);                               // (T, 400)
        var blocks = new List<Tensor>();
        for (long first = 0; first < frames.shape[0]; first += BlockFrames)
        {
            using var block = NewDisposeScope();
            var some = frames.narrow(0, first, Math.Min(BlockFrames, frames.shape[0] - first)) * window;
            var magnitudes = fft.rfft(some, 512).abs();                                     // (t, K)
            blocks.Add(magnitudes.mm(filters).add_scalar(Offset).log().MoveToOuterDisposeScope());
        }
        return cat(blocks, 0).MoveToOuterDisposeScope();
    }

    private static double Mel(double hertz) => 1127 * Math.Log(1 + hertz / 700);

    private static float[] MakeFilters()
    {
        var (low, high) = (Mel(Lowest), Mel(Highest));
        double Corner(int i) => low + (high - low) * i / (Bands + 1);
        var filters = new float[Bins * Bands];
        for (var bin = 1; bin < Bins; bin++)
        {
            var mel = Mel(8000.0 * bin / (Bins - 1));
            for (var band = 0; band < Bands; band++)
            {
                var up = (mel - Corner(band)) / (Corner(band + 1) - Corner(band));
                var down = (Corner(band + 2) - mel) / (Corner(band + 2) - Corner(band + 1));
                filters[bin * Bands + band] = (float)Math.Max(0, Math.Min(up, down));
            }
        }
        return filters;
    }
}
