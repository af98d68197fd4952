using System.Numerics.Tensors;

namespace OpenMU.Mir.Dsp;

/// <summary>
/// What sounds in each beat, to compare stretches of a track by: harmony in the bass and above it, and the sound (level
/// of each band), each with the track's mean taken off, so that what is always there makes nothing alike.
/// </summary>
internal sealed class BeatFeatures
{
    /// <summary>Numbers of a beat: chroma of the bass, chroma above it, three octaves of pitches, bands.</summary>
    public const int Harmony = 12 + 12 + TunePitches, Size = Harmony + OnsetStrength.Bands;

    private const int TunePitches = 36, LowestTune = 60 - Chromagram.LowestPitch;
    private const int BassSemitones = 28;                   // up to E3

    // More beats are taken two or more at a time: each is compared with each.
    private const int MostBeats = 1500;

    // Seconds, where no beats are known.
    private const double Step = 0.5;

    private BeatFeatures(double[] times, bool[] isBar, int barLength, float[] rows, float[] levels) =>
        (Times, IsBar, BarLength, Rows, Levels) = (times, isBar, barLength, rows, levels);

    /// <summary>Where each beat begins, and last the end.</summary>
    public double[] Times { get; }

    /// <summary>Whether a beat begins a bar.</summary>
    public bool[] IsBar { get; }

    /// <summary>Beats of a bar.</summary>
    public int BarLength { get; }

    /// <summary>[Count, Size]; harmony and sound have length 1 each where they differ from the track's mean.</summary>
    public float[] Rows { get; }

    /// <summary>Mean level of each beat in decibels below the loudest band.</summary>
    public float[] Levels { get; }

    public int Count => IsBar.Length;

    /// <summary>The features of what sounds, from the first sound to the last.</summary>
    public static BeatFeatures Of(OnsetEnvelope onsets, Chromagram chroma, BeatTrack beats)
    {
        var (first, last, _) = onsets.Sounding();
        var (times, isBar, bar) = Grid(beats, onsets.TimeOf(first), onsets.TimeOf(last));
        var count = isBar.Length;
        var rows = new float[count * Size];
        AddHarmony(rows, times, chroma);
        var levels = AddSound(rows, times, onsets);
        (int At, int Length)[] parts = [(0, 12), (12, 12), (24, TunePitches)];
        foreach (var (at, length) in parts)
        {
            for (var i = 0; i < count; i++) Normalise(rows.AsSpan((i * Size) + at, length));
            Centre(rows, count, at, length);
        }

        Centre(rows, count, Harmony, OnsetStrength.Bands);
        for (var i = 0; i < count; i++)
        {
            Normalise(rows.AsSpan(i * Size, Harmony));
            Normalise(rows.AsSpan((i * Size) + Harmony, OnsetStrength.Bands));
        }

        return new BeatFeatures(times, isBar, bar, rows, levels);
    }

    // Roots of roots of power, or the loudest note would be all that counts.
    private static void AddHarmony(float[] rows, double[] times, Chromagram chroma)
    {
        var power = new float[Chromagram.Semitones];
        for (var i = 0; i + 1 < times.Length; i++)
        {
            var row = rows.AsSpan(i * Size, Size);
            var from = Math.Clamp((int)Math.Round(times[i] / chroma.HopSeconds), 0, Math.Max(0, chroma.Frames - 1));
            var to = Math.Max(from + 1, (int)Math.Round(times[i + 1] / chroma.HopSeconds));
            for (var frame = from; frame < Math.Min(to, chroma.Frames); frame++)
            {
                chroma.SemitonePower(frame, power);
                for (var k = 0; k < Chromagram.Semitones; k++)
                {
                    var loud = MathF.Sqrt(MathF.Sqrt(power[k]));
                    row[k < BassSemitones ? k % 12 : 12 + (k % 12)] += loud;
                    if (k is >= LowestTune and < LowestTune + TunePitches) row[24 + k - LowestTune] += loud;
                }
            }
        }
    }

    // Mean level of each band, and of all of them.
    private static float[] AddSound(float[] rows, double[] times, OnsetEnvelope onsets)
    {
        var levels = new float[times.Length - 1];
        for (var i = 0; i < levels.Length; i++)
        {
            var bands = rows.AsSpan((i * Size) + Harmony, OnsetStrength.Bands);
            int start = Math.Clamp((int)Math.Round(times[i] * onsets.FrameRate), 0, onsets.Frames - 1),
                end = Math.Clamp((int)Math.Round(times[i + 1] * onsets.FrameRate), start + 1, onsets.Frames);
            for (var frame = start; frame < end; frame++)
                TensorPrimitives.Add(bands, onsets.Levels.AsSpan(frame * onsets.Bands, onsets.Bands), bands);
            TensorPrimitives.Divide(bands, end - start, bands);
            levels[i] = TensorPrimitives.Sum<float>(bands) / bands.Length;
        }

        return levels;
    }

    // The beats, with those that the tracker left out before the first and after the last.
    private static (double[] Times, bool[] IsBar, int BarLength) Grid(BeatTrack track, double from, double to)
    {
        var beats = track.Beats;
        if (beats.Count < 16)
        {
            double[] even = [.. Enumerable.Range(0, (int)((to - from) / Step) + 1).Select(i => from + (i * Step))];
            return (even, Array.ConvertAll(even[1..], _ => true), 1);
        }

        var length = Math.Max(1, beats.Max(beat => beat.Number));
        double[] gaps = [.. beats.Zip(beats.Skip(1), (a, b) => b.Seconds - a.Seconds).Order()];
        var gap = Math.Max(0.1, gaps[gaps.Length / 2]);
        List<(double Time, bool IsBar)> grid = [.. beats.Select(beat => (beat.Seconds, beat.Number == 1))];
        for (var number = beats[0].Number - 1; grid[0].Time - gap > from - (gap / 2); number--)
            grid.Insert(0, (grid[0].Time - gap, ((number % length) + length) % length == 1 % length));
        for (var number = beats[^1].Number + 1; grid[^1].Time + gap < to; number++)
            grid.Add((grid[^1].Time + gap, number % length == 1 % length));
        while (grid.Count > MostBeats)
        {
            grid = [.. grid.Where((beat, i) => i % 2 == 0 || beat.IsBar)];
            length = (length + 1) / 2;
        }

        return (
            [.. grid.Select(beat => beat.Time), Math.Max(to, grid[^1].Time + 0.05)],
            [.. grid.Select(beat => beat.IsBar)], length);
    }

    private static void Centre(float[] rows, int count, int at, int length)
    {
        var mean = new float[length];
        for (var i = 0; i < count; i++) TensorPrimitives.Add(mean, rows.AsSpan((i * Size) + at, length), mean);
        TensorPrimitives.Divide(mean, count, mean);
        for (var i = 0; i < count; i++)
        {
            var part = rows.AsSpan((i * Size) + at, length);
            TensorPrimitives.Subtract(part, mean, part);
        }
    }

    private static void Normalise(Span<float> part)
    {
        var norm = TensorPrimitives.Norm<float>(part);
        if (norm > 1e-6f) TensorPrimitives.Divide(part, norm, part);
    }
}
