using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace OpenMU.Mir;

/// <summary>
/// Looks at the technical state of a recording while its samples pass by, in windows of 10 ms. Keeps only sums.
/// </summary>
public sealed class QualityMeter
{
    // 10 steps of 16 bits: below lies nothing but noise. And full scale less a few steps, for 32767 / 32768 is
    // as far as 16 bits reach.
    private const float SilentBelow = 0.000316f, FullScale = 0.9999f;
    private const int ShortestRun = 3;
    private const double RunsPerMinute = 10, LargestMean = 0.01, SameEnergy = 1e-6, CancelledEnergy = 0.01;
    private static readonly Vector256<int> SwapPairs = Vector256.Create(1, 0, 3, 2, 5, 4, 7, 6);

    private readonly int sampleRate, channels, windowFrames;
    private readonly BandwidthMeter bandwidth;
    private readonly ChannelRelation? relation;
    private readonly double[] sums, energies;
    private readonly int[] runs;
    private double sumEnergy, differenceEnergy;
    private long frames, clippedSamples, clippedRuns, silence, firstSound = -1, longestGap;
    private float windowPeak;
    private int framesInWindow;

    /// <param name="sampleRate">Hz.</param>
    /// <param name="channels">Channels in what will be pushed.</param>
    /// <param name="layout">
    /// ffmpeg's name of the channel layout; null takes ffmpeg's usual layout for that number.
    /// </param>
    /// <param name="sourceRate">
    /// Hz of the file, which bounds its band; null if it is <paramref name="sampleRate"/>.
    /// </param>
    public QualityMeter(int sampleRate, int channels, string? layout = null, int? sourceRate = null)
    {
        this.sampleRate = sampleRate;
        this.channels = channels;
        windowFrames = Math.Max(1, sampleRate / 100);
        bandwidth = new BandwidthMeter(sampleRate, channels, sourceRate ?? sampleRate);
        relation = channels > 2 ? new ChannelRelation(channels, layout) : null;
        sums = new double[channels];
        energies = new double[channels];
        runs = new int[channels];
    }

    /// <summary>How to mix the channels to mono so that they do not cancel out: 1 or -1 for each.</summary>
    public float[] MixSigns => relation?.Signs() ?? (channels == 2 ? [1, -1] : [1]);

    /// <summary>Takes the next whole frames, interleaved.</summary>
    public void Push(ReadOnlySpan<float> interleaved)
    {
        bandwidth.Push(interleaved);
        relation?.Push(interleaved);
        frames += interleaved.Length / channels;
        while (interleaved.Length >= channels)
        {
            var taken = Math.Min(interleaved.Length / channels, windowFrames - framesInWindow);
            var piece = interleaved[..(taken * channels)];
            var peak = Vector256<float>.Count % channels == 0 ? AddVectors(piece) : AddFrames(piece);
            if (peak >= FullScale) CountRuns(piece);
            else runs.AsSpan().Clear();
            windowPeak = Math.Max(windowPeak, peak);
            framesInWindow += taken;
            if (framesInWindow == windowFrames) EndWindow();
            interleaved = interleaved[piece.Length..];
        }
    }

    /// <param name="brokenSamples">Samples that the decoder replaced.</param>
    /// <param name="decodeErrors">Complaints of the decoder.</param>
    /// <param name="isTruncated">There is less sound than a whole track.</param>
    /// <param name="claimedSeconds">What the file's header promised; null if nothing.</param>
    public QualityReport Finish(long brokenSamples, int decodeErrors, bool isTruncated = false,
        double? claimedSeconds = null)
    {
        EndWindow();
        double Seconds(long count) => (double)count / sampleRate;
        var isSilent = firstSound < 0;
        var offset = frames > 0 ? sums.MaxBy(Math.Abs) / frames : 0;
        var spectrum = bandwidth.Finish();
        var start = Seconds(isSilent ? frames : firstSound);
        var end = isSilent ? 0 : Seconds(silence);

        SoundFaults If(bool holds, SoundFaults flag) => holds ? flag : SoundFaults.None;
        var faults = If(isSilent, SoundFaults.Silent)
            | If(!isSilent && start >= 1, SoundFaults.SilentStart)
            | If(end >= 2, SoundFaults.SilentEnd)
            | If(Seconds(longestGap) >= 10, SoundFaults.SilentGap)
            | If(clippedRuns > RunsPerMinute * Seconds(frames) / 60 && clippedRuns > 2, SoundFaults.Clipped)
            | If(Math.Abs(offset) > LargestMean && Seconds(frames) >= 1, SoundFaults.DcOffset)
            | (isSilent ? SoundFaults.None : relation?.Faults() ?? StereoFaults())
            | If(spectrum.HasEdge, SoundFaults.LowBandwidth)
            | If(decodeErrors > 0, SoundFaults.DecodeErrors)
            | If(brokenSamples > 0, SoundFaults.BrokenSamples)
            | If(isTruncated, SoundFaults.Truncated);
        var clipped = Seconds(clippedSamples) / channels;
        return new QualityReport(faults, start, end, Seconds(longestGap), clipped, offset, spectrum.Hertz,
            brokenSamples, decodeErrors)
        {
            ClaimedSeconds = isTruncated ? claimedSeconds : null,
        };
    }

    private SoundFaults StereoFaults()
    {
        if (channels < 2) return SoundFaults.None;
        var energy = energies[0] + energies[1];
        if (Math.Min(energies[0], energies[1]) < SameEnergy * energy) return SoundFaults.OneSided;
        if (differenceEnergy < SameEnergy * energy) return SoundFaults.MonoAsStereo;
        return sumEnergy < CancelledEnergy * energy ? SoundFaults.Antiphase : SoundFaults.None;
    }

    private void EndWindow()
    {
        if (windowPeak < SilentBelow)
        {
            silence += framesInWindow;
        }
        else
        {
            if (firstSound < 0) firstSound = silence;
            else longestGap = Math.Max(longestGap, silence);
            silence = 0;
        }

        (windowPeak, framesInWindow) = (0, 0);
    }

    // Runs may go on from window to window, so each channel remembers its own.
    private void CountRuns(ReadOnlySpan<float> piece)
    {
        for (var c = 0; c < channels; c++)
        {
            for (var i = c; i < piece.Length; i += channels)
            {
                if (Math.Abs(piece[i]) < FullScale)
                {
                    runs[c] = 0;
                    continue;
                }

                runs[c]++;
                if (runs[c] == ShortestRun) clippedRuns++;
                clippedSamples += runs[c] > ShortestRun ? 1 : runs[c] == ShortestRun ? ShortestRun : 0;
            }
        }
    }

    // A lane of the vector always meets the same channel. Neighbours in a pair are left and right.
    private float AddVectors(ReadOnlySpan<float> piece)
    {
        var (sum, energy, plus, minus, peak) = (
            Vector256<float>.Zero, Vector256<float>.Zero, Vector256<float>.Zero, Vector256<float>.Zero,
            Vector256<float>.Zero);
        var vectors = MemoryMarshal.Cast<float, Vector256<float>>(piece);
        foreach (var x in vectors)
        {
            var other = Vector256.Shuffle(x, SwapPairs);
            var (together, apart) = (x + other, x - other);
            sum += x;
            energy += x * x;
            plus += together * together;
            minus += apart * apart;
            peak = Vector256.Max(peak, Vector256.Abs(x));
        }

        for (var lane = 0; lane < Vector256<float>.Count; lane++)
        {
            sums[lane % channels] += sum[lane];
            energies[lane % channels] += energy[lane];
        }

        sumEnergy += Vector256.Sum(plus) / 2;
        differenceEnergy += Vector256.Sum(minus) / 2;
        var highest = peak[0];
        for (var lane = 1; lane < Vector256<float>.Count; lane++) highest = Math.Max(highest, peak[lane]);
        return Math.Max(highest, AddFrames(piece[(vectors.Length * Vector256<float>.Count)..]));
    }

    private float AddFrames(ReadOnlySpan<float> piece)
    {
        var peak = 0f;
        for (var i = 0; i < piece.Length; i += channels)
        {
            for (var c = 0; c < channels; c++)
            {
                var x = piece[i + c];
                sums[c] += x;
                energies[c] += x * x;
                peak = Math.Max(peak, Math.Abs(x));
            }

            if (channels != 2) continue;
            var (together, apart) = (piece[i] + piece[i + 1], piece[i] - piece[i + 1]);
            sumEnergy += together * together;
            differenceEnergy += apart * apart;
        }

        return peak;
    }
}
