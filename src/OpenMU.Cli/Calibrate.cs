using System.CommandLine;
using System.Globalization;
using OpenMU.Mir.Audio;
using OpenMU.Model;
using OpenMU.Model.Weights;
using OpenMU.Training.Data;
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
        var data = Evaluate.DataOption(isRequired: false);
        var labels = new Option<string?>("--recordings")
        {
            Description = "A table of recordings with soft labels, instead of clips: columns file, package and "
                + "group:label (0 to 1). Half of the packages is fitted, the other half only judged; the file is replaced "
                + "only where more of what is stated is right there.",
            HelpName = "TABLE",
        };
        var limit = Evaluate.LimitOption();
        var device = Evaluate.DeviceOption();
        var dryRun = new Option<bool>("--dry-run") { Description = "Only print what would be written." };
        var command = new Command(
            "calibrate",
            "Fits how sure a model must be of a tag to state it: of genres three of four should be right, and other "
                + "tags are weighed by F0.5. The model's version changes with it.")
        {
            model, data, labels, limit, device, dryRun,
        };
        command.SetAction((parsed, cancel) => Task.Run(
            () =>
            {
                var folder = parsed.GetRequiredValue(model);
                using var opened = Evaluate.Open(folder, parsed.GetRequiredValue(device), Environment.ProcessorCount);
                if (opened.TagHead is not { } head) throw new UsageException($"The model {folder} gives no tags.");
                using var listener = new MusicModel(opened.Model, opened.Tokenizer, head);
                var chosen = parsed.GetValue(labels) is { } table
                    ? OnRecordings(listener, head, table, cancel)
                    : OnClips(listener, head, parsed.GetValue(data) ?? [], parsed.GetValue(limit), cancel);
                if (!parsed.GetValue(dryRun) && chosen is not null) Write(folder, chosen);
                return ExitCode.Done;
            },
            CancellationToken.None));
        return command;
    }

    private static TagGroup[] OnClips(
        MusicModel model, TagHead head, string[] folders, int? limit, CancellationToken cancel)
    {
        var clips = Evaluate.Clips(folders, limit).Where(clip => !clip.Truth.IsNoise).ToArray();
        if (clips.Length == 0)
            throw new UsageException("There are no clips: name folders with --data, or a table with --recordings.");
        var heard = 0;
        var report = TagReport.Of(
            model, head, clips,
            () =>
            {
                if (++heard % 20 == 0) Console.Error.WriteLine($"{heard} of {clips.Length} clips heard");
            },
            cancel);
        Print(report);
        return [.. report.Select(row => row.Calibrated)];
    }

    /// <summary>The groups with those thresholds that are better on other packages; null where none is.</summary>
    private static TagGroup[]? OnRecordings(MusicModel model, TagHead head, string table, CancellationToken cancel)
    {
        var heard = new List<HeardRecording>();
        foreach (var recording in LabelledRecording.ReadTable(table))
        {
            try
            {
                using var track = model.Encode(recording.Read(), cancel);
                heard.Add(new(recording, [.. head.Confidences(track.MeanToken).Select(group => group.Confidences)]));
                if (heard.Count % 20 == 0) Console.Error.WriteLine($"{heard.Count} recordings heard");
            }
            catch (UnreadableAudioException e)
            {
                Console.Error.WriteLine($"openmu: {recording.File}: {e.Message}");
            }
        }

        var halves = heard.ToLookup(one => RecordingCalibration.IsHeldOut(one.Recording.Package));
        HeardRecording[] fitting = [.. halves[false]], judging = [.. halves[true]];
        var fitted = RecordingCalibration.Fit(head.Groups, fitting);
        var (before, after) = (
            RecordingCalibration.Judge(head.Groups, judging), RecordingCalibration.Judge(fitted, judging));
        Print(before, after, fitting.Length);
        // Group by group: what does not help elsewhere stays as it was.
        TagGroup[] chosen = [.. fitted.Select((group, i) =>
            after[i].Precision > before[i].Precision && 2 * after[i].Covered >= before[i].Covered
                ? group
                : head.Groups[i])];
        string[] changed = [.. chosen.Where((group, i) => !group.Thresholds.SequenceEqual(head.Groups[i].Thresholds))
            .Select(group => group.Group)];
        Console.WriteLine(changed.Length == 0 ? "No group is better: nothing changes." : $"Better: {string.Join(", ", changed)}.");
        return changed.Length == 0 ? null : chosen;
    }

    private static void Print(IReadOnlyList<StatedTags> before, IReadOnlyList<StatedTags> after, int fitting)
    {
        static string Of(StatedTags tags) => string.Create(
            CultureInfo.InvariantCulture,
            $"{tags.Right} of {tags.Judged} ({100 * tags.Precision:0} %), {tags.Covered} of {tags.Recordings} covered");
        Console.WriteLine($"Fitted on {fitting} recordings; stated tags that hold, of the other packages:");
        var table = new Table().Border(TableBorder.Minimal).AddColumns("group", "before", "after");
        foreach (var (old, now) in before.Zip(after).Where(pair => pair.First.Judged + pair.Second.Judged > 0))
            table.AddRow(old.Group, Of(old), Of(now));
        AnsiConsole.Write(table);
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
