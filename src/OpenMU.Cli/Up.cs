using System.CommandLine;
using Microsoft.EntityFrameworkCore;
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
        var folder = new Argument<DirectoryInfo>("folder") { Description = "The music: every audio file in it and below is catalogued." };
        var port = new Option<int?>("--port") { Description = "Port of the catalogue page on 127.0.0.1 (default 5080, or a free one if that is taken).", HelpName = "N" };
        var data = DataOption();
        var once = new Option<bool>("--once") { Description = "Stop when everything is handled; exit code 1 if a file failed." };
        var workers = new Option<int?>("--workers") { Description = "Tracks analysed at the same time (default: one per processor).", HelpName = "N" };
        port.Validators.Add(result => { if (result.GetValueOrDefault<int?>() is < 0 or > 65535) result.AddError("--port must lie between 0 and 65535."); });
        workers.Validators.Add(result => { if (result.GetValueOrDefault<int?>() is < 1) result.AddError("--workers must be at least 1."); });

        var command = new Command("up", "Builds a searchable catalogue of a folder of music and serves its page until Ctrl-C.") { folder, port, data, once, workers };
        var model = new ModelOptions();
        model.AddTo(command);
        command.SetAction((parsed, cancel) =>
        {
            var options = model.Of(parsed, orShipped: true);
            var settings = new HomeSettings(parsed.GetRequiredValue(data), Tenant, parsed.GetValue(port), parsed.GetValue(workers), options.ModelFolder, options.ModelThreads);
            return RunAsync(parsed.GetRequiredValue(folder), settings, parsed.GetValue(once), AnsiConsole.Console, cancel);
        });
        return command;
    }

    /// <summary>Where catalogue and uploads are kept; the same option for every verb that works on them.</summary>
    internal static Option<DirectoryInfo> DataOption() => new("--data")
    {
        Description = "Where the catalogue and the uploads are kept between runs (default: OPENMU_DATA, else ./openmu-data).",
        HelpName = "DIR",
        DefaultValueFactory = _ => new DirectoryInfo(Environment.GetEnvironmentVariable("OPENMU_DATA") is { Length: > 0 } named ? named : "openmu-data"),
    };

    internal static async Task<int> RunAsync(DirectoryInfo folder, HomeSettings settings, bool once, IAnsiConsole console, CancellationToken cancel)
    {
        if (!folder.Exists)
        {
            var problem = File.Exists(folder.FullName) ? $"{folder} is a file, not a folder." : $"There is no folder {folder}.";
            await Console.Error.WriteLineAsync($"openmu: {problem} Name the folder that holds your music: ./start.sh FOLDER");
            return 2;
        }

        var (files, passedOver) = MusicFolder.Search(folder.FullName);
        foreach (var line in PassedOverFile.Lines(passedOver)) console.WriteLine(line);
        if (files.Count == 0) console.MarkupLineInterpolated($"There is no audio file in {folder} or below it.");
        await using var system = await HomeSystem.StartAsync(settings, cancel);
        console.MarkupLineInterpolated($"Catalogue page: [link]{system.Address}[/]");
        console.WriteLine(settings.ModelFolder is null ? "Without a model: tracks are measured, not described." : $"Model: {system.ModelVersion}");

        var upload = new FolderUpload(system.Storage, system.Ingest, Tenant, folder.FullName);
        var uploading = upload.RunAsync(files, cancel);
        var progress = await system.WhileRunningAsync(UpProgress.ShowAsync(console, CountAsync, TimeProvider.System, cancel));

        await ListUnhandledAsync(system, upload, console, cancel);
        if (once) return progress.Failed == 0 ? 0 : 1;
        console.MarkupLineInterpolated($"The catalogue stays up at [link]{system.Address}[/]. Stop it with Ctrl-C.");
        return await system.WhileRunningAsync(StopRequestedAsync(cancel));

        async Task<BatchProgress> CountAsync()
        {
            // An upload that broke off must end the waiting.
            if (uploading.IsFaulted) await uploading;
            var states = await StatesAsync(system, upload, cancel);
            return new BatchProgress(files.Count, states.Count(s => s == JobState.Ready), states.Count(s => s == JobState.Failed), states.Count(s => s == JobState.Rejected));
        }
    }

    // The usual end of a system that stays up, hence no error.
    private static async Task<int> StopRequestedAsync(CancellationToken cancel)
    {
        var stopped = new TaskCompletionSource<int>();
        await using var registration = cancel.Register(() => stopped.TrySetResult(0));
        return await stopped.Task;
    }

    // Only tracks whose ingested version is the one in the container count, and the present model's word on it: a changed file or model starts anew.
    private static async Task<List<JobState>> StatesAsync(HomeSystem system, FolderUpload upload, CancellationToken cancel)
    {
        await using var db = system.Catalogue.CreateDbContext();
        var tracks = db.Tracks.AsNoTracking()
            .Where(track => track.Tenant == Tenant && track.BlobName.StartsWith(upload.Prefix) && track.Job.ModelVersion == system.ModelVersion)
            .Select(track => new { track.BlobName, track.ETag, track.Job.State });
        var states = new List<JobState>();
        await foreach (var track in tracks.AsAsyncEnumerable().WithCancellation(cancel))
        {
            if (upload.Arrived.TryGetValue(track.BlobName, out var etag) && etag == track.ETag.Trim('"')) states.Add(track.State);
        }

        return states;
    }

    private static async Task ListUnhandledAsync(
        HomeSystem system, FolderUpload upload, IAnsiConsole console, CancellationToken cancel)
    {
        await using var db = system.Catalogue.CreateDbContext();
        var tracks = await db.Tracks.AsNoTracking()
            .Where(track => track.Tenant == Tenant && track.BlobName.StartsWith(upload.Prefix))
            .Where(track => track.Job.State == JobState.Failed || track.Job.State == JobState.Rejected)
            .OrderBy(track => track.FileName)
            .Select(track => new { track.BlobName, track.FileName, track.Job.State, track.Job.Reason })
            .ToListAsync(cancel);
        foreach (var track in tracks.Where(track => upload.Arrived.ContainsKey(track.BlobName)))
            console.WriteLine($"{(track.State == JobState.Failed ? "failed" : "rejected")}: {MusicFolder.Printable(track.FileName)}: {track.Reason}");
    }
}
