using System.Diagnostics;
using System.Globalization;

namespace OpenMU.Benchmarks;

/// <summary>Processor seconds of short runs of the command line, where starting is most of the work.</summary>
internal static class StartBenchmark
{
    private const int Repetitions = 5;

    public static async Task<int> RunAsync(string[] arguments)
    {
        if (arguments.Length > 1) return 2;
        var program = arguments is [var named] ? named : UpBenchmark.Program;
        var folder = Directory.CreateTempSubdirectory("openmu-start-");
        try
        {
            var file = Path.Combine(folder.FullName, "four-minutes.mp3");
            await MadeMusic.WriteAsync(file, 240, "320k");
            await PrintAsync("openmu --help", program, "--help");
            await PrintAsync(
                "openmu analyse of four minutes, measured only", program, "analyse", file, "--model", "none");
            return 0;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task PrintAsync(string name, params string[] command)
    {
        var (processor, wall) = (new List<double>(), new List<double>());
        for (var i = 0; i < Repetitions; i++)
        {
            var (before, clock) = (ProcessTree.ProcessorSeconds(Environment.ProcessId).Children, Stopwatch.StartNew());
            using var process = Process.Start(new ProcessStartInfo("dotnet", command)
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            var log = Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
            await process.WaitForExitAsync();
            if (process.ExitCode != 0) throw new InvalidOperationException(string.Concat(await log));
            wall.Add(clock.Elapsed.TotalSeconds);
            processor.Add(ProcessTree.ProcessorSeconds(Environment.ProcessId).Children - before);
        }

        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{name}: {processor.Order().ElementAt(Repetitions / 2):0.00} CPU seconds, "
                + $"{wall.Order().ElementAt(Repetitions / 2):0.00} s (medians of {Repetitions})"));
    }
}
