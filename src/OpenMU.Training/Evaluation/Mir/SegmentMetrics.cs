using OpenMU.Music;

namespace OpenMU.Training.Evaluation.Mir;

/// <summary>
/// How right sections are, as mir_eval's segment module has it: boundaries that are found, and pairs of moments that
/// have one letter in both.
/// </summary>
public static class SegmentMetrics
{
    private const double FrameSeconds = 0.1;

    /// <summary>
    /// F measure of the boundaries within so many seconds of one another, each of which counts once. Start and end of
    /// the track, which everybody knows, are left out (mir_eval's <c>trim</c>).
    /// </summary>
    public static double BoundaryF(IReadOnlyList<Section> truth, IReadOnlyList<Section> answer, double window)
    {
        double[] known = Inner(truth), found = Inner(answer);
        return known.Length == 0 && found.Length == 0 ? 1 : BeatMetrics.FMeasure(known, found, window);
    }

    /// <summary>F measure of the pairs of tenths of a second that have one letter.</summary>
    public static double PairwiseF(IReadOnlyList<Section> truth, IReadOnlyList<Section> answer)
    {
        if (truth.Count == 0 || answer.Count == 0) return 0;
        var frames = (int)(truth[^1].End / FrameSeconds);
        string[] known = Letters(truth, frames), found = Letters(answer, frames);
        double both = Pairs(known.Zip(found)), ofTruth = Pairs(known), ofAnswer = Pairs(found);
        return ofTruth + ofAnswer == 0 ? 0 : 2 * both / (ofTruth + ofAnswer);
    }

    /// <summary>
    /// As many equal parts as there are sections, all of one letter: what can be said without listening.
    /// </summary>
    public static IReadOnlyList<Section> EqualParts(IReadOnlyList<Section> truth) =>
    [
        .. Enumerable.Range(0, truth.Count).Select(i => new Section(
            truth[^1].End * i / truth.Count, truth[^1].End * (i + 1) / truth.Count, "A")),
    ];

    /// <summary>Share of the functions that are stated, of at least half of each section, that are right.</summary>
    public static double? FunctionPrecision(IReadOnlyList<Section> truth, IReadOnlyList<Section> answer)
    {
        var stated = answer.Where(section => section.Function is not null).ToList();
        return stated.Count == 0 ? null : stated.Average(section =>
            truth.Where(known => known.Function == section.Function).Sum(known => Math.Max(
                0, Math.Min(known.End, section.End) - Math.Max(known.Start, section.Start)))
            / (section.End - section.Start) > 0.5 ? 1.0 : 0);
    }

    private static double[] Inner(IReadOnlyList<Section> sections) => [.. sections.Skip(1).Select(part => part.Start)];

    private static string[] Letters(IReadOnlyList<Section> sections, int frames)
    {
        var letters = new string[frames];
        var at = 0;
        for (var frame = 0; frame < frames; frame++)
        {
            while (at + 1 < sections.Count && sections[at].End <= frame * FrameSeconds) at++;
            letters[frame] = sections[at].Label;
        }

        return letters;
    }

    private static double Pairs<T>(IEnumerable<T> frames) =>
        frames.GroupBy(frame => frame).Sum(group => group.Count() * (group.Count() - 1.0) / 2);
}
