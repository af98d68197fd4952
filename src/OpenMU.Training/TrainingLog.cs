using System.Globalization;
using System.Security;
using System.Text;
using OpenMU.Training.Stages;

namespace OpenMU.Training;

/// <summary>
/// A stage's log.csv, one line for each report, and its curve. A run that goes on cuts off what was
/// logged after its checkpoint.
/// </summary>
internal sealed class TrainingLog : IDisposable
{
    private const string Header = "step,loss,learning_rate_factor,examples_per_second,validation_loss";
    private readonly List<(long Step, double Loss, double? ValidationLoss)> points = [];
    private readonly string folder, stage;
    private readonly StreamWriter writer;

    public TrainingLog(string folder, string stage, long step)
    {
        (this.folder, this.stage) = (folder, stage);
        var path = Path.Combine(folder, "log.csv");
        string[] kept = File.Exists(path)
            ? [.. File.ReadLines(path).Skip(1).Where(line => StepOf(line) is { } at && at <= step)]
            : [];
        foreach (var line in kept)
        {
            var fields = line.Split(',');
            points.Add((long.Parse(fields[0], CultureInfo.InvariantCulture), double.Parse(
                fields[1], CultureInfo.InvariantCulture),
                fields[4].Length == 0 ? null : double.Parse(fields[4], CultureInfo.InvariantCulture)));
        }
        writer = new(path) { AutoFlush = true };
        writer.WriteLine(Header);
        foreach (var line in kept) writer.WriteLine(line);
    }

    public void Add(StageProgress line)
    {
        points.Add((line.Step, line.Loss, line.ValidationLoss));
        writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{line.Step},{line.Loss:R},"
            + $"{line.LearningRateFactor:G4},{line.ExamplesPerSecond:F1},{line.ValidationLoss:G6}"));
    }

    public void Plot()
    {
        LossCurve[] curves =
        [
            new("training", [.. points.Select(point => ((double)point.Step, point.Loss))]),
            new("validation", [.. points.Where(point => point.ValidationLoss is not null)
                .Select(point => ((double)point.Step, point.ValidationLoss!.Value))])
        ];
        File.WriteAllText(
            Path.Combine(folder, "loss.svg"), LossPlot.Svg(stage, [.. curves.Where(curve => curve.Points.Count > 0)]));
    }

    public void Dispose() => writer.Dispose();

    // A kill may have cut the last line short.
    private static long? StepOf(string line)
        => line.Split(',') is { Length: 5 } fields
            && long.TryParse(fields[0], NumberStyles.None, CultureInfo.InvariantCulture, out var step) ? step : null;
}

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
        Line(
            $"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {Width} {Height}' font-family='sans-serif' font-size='12'>");
        Line(
            $"<rect width='{Width}' height='{Height}' fill='white'/><text x='{Left}' y='20' font-size='14'>{SecurityElement.Escape(title)}: loss over steps</text>");
        for (var tick = 0; tick <= 4; tick++)
        {
            var (x, y) = (last * tick / 4, low + (high - low) * tick / 4);
            Line(
                $"<line x1='{Left}' x2='{Width - Right}' y1='{Y(y):F1}' y2='{Y(y):F1}' stroke='#ddd'/><text x='{Left - 6}' y='{Y(y) + 4:F1}' text-anchor='end'>{y:G3}</text>");
            Line($"<text x='{X(x):F1}' y='{Height - 14}' text-anchor='middle'>{x:F0}</text>");
        }
        for (var i = 0; i < curves.Count; i++)
        {
            var line = string.Join(
                ' ',
                curves[i].Points.Select(p => string.Create(CultureInfo.InvariantCulture, $"{X(p.X):F1},{Y(p.Y):F1}")));
            Line($"<polyline points='{line}' fill='none' stroke='{Colours[i % Colours.Length]}' stroke-width='1.5'/>");
            Line(
                $"<text x='{Width - Right}' y='{20 + 14 * i}' text-anchor='end' fill='{Colours[i % Colours.Length]}'>{SecurityElement.Escape(curves[i].Name)}</text>");
        }
        return svg.Append("</svg>\n").ToString();
    }
}
