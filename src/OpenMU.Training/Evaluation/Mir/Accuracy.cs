using OpenMU.Music;
using OpenMU.Training.Data;

namespace OpenMU.Training.Evaluation.Mir;

/// <summary>One measure over all clips that have its truth.</summary>
/// <param name="Measure">Name.</param>
/// <param name="Clips">How many clips.</param>
/// <param name="Mean">Mean, 0 to 1.</param>
/// <param name="Low">Lower end of the 95 % confidence interval of the mean.</param>
/// <param name="High">Its upper end.</param>
/// <param name="Worst">The clips that scored least, worst first.</param>
public sealed record AccuracyRow(
    string Measure, int Clips, double Mean, double Low, double High, IReadOnlyList<(string Id, double Score)> Worst);

/// <summary>Scores answers against truths, clip by clip and over a set.</summary>
public static class Accuracy
{
    private const int Resamples = 2000;
    private const double InTune = 10;

    /// <summary>
    /// Whether an answer has the metre's beats, divided alike: 7/4 is 7/8 counted. 12/8 is four beats to the bar, so
    /// 4/4 is right as well.
    /// </summary>
    public static bool IsSameMetre(string truth, string? answer) =>
        (Metre.TryParse(truth), Metre.TryParse(answer)) is ({ } said, { } heard)
        && said.Beats == heard.Beats && (said.IsCompound == heard.IsCompound || said.Upper == 12);

    /// <summary>Scores of one clip by measure, 0 to 1; only what its truth allows.</summary>
    public static IReadOnlyList<(string Measure, double Score)> Score(ClipTruth truth, ClipAnswer answer)
    {
        var scores = new List<(string, double)>();
        if (truth.Tempo is 0) scores.Add(("no tempo where there is none", answer.Tempo is null ? 1 : 0));
        if (truth.Tempo is > 0 and { } tempo)
        {
            scores.Add(("tempo Acc1", TempoMetrics.Acc1(tempo, answer.Tempo ?? 0) ? 1 : 0));
            scores.Add(("tempo Acc2", TempoMetrics.Acc2(tempo, answer.Tempo ?? 0) ? 1 : 0));
        }

        if (truth.Beats.Count > 0)
        {
            scores.Add(("beat F", BeatMetrics.FMeasure(truth.Beats, answer.Beats)));
            double[] after = BeatMetrics.Trim(truth.Beats), answered = BeatMetrics.Trim(answer.Beats);
            if (after.Length > 1)
            {
                var continuity = BeatMetrics.Continuity(after, answered);
                scores.Add(("beat F > 5 s", BeatMetrics.FMeasure(after, answered)));
                scores.Add(("CMLt", continuity.CmlT));
                scores.Add(("AMLt", continuity.AmlT));
            }
        }

        if (BeatMetrics.Trim(truth.Downbeats) is { Length: > 0 } downbeats)
            scores.Add(("downbeat F", BeatMetrics.FMeasure(downbeats, BeatMetrics.Trim(answer.Downbeats))));
        // A bar of 12/8 is four beats of three eighths: counted, it is four.
        if (truth.Metre is { } metre) scores.Add(("metre", IsSameMetre(metre, answer.Metre) ? 1 : 0));
        if (truth.Key is { } key)
        {
            scores.Add(("key MIREX", KeyMetrics.WeightedScore(key, answer.Key)));
            scores.Add(("key exact", KeyMetrics.IsSame(key, answer.Key) ? 1 : 0));
        }

        // 49 cents sharp and 51 cents sharp, which is 49 flat, lie 2 cents apart.
        if (truth.TuningCents is { } cents && answer.TuningCents is { } heard)
        {
            scores.Add(
                ($"tuning to {InTune} cents", Math.Abs(Math.IEEERemainder(heard - cents, 100)) <= InTune ? 1 : 0));
        }

        if (truth.Chords.Count > 0)
        {
            var chords = ChordMetrics.Score(truth.Chords, answer.Chords);
            // Of music that has power chords alone, majmin and sevenths know nothing.
            var labels = truth.Chords.Select(chord => ChordLabel.Parse(chord.Label)).ToList();
            var hasPower = labels.Exists(label => label.IsPower);
            var hasOthers = !hasPower || labels.Exists(label => !label.IsPower && label.Root >= 0);
            if (hasOthers) scores.Add(("chord majmin", chords.MajMin));
            scores.Add(("chord root", chords.Root));
            if (hasOthers) scores.Add(("chord sevenths", chords.Sevenths));
            if (hasPower) scores.Add(("chord power", chords.Power));
            scores.Add(("chord segmentation", chords.Segmentation));
        }

        if (truth.Sections is { Count: > 0 } sections)
        {
            AddSections("", answer.Sections);
            AddSections(", equal parts", SegmentMetrics.EqualParts(sections));
            if (SegmentMetrics.FunctionPrecision(sections, answer.Sections) is { } right)
                scores.Add(("section names right", right));

            void AddSections(string of, IReadOnlyList<Section> found)
            {
                scores.Add(($"sections to 0.5 s{of}", SegmentMetrics.BoundaryF(sections, found, 0.5)));
                scores.Add(($"sections to 3 s{of}", SegmentMetrics.BoundaryF(sections, found, 3)));
                scores.Add(($"section letters{of}", SegmentMetrics.PairwiseF(sections, found)));
            }
        }

        return scores;
    }

    /// <summary>
    /// Means over the clips with bootstrap confidence intervals (Efron, 1979; percentiles of 2000 resamples of the
    /// clips, always the same ones).
    /// </summary>
    /// <param name="clips">Identity and scores of each clip.</param>
    /// <param name="worst">How many of the worst clips to name a measure.</param>
    public static IReadOnlyList<AccuracyRow> Table(
        IReadOnlyList<(string Id, IReadOnlyList<(string Measure, double Score)> Scores)> clips, int worst = 5)
    {
        var measures = clips.SelectMany(clip => clip.Scores.Select(score => score.Measure)).Distinct();
        return [.. measures.Select(measure => Row(
            measure, [.. clips.SelectMany(clip => clip.Scores.Where(score => score.Measure == measure)
                .Select(score => (clip.Id, score.Score)))], worst))];
    }

    private static AccuracyRow Row(string measure, (string Id, double Score)[] scores, int worst)
    {
        var random = new Random(1);
        var means = new double[Resamples];
        for (var i = 0; i < Resamples; i++)
        {
            for (var j = 0; j < scores.Length; j++)
                means[i] += scores[random.Next(scores.Length)].Score / scores.Length;
        }

        Array.Sort(means);
        return new AccuracyRow(
            measure, scores.Length, scores.Average(score => score.Score), means[Resamples / 40],
            means[Resamples - 1 - Resamples / 40],
            [.. scores.OrderBy(score => score.Score)
                .ThenBy(score => score.Id, StringComparer.Ordinal).Take(worst).Where(score => score.Score < 1)]);
    }
}
