using OpenMU.Mir.Dsp;

namespace OpenMU.Mir;

/// <summary>Finds the highest frequency in use from the mean spectrum of one short look a second.</summary>
internal sealed class BandwidthMeter
{
    private const int Size = 4096;

    // A file that uses that share of its own band was not cut; its low rate is no fault.
    private const double AudibleDb = -70, EdgeDb = 25, HighestEdge = 14_000, LowestEdge = 2000, UsedBand = 0.85;

    // The share of each further channel: unequal, so that neither equal nor opposite channels cancel out.
    private const float FurtherChannel = 0.6f;

    private readonly double highest, highestEdge;
    private readonly int sampleRate, channels;
    private readonly RealFft fft = new(Size);
    private readonly float[] frame = new float[Size], window = new float[Size], re, im;
    private readonly double[] power;
    private long position;

    public BandwidthMeter(int sampleRate, int channels, int sourceRate)
    {
        highest = sourceRate / 2.0;
        highestEdge = Math.Min(HighestEdge, UsedBand * sourceRate / 2);
        this.sampleRate = sampleRate;
        this.channels = channels;
        re = new float[fft.Bins];
        im = new float[fft.Bins];
        power = new double[fft.Bins];
        for (var i = 0; i < Size; i++) window[i] = (float)(0.5 - (0.5 * Math.Cos(2 * Math.PI * i / Size)));
    }

    /// <summary>Takes the next whole frames, interleaved.</summary>
    public void Push(ReadOnlySpan<float> interleaved)
    {
        var frames = interleaved.Length / channels;
        for (var i = 0; i < frames; i++, position++)
        {
            var place = (int)(position % Math.Max(Size, sampleRate));
            if (place >= Size)
            {
                // Nothing to do until the next second begins.
                var skip = Math.Min(Math.Max(Size, sampleRate) - place, frames - i) - 1;
                i += skip;
                position += skip;
                continue;
            }

            var mix = 0f;
            for (var c = channels - 1; c >= 0; c--) mix = (mix * FurtherChannel) + interleaved[(i * channels) + c];
            frame[place] = mix;
            if (place == Size - 1) AddFrame();
        }
    }

    /// <returns>The highest frequency in Hz, null for silence and less than a tenth of a second; and whether the
    /// spectrum ends there as if cut.</returns>
    public (double? Hertz, bool HasEdge) Finish()
    {
        if (position < Size)
        {
            if (position < sampleRate / 10) return (null, false);
            frame.AsSpan((int)position).Clear();
            AddFrame();
        }

        // A constant offset is no sound; the window spreads it over the first bins.
        power.AsSpan(0, 3).Clear();
        var loudest = power.Max();
        var top = Array.FindLastIndex(power, p => p > loudest * Math.Pow(10, AudibleDb / 10));
        if (loudest <= 1e-12 || top < 0) return (null, false);
        var hertz = Math.Min((double)top * sampleRate / Size, highest);
        return (hertz,
            hertz > LowestEdge && hertz < highestEdge
                && MeanDb(hertz - 1000, hertz - 300) - MeanDb(hertz + 300, hertz + 1000) > EdgeDb);
    }

    private void AddFrame()
    {
        for (var i = 0; i < Size; i++) frame[i] *= window[i];
        fft.Forward(frame, re, im);
        for (var k = 0; k < power.Length; k++) power[k] += (re[k] * re[k]) + (im[k] * im[k]);
    }

    private double MeanDb(double fromHertz, double toHertz)
    {
        var bins = power.AsSpan(
            (int)(fromHertz * Size / sampleRate)..Math.Min((int)(toHertz * Size / sampleRate), power.Length));
        var sum = 0.0;
        foreach (var p in bins) sum += 10 * Math.Log10(p + 1e-20);
        return sum / bins.Length;
    }
}
