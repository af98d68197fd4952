using System.Globalization;
using OpenMU.Training.Stages;

namespace OpenMU.Training;

/// <summary>A stage's log.csv, one line for each report, and its curve. A run that goes on cuts off what was logged after its checkpoint.</summary>
internal sealed class TrainingLog : IDisposable
{
    private const string Header = "step,loss,rate_factor,examples_per_second,held_out";
    private readonly List<(long Step, double Loss, double? HeldOut)> points = [];
    private readonly string folder, stage;
    private readonly StreamWriter writer;

    public TrainingLog(string folder, string stage, long step)
    {
        (this.folder, this.stage) = (folder, stage);
        var path = Path.Combine(folder, "log.csv");
        string[] kept = File.Exists(path) ? [.. File.ReadLines(path).Skip(1).Where(line => StepOf(line) is { } at && at <= step)] : [];
        foreach (var line in kept)
        {
            var fields = line.Split(',');
            points.Add((long.Parse(fields[0], CultureInfo.InvariantCulture), double.Parse(fields[1], CultureInfo.InvariantCulture),
                fields[4].Length == 0 ? null : double.Parse(fields[4], CultureInfo.InvariantCulture)));
        }
        writer = new(path) { AutoFlush = true };
        writer.WriteLine(Header);
        foreach (var line in kept) writer.WriteLine(line);
    }

    public void Add(StageProgress line)
    {
        points.Add((line.Step, line.Loss, line.HeldOut));
        writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{line.Step},{line.Loss:R},{line.Rate:G4},{line.ExamplesPerSecond:F1},{line.HeldOut:G6}"));
    }

    public void Plot()
    {
        LossCurve[] curves = [new("training", [.. points.Select(point => ((double)point.Step, point.Loss))]), new("held out", [.. points.Where(point => point.HeldOut is not null).Select(point => ((double)point.Step, point.HeldOut!.Value))])];
        File.WriteAllText(Path.Combine(folder, "loss.svg"), LossPlot.Svg(stage, [.. curves.Where(curve => curve.Points.Count > 0)]));
    }

    public void Dispose() => writer.Dispose();

    // A kill may have cut the last line short.
    private static long? StepOf(string line)
        => line.Split(',') is { Length: 5 } fields && long.TryParse(fields[0], NumberStyles.None, CultureInfo.InvariantCulture, out var step) ? step : null;
}
