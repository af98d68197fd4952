using System.Globalization;
using System.Text;
using OpenMU.Training.Evaluation.Text;

namespace OpenMU.Training.Evaluation;

/// <summary>One measure of one answer.</summary>
/// <param name="System">Whose answer: the model, a control or a baseline.</param>
/// <param name="Task">A task of the benchmark, or tags.</param>
/// <param name="Measure">Name.</param>
/// <param name="Clip">Examples of one clip are resampled together.</param>
/// <param name="Score">0 to 1.</param>
public sealed record ScoredExample(string System, string Task, string Measure, string Clip, double Score);

/// <summary>One measure of one task, by system. A system that the measure does not suit is absent.</summary>
public sealed record ScoreRow(string Task, string Measure, int Examples, IReadOnlyDictionary<string, Interval> Systems);

/// <summary>
/// The results of an evaluation: a row for each measure, a column for each system, the model's with
/// its confidence interval.
/// </summary>
public sealed class ScoreTable
{
    private ScoreTable(IReadOnlyList<string> systems, IReadOnlyList<ScoreRow> rows)
        => (Systems, Rows) = (systems, rows);

    /// <summary>The model first, then controls and baselines.</summary>
    public IReadOnlyList<string> Systems { get; }

    public IReadOnlyList<ScoreRow> Rows { get; }

    /// <param name="examples">Of all systems; rows keep their order.</param>
    /// <param name="corpus">Values of measures that have no single examples.</param>
    public static ScoreTable Of(IReadOnlyCollection<ScoredExample> examples, IReadOnlyCollection<ScoredExample> corpus)
    {
        string[] systems = [.. examples.Concat(corpus).Select(example => example.System).Distinct()];
        var rows = new List<ScoreRow>();
        foreach (var task in examples.Concat(corpus).Select(example => example.Task).Distinct())
        {
            rows.AddRange(Measured(
                examples.Where(example => example.Task == task),
                scores => Bootstrap.Mean([.. scores.Select(score => (score.Clip, score.Score))])));
            var texts = rows.Where(row => row.Task == task).Select(row => row.Examples).DefaultIfEmpty(1).Max();
            rows.AddRange(Measured(corpus.Where(value => value.Task == task), values => new Interval(values[0].Score))
                .Select(row => row with { Examples = texts }));
        }
        return new(systems, rows);
    }

    /// <summary>A cell's text: percent, but for scores that are published in other scales.</summary>
    public string Cell(ScoreRow row, string system)
    {
        if (!row.Systems.TryGetValue(system, out var interval)) return "";
        var scale = interval.Low is null && row.Measure is "SacreBLEU" or "chrF" ? 1 : 100;
        var value = (scale * interval.Value).ToString("F1", CultureInfo.InvariantCulture);
        return system == Systems[0] && interval is { Low: { } low, High: { } high }
            ? string.Create(CultureInfo.InvariantCulture, $"{value} ({scale * low:F1} to {scale * high:F1})")
            : value;
    }

    /// <summary>The value of a measure; null where there is none.</summary>
    public double? Value(string system, string task, string measure)
        => Rows.FirstOrDefault(row => row.Task == task && row.Measure == measure)?.Systems
            .TryGetValue(system, out var interval) == true ? interval.Value : null;

    /// <summary>The table in Markdown.</summary>
    public string ToMarkdown()
    {
        var text = new StringBuilder($"| task | measure | examples | {string.Join(" | ", Systems)} "
            + $"|\n|---|---|---|{string.Concat(Systems.Select(_ => "---|"))}\n");
        foreach (var row in Rows)
        {
            text.Append(CultureInfo.InvariantCulture, $"| {row.Task} | {row.Measure} | {row.Examples} | "
                + $"{string.Join(" | ", Systems.Select(system => Cell(row, system)))} |\n");
        }
        return text.ToString();
    }

    private static IEnumerable<ScoreRow> Measured(
        IEnumerable<ScoredExample> examples, Func<IReadOnlyList<ScoredExample>, Interval> interval)
        => from example in examples
           group example by (example.Task, example.Measure) into measure
           let systems = measure.GroupBy(example => example.System)
               .ToDictionary(system => system.Key, system => system.ToArray())
           select new ScoreRow(
               measure.Key.Task, measure.Key.Measure, systems.Values.Max(scores => scores.Length),
               systems.ToDictionary(system => system.Key, system => interval(system.Value)));
}
