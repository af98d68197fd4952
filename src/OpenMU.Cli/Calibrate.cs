using System.CommandLine;
using System.Globalization;
using OpenMU.Model;
using OpenMU.Model.Weights;
using OpenMU.Training.Stages;
using Spectre.Console;

namespace OpenMU.Cli;

/// <summary>
/// <c>openmu calibrate MODEL --data CLIPS</c>: fits temperatures and thresholds of a model's tags anew, on clips that
/// it was not trained on.
/// </summary>
internal static class Calibrate
{
    public static Command Command()
    {
        var model = new Argument<string>("model") { Description = "The model folder; its tags.json is replaced." };
        var data = Evaluate.DataOption();
        var limit = Evaluate.LimitOption();
        var device = Evaluate.DeviceOption();
        var dryRun = new Option<bool>("--dry-run") { Description = "Only print what would be written." };
        var command = new Command(
            "calibrate",
            "Fits how sure a model must be of a tag to state it: of genres three of four should be right, and other "
                + "tags are weighed by F0.5. The model's version changes with it.")
        {
            model, data, limit, device, dryRun,
        };
        command.SetAction((parsed, cancel) => Task.Run(
            () =>
            {
                var folder = parsed.GetRequiredValue(model);
                using var opened = Evaluate.Open(folder, parsed.GetRequiredValue(device), Environment.ProcessorCount);
                if (opened.TagHead is not { } head) throw new UsageException($"The model {folder} gives no tags.");
                using var listener = new MusicModel(opened.Model, opened.Tokenizer, head);
                var clips = Evaluate.Clips(parsed.GetRequiredValue(data), parsed.GetValue(limit))
                    .Where(clip => !clip.Truth.IsNoise).ToArray();
                var heard = 0;
                var report = TagReport.Of(
                    listener, head, clips,
                    () =>
                    {
                        if (++heard % 20 == 0) Console.Error.WriteLine($"{heard} of {clips.Length} clips heard");
                    },
                    cancel);
                Print(report);
                if (!parsed.GetValue(dryRun)) Write(folder, [.. report.Select(row => row.Calibrated)]);
                return ExitCode.Done;
            },
            CancellationToken.None));
        return command;
    }

    // Whole or not at all: a worker may open the folder at any time.
    private static void Write(string folder, IReadOnlyList<TagGroup> groups)
    {
        var file = Path.Combine(folder, ModelFolder.TagsFile);
        File.WriteAllText(file + ".new", TagGroup.ToJson(groups) + "\n");
        File.Move(file + ".new", file, overwrite: true);
    }

    private static void Print(IReadOnlyList<TagReport> report)
    {
        var table = new Table().Border(TableBorder.Minimal).AddColumns(
            "group", "clips", "right or F1", "temperature", "calibration error", "thresholds");
        foreach (var row in report)
        {
            string Of(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
            table.AddRow(
                row.Group, Of($"{row.Clips}"), Of($"{100 * (row.Accuracy ?? row.F1):0} %"), Of($"{row.Temperature:0.00}"),
                Of($"{row.CalibrationErrorBefore:0.000} to {row.CalibrationErrorAfter:0.000}"),
                Of($"{row.Calibrated.Thresholds.Min():0.00} to {row.Calibrated.Thresholds.Max():0.00}"));
        }

        AnsiConsole.Write(table);
    }
}
