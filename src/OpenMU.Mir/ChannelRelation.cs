using OpenMU.Mir.Audio;

namespace OpenMU.Mir;

/// <summary>
/// How the signals of three and more channels relate to each other, from the sums of all their products.
/// </summary>
/// <param name="channels">At least 3.</param>
/// <param name="layout">ffmpeg's name of the channel layout; null takes the usual one for that number.</param>
internal sealed class ChannelRelation(int channels, string? layout)
{
    private const double SilentShare = 1e-6, SameSignal = 1 - 1e-5, CancelledShare = 0.01;

    private readonly string sides = ChannelSides.Of(channels, layout);
    private readonly double[,] products = new double[channels, channels];

    /// <summary>Takes the next whole frames, interleaved.</summary>
    public void Push(ReadOnlySpan<float> interleaved)
    {
        for (var start = 0; start + channels <= interleaved.Length; start += channels)
        {
            var frame = interleaved.Slice(start, channels);
            for (var a = 0; a < channels; a++)
            {
                for (var b = a; b < channels; b++) products[a, b] += (double)frame[a] * frame[b];
            }
        }
    }

    /// <summary>
    /// One flag at most: sound on one side only, one signal in all channels, or channels that cancel out in their mean.
    /// </summary>
    public SoundFaults Faults()
    {
        var total = Enumerable.Range(0, channels).Sum(c => products[c, c]);
        var sounding = Enumerable.Range(0, channels)
            .Where(c => products[c, c] > SilentShare * total && sides[c] != ChannelSides.LowFrequency)
            .ToList();
        if (sounding.Count == 0) return SoundFaults.None;
        var side = sides[sounding[0]];
        if (side != ChannelSides.Centre && sounding.TrueForAll(c => sides[c] == side)) return SoundFaults.OneSided;
        if (sounding.TrueForAll(c => IsSame(sounding[0], c))) return SoundFaults.MonoAsStereo;
        var sum = 0.0;
        for (var a = 0; a < channels; a++)
        {
            for (var b = 0; b < channels; b++) sum += Product(a, b);
        }

        return sum < CancelledShare * total ? SoundFaults.Antiphase : SoundFaults.None;
    }

    /// <summary>1 for each channel that goes with the loudest one, -1 for each that goes against it.</summary>
    public float[] Signs()
    {
        var loudest = Enumerable.Range(0, channels).MaxBy(c => products[c, c]);
        return [.. Enumerable.Range(0, channels).Select(c => Product(loudest, c) < 0 ? -1f : 1f)];
    }

    private bool IsSame(int a, int b) =>
        Product(a, b) > 0 && Product(a, b) * Product(a, b) >= SameSignal * products[a, a] * products[b, b];

    private double Product(int a, int b) => products[Math.Min(a, b), Math.Max(a, b)];
}
