using System.ComponentModel;
using System.Diagnostics;

namespace OpenMU.Cli.Home;

/// <summary>
/// One run of the storage emulator as a child process. Disposing has it save what it holds, then ends it.
/// </summary>
internal sealed class AzuriteProcess : IAsyncDisposable
{
    // A machine with much to do starts it in a minute or two; one that lives for longer and says nothing never will.
    private static readonly TimeSpan TimeToStart = TimeSpan.FromMinutes(10);

    private static readonly TimeSpan TimeToWonder = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan TimeToSave = TimeSpan.FromSeconds(60);

    // Node runs this before the emulator. A terminal's Ctrl-C or hang-up reaches every process in it, but the emulator
    // is needed until the worker has let go. It ends, saving, when its standard input does: when we close it, and also
    // when we were killed: then nobody reads what it says, which is no reason to end before all is saved. Standard
    // input alone is to keep no emulator alive that was told to end by a signal.
    private const string Guard = """
        const once = process.once.bind(process);
        process.once = (event, listener) => event === 'SIGINT' ? process : once(event, listener);
        for (const signal of ['SIGINT', 'SIGHUP']) process.on(signal, () => {});
        for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
        const end = () => { if (!process.emit('SIGTERM', 'SIGTERM')) process.exit(0); };
        process.stdin.on('end', end).on('error', end).resume();
        process.stdin.unref?.();
        """;

    private readonly Process process;
    private readonly string? location;
    private readonly AzuriteOutput output = new();
    private int disposed;

    private AzuriteProcess(Process process, string? location)
    {
        (this.process, this.location) = (process, location);
        process.OutputDataReceived += (_, line) => output.Add(line.Data);
        process.ErrorDataReceived += (_, line) => output.Add(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public int Id => process.Id;

    /// <summary>Starts the emulator and waits until it says that it listens.</summary>
    /// <param name="location">Folder for its data, or null to keep everything in memory.</param>
    /// <param name="ports">Where it listens.</param>
    /// <param name="say">Receives a line when it takes long; may be null.</param>
    /// <param name="cancel">Stops the waiting and the process.</param>
    /// <exception cref="InvalidOperationException">It did not start; the message says why.</exception>
    public static async Task<AzuriteProcess> StartAsync(
        string? location, AzuritePorts ports, Action<string>? say, CancellationToken cancel)
    {
        var azurite = new AzuriteProcess(Start(location, ports), location);
        try
        {
            if (location is not null)
                await File.WriteAllTextAsync(AzuriteFolder.PidFile(location), $"{azurite.Id}", cancel);
            var waited = Stopwatch.StartNew();
            var isTold = false;
            while (!azurite.output.IsListening)
            {
                cancel.ThrowIfCancellationRequested();
                if (!isTold && waited.Elapsed > TimeToWonder)
                {
                    say?.Invoke("The storage emulator takes long to start; waiting for it.");
                    isTold = true;
                }

                if (azurite.process.HasExited || waited.Elapsed > TimeToStart)
                {
                    throw new InvalidOperationException(
                        $"The storage emulator did not start: {await azurite.WhyAsync(ports)}");
                }
                await Task.Delay(50, cancel);
            }

            return azurite;
        }
        catch
        {
            await azurite.KillAsync();
            throw;
        }
    }

    /// <summary>Waits until the process has ended, for whatever reason.</summary>
    /// <returns>What it said last, or how it ended.</returns>
    public async Task<string> EndAsync(CancellationToken cancel)
    {
        await process.WaitForExitAsync(cancel);
        return output.Reason() ?? HowItEnded();
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref disposed, 1) == 1) return;
        if (location is not null && !process.HasExited)
        {
            process.StandardInput.Close();
            using var limit = new CancellationTokenSource(TimeToSave);
            try
            {
                await process.WaitForExitAsync(limit.Token);
                if (process.ExitCode == 0) AzuriteFolder.MarkSaved(location);
            }
            catch (OperationCanceledException)
            {
                // Its folder stays marked as unsaved.
            }
        }

        await KillAsync();
    }

    private async Task KillAsync()
    {
        if (!process.HasExited)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync();
        }

        process.Dispose();
    }

    private static Process Start(string? location, AzuritePorts ports)
    {
        var start = new ProcessStartInfo("node")
        {
            RedirectStandardError = true,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        string[] arguments =
        [
            "--import", $"data:text/javascript,{Uri.EscapeDataString(Guard)}", AzuriteFolder.ScriptPath(),
            "--silent", "--disableTelemetry", "--skipApiVersionCheck",
            "--blobPort", $"{ports.Blob}", "--queuePort", $"{ports.Queue}", "--tablePort", $"{ports.Table}",
            .. location is null ? ["--inMemoryPersistence"] : (string[])["--location", location],
        ];
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception e)
        {
            throw new InvalidOperationException(
                "The storage emulator did not start: node could not be run "
                    + $"({e.Message}); install Node.js 20 or newer.", e);
        }
    }

    private async Task<string> WhyAsync(AzuritePorts ports)
    {
        if (!process.HasExited)
            return $"it was not ready within {TimeToStart.TotalMinutes:0} minutes. {output.Reason() ?? "It said nothing."}";
        var said = await EndAsync(CancellationToken.None);
        if (ports.Taken().ToList() is { Count: > 0 } taken)
            return $"port {taken[0]} is taken by another program. It said: {said}";
        return location is not null && AzuriteFolder.IsDiskFull(location)
            ? $"the disk of {location} is full. It said: {said}"
            : said;
    }

    private string HowItEnded() => process.ExitCode > 128
        ? $"it was ended by signal {process.ExitCode - 128}."
        : $"it ended with exit code {process.ExitCode} and said nothing.";
}
