using System.Diagnostics;

namespace OpenMU.Cli.Drills;

/// <summary>One run of <c>openmu up --once</c> in a process of its own. Disposing kills it if it still runs.</summary>
internal sealed class DrillProgram : IDisposable
{
    /// <summary>The exit code of a process that was killed.</summary>
    public const int Killed = 128 + 9;

    private const string PageLine = "Catalogue page: ";

    private readonly Process process;
    private readonly TextWriter log;
    private readonly Lock turn = new();

    private DrillProgram(Process process, TextWriter log)
    {
        (this.process, this.log) = (process, log);
        process.OutputDataReceived += (_, line) => Note(line.Data);
        process.ErrorDataReceived += (_, line) => Note(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public int Id => process.Id;

    /// <summary>Address of the page; null until it answers and work is taken.</summary>
    public string? Page { get; private set; }

    /// <summary>The last that it wrote; empty if nothing.</summary>
    public string LastLine { get; private set; } = "";

    /// <summary>Starts it.</summary>
    /// <param name="arguments">The command line after <c>openmu</c>.</param>
    /// <param name="environment">Variables that differ from this process's.</param>
    /// <param name="log">The file that its output is added to.</param>
    public static DrillProgram Start(
        IEnumerable<string> arguments, IReadOnlyDictionary<string, string> environment, string log)
    {
        // This very program: openmu itself, or its library run by dotnet.
        var self = Environment.ProcessPath!;
        var isHost = Path.GetFileNameWithoutExtension(self) == "dotnet";
        var start = new ProcessStartInfo(self, isHost ? [typeof(Drill).Assembly.Location, .. arguments] : arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment) start.Environment[name] = value;
        return new DrillProgram(Process.Start(start)!, TextWriter.Synchronized(File.AppendText(log)));
    }

    /// <summary>Waits until it ends by itself or by a signal.</summary>
    /// <returns>Its exit code; <see cref="Killed"/> if it was killed.</returns>
    public async Task<int> EndAsync(CancellationToken cancel)
    {
        await process.WaitForExitAsync(cancel);
        return process.ExitCode;
    }

    /// <summary>SIGKILL, to this process alone: its emulator notices by itself.</summary>
    public void Kill()
    {
        try
        {
            process.Kill();
        }
        catch (InvalidOperationException)
        {
            // It has ended by itself.
        }
    }

    public void Dispose()
    {
        if (!process.HasExited)
        {
            process.Kill();
            process.WaitForExit();
        }

        process.Dispose();
        lock (turn) log.Dispose();
    }

    private void Note(string? line)
    {
        if (string.IsNullOrWhiteSpace(line)) return;
        LastLine = line.Trim();
        if (LastLine.StartsWith(PageLine, StringComparison.Ordinal)) Page = LastLine[PageLine.Length..];
        try
        {
            lock (turn) log.WriteLine(line);
        }
        catch (ObjectDisposedException)
        {
            // What arrives after the end says nothing new.
        }
    }
}
