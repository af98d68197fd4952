using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace OpenMU.Cli.Home;

/// <summary>The storage emulator as a child process on free loopback ports; disposing ends it.</summary>
internal sealed class Azurite : IAsyncDisposable
{
    // The emulator's published development account.
    private const string Account = "devstoreaccount1";
    private const string Key = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

    private readonly Process process;

    private Azurite(Process process, int blobPort, int queuePort)
    {
        this.process = process;
        ConnectionString = $"DefaultEndpointsProtocol=http;AccountName={Account};AccountKey={Key};"
            + $"BlobEndpoint=http://127.0.0.1:{blobPort}/{Account};QueueEndpoint=http://127.0.0.1:{queuePort}/{Account};";
    }

    public string ConnectionString { get; }

    public int ProcessId => process.Id;

    /// <summary>Starts the emulator and waits until both ports accept connections.</summary>
    /// <param name="location">Folder for its data, or null to keep everything in memory.</param>
    /// <param name="cancel">Stops the waiting and the process.</param>
    /// <exception cref="InvalidOperationException">Azurite is not installed, or did not start within 60 seconds.</exception>
    public static async Task<Azurite> StartAsync(string? location, CancellationToken cancel)
    {
        if (location is not null) EndOrphan(location);
        var (blobPort, queuePort, tablePort) = FreePorts();
        var start = new ProcessStartInfo("node")
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        string[] arguments =
        [
            ScriptPath(), "--silent", "--disableTelemetry", "--skipApiVersionCheck",
            "--blobPort", $"{blobPort}", "--queuePort", $"{queuePort}", "--tablePort", $"{tablePort}",
            .. location is null ? ["--inMemoryPersistence"] : (string[])["--location", location],
        ];
        foreach (var argument in arguments) start.ArgumentList.Add(argument);

        var process = Process.Start(start) ?? throw new InvalidOperationException("node could not be started: install Node.js 20 or newer.");
        var azurite = new Azurite(process, blobPort, queuePort);
        try
        {
            if (location is not null) await File.WriteAllTextAsync(PidFile(location), $"{process.Id}", cancel);
            var output = new List<string>();
            process.OutputDataReceived += (_, line) => { lock (output) output.Add(line.Data ?? ""); };
            process.ErrorDataReceived += (_, line) => { lock (output) output.Add(line.Data ?? ""); };
            process.BeginOutputReadLine();
            process.BeginErrorReadLine();

            using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancel);
            deadline.CancelAfter(TimeSpan.FromSeconds(60));
            foreach (var port in (int[])[blobPort, queuePort])
            {
                while (!await AcceptsAsync(port, deadline.Token))
                {
                    if (process.HasExited || deadline.IsCancellationRequested)
                    {
                        cancel.ThrowIfCancellationRequested();
                        lock (output) throw new InvalidOperationException($"The storage emulator did not start: {string.Join(' ', output).Trim()}");
                    }

                    await Task.Delay(50, cancel);
                }
            }

            return azurite;
        }
        catch
        {
            await azurite.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync();
        }

        process.Dispose();
    }

    // A program that was killed outright leaves its emulator behind, and two emulators on one folder would corrupt it.
    private static void EndOrphan(string location)
    {
        Directory.CreateDirectory(location);
        if (!File.Exists(PidFile(location)) || !int.TryParse(File.ReadAllText(PidFile(location)), out var pid)) return;
        try
        {
            using var orphan = Process.GetProcessById(pid);
            // Process ids are given out again: end it only if it is an emulator on this very folder.
            var commandLine = File.ReadAllText($"/proc/{pid}/cmdline").Split('\0');
            if (!commandLine.Contains(location) || !commandLine.Any(part => part.EndsWith("azurite.js", StringComparison.Ordinal))) return;
            orphan.Kill(entireProcessTree: true);
            orphan.WaitForExit();
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or IOException)
        {
            // It has ended by itself, or this system has no /proc to ask.
        }
    }

    private static string PidFile(string location) => Path.Combine(location, "azurite.pid");

    // infra/ lies somewhere above the program in a checkout; elsewhere OPENMU_AZURITE names the script.
    private static string ScriptPath()
    {
        if (Environment.GetEnvironmentVariable("OPENMU_AZURITE") is { Length: > 0 } named) return named;
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var script = Path.Combine(folder.FullName, "infra", "node_modules", "azurite", "dist", "src", "azurite.js");
            if (File.Exists(script)) return script;
        }

        throw new InvalidOperationException("The storage emulator is not installed: run `npm ci --prefix infra`, or ./start.sh, which does it.");
    }

    private static (int, int, int) FreePorts()
    {
        TcpListener[] listeners = [new(IPAddress.Loopback, 0), new(IPAddress.Loopback, 0), new(IPAddress.Loopback, 0)];
        foreach (var listener in listeners) listener.Start();
        var ports = Array.ConvertAll(listeners, listener => ((IPEndPoint)listener.LocalEndpoint).Port);
        foreach (var listener in listeners) listener.Dispose();
        return (ports[0], ports[1], ports[2]);
    }

    private static async Task<bool> AcceptsAsync(int port, CancellationToken cancel)
    {
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, port, cancel);
            return true;
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            return false;
        }
    }
}
