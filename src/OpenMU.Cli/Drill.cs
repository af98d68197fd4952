using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using OpenMU.Cli.Drills;

namespace OpenMU.Cli;

/// <summary><c>openmu drill</c>: breaks the running system in ways that it must survive; closes the books.</summary>
internal static class Drill
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    public static Command Command()
    {
        var seed = new Option<int>("--seed")
        {
            Description = "Of the files and of the moments of the faults.",
            HelpName = "N",
            DefaultValueFactory = _ => 1
        };
        var files = new Option<int>("--files")
        {
            Description = "Sound files a round; a tenth of them is no music.",
            HelpName = "N",
            DefaultValueFactory = _ => 60
        }.Between(4, 10_000);
        var only = new Option<string[]>("--only")
        {
            Description = "Only this fault; may be given several times. "
                + string.Join("; ", DrillFault.All.Select(fault => $"{fault.Name}: {fault.What}")) + ".",
            HelpName = "FAULT"
        }.AcceptOnlyFromAmong([.. DrillFault.All.Select(fault => fault.Name)]);
        var work = new Option<DirectoryInfo?>("--work")
        {
            Description = "A new folder for files, catalogues and logs of all rounds, which is kept (default: a "
                + "temporary one, kept only if something is wrong).",
            HelpName = "DIR"
        };
        var report = new Option<FileInfo?>("--report")
        {
            Description = "Write a JSON line for each round, with all that is wrong.",
            HelpName = "FILE"
        };
        var minutes = new Option<int>("--minutes")
        {
            Description = "The longest that a round may take; what has not ended by then is lost.",
            HelpName = "N",
            DefaultValueFactory = _ => 30
        }.Between(1, 24 * 60);
        var workers = new Option<int>("--workers")
        {
            Description = "Tracks in flight at a time.",
            HelpName = "N",
            DefaultValueFactory = _ => 4
        }.Between(1, 1024);
        var command = new Command(
            "drill",
            "Breaks the system at home in ways that it must survive, a fault a round, and closes the books: exit code "
                + "0 only if no file was lost, doubled or wrongly ended.")
        {
            seed, files, only, work, report, minutes, workers
        };
        var model = new ModelOptions();
        model.AddTo(command);
        command.SetAction((parsed, cancel) =>
        {
            var options = model.Of(parsed);
            var settings = new DrillSettings(
                parsed.GetValue(seed), parsed.GetValue(files), parsed.GetValue(workers),
                TimeSpan.FromMinutes(parsed.GetValue(minutes)), options.ModelFolder, options.ModelThreads,
                options.ModelType);
            var faults = parsed.GetValue(only) is { Length: > 0 } named
                ? DrillFault.All.Where(fault => named.Contains(fault.Name))
                : DrillFault.All;
            return RunAsync(
                [.. faults], settings, parsed.GetValue(work), parsed.GetValue(report), Console.Out, Console.Error,
                cancel);
        });
        return command;
    }

    private static async Task<int> RunAsync(
        IReadOnlyList<DrillFault> faults, DrillSettings settings, DirectoryInfo? named, FileInfo? report,
        TextWriter output, TextWriter progress, CancellationToken cancel)
    {
        if (named is { Exists: true } && named.EnumerateFileSystemInfos().Any())
            throw new UsageException($"{named} is not empty: name a new folder for the drill.");
        if (report is { Directory.Exists: false })
            throw new UsageException($"There is no folder {report.Directory} for the report.");
        await WorkingDecoder.RequireAsync(cancel);

        named?.Create();
        var work = named ?? Directory.CreateTempSubdirectory("openmu-drill-");
        var rows = new List<DrillRow>();
        foreach (var fault in faults)
        {
            var folder = work.CreateSubdirectory(fault.Name);
            var row = await new DrillRound(fault, settings, folder, TimeProvider.System, progress.WriteLine)
                .RunAsync(cancel);
            rows.Add(row);
            foreach (var finding in row.Findings)
            {
                await progress.WriteLineAsync(
                    $"{row.Fault}: {finding.Wrong}: {finding.Subject} {finding.What}");
            }

            if (report is not null)
                await File.AppendAllLinesAsync(report.FullName, [JsonSerializer.Serialize(row, Json)], cancel);
        }

        var isRight = rows.TrueForAll(row => row.Findings.Count == 0);
        await output.WriteAsync(Table(rows));
        if (named is null && isRight) work.Delete(recursive: true);
        else await progress.WriteLineAsync($"Files, catalogues and logs: {work.FullName}");
        return isRight ? ExitCode.Done : ExitCode.NotDone;
    }

    /// <summary>The rows as a Markdown table.</summary>
    internal static string Table(IEnumerable<DrillRow> rows)
    {
        var table = new StringWriter(CultureInfo.InvariantCulture) { NewLine = "\n" };
        table.WriteLine("| fault | trials | files | lost | doubled | wrongly ended | seconds |");
        table.WriteLine("|---|---|---|---|---|---|---|");
        foreach (var row in rows)
        {
            table.WriteLine(row.Skipped is { } why
                ? $"| {row.Fault} | skipped: {why} | | | | | |"
                : $"| {row.Fault} | {row.Trials} | {row.Files} | {row.Count(DrillWrong.Lost)} | "
                    + $"{row.Count(DrillWrong.Doubled)} | {row.Count(DrillWrong.WronglyEnded)} | {row.Seconds:0} |");
        }

        return table.ToString();
    }
}
