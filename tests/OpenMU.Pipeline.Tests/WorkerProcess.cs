using System.Diagnostics;
using System.Globalization;
using OpenMU.Testing;

namespace OpenMU.Pipeline.Tests;

/// <summary>
/// The worker as its container runs it: the program itself, in a process of its own that can be killed.
/// </summary>
internal sealed class WorkerProcess : IDisposable
{
    private readonly Process process;
    private readonly Task<string> output;

    private WorkerProcess(Process process)
    {
        this.process = process;
        output = process.StandardOutput.ReadToEndAsync();
    }

    /// <param name="stage">Its storage and catalogue.</param>
    /// <param name="visibility">After how long the next worker gets what this one held, if it is killed.</param>
    /// <param name="untilEmpty">Ends by itself when the queue is empty.</param>
    /// <param name="settings">Further settings.</param>
    public static WorkerProcess Start(
        Stage stage, TimeSpan visibility, bool untilEmpty, params (string Name, string Value)[] settings)
    {
        var start = new ProcessStartInfo("dotnet", ProgramFile.Of("OpenMU.Worker")) { RedirectStandardOutput = true };
        start.Environment["Storage__connectionString"] = stage.ConnectionString;
        start.Environment["Catalogue__connectionString"] = $"Data Source={stage.CataloguePath}";
        start.Environment["Worker__parallelism"] = "2";
        start.Environment["Worker__visibility"] = visibility.ToString("c", CultureInfo.InvariantCulture);
        start.Environment["Worker__pollInterval"] = "00:00:00.050";
        start.Environment["Worker__tempFolder"] = Work(stage);
        foreach (var (name, value) in settings) start.Environment[name] = value;
        if (untilEmpty) start.Environment["Worker__exitWhenEmptyFor"] = "00:00:00";
        return new WorkerProcess(Process.Start(start)!);
    }

    /// <summary>Where its downloads lie.</summary>
    public static string Work(Stage stage) => Path.Combine(stage.Folder, "work");

    /// <summary>SIGKILL: it learns nothing of it. Its decoders end with their pipes.</summary>
    public async Task KillAsync(CancellationToken cancel)
    {
        process.Kill();
        await process.WaitForExitAsync(cancel);
    }

    /// <summary>SIGTERM, as the container's host sends it before it takes the machine away.</summary>
    public void Terminate()
    {
        using var kill = Process.Start("kill", ["-TERM", $"{process.Id}"]);
        kill.WaitForExit();
    }

    /// <summary>Waits for its end.</summary>
    /// <returns>Exit code and log.</returns>
    public async Task<(int Code, string Log)> EndAsync(CancellationToken cancel)
    {
        await process.WaitForExitAsync(cancel);
        return (process.ExitCode, await output);
    }

    public void Dispose()
    {
        if (!process.HasExited) process.Kill(entireProcessTree: true);
        process.Dispose();
    }
}
