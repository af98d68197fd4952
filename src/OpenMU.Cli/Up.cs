using System.CommandLine;
using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Storage;
using OpenMU.Cli.Home;
using OpenMU.Mir.Audio;
using OpenMU.Training;
using Spectre.Console;

namespace OpenMU.Cli;

/// <summary><c>openmu up FOLDER</c>: the whole system in one process, fed with a folder of music.</summary>
internal static class Up
{
    private const string Tenant = TrackBlob.DefaultTenant;

    public static Command Command()
    {
        var folder = new Argument<DirectoryInfo>("folder")
        {
            Description = "The music: every audio file in it and below is catalogued."
        };
        var port = new Option<int?>("--port")
        {
            Description = "Port of the catalogue page on 127.0.0.1 (default 5080, or a free one if that is taken).",
            HelpName = "N"
        }.Between(0, 65535);
        var data = DataOption();
        var once = new Option<bool>("--once")
        {
            Description = "Stop when everything is handled; exit code 1 if a file failed, else 3 if one was rejected."
        };
        var report = new Option<FileInfo?>("--report")
        {
            Description = "When everything is handled, write a JSON line for each file: file, state, reason.",
            HelpName = "FILE"
        };
        var workers = new Option<int?>("--workers")
        {
            Description = "Tracks analysed at the same time (default: one per processor).",
            HelpName = "N"
        }.Between(1, 1024);

        var hold = new Option<bool>("--hold")
        {
            Description = "What a new model says of tracks that were analysed before is kept aside until `openmu publish`; "
                + "`openmu diff` shows what would change."
        };
        var expose = new Option<bool>("--expose")
        {
            Description = "Have the page answer other machines too, and demand a key of everybody. The first start makes one "
                + "and shows it once; browsers ask for it as the password. It goes over the network as it is: put a proxy "
                + "with TLS before it where you do not trust the network."
        };
        var command = new Command(
            "up", "Builds a searchable catalogue of a folder of music and serves its page until Ctrl-C.")
        {
            folder, port, data, once, report, workers, hold, expose
        };
        var model = new ModelOptions();
        model.AddTo(command);
        command.SetAction((parsed, cancel) =>
        {
            var options = model.Of(parsed);
            var settings = new HomeSettings(
                parsed.GetRequiredValue(data), Tenant, parsed.GetValue(port), parsed.GetValue(workers),
                options.ModelFolder, options.ModelThreads, options.ModelType, parsed.GetValue(hold),
                parsed.GetValue(expose));
            return RunAsync(
                parsed.GetRequiredValue(folder), settings, parsed.GetValue(once), parsed.GetValue(report),
                AnsiConsole.Console, cancel);
        });
        return command;
    }

    /// <summary>Where catalogue and uploads are kept; the same option for every verb that works on them.</summary>
    internal static Option<DirectoryInfo> DataOption() => new("--data")
    {
        Description = "Where the catalogue and the uploads are kept between runs (default: "
            + "OPENMU_DATA, else ./openmu-data).",
        HelpName = "DIR",
        DefaultValueFactory = _ => UsualData(),
    };

    /// <summary>Where the data is that no option names.</summary>
    internal static DirectoryInfo UsualData() =>
        new(Environment.GetEnvironmentVariable("OPENMU_DATA") is { Length: > 0 } named ? named : "openmu-data");

    private static async Task<int> RunAsync(
        DirectoryInfo folder, HomeSettings settings, bool once, FileInfo? report, IAnsiConsole console,
        CancellationToken cancel)
    {
        if (!folder.Exists)
        {
            var problem = File.Exists(folder.FullName)
                ? $"{folder} is a file, not a folder."
                : $"There is no folder {folder}.";
            throw new UsageException($"{problem} Name the folder that holds your music: ./start.sh FOLDER");
        }

        if (report is { Directory.Exists: false })
            throw new UsageException($"There is no folder {report.Directory} for the report.");
        await WorkingDecoder.RequireAsync(cancel);

        var (files, lyrics, passedOver) = MusicFolder.Search(folder.FullName);
        foreach (var line in PassedOverFile.Lines(passedOver)) console.WriteLine(line);
        if (files.Count == 0) console.MarkupLineInterpolated($"There is no audio file in {folder} or below it.");
        await using var system = await HomeSystem.StartAsync(settings, console.WriteLine, cancel);
        console.MarkupLineInterpolated($"Catalogue page: [link]{system.Address}[/]");
        console.WriteLine(settings.ModelFolder is null
            ? "Without a model: tracks are measured, not described."
            : $"Model: {system.ModelVersion}");

        var upload = new FolderUpload(system.Storage, system.Ingest, Tenant, folder.FullName, system.Deleted);
        var kept = upload.Kept(files);
        if (kept.Count < files.Count)
            console.WriteLine($"{VerbOutput.Count(files.Count - kept.Count, "file")} left out, deleted from the catalogue before.");
        files = kept;
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var removal = new FolderRemoval(system.Storage, system.Ingest, system.Catalogue, system.Folders, upload);
        var feeding = new FolderFeed(system, upload, removal, [.. lyrics, .. files]).RunAsync(end.Token);
        try
        {
            var tracks = new FolderTracks(system, upload, Tenant, files);
            var tally = await system.WhileRunningAsync(
                UpProgress.ShowAsync(console, () => CountAsync(tracks, feeding, cancel), TimeProvider.System, cancel));
            var handled = await tracks.ReadAsync(cancel);
            List(handled, console);
            if (report is not null) await UpReport.WriteAsync(report.FullName, handled, passedOver, cancel);
            if (once)
                return tally.Failed > 0 ? ExitCode.NotDone : tally.Rejected > 0 ? ExitCode.Rejected : ExitCode.Done;
            console.MarkupLineInterpolated(
                $"The catalogue stays up at [link]{system.Address}[/]. Stop it with Ctrl-C.");
            return await system.WhileRunningAsync(StopRequestedAsync(cancel));
        }
        finally
        {
            await end.CancelAsync();
            await Task.WhenAny(feeding);
        }
    }

    // The usual end of a system that stays up, hence no error.
    private static async Task<int> StopRequestedAsync(CancellationToken cancel)
    {
        var stopped = new TaskCompletionSource<int>();
        await using var registration = cancel.Register(() => stopped.TrySetResult(ExitCode.Done));
        return await stopped.Task;
    }

    private static async Task<BatchProgress> CountAsync(FolderTracks tracks, Task feeding, CancellationToken cancel)
    {
        // Nobody waits for files that a defect keeps from being uploaded.
        if (feeding.IsFaulted) await feeding;
        var states = (await tracks.ReadAsync(cancel)).ToLookup(track => track.State);
        return new BatchProgress(
            states.Sum(group => group.Count()), states[JobState.Ready].Count(), states[JobState.Failed].Count(),
            states[JobState.Rejected].Count());
    }

    private static void List(IEnumerable<FolderTrack> tracks, IAnsiConsole console)
    {
        foreach (var track in tracks.Where(track => track.State is JobState.Failed or JobState.Rejected))
        {
            console.WriteLine($"{(track.State == JobState.Failed ? "failed" : "rejected")}: "
                + $"{MusicFolder.Printable(track.File.RelativePath)}: {track.Reason}");
        }
    }
}
