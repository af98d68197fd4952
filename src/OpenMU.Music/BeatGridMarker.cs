namespace OpenMU.Music;

/// <summary>From here on the beats come evenly: what programs for DJs call a marker of a beat grid.</summary>
/// <param name="Seconds">Of the first beat.</param>
/// <param name="Bpm">Beats a minute from there.</param>
/// <param name="Number">The beat's place in the bar from 1; 0 where the bar is unknown.</param>
public readonly record struct BeatGridMarker(double Seconds, double Bpm, int Number)
{
    // Closer than a listener tells apart.
    private const double Tolerance = 0.025;

    /// <summary>
    /// As few markers as hold every beat within 25 ms: one for a steady track, more where the tempo drifts.
    /// </summary>
    /// <param name="beats">In order of time.</param>
    public static IReadOnlyList<BeatGridMarker> Of(IReadOnlyList<Beat> beats)
    {
        var markers = new List<BeatGridMarker>();
        for (var first = 0; first < beats.Count - 1;)
        {
            // All periods that lead from the first beat to within the tolerance of every one since.
            var (least, most, last) = (0.0, double.PositiveInfinity, first);
            for (var next = first + 1; next < beats.Count; next++)
            {
                var (gap, steps) = (beats[next].Seconds - beats[first].Seconds, next - first);
                var from = Math.Max(least, (gap - Tolerance) / steps);
                var to = Math.Min(most, (gap + Tolerance) / steps);
                if (from > to) break;
                (least, most, last) = (from, to, next);
            }

            if (last == first) last = first + 1; // beats out of order say nothing
            var even = (beats[last].Seconds - beats[first].Seconds) / (last - first);
            var period = most > least && double.IsFinite(most) ? Math.Clamp(even, least, most) : even;
            if (period > 0) markers.Add(new BeatGridMarker(beats[first].Seconds, 60 / period, beats[first].Number));
            first = last;
        }

        return markers;
    }
}
