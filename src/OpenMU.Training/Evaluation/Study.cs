using System.Globalization;
using System.Net;
using System.Text;
using OpenMU.Training.Evaluation.Text;

namespace OpenMU.Training.Evaluation;

/// <summary>
/// One line of a study's plot, one column of its table: a value for each condition, 0 to 1; null where there is none.
/// </summary>
public sealed record StudySeries(string Name, IReadOnlyList<double?> Values);

/// <summary>Scores under conditions that differ in one thing.</summary>
/// <param name="Title">What is studied.</param>
/// <param name="Condition">What differs.</param>
/// <param name="Conditions">Its values, in order.</param>
/// <param name="Series">The scores.</param>
/// <param name="Note">What a reader must know: model, clips, command.</param>
public sealed record Study(
    string Title, string Condition, IReadOnlyList<string> Conditions, IReadOnlyList<StudySeries> Series, string Note)
{
    /// <summary>What studies look at: a name, and the task and measure behind it.</summary>
    public static IReadOnlyList<(string Name, string Task, string Measure)> Headlines { get; } =
    [
        ("captions, facts F1", BenchRecord.Captioning, AnswerScores.Facts),
        ("captions, genre", BenchRecord.Captioning, Fact.Genre),
        ("captions, instruments", BenchRecord.Captioning, Fact.Instrument),
        ("multiple choice", BenchRecord.Choice, AnswerScores.Accuracy),
        ("right tool", BenchRecord.Tools, AnswerScores.RightTool),
        ("lyrics theme", BenchRecord.Lyrics, AnswerScores.Theme),
        ("tags, genre", TagScores.Task, "genre accuracy"), ("tags, instruments F1", TagScores.Task, "instrument F1"),
    ];

    /// <summary>
    /// A study whose conditions were evaluated one by one; the headlines of each system that are there.
    /// </summary>
    public static Study Of(
        string title, string condition, IReadOnlyList<(string Condition, ScoreTable Table)> evaluations,
        IReadOnlyList<string> systems, string note)
    {
        var series = from system in systems
                     from headline in Headlines
                     let values = evaluations
                         .Select(evaluation => evaluation.Table.Value(system, headline.Task, headline.Measure))
                         .ToArray()
                     where values.Any(value => value is not null)
                     select new StudySeries(systems.Count == 1 ? headline.Name : $"{headline.Name}: {system}", values);
        return new(title, condition, [.. evaluations.Select(evaluation => evaluation.Condition)], [.. series], note);
    }

    /// <summary>Title, note, plot and table.</summary>
    public string ToMarkdown(string plot)
    {
        var text = new StringBuilder($"# {Title}\n\n{Note}\n\n![{Title}]({plot})\n\n| {Condition} | "
            + $"{string.Join(" | ", Series.Select(series => series.Name))} "
            + $"|\n|---|{string.Concat(Series.Select(_ => "---|"))}\n");
        foreach (var (i, condition) in Conditions.Index())
        {
            text.Append(
                $"| {condition} | {string.Join(" | ", Series.Select(series => Percent(series.Values[i])))} |\n");
        }
        return text.ToString();
    }

    /// <summary>Writes NAME.md and NAME.svg.</summary>
    public void Save(string folder, string name)
    {
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, name + ".md"), ToMarkdown(name + ".svg"));
        File.WriteAllText(Path.Combine(folder, name + ".svg"), StudyPlot.Svg(this));
    }

    private static string Percent(double? value) =>
        value is { } number ? (100 * number).ToString("F1", CultureInfo.InvariantCulture) : "";
}

/// <summary>
/// Draws a study: conditions from left to right at equal distances, percent upwards, a line for each series.
/// </summary>
public static class StudyPlot
{
    private const int Width = 980, Height = 460, Left = 60, Right = 330, Top = 40, Bottom = 70;
    private const int PlotWidth = Width - Left - Right, PlotHeight = Height - Top - Bottom;

    // Okabe and Ito's colours, which colour-blind readers tell apart; dashes tell the rest apart.
    private static readonly string[] Colours =
        ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000", "#999999"];
    private static readonly string[] Dashes = ["", "6 4", "2 3"];

    /// <summary>The plot as an SVG document.</summary>
    public static string Svg(Study study)
    {
        var svg = new StringBuilder();
        Line(
            svg,
            $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {Width} {Height}\" font-family=\"sans-serif\" font-size=\"12\" role=\"img\" aria-label=\"{Escape(study.Title)}\">");
        Line(
            svg,
            $"<rect width=\"{Width}\" height=\"{Height}\" fill=\"#fff\"/><text x=\"{Left}\" y=\"22\" font-size=\"15\">{Escape(study.Title)}</text>");
        for (var percent = 0; percent <= 100; percent += 20)
        {
            var y = Y(percent / 100.0);
            Line(
                svg,
                $"<line x1=\"{Left}\" y1=\"{y:F1}\" x2=\"{Left + PlotWidth}\" y2=\"{y:F1}\" stroke=\"#ddd\"/><text x=\"{Left - 8}\" y=\"{y + 4:F1}\" text-anchor=\"end\">{percent} %</text>");
        }
        foreach (var (i, condition) in study.Conditions.Index())
        {
            Line(
                svg,
                $"<text x=\"{X(i, study):F1}\" y=\"{Height - Bottom + 18 + 14 * (study.Conditions.Count > 8 ? i % 2 : 0)}\" text-anchor=\"middle\">{Escape(condition)}</text>");
        }
        Line(
            svg,
            $"<text x=\"{Left + PlotWidth / 2}\" y=\"{Height - 14}\" text-anchor=\"middle\">{Escape(study.Condition)}</text>");
        foreach (var (i, series) in study.Series.Index()) Draw(svg, study, series, i);
        Line(svg, $"</svg>");
        return svg.ToString();
    }

    private static void Draw(StringBuilder svg, Study study, StudySeries series, int index)
    {
        var (colour, dash) = (Colours[index % Colours.Length], Dashes[index / Colours.Length % Dashes.Length]);
        var points = series.Values.Index().Where(point => point.Item is not null)
            .Select(point => (X: X(point.Index, study), Y: Y(point.Item!.Value))).ToArray();
        Line(
            svg,
            $"<polyline points=\"{string.Join(' ', points.Select(point => string.Create(CultureInfo.InvariantCulture, $"{point.X:F1},{point.Y:F1}")))}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\" stroke-dasharray=\"{dash}\"/>");
        foreach (var (x, y) in points) Line(svg, $"<circle cx=\"{x:F1}\" cy=\"{y:F1}\" r=\"3\" fill=\"{colour}\"/>");
        var legend = Top + 10 + 20 * index;
        Line(
            svg,
            $"<line x1=\"{Width - Right + 20}\" y1=\"{legend}\" x2=\"{Width - Right + 46}\" y2=\"{legend}\" stroke=\"{colour}\" stroke-width=\"2\" stroke-dasharray=\"{dash}\"/><text x=\"{Width - Right + 52}\" y=\"{legend + 4}\">{Escape(series.Name)}</text>");
    }

    private static double X(int condition, Study study) =>
        Left + PlotWidth * (study.Conditions.Count == 1 ? 0.5 : (condition + 0.5) / study.Conditions.Count);

    private static double Y(double share) => Top + PlotHeight * (1 - share);

    private static void Line(StringBuilder svg, FormattableString text) =>
        svg.Append(text.ToString(CultureInfo.InvariantCulture)).Append('\n');

    private static string Escape(string text) => WebUtility.HtmlEncode(text);
}
