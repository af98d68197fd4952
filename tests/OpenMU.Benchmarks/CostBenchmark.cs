using System.Diagnostics;
using System.Globalization;
using Microsoft.Data.Sqlite;
using OpenMU.Catalogue.Storage;
using OpenMU.Cli.Home;

namespace OpenMU.Benchmarks;

/// <summary>
/// Processor seconds of a track, and peak memory: the home system or the worker alone, in a process of its own, handles
/// a few tracks and then more of them. What the second run took beyond the first is what the further tracks cost; the
/// rest is the start.
/// </summary>
internal static class CostBenchmark
{
    public const string Usage = "cost up|worker MODEL|none [TRACKS [MINUTES [OPENMU.DLL]]], on Linux";

    private const int Few = 2;

    private static readonly CultureInfo Plain = CultureInfo.InvariantCulture;

    public static async Task<int> RunAsync(string[] arguments)
    {
        if (arguments is not [("up" or "worker") and var system, var model, .. var rest] || rest.Length > 3
            || !OperatingSystem.IsLinux())
        {
            Console.Error.WriteLine($"usage: {Usage}");
            return 2;
        }

        var count = rest.Length > 0 ? int.Parse(rest[0], Plain) : 12;
        var minutes = rest.Length > 1 ? double.Parse(rest[1], Plain) : 4;
        var program = rest.Length > 2 ? rest[2] : system == "up" ? UpBenchmark.Program : MemoryBenchmark.Worker;
        var folder = Directory.CreateTempSubdirectory("openmu-cost-");
        try
        {
            var music = folder.CreateSubdirectory("music").FullName;
            for (var i = 0; i < count; i++)
            {
                var file = Path.Combine(music, $"{i:00}.mp3");
                await MadeMusic.WriteAsync(file, (int)(60 * minutes), "320k", semitones: i);
            }

            var files = Directory.GetFiles(music).Order().ToArray();
            var few = await RunAsync(folder, "few", system, model, program, files[..Few]);
            var all = await RunAsync(folder, "all", system, model, program, files);
            Print(few, all, count, minutes);
            return 0;
        }
        finally
        {
            SqliteConnection.ClearAllPools();
            folder.Delete(recursive: true);
        }
    }

    private static void Print(Seen few, Seen all, int count, double minutes)
    {
        Console.WriteLine(string.Create(
            Plain, $"{count} tracks of {minutes:0.#} minutes: {all.Wall:0.0} s; CPU seconds: program {all.Own:0.0}, "
                + $"its ffmpeg {all.Decoders:0.0}, emulator {all.Emulator:0.0}"));
        var tracks = count - Few;
        var (own, decoders) = ((all.Own - few.Own) / tracks, (all.Decoders - few.Decoders) / tracks);
        Console.WriteLine(string.Create(
            Plain, $"a track: program {own:0.00} + ffmpeg {decoders:0.00} = {own + decoders:0.00} CPU seconds; the "
                + $"start {few.Own + few.Decoders - Few * (own + decoders):0.0}"));
        Console.WriteLine(string.Create(
            Plain, $"Peak memory (VmHWM): program {all.Peak / 1024.0:0} MiB, one ffmpeg "
                + $"{all.DecoderPeak / 1024.0:0} MiB, emulator {all.EmulatorPeak / 1024.0:0} MiB"));
    }

    private static async Task<Seen> RunAsync(
        DirectoryInfo folder, string name, string system, string model, string program, string[] files)
    {
        var inner = folder.CreateSubdirectory(name);
        if (system == "worker") return await WorkerAsync(inner, model == "none" ? null : model, files);
        var music = inner.CreateSubdirectory("music");
        foreach (var file in files) File.CreateSymbolicLink(Path.Combine(music.FullName, Path.GetFileName(file)), file);
        return await WatchAsync(new ProcessStartInfo(
            "dotnet",
            [program, "up", music.FullName, "--data", Path.Combine(inner.FullName, "data"), "--port", "0", "--once",
                "--model", model])
        {
            RedirectStandardOutput = true,
        });
    }

    private static async Task<Seen> WorkerAsync(DirectoryInfo folder, string? model, string[] files)
    {
        await using var azurite = await Azurite.StartAsync(location: null, CancellationToken.None);
        var catalogue = CatalogueDbFactory.ForFile(Path.Combine(folder.FullName, "catalogue.db"));
        await catalogue.MigrateAsync(CancellationToken.None);
        var version = MemoryBenchmark.VersionOf(model);
        foreach (var file in files)
            await MemoryBenchmark.EnqueueAsync(azurite, catalogue, file, version, $"home/{Path.GetFileName(file)}");
        return await WatchAsync(MemoryBenchmark.StartOf(azurite, folder.FullName, model));
    }

    private static async Task<Seen> WatchAsync(ProcessStartInfo start)
    {
        var clock = Stopwatch.StartNew();
        using var program = Process.Start(start)!;
        var log = program.StandardOutput.ReadToEndAsync();
        var seen = new Seen();
        while (!program.HasExited)
        {
            seen.Look(program.Id);
            await Task.Delay(50);
        }

        seen.Wall = clock.Elapsed.TotalSeconds;
        if (program.ExitCode != 0) throw new InvalidOperationException(await log);
        return seen;
    }

    /// <summary>
    /// What was seen of a program; processor times only grow, so the last look has them all but for an instant.
    /// </summary>
    private sealed class Seen
    {
        public double Wall { get; set; }

        public double Own { get; private set; }

        public double Decoders { get; private set; }

        public double Emulator { get; private set; }

        public long Peak { get; private set; }

        public long DecoderPeak { get; private set; }

        public long EmulatorPeak { get; private set; }

        public void Look(int program)
        {
            var children = ProcessTree.Children(program)
                .ToLookup(child => ProcessTree.NameOf(child) is "ffmpeg" or "ffprobe" or "prlimit");
            var (own, ended) = ProcessTree.ProcessorSeconds(program);
            Own = Math.Max(Own, own);
            Peak = Math.Max(Peak, ProcessTree.PeakKib(program));
            foreach (var decoder in children[true]) DecoderPeak = Math.Max(DecoderPeak, ProcessTree.PeakKib(decoder));
            foreach (var emulator in children[false])
            {
                Emulator = Math.Max(Emulator, ProcessTree.ProcessorSeconds(emulator).Own);
                EmulatorPeak = Math.Max(EmulatorPeak, ProcessTree.PeakKib(emulator));
            }

            // Once the emulator has ended, what it took is among that of the children.
            if (EmulatorPeak == 0 || children[false].Any()) Decoders = Math.Max(Decoders, ended);
        }
    }
}
