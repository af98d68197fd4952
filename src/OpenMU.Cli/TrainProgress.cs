using OpenMU.Training.Stages;
using Spectre.Console;

namespace OpenMU.Cli;

/// <summary>Shows how training goes: a bar for each stage on a terminal, plain lines elsewhere.</summary>
internal sealed class TrainProgress(ProgressContext? bars, TimeProvider clock) : IProgress<StageProgress>
{
    private static readonly TimeSpan LineEvery = TimeSpan.FromSeconds(5);
    private readonly Dictionary<string, ProgressTask> tasks = new(StringComparer.Ordinal);
    private (string Stage, long At)? shown;

    /// <summary>Runs the work with bars where there is a terminal.</summary>
    public static void Show(IAnsiConsole console, TimeProvider clock, Action<TrainProgress> work)
    {
        if (!console.Profile.Capabilities.Interactive)
        {
            work(new(null, clock));
            return;
        }
        console.Progress()
            .Columns(
                new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn())
            .Start(context => work(new(context, clock)));
    }

    public void Report(StageProgress value)
    {
        if (bars is null)
        {
            if (shown is { } last && last.Stage == value.Stage
                && clock.GetElapsedTime(last.At) < LineEvery && value.Done < 1)
            {
                return;
            }
            shown = (value.Stage, clock.GetTimestamp());
            Console.WriteLine($"{Describe(value)} ({value.Done:P0})");
            return;
        }
        if (!tasks.TryGetValue(value.Stage, out var task)) tasks[value.Stage] = task = bars.AddTask(value.Stage);
        task.Value = 100 * value.Done;
        task.Description = Describe(value);
    }

    public void WriteLine(string text)
    {
        if (bars is null) Console.WriteLine(text);
        else AnsiConsole.MarkupLineInterpolated($"{text}");
    }

    private static string Describe(StageProgress value)
        => $"{value.Stage}: step {value.Step}, loss "
            + $"{value.Loss:F3}{(value.ValidationLoss is { } validation ? $", validation {validation:F3}" : "")}, "
            + $"{value.ExamplesPerSecond:F1} examples/s, {TimeSpan.FromSeconds(value.SecondsLeft):m\\:ss} left";
}
