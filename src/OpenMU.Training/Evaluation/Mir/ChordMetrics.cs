using OpenMU.Music;

namespace OpenMU.Training.Evaluation.Mir;

/// <summary>
/// How well estimated chords fit, with the measures of mir_eval (Raffel et al., 2014; MIREX chord estimation). Segments
/// ascend in time; each measure is the share of comparable time in which the estimate is right.
/// </summary>
public static class ChordMetrics
{
    private static readonly int[][] SeventhQualities =
    [
        [1, 0, 0, 0, 1, 0, 0, 1, 0, 0, 0, 0], [1, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0],
        [1, 0, 0, 0, 1, 0, 0, 1, 0, 0, 0, 1],
        [1, 0, 0, 0, 1, 0, 0, 1, 0, 0, 1, 0], [1, 0, 0, 1, 0, 0, 0, 1, 0, 0, 1, 0], new int[12],
    ];

    /// <summary>
    /// All measures at once. The estimate is cropped to the span of the reference, and padded with <c>N</c>.
    /// </summary>
    /// <exception cref="ArgumentException">The reference is empty.</exception>
    /// <exception cref="FormatException">A label is not Harte syntax.</exception>
    public static ChordScores Score(IReadOnlyList<ChordSegment> reference, IReadOnlyList<ChordSegment> estimated)
    {
        if (reference.Count == 0) throw new ArgumentException("There is no reference chord.", nameof(reference));
        var adjusted = Adjust(estimated, reference[0].Start, reference.Max(segment => segment.End));
        var referenceSpans = MergeEqual(reference);
        var estimatedSpans = MergeEqual(adjusted);
        var under = 1 - DirectionalHamming(estimatedSpans, referenceSpans);
        var over = 1 - DirectionalHamming(referenceSpans, estimatedSpans);
        var pairs = Pair(reference, adjusted);

        double Of(Func<ChordLabel, ChordLabel, bool?> rule) => WeightedAccuracy(pairs, rule);
        double Inverted(Func<ChordLabel, ChordLabel, bool?> rule) =>
            Of((a, b) => rule(a, b) is { } isRight ? isRight && a.Bass == b.Bass : null);
        return new ChordScores(
            Root: Of(Root), MajMin: Of(MajMin), MajMinInv: Inverted(MajMin), Thirds: Of(Thirds),
            ThirdsInv: Inverted(Thirds),
            Triads: Of(Triads), TriadsInv: Inverted(Triads), Tetrads: Of(Tetrads), TetradsInv: Inverted(Tetrads),
            Sevenths: Of(Sevenths), SeventhsInv: Inverted(Sevenths), Mirex: Of(Mirex),
            UnderSegmentation: under, OverSegmentation: over, Segmentation: Math.Min(under, over))
        {
            Power = Of(Power)
        };
    }

    // A rule says right, wrong, or null where the reference is outside its vocabulary.
    private static bool? Root(ChordLabel a, ChordLabel b) => IsUnknown(a) ? null : a.Root == b.Root;

    private static bool? Thirds(ChordLabel a, ChordLabel b) =>
        IsUnknown(a) ? null : a.Root == b.Root && a.Notes[3] == b.Notes[3];

    private static bool? Triads(ChordLabel a, ChordLabel b) => IsUnknown(a) ? null : HasSameTriad(a, b);

    private static bool? Tetrads(ChordLabel a, ChordLabel b) => IsUnknown(a) ? null : HasSameNotes(a, b);

    private static bool? MajMin(ChordLabel a, ChordLabel b) =>
        IsTriad(a, 0) || IsTriad(a, 1) || IsNone(a) ? HasSameTriad(a, b) : null;

    private static bool? Sevenths(ChordLabel a, ChordLabel b) =>
        Array.Exists(SeventhQualities, quality => a.Notes.AsSpan().SequenceEqual(quality)) ? HasSameNotes(a, b) : null;

    private static bool? Power(ChordLabel a, ChordLabel b) => a.IsPower ? HasSameNotes(a, b) : null;

    private static bool? Mirex(ChordLabel a, ChordLabel b)
    {
        if (IsUnknown(a) || a.Notes.Sum() is > 0 and < 3) return null;
        if (a.Root < 0 && b.Root < 0) return true;
        return a.PitchClasses().Zip(b.PitchClasses(), (x, y) => x && y).Count(both => both) >= 3;
    }

    private static bool IsUnknown(ChordLabel chord) => chord.Notes[0] < 0;

    private static bool IsNone(ChordLabel chord) => chord.Root < 0 && Array.TrueForAll(chord.Notes, note => note == 0);

    private static bool IsTriad(ChordLabel chord, int quality) =>
        chord.Notes.AsSpan(0, 8).SequenceEqual(SeventhQualities[quality].AsSpan(0, 8));

    private static bool HasSameTriad(ChordLabel a, ChordLabel b) =>
        a.Root == b.Root && a.Notes.AsSpan(0, 8).SequenceEqual(b.Notes.AsSpan(0, 8));

    private static bool HasSameNotes(ChordLabel a, ChordLabel b) =>
        a.Root == b.Root && a.Notes.AsSpan().SequenceEqual(b.Notes);

    private static double WeightedAccuracy(
        List<(double Duration, ChordLabel Reference, ChordLabel Estimated)> pairs,
        Func<ChordLabel, ChordLabel, bool?> rule)
    {
        var (right, total) = (0.0, 0.0);
        foreach (var (duration, reference, estimated) in pairs)
        {
            if (rule(reference, estimated) is not { } isRight) continue;
            total += duration;
            if (isRight) right += duration;
        }

        return total == 0 ? 0 : right / total;
    }

    private static List<ChordSegment> Adjust(IReadOnlyList<ChordSegment> segments, double from, double to)
    {
        var kept = new List<ChordSegment>();
        foreach (var segment in segments)
        {
            var cropped = segment with { Start = Math.Max(from, segment.Start), End = Math.Min(to, segment.End) };
            if (cropped.End > cropped.Start) kept.Add(cropped);
        }

        if (kept.Count == 0) return [new ChordSegment(from, to, "N")];
        if (kept[0].Start > from) kept.Insert(0, new ChordSegment(from, kept[0].Start, "N"));
        if (kept[^1].End < to) kept.Add(new ChordSegment(kept[^1].End, to, "N"));
        return kept;
    }

    private static List<(double, ChordLabel, ChordLabel)> Pair(
        IReadOnlyList<ChordSegment> reference, List<ChordSegment> estimated)
    {
        var labels = reference.Concat(estimated).Select(segment => segment.Label).Distinct().ToDictionary(
            label => label, label => ChordLabel.Parse(label));
        var bounds = reference.Concat(estimated)
            .SelectMany(segment => (double[])[segment.Start, segment.End]).Distinct().Order().ToArray();
        var pairs = new List<(double, ChordLabel, ChordLabel)>();
        var (r, e) = (0, 0);
        for (var i = 0; i + 1 < bounds.Length; i++)
        {
            // A gap belongs to the segment before it.
            while (r + 1 < reference.Count && reference[r + 1].Start <= bounds[i]) r++;
            while (e + 1 < estimated.Count && estimated[e + 1].Start <= bounds[i]) e++;
            pairs.Add((bounds[i + 1] - bounds[i], labels[reference[r].Label], labels[estimated[e].Label]));
        }

        return pairs;
    }

    private static List<(double Start, double End)> MergeEqual(IReadOnlyList<ChordSegment> segments)
    {
        var merged = new List<(double Start, double End)>();
        ChordLabel? last = null;
        foreach (var segment in segments)
        {
            var chord = ChordLabel.Parse(segment.Label, withExtensions: true);
            if (chord.Equals(last)) merged[^1] = (merged[^1].Start, segment.End);
            else merged.Add((segment.Start, segment.End));
            last = chord;
        }

        return merged;
    }

    // Share of the reference not covered by the longest piece of each of its segments (Harte, 2010).
    private static double DirectionalHamming(
        List<(double Start, double End)> reference, List<(double Start, double End)> estimated)
    {
        var bounds = estimated.SelectMany(span => (double[])[span.Start, span.End]).Distinct().Order().ToArray();
        var missed = 0.0;
        foreach (var (start, end) in reference)
        {
            var (longest, last) = (0.0, start);
            foreach (var bound in bounds.Where(bound => bound >= start && bound < end).Append(end))
            {
                longest = Math.Max(longest, bound - last);
                last = bound;
            }

            missed += end - start - longest;
        }

        return missed / (reference[^1].End - reference[0].Start);
    }
}

/// <summary>
/// Chord measures, 0 to 1. <c>Inv</c> also asks for the right bass. See mir_eval's chord module for each.
/// </summary>
public sealed record ChordScores(
    double Root, double MajMin, double MajMinInv, double Thirds, double ThirdsInv, double Triads, double TriadsInv,
    double Tetrads, double TetradsInv,
    double Sevenths, double SeventhsInv, double Mirex, double UnderSegmentation, double OverSegmentation,
    double Segmentation)
{
    /// <summary>Share of the power chords that are named so; not one of mir_eval's measures.</summary>
    public double Power { get; init; }
}
