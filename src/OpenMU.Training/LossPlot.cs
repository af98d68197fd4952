using System.Globalization;
using System.Security;
using System.Text;

namespace OpenMU.Training;

/// <summary>A curve of a plot: (step, loss).</summary>
internal sealed record LossCurve(string Name, IReadOnlyList<(double X, double Y)> Points);

/// <summary>Loss over steps as an SVG picture.</summary>
internal static class LossPlot
{
    private const double Width = 640, Height = 360, Left = 56, Right = 16, Top = 32, Bottom = 36;
    private static readonly string[] Colours = ["#1b6ca8", "#c2571a", "#3a7d44"];

    public static string Svg(string title, IReadOnlyList<LossCurve> curves)
    {
        var points = curves.SelectMany(curve => curve.Points).ToArray();
        var (low, high) = points.Length == 0 ? (0, 1) : (points.Min(p => p.Y), points.Max(p => p.Y));
        var last = points.Length == 0 ? 1 : Math.Max(1, points.Max(p => p.X));
        if (high <= low) high = low + 1;
        double X(double x) => Left + x / last * (Width - Left - Right);
        double Y(double y) => Top + (high - y) / (high - low) * (Height - Top - Bottom);
        var svg = new StringBuilder();
        void Line(FormattableString text) => svg.AppendLine(text.ToString(CultureInfo.InvariantCulture));
        Line($"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {Width} {Height}' font-family='sans-serif' font-size='12'>");
        Line($"<rect width='{Width}' height='{Height}' fill='white'/><text x='{Left}' y='20' font-size='14'>{SecurityElement.Escape(title)}: loss over steps</text>");
        for (var tick = 0; tick <= 4; tick++)
        {
            var (x, y) = (last * tick / 4, low + (high - low) * tick / 4);
            Line($"<line x1='{Left}' x2='{Width - Right}' y1='{Y(y):F1}' y2='{Y(y):F1}' stroke='#ddd'/><text x='{Left - 6}' y='{Y(y) + 4:F1}' text-anchor='end'>{y:G3}</text>");
            Line($"<text x='{X(x):F1}' y='{Height - 14}' text-anchor='middle'>{x:F0}</text>");
        }
        for (var i = 0; i < curves.Count; i++)
        {
            var line = string.Join(' ', curves[i].Points.Select(p => string.Create(CultureInfo.InvariantCulture, $"{X(p.X):F1},{Y(p.Y):F1}")));
            Line($"<polyline points='{line}' fill='none' stroke='{Colours[i % Colours.Length]}' stroke-width='1.5'/>");
            Line($"<text x='{Width - Right}' y='{20 + 14 * i}' text-anchor='end' fill='{Colours[i % Colours.Length]}'>{SecurityElement.Escape(curves[i].Name)}</text>");
        }
        return svg.Append("</svg>\n").ToString();
    }
}
