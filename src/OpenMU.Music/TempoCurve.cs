namespace OpenMU.Music;

/// <summary>A stretch of a track in which the tempo holds.</summary>
/// <param name="Start">Seconds.</param>
/// <param name="End">Seconds.</param>
/// <param name="Bpm">Beats per minute: the median of its beats' intervals.</param>
public sealed record TempoSegment(double Start, double End, double Bpm);

/// <summary>
/// Where a track's tempo changes, from its beats: the logarithms of their intervals, smoothed by a median over five,
/// are divided into stretches of the least squared deviation, each of which costs a fixed sum (optimal partitioning,
/// Jackson et al., 2005). Players drift and beats are found to a hundredth of a second, so that what differs by less
/// than 5 % from its neighbour is no other tempo; nor is twice or half as many beats, which the same music may be
/// counted in.
/// </summary>
public static class TempoCurve
{
    // Beats: fewer are a fill or a slip of the tracker.
    private const int LeastBeats = 8;
    private const int Smoothed = 5;

    // Every division is weighed against every other: of hours of music every second beat will do, or every third.
    private const int MostBeats = 4000;

    // As a share of the tempo.
    private const double LeastChange = 0.05, SameCount = 0.04;

    // As which the same music may be counted.
    private static readonly double[] Levels = [2, 0.5, 3, 1 / 3.0, 1.5, 2 / 3.0];

    // Two stretches of the least length that differ by the least change are just worth their price.
    private static readonly double Price = LeastBeats / 2.0 * Math.Pow(Math.Log(1 + LeastChange), 2);

    /// <summary>The stretches, one after another from the first beat to the last.</summary>
    /// <param name="beats">In order of time.</param>
    /// <param name="bpm">The track's tempo where it is known. Beats may have been counted at another level of it, twice as
    /// many or half: the stretches are given at this one.</param>
    /// <returns>One where the tempo holds throughout; none for fewer than two beats.</returns>
    public static IReadOnlyList<TempoSegment> Of(IReadOnlyList<Beat> beats, double? bpm = null)
    {
        if (beats.Count < 2) return [];
        if (beats.Count > MostBeats)
        {
            var step = 1 + (beats.Count / MostBeats);
            return
            [
                .. Of([.. beats.Where((_, i) => i % step == 0)], bpm / step)
                    .Select(part => part with { Bpm = part.Bpm * step }),
            ];
        }

        var intervals = beats.Zip(beats.Skip(1), (beat, next) => next.Seconds - beat.Seconds).ToArray();
        if (intervals.Any(interval => !(interval > 0))) return [];
        var logs = Array.ConvertAll(Smooth(intervals), Math.Log);
        var parts = new List<(int From, int To, double Interval)>();
        foreach (var (from, to) in Divide(logs))
        {
            var interval = Median(intervals[from..to]);
            if (parts.Count > 0 && IsSame(Median(intervals[parts[^1].From..parts[^1].To]), interval))
                parts[^1] = (parts[^1].From, to, parts[^1].Interval);
            else parts.Add((from, to, interval));
        }

        List<TempoSegment> curve =
        [
            .. parts.Select(part => new TempoSegment(
                beats[part.From].Seconds, beats[part.To].Seconds, 60 / Median(intervals[part.From..part.To]))),
        ];
        if (bpm is not { } shown || curve.Exists(part => IsAbout(part.Bpm, shown))) return curve;
        var longest = curve.MaxBy(part => part.End - part.Start)!;
        var counted = Array.Find(Levels, level => IsAbout(longest.Bpm, level * shown));
        return counted == 0 ? curve : curve.ConvertAll(part => part with { Bpm = part.Bpm / counted });
    }

    private static bool IsAbout(double bpm, double other) => Math.Abs(bpm / other - 1) < SameCount;

    // The last stretch that ends at each place of the cheapest division up to it.
    private static List<(int From, int To)> Divide(double[] values)
    {
        var (sums, squares) = (new double[values.Length + 1], new double[values.Length + 1]);
        for (var i = 0; i < values.Length; i++)
            (sums[i + 1], squares[i + 1]) = (sums[i] + values[i], squares[i] + (values[i] * values[i]));
        var (costs, starts) = (new double[values.Length + 1], new int[values.Length + 1]);
        for (var to = 1; to <= values.Length; to++)
        {
            // Whatever is shorter than a stretch is one all the same.
            (costs[to], starts[to]) = (Deviation(0, to), 0);
            for (var from = LeastBeats; from <= to - LeastBeats; from++)
            {
                var cost = costs[from] + Price + Deviation(from, to);
                if (cost < costs[to]) (costs[to], starts[to]) = (cost, from);
            }
        }

        var parts = new List<(int, int)>();
        for (var to = values.Length; to > 0; to = starts[to]) parts.Add((starts[to], to));
        parts.Reverse();
        return parts;

        double Deviation(int from, int to)
        {
            var sum = sums[to] - sums[from];
            return squares[to] - squares[from] - (sum * sum / (to - from));
        }
    }

    private static bool IsSame(double interval, double other)
    {
        var ratio = Math.Max(interval, other) / Math.Min(interval, other);
        return ratio < 1 + LeastChange || Math.Abs(ratio - 2) < 2 * SameCount;
    }

    private static double[] Smooth(double[] values) =>
    [
        .. Enumerable.Range(0, values.Length).Select(i =>
            Median(values[Math.Max(0, i - (Smoothed / 2))..Math.Min(values.Length, i + (Smoothed / 2) + 1)])),
    ];

    private static double Median(double[] values)
    {
        var sorted = values.Order().ToArray();
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
