using System.Globalization;
using System.Text;
using OpenMU.Training.Evaluation.Text;

namespace OpenMU.Training.Evaluation;

/// <summary>One line of a study's plot, one column of its table: a value for each condition, 0 to 1; null where there is none.</summary>
public sealed record StudySeries(string Name, IReadOnlyList<double?> Values);

/// <summary>Scores under conditions that differ in one thing.</summary>
/// <param name="Title">What is studied.</param>
/// <param name="Condition">What differs.</param>
/// <param name="Conditions">Its values, in order.</param>
/// <param name="Series">The scores.</param>
/// <param name="Note">What a reader must know: model, clips, command.</param>
public sealed record Study(string Title, string Condition, IReadOnlyList<string> Conditions, IReadOnlyList<StudySeries> Series, string Note)
{
    /// <summary>What studies look at: a name, and the task and measure behind it.</summary>
    public static IReadOnlyList<(string Name, string Task, string Measure)> Headlines { get; } =
    [
        ("captions, facts F1", BenchRecord.Captioning, AnswerScores.Facts), ("captions, genre", BenchRecord.Captioning, Fact.Genre), ("captions, instruments", BenchRecord.Captioning, Fact.Instrument),
        ("multiple choice", BenchRecord.Choice, AnswerScores.Accuracy), ("right tool", BenchRecord.Tools, AnswerScores.RightTool), ("lyrics theme", BenchRecord.Lyrics, AnswerScores.Theme),
        ("tags, genre", TagScores.Task, "genre accuracy"), ("tags, instruments F1", TagScores.Task, "instrument F1"),
    ];

    /// <summary>A study whose conditions were evaluated one by one; the headlines of each system that are there.</summary>
    public static Study Of(string title, string condition, IReadOnlyList<(string Condition, ScoreTable Table)> evaluations, IReadOnlyList<string> systems, string note)
    {
        var series = from system in systems
                     from headline in Headlines
                     let values = evaluations.Select(evaluation => evaluation.Table.Value(system, headline.Task, headline.Measure)).ToArray()
                     where values.Any(value => value is not null)
                     select new StudySeries(systems.Count == 1 ? headline.Name : $"{headline.Name}: {system}", values);
        return new(title, condition, [.. evaluations.Select(evaluation => evaluation.Condition)], [.. series], note);
    }

    /// <summary>Title, note, plot and table.</summary>
    public string ToMarkdown(string plot)
    {
        var text = new StringBuilder($"# {Title}\n\n{Note}\n\n![{Title}]({plot})\n\n| {Condition} | {string.Join(" | ", Series.Select(series => series.Name))} |\n|---|{string.Concat(Series.Select(_ => "---|"))}\n");
        foreach (var (i, condition) in Conditions.Index()) text.Append($"| {condition} | {string.Join(" | ", Series.Select(series => Percent(series.Values[i])))} |\n");
        return text.ToString();
    }

    /// <summary>Writes NAME.md and NAME.svg.</summary>
    public void Save(string folder, string name)
    {
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, name + ".md"), ToMarkdown(name + ".svg"));
        File.WriteAllText(Path.Combine(folder, name + ".svg"), StudyPlot.Svg(this));
    }

    private static string Percent(double? value) => value is { } number ? (100 * number).ToString("F1", CultureInfo.InvariantCulture) : "";
}
