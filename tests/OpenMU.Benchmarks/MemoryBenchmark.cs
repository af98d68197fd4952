using System.Diagnostics;
using System.Globalization;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Storage;
using OpenMU.Cli.Home;
using OpenMU.Functions;
using OpenMU.Model.Weights;

namespace OpenMU.Benchmarks;

/// <summary>
/// How much memory the worker takes for one long track, with a model or without: the program itself in a process of its
/// own, fed as ever by queue and blob.
/// </summary>
internal static class MemoryBenchmark
{
    private const int Minutes = 60;

    // Beside this program's folder: src and tests are built alike.
    internal static readonly string Worker = Path.Combine(
        AppContext.BaseDirectory.Replace(
            Path.Combine("tests", "OpenMU.Benchmarks"), Path.Combine("src", "OpenMU.Worker"), StringComparison.Ordinal),
        "OpenMU.Worker.dll");

    public static async Task<int> RunAsync(string[] arguments)
    {
        var model = arguments.FirstOrDefault(Directory.Exists);
        string[] files = [.. arguments.Where(argument => argument != model)];
        if (files.Length > 1 || !OperatingSystem.IsLinux())
        {
            Console.Error.WriteLine("usage: memory [MODEL] [FILE], on Linux");
            return 2;
        }
        var folder = Directory.CreateTempSubdirectory("openmu-memory-");
        try
        {
            var file = files is [var given] ? given : await HourOfMusicAsync(folder.FullName);
            await using var azurite = await Azurite.StartAsync(location: null, CancellationToken.None);
            var database = Path.Combine(folder.FullName, "catalogue.db");
            var catalogue = CatalogueDbFactory.ForFile(database);
            await catalogue.MigrateAsync(CancellationToken.None);
            await EnqueueAsync(azurite, catalogue, file, VersionOf(model));

            var (worker, decoder, wall) = await WorkAsync(azurite, folder.FullName, model);
            await using var db = catalogue.CreateDbContext();
            var job = await db.Jobs.Include(j => j.Analysis).SingleAsync();
            Console.WriteLine($"{Path.GetFileName(file)}: {job.State} {job.Reason}, "
                + $"{job.Analysis?.DurationSeconds / 60:0.0} min, {job.Analysis?.Beats.Count} beats, "
                + $"{job.Analysis?.Chords.Count} chords, {wall.TotalSeconds:0} s with the worker's start");
            Console.WriteLine($"Model: {job.ModelVersion}"
                + $"{(job.Analysis?.Caption is { } caption ? $", which says: {caption}" : "")}"
                + $"{job.Analysis?.ModelProblem}");
            Console.WriteLine(
                $"Peak memory (VmHWM): worker {worker / 1024.0:0} MiB, its ffmpeg {decoder / 1024.0:0} MiB");
            return job.State == JobState.Ready && model is null == job.Analysis?.Caption is null ? 0 : 1;
        }
        finally
        {
            SqliteConnection.ClearAllPools();
            folder.Delete(recursive: true);
        }
    }

    private static async Task<string> HourOfMusicAsync(string folder)
    {
        var hour = Path.Combine(folder, "hour.mp3");
        await MadeMusic.WriteAsync(hour, Minutes * 60, "128k");
        return hour;
    }

    internal static string VersionOf(string? model)
    {
        if (model is null) return Job.NoModel;
        using var opened = ModelFolder.Open(model);
        return opened.Version;
    }

    /// <summary>Uploads a file and enqueues it, as the function app would.</summary>
    internal static async Task EnqueueAsync(
        Azurite azurite, CatalogueDbFactory catalogue, string file, string modelVersion, string blob = "home/track")
    {
        var storage = MusicStorage.FromConnectionString(azurite.ConnectionString);
        await storage.CreateIfMissingAsync(CancellationToken.None);
        await using var content = File.OpenRead(file);
        await storage.Tracks.GetBlobClient(blob).UploadAsync(content);
        var jobs = new JobQueues(catalogue, storage, TimeProvider.System);
        var options = new IngestOptions { ModelVersion = modelVersion };
        var missing = new MissingTracks(
            catalogue, options, TimeProvider.System, NullLogger<MissingTracks>.Instance);
        await new IngestTrack(
            catalogue, storage, jobs, missing,
            new LyricsFiles(catalogue, storage, TimeProvider.System, NullLogger<LyricsFiles>.Instance), options,
            TimeProvider.System, NullLogger<IngestTrack>.Instance)
            .HandleAsync(blob, CancellationToken.None);
    }

    /// <returns>Peaks of the worker and of its largest child in KiB, and the time from start to end.</returns>
    private static async Task<(long Worker, long Decoder, TimeSpan Wall)> WorkAsync(
        Azurite azurite, string folder, string? model)
    {
        var start = StartOf(azurite, folder, model);
        var started = Stopwatch.GetTimestamp();
        using var worker = Process.Start(start)!;
        var log = worker.StandardOutput.ReadToEndAsync();
        var (most, mostOfChild) = (0L, 0L);
        while (!worker.HasExited)
        {
            most = Math.Max(most, ProcessTree.PeakKib(worker.Id));
            foreach (var child in ProcessTree.Children(worker.Id))
                mostOfChild = Math.Max(mostOfChild, ProcessTree.PeakKib(child));
            await Task.Delay(50);
        }

        if (worker.ExitCode != 0) Console.WriteLine(await log);
        return (most, mostOfChild, Stopwatch.GetElapsedTime(started));
    }

    /// <summary>How the worker is started: it ends when nothing waits.</summary>
    internal static ProcessStartInfo StartOf(Azurite azurite, string folder, string? model)
    {
        var start = new ProcessStartInfo("dotnet", Worker) { RedirectStandardOutput = true };
        start.Environment["Storage__connectionString"] = azurite.ConnectionString;
        start.Environment["Catalogue__connectionString"] = $"Data Source={Path.Combine(folder, "catalogue.db")}";
        start.Environment["Worker__tempFolder"] = Path.Combine(folder, "work");
        start.Environment["Worker__exitWhenEmptyFor"] = "00:00:00";
        if (model is not null) start.Environment["Worker__modelFolder"] = Path.GetFullPath(model);
        return start;
    }
}
