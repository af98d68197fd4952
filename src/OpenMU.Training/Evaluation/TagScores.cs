using OpenMU.Model;
using OpenMU.Training.Data;
using OpenMU.Training.Evaluation.Text;

namespace OpenMU.Training.Evaluation;

/// <summary>
/// Scores the tags of clips: accuracy of groups with one true label, F1 of the others, and how well
/// confidences are calibrated.
/// </summary>
public sealed class TagScores
{
    /// <summary>Stands where a task does.</summary>
    public const string Task = "tags";

    private readonly string system;
    private readonly List<ScoredExample> examples = [];
    private readonly Dictionary<string, List<(double, bool)>> answers = [];

    public TagScores(string system) => this.system = system;

    /// <summary>One score for each clip and group.</summary>
    public IReadOnlyList<ScoredExample> Examples => examples;

    /// <summary>The expected calibration error of each group, over all clips.</summary>
    public IEnumerable<ScoredExample> CalibrationErrors
        => answers.Select(group =>
            new ScoredExample(system, Task, $"{group.Key} calibration error", "", CalibrationError.Of(group.Value)));

    /// <summary>Scores the confidences of a clip.</summary>
    public void Add(ClipTruth clip, IReadOnlyList<(TagGroup Group, double[] Confidences)> said)
    {
        var truth = clip.Facts();
        foreach (var (group, confidences) in said)
        {
            var aspect = AspectOf(group.Group);
            bool[] isTrue = [.. group.Labels.Select(label => truth.Contains(new(aspect, label)))];
            var known = truth.Any(fact => fact.Aspect == aspect);
            if (!known && group.Exclusive) continue;
            var right = answers.TryGetValue(aspect, out var all) ? all : answers[aspect] = [];
            if (group.Exclusive)
            {
                var best = Array.IndexOf(confidences, confidences.Max());
                examples.Add(new(system, Task, $"{aspect} accuracy", clip.Id, isTrue[best] ? 1 : 0));
                right.Add((confidences[best], isTrue[best]));
                continue;
            }
            right.AddRange(confidences.Zip(isTrue));
            bool[] stated = [.. confidences.Select((confidence, label) => confidence >= group.ThresholdOf(label))];
            var (both, any) = (stated.Zip(isTrue).Count(pair => pair is (true, true)), stated.Count(label => label)
                + isTrue.Count(label => label));
            examples.Add(new(system, Task, $"{aspect} F1", clip.Id, any == 0 ? 1 : 2.0 * both / any));
        }
    }

    /// <summary>Groups of tags.json are spelled with underscores where they have several words.</summary>
    private static string AspectOf(string group)
        => group.Replace('_', ' ') is var name && name is "tempo" or "pace" ? Fact.TempoClass : name;
}

/// <summary>Whether confidences are probabilities.</summary>
public static class CalibrationError
{
    /// <summary>
    /// Expected calibration error (Naeini et al., 2015): the gap between mean confidence and share of right answers in
    /// bins of equal width, weighted by their sizes. 0 is perfect.
    /// </summary>
    public static double Of(IReadOnlyCollection<(double Confidence, bool IsRight)> answers, int bins = 15)
    {
        if (answers.Count == 0) return 0;
        return answers.GroupBy(answer => Math.Min(bins - 1, (int)(answer.Confidence * bins)))
            .Sum(bin =>
                Math.Abs(bin.Average(answer => answer.Confidence) - bin.Average(answer => answer.IsRight ? 1.0 : 0))
                    * bin.Count() / answers.Count);
    }
}
