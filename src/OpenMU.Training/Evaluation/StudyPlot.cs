using System.Globalization;
using System.Net;
using System.Text;

namespace OpenMU.Training.Evaluation;

/// <summary>Draws a study: conditions from left to right at equal distances, percent upwards, a line for each series.</summary>
public static class StudyPlot
{
    private const int Width = 980, Height = 460, Left = 60, Right = 330, Top = 40, Bottom = 70;
    private const int PlotWidth = Width - Left - Right, PlotHeight = Height - Top - Bottom;

    // Okabe and Ito's colours, which colour-blind readers tell apart; dashes tell the rest apart.
    private static readonly string[] Colours = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000", "#999999"];
    private static readonly string[] Dashes = ["", "6 4", "2 3"];

    /// <summary>The plot as an SVG document.</summary>
    public static string Svg(Study study)
    {
        var svg = new StringBuilder();
        Line(svg, $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {Width} {Height}\" font-family=\"sans-serif\" font-size=\"12\" role=\"img\" aria-label=\"{Escape(study.Title)}\">");
        Line(svg, $"<rect width=\"{Width}\" height=\"{Height}\" fill=\"#fff\"/><text x=\"{Left}\" y=\"22\" font-size=\"15\">{Escape(study.Title)}</text>");
        for (var percent = 0; percent <= 100; percent += 20)
        {
            var y = Y(percent / 100.0);
            Line(svg, $"<line x1=\"{Left}\" y1=\"{y:F1}\" x2=\"{Left + PlotWidth}\" y2=\"{y:F1}\" stroke=\"#ddd\"/><text x=\"{Left - 8}\" y=\"{y + 4:F1}\" text-anchor=\"end\">{percent} %</text>");
        }
        foreach (var (i, condition) in study.Conditions.Index())
            Line(svg, $"<text x=\"{X(i, study):F1}\" y=\"{Height - Bottom + 18 + 14 * (study.Conditions.Count > 8 ? i % 2 : 0)}\" text-anchor=\"middle\">{Escape(condition)}</text>");
        Line(svg, $"<text x=\"{Left + PlotWidth / 2}\" y=\"{Height - 14}\" text-anchor=\"middle\">{Escape(study.Condition)}</text>");
        foreach (var (i, series) in study.Series.Index()) Draw(svg, study, series, i);
        Line(svg, $"</svg>");
        return svg.ToString();
    }

    private static void Draw(StringBuilder svg, Study study, StudySeries series, int index)
    {
        var (colour, dash) = (Colours[index % Colours.Length], Dashes[index / Colours.Length % Dashes.Length]);
        var points = series.Values.Index().Where(point => point.Item is not null).Select(point => (X: X(point.Index, study), Y: Y(point.Item!.Value))).ToArray();
        Line(svg, $"<polyline points=\"{string.Join(' ', points.Select(point => string.Create(CultureInfo.InvariantCulture, $"{point.X:F1},{point.Y:F1}")))}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\" stroke-dasharray=\"{dash}\"/>");
        foreach (var (x, y) in points) Line(svg, $"<circle cx=\"{x:F1}\" cy=\"{y:F1}\" r=\"3\" fill=\"{colour}\"/>");
        var legend = Top + 10 + 20 * index;
        Line(svg, $"<line x1=\"{Width - Right + 20}\" y1=\"{legend}\" x2=\"{Width - Right + 46}\" y2=\"{legend}\" stroke=\"{colour}\" stroke-width=\"2\" stroke-dasharray=\"{dash}\"/><text x=\"{Width - Right + 52}\" y=\"{legend + 4}\">{Escape(series.Name)}</text>");
    }

    private static double X(int condition, Study study) => Left + PlotWidth * (study.Conditions.Count == 1 ? 0.5 : (condition + 0.5) / study.Conditions.Count);

    private static double Y(double share) => Top + PlotHeight * (1 - share);

    private static void Line(StringBuilder svg, FormattableString text) => svg.Append(text.ToString(CultureInfo.InvariantCulture)).Append('\n');

    private static string Escape(string text) => WebUtility.HtmlEncode(text);
}
