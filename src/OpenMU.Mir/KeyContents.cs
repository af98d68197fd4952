using OpenMU.Mir.Dsp;
using OpenMU.Mir.Networks;

namespace OpenMU.Mir;

/// <summary>Sums over time of what the key is read from, so that any stretch of a recording can be looked at.</summary>
internal sealed class KeyContents
{
    // Where the parts of a row begin; the chords come first.
    private const int Bass = KeyNetwork.Chords, Middle = Bass + 12, Steps = Middle + 12;
    private const int Voiced = KeyNetwork.Size;
    private const int Sounding = KeyNetwork.Size + 1;
    private const int Row = KeyNetwork.Size + 2;
    private const byte Quiet = 76;

    // Blocks of about a second: sums[b] covers the frames before block b.
    private readonly double[][] sums;

    public KeyContents(Chromagram chromagram)
    {
        FramesOfBlock = Math.Max(1, (int)Math.Round(1 / chromagram.HopSeconds));
        Blocks = (chromagram.Frames + FramesOfBlock - 1) / FramesOfBlock;
        sums = new double[Blocks + 1][];
        sums[0] = new double[Row];
        var power = new float[Chromagram.Semitones];
        for (var block = 0; block < Blocks; block++)
        {
            var row = sums[block + 1] = (double[])sums[block].Clone();
            for (var frame = block * FramesOfBlock;
                frame < Math.Min(chromagram.Frames, (block + 1) * FramesOfBlock); frame++)
            {
                Add(chromagram, frame, power, row);
            }
        }
    }

    public int FramesOfBlock { get; }

    public int Blocks { get; }

    /// <summary>Share of what sounds in blocks [from, to) that is chords rather than noise, 0 to 1.</summary>
    public double ChordShare(int from, int to)
    {
        var sounding = sums[to][Sounding] - sums[from][Sounding];
        return sounding == 0 ? 0 : (sums[to][Voiced] - sums[from][Voiced]) / sounding;
    }

    /// <summary>What is in blocks [from, to): square roots of shares, [KeyNet.Size].</summary>
    public float[] Of(int from, int to)
    {
        var contents = new float[KeyNetwork.Size];
        ReadOnlySpan<(int, int)> parts = [(0, Bass), (Bass, Middle), (Middle, Steps), (Steps, KeyNetwork.Size)];
        foreach (var (first, last) in parts)
        {
            var sum = 1e-9;
            for (var i = first; i < last; i++) sum += sums[to][i] - sums[from][i];
            for (var i = first; i < last; i++)
                contents[i] = (float)Math.Sqrt(Math.Max(0, sums[to][i] - sums[from][i]) / sum);
        }

        return contents;
    }

    private static void Add(Chromagram chromagram, int frame, float[] power, double[] row)
    {
        var loudest = 0;
        foreach (var level in chromagram.Levels(frame)) loudest = Math.Max(loudest, level);
        if (loudest < Quiet) return;
        var scores = chromagram.ChordLogProbabilities.AsSpan(frame * ChordNetwork.States, ChordNetwork.States);
        var voiced = 1 - Math.Exp(scores[ChordNetwork.NoChord]);
        row[Sounding]++;
        row[Voiced] += voiced;
        Span<double> roots = stackalloc double[12];
        for (var s = 0; s < ChordNetwork.NoChord; s++)
        {
            var p = Math.Exp(scores[s]);
            row[s] += p;
            roots[s / ChordNetwork.QualityCount] += p;
        }

        // Steps up a fourth, of dominant to tonic: the root now, and a fifth above it a second ago.
        var before = frame - (int)Math.Round(1 / chromagram.HopSeconds);
        if (before >= 0)
        {
            var earlier = chromagram.ChordLogProbabilities.AsSpan(before * ChordNetwork.States, ChordNetwork.States);
            for (var s = 0; s < ChordNetwork.NoChord; s++)
            {
                var arrival = (s / ChordNetwork.QualityCount + 5) % 12;
                row[Steps + arrival] += Math.Exp(earlier[s]) * roots[arrival];
            }
        }

        chromagram.SemitonePower(frame, power);
        var peak = power.Max() + 1e-12f;
        for (var k = 0; k < 72; k++)
        {
            var level = Math.Max(0, 1 + 10 * Math.Log10(power[k] / peak + 1e-9) / 40) * voiced;
            row[(k < 30 ? Bass : Middle) + k % 12] += level;
        }
    }
}
