// RecordingCalibration.cs - thresholds fitted on real recordings with soft labels, and judged on packages that the fit
// has not seen.
using OpenMU.Model;
using OpenMU.Training.Data;

namespace OpenMU.Training.Stages;

/// <summary>The tags that a group states of recordings.</summary>
/// <param name="Group">The group's name.</param>
/// <param name="Recordings">How many.</param>
/// <param name="Covered">Those of which a tag is stated.</param>
/// <param name="Judged">Stated tags of which it is known whether they hold.</param>
/// <param name="Right">Those that do.</param>
public sealed record StatedTags(string Group, int Recordings, int Covered, int Judged, int Right)
{
    /// <summary>Of the stated tags that can be judged; 0 to 1.</summary>
    public double Precision => Judged == 0 ? 0 : (double)Right / Judged;

    /// <summary>Recordings that get a tag of the group; 0 to 1.</summary>
    public double Coverage => Recordings == 0 ? 0 : (double)Covered / Recordings;
}

/// <summary>What a model is sure of in one recording.</summary>
/// <param name="Recording">The recording.</param>
/// <param name="Confidences">Of every label, group after group.</param>
public sealed record HeardRecording(LabelledRecording Recording, IReadOnlyList<double[]> Confidences)
{
    /// <summary>Log odds of music; null where nothing tells.</summary>
    public double? Music { get; init; }

    /// <summary>What a tagger and, where there is one, the tag head beside it are sure of.</summary>
    /// <param name="recording">The recording.</param>
    /// <param name="tagger">By the tagger.</param>
    /// <param name="sound">The same: logits of <see cref="SoundHead.Kinds"/>.</param>
    /// <param name="head">By the tag head; null where there is none.</param>
    /// <param name="config">How much that counts.</param>
    internal static HeardRecording Of(
        LabelledRecording recording, IReadOnlyList<(TagGroup Group, double[] Confidences)> tagger, double[] sound,
        HeardTags? head, TaggerConfig config) =>
        new(recording, [.. TagGroup.Together(tagger, head?.Scores ?? [], config.HeadShare)
            .Select(group => group.Confidences)])
        {
            Music = LogOdds.Of(
                SoundHead.Together(SoundHead.Of([sound]), head?.Sound, config.HeadSoundShare).Music),
        };
}

/// <summary>Fits thresholds on one half of the packages and judges them on the other.</summary>
public static class RecordingCalibration
{
    // What is stated should be right more often than not, with something to spare for where the labels err.
    private const double LeastPrecision = 0.6;

    // Of an exclusive group, as for clips.
    private const double LeastPrecisionExclusive = 0.75;

    // With fewer present recordings a threshold would be chance; the old one stays.
    private const int FewestPresent = 5;

    // Thresholds are not lowered below what a clip's labels ask for, nor raised beyond what is ever reached.
    private const double Highest = 0.95;

    /// <summary>Whether a package belongs to the half that is only judged.</summary>
    public static bool IsHeldOut(string package) => (Seeds.Mix(2026, Seeds.Of(package)) & 1) == 0;

    /// <summary>The same groups with new thresholds; labels that are too rare keep theirs.</summary>
    /// <param name="groups">As the model has them.</param>
    /// <param name="heard">The recordings to fit on.</param>
    public static IReadOnlyList<TagGroup> Fit(IReadOnlyList<TagGroup> groups, IReadOnlyList<HeardRecording> heard) =>
        [.. groups.Select((group, g) => group with
        {
            Thresholds = group.Exclusive ? Exclusive(group, g, heard) : Each(group, g, heard),
        })];

    /// <summary>What the groups state of recordings, and how much of it holds.</summary>
    public static IReadOnlyList<StatedTags> Judge(
        IReadOnlyList<TagGroup> groups, IReadOnlyList<HeardRecording> heard) =>
        [.. groups.Select((group, g) =>
        {
            var stated = heard.Select(one => (one.Recording, Labels: Stated(group, one.Confidences[g]))).ToList();
            var known = stated
                .SelectMany(one => one.Labels.Select(label => one.Recording.Holds(group.Group, label))).OfType<bool>()
                .ToList();
            return new StatedTags(
                group.Group, heard.Count, stated.Count(one => one.Labels.Count > 0), known.Count,
                known.Count(holds => holds));
        })];

    private static double ThresholdOf(TagGroup group, int label) =>
        group.Thresholds.Count > 0 ? group.Thresholds[label] : 0.5;

    private static List<string> Stated(TagGroup group, double[] confidences) =>
        [.. Enumerable.Range(0, confidences.Length).OrderByDescending(label => confidences[label])
            .Take(group.Stateable)
            .Where(label => confidences[label] >= ThresholdOf(group, label)).Select(label => group.Labels[label])];

    private static IReadOnlyList<double> Exclusive(TagGroup group, int g, IReadOnlyList<HeardRecording> heard)
    {
        var known = heard.Select(one => (Top: TopOf(one.Confidences[g]), one))
            .Select(one => (
                Confidence: one.one.Confidences[g][one.Top],
                Holds: one.one.Recording.Holds(group.Group, group.Labels[one.Top])))
            .Where(one => one.Holds is not null).Select(one => (one.Confidence, one.Holds == true)).ToList();
        return known.Count(one => one.Item2) < FewestPresent
            ? group.Thresholds
            : [.. Enumerable.Repeat(Least(known, LeastPrecisionExclusive) ?? Highest, group.Labels.Count)];
    }

    private static double[] Each(TagGroup group, int g, IReadOnlyList<HeardRecording> heard) =>
        [.. group.Labels.Select((label, at) =>
        {
            var known = heard
                .Select(one => (Confidence: one.Confidences[g][at], Holds: one.Recording.Holds(group.Group, label)))
                .Where(one => one.Holds is not null).Select(one => (one.Confidence, one.Holds == true)).ToList();
            return known.Count(one => one.Item2) < FewestPresent
                ? ThresholdOf(group, at)
                : Least(known, LeastPrecision) ?? Highest;
        })];

    /// <summary>
    /// The least confidence from which on enough holds, one right and one wrong counted in besides; null where there is
    /// none.
    /// </summary>
    private static double? Least(List<(double Confidence, bool Holds)> known, double precision)
    {
        double? least = null;
        var (stated, right) = (0, 0);
        foreach (var (confidence, holds) in known.OrderByDescending(one => one.Confidence))
        {
            stated++;
            if (holds) right++;
            if (right + 1 >= precision * (stated + 2)) least = confidence;
        }

        return least;
    }

    private static int TopOf(double[] confidences) => Array.IndexOf(confidences, confidences.Max());
}
