using System.Diagnostics;
using System.Runtime.InteropServices;

namespace OpenMU.Cli.Tests;

/// <summary>The program as a user runs it, in a process of its own.</summary>
internal static class OpenMuProgram
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Starts it with its output to be read.</summary>
    /// <param name="environment">Variables that differ from the tests' own.</param>
    /// <param name="arguments">The command line.</param>
    public static Process Start(IReadOnlyDictionary<string, string>? environment, params string[] arguments)
    {
        // By its place, since some tests have a PATH without it.
        var dotnet = Path.GetFullPath(
            Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", "dotnet"));
        // A shell that runs the tests in its background has them ignore SIGINT, which their children would inherit.
        var start = new ProcessStartInfo(
            "/usr/bin/env",
            ["--default-signal=INT", dotnet, Path.Combine(AppContext.BaseDirectory, "openmu.dll"), .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // Generous, because a loaded machine is slow and a right answer does not wait for it.
        start.Environment["Site__answerSeconds"] = "120";
        foreach (var (name, value) in environment ?? new Dictionary<string, string>()) start.Environment[name] = value;
        return Process.Start(start)!;
    }

    /// <summary>Runs it to its end.</summary>
    public static Task<(int Code, string Output, string Error)> RunAsync(params string[] arguments) =>
        RunInAsync(null, arguments);

    /// <summary>Runs it to its end with other variables than the tests' own.</summary>
    public static async Task<(int Code, string Output, string Error)> RunInAsync(
        IReadOnlyDictionary<string, string>? environment, params string[] arguments)
    {
        using var process = Start(environment, arguments);
        return await EndAsync(process);
    }

    /// <summary>Reads all that it writes until it ends.</summary>
    public static async Task<(int Code, string Output, string Error)> EndAsync(Process process)
    {
        var error = process.StandardError.ReadToEndAsync(Cancel);
        var output = await process.StandardOutput.ReadToEndAsync(Cancel);
        await process.WaitForExitAsync(Cancel);
        return (process.ExitCode, output, await error);
    }

    /// <summary>Sends a signal, such as INT, and waits until it is sent.</summary>
    public static void Signal(int processId, string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", $"{processId}"]);
        kill.WaitForExit();
    }

    /// <summary>A PATH on which only some programs are found.</summary>
    /// <param name="folder">Takes links to them.</param>
    /// <param name="programs">Names of programs of the real PATH.</param>
    public static Dictionary<string, string> PathWith(DirectoryInfo folder, params string[] programs)
    {
        foreach (var program in programs)
        {
            var real = Environment.GetEnvironmentVariable("PATH")!.Split(Path.PathSeparator)
                .Select(place => Path.Combine(place, program))
                .First(File.Exists);
            File.CreateSymbolicLink(Path.Combine(folder.FullName, program), real);
        }

        return new Dictionary<string, string> { ["PATH"] = folder.FullName };
    }
}
