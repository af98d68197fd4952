namespace OpenMU.Training.Evaluation.Mir;

/// <summary>
/// How well estimated beats fit reference beats, with the measures and defaults of mir_eval
/// (Davies, Degara, Plumbley, "Evaluation methods for musical audio beat tracking algorithms", 2009). Times
/// are seconds, ascending.
/// </summary>
public static class BeatMetrics
{
    /// <summary>
    /// Beats from <paramref name="from"/> seconds on; a tracker is usually allowed five seconds to find the beat.
    /// </summary>
    public static double[] Trim(IReadOnlyList<double> beats, double from = 5) => [.. beats.Where(beat => beat >= from)];

    /// <summary>
    /// F-measure of hits: each beat is matched at most once, within <paramref name="window"/> seconds. 0 to 1.
    /// </summary>
    public static double FMeasure(
        IReadOnlyList<double> reference, IReadOnlyList<double> estimated, double window = 0.07)
    {
        if (reference.Count == 0 || estimated.Count == 0) return 0;
        var hits = (double)Matches([.. reference.Order()], [.. estimated.Order()], window);
        if (hits == 0) return 0;
        var precision = hits / estimated.Count;
        var recall = hits / reference.Count;
        return 2 * precision * recall / (precision + recall);
    }

    /// <summary>
    /// Gaussian closeness of each reference beat to its nearest estimate (Cemgil 2001), and the best of it over
    /// the metrical variations.
    /// </summary>
    public static (double Score, double Best) Cemgil(
        IReadOnlyList<double> reference, IReadOnlyList<double> estimated, double sigma = 0.04)
    {
        if (reference.Count == 0 || estimated.Count == 0) return (0, 0);
        var scores = Variations(reference).Select(variation =>
        {
            var sum = 0.0;
            foreach (var beat in variation)
            {
                var error = estimated.Min(estimate => Math.Abs(beat - estimate));
                sum += Math.Exp(-(error * error) / (2 * sigma * sigma));
            }

            return sum / (0.5 * (estimated.Count + variation.Length));
        }).ToArray();
        return (scores[0], scores.Max());
    }

    /// <summary>Share of beats in correct continuity, at the correct metrical level and at any allowed level.</summary>
    /// <param name="reference">Reference beats.</param>
    /// <param name="estimated">Estimated beats.</param>
    /// <param name="phase">Allowed distance to the reference beat, as a share of the reference interval.</param>
    /// <param name="period">Allowed deviation of the estimated interval from the reference interval, as
    /// a share of it.</param>
    public static BeatContinuity Continuity(
        IReadOnlyList<double> reference, IReadOnlyList<double> estimated, double phase = 0.175, double period = 0.175)
    {
        if (reference.Count <= 1 || estimated.Count <= 1) return new BeatContinuity(0, 0, 0, 0);
        var scores = Variations(reference)
            .Select(variation => Continuity(Successes(variation, estimated, phase, period))).ToArray();
        return new BeatContinuity(
            scores[0].Longest, scores[0].Total, scores.Max(score => score.Longest), scores.Max(score => score.Total));
    }

    // Both lists ascend and the window is the same everywhere, so taking the earliest partner is a maximum matching.
    private static int Matches(double[] reference, double[] estimated, double window)
    {
        var (hits, next) = (0, 0);
        foreach (var estimate in estimated)
        {
            while (next < reference.Length && reference[next] < estimate - window) next++;
            if (next < reference.Length && reference[next] <= estimate + window)
            {
                hits++;
                next++;
            }
        }

        return hits;
    }

    // As annotated, off-beat, double tempo, half tempo on the odd beats, half tempo on the even beats.
    private static double[][] Variations(IReadOnlyList<double> beats)
    {
        var doubled = new double[beats.Count * 2 - 1];
        for (var i = 0; i < doubled.Length; i++)
        {
            doubled[i] = i % 2 == 0 ? beats[i / 2] : beats[i / 2] + 0.5 * (beats[i / 2 + 1] - beats[i / 2]);
        }

        return
        [
            [.. beats],
            [.. doubled.Where((_, i) => i % 2 == 1)],
            doubled,
            [.. beats.Where((_, i) => i % 2 == 0)],
            [.. beats.Where((_, i) => i % 2 == 1)],
        ];
    }

    private static bool[] Successes(double[] reference, IReadOnlyList<double> estimated, double phase, double period)
    {
        var successes = new bool[Math.Max(reference.Length, estimated.Count)];
        if (reference.Length == 0) return successes;
        var used = new bool[reference.Length];
        for (var m = 0; m < estimated.Count; m++)
        {
            var nearest = Nearest(reference, estimated[m]);
            if (used[nearest]) continue;
            // The first beat has no past, so it looks forward; the last of a list looks back.
            var forward = m == 0 || nearest == 0;
            var referenceInterval = forward && nearest + 1 < reference.Length
                ? reference[nearest + 1] - reference[nearest]
                : reference[nearest] - reference[nearest == 0 ? reference.Length - 1 : nearest - 1];
            var estimatedInterval = forward && m + 1 < estimated.Count
                ? estimated[m + 1] - estimated[m]
                : estimated[m] - estimated[m - 1];
            if (referenceInterval == 0) continue;
            var isInPhase = Math.Abs((estimated[m] - reference[nearest]) / referenceInterval) < phase;
            var isInPeriod = Math.Abs(1 - estimatedInterval / referenceInterval) < period;
            used[nearest] = successes[m] = isInPhase && isInPeriod;
        }

        return successes;
    }

    private static int Nearest(double[] reference, double time)
    {
        var nearest = 0;
        for (var i = 1; i < reference.Length; i++)
        {
            if (Math.Abs(time - reference[i]) < Math.Abs(time - reference[nearest])) nearest = i;
        }

        return nearest;
    }

    private static (double Longest, double Total) Continuity(bool[] successes)
    {
        var (longest, run, total) = (0, 0, 0);
        foreach (var success in successes)
        {
            run = success ? run + 1 : 0;
            if (success) total++;
            longest = Math.Max(longest, run);
        }

        return ((double)longest / successes.Length, (double)total / successes.Length);
    }
}

/// <summary>Continuity scores, 0 to 1.</summary>
/// <param name="CmlC">Longest correct run at the correct metrical level.</param>
/// <param name="CmlT">All correct beats at the correct metrical level.</param>
/// <param name="AmlC">Longest correct run at any allowed level (off-beat, double, half).</param>
/// <param name="AmlT">All correct beats at any allowed level.</param>
public readonly record struct BeatContinuity(double CmlC, double CmlT, double AmlC, double AmlT);
