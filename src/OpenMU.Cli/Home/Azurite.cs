namespace OpenMU.Cli.Home;

/// <summary>
/// The storage emulator on free loopback ports, which it keeps when it has to be started again. Disposing
/// has it save and ends it.
/// </summary>
internal sealed class Azurite : IAsyncDisposable
{
    // The emulator's published development account.
    private const string Account = "devstoreaccount1";
    private const string Key =
        "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

    private const int TriesWithOtherPorts = 5;
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    // Whoever ran for so long is not in a circle of starting and ending.
    private static readonly TimeSpan LongLife = TimeSpan.FromMinutes(1);

    private readonly string? location;
    private readonly AzuritePorts ports;
    private AzuriteProcess process;

    private Azurite(string? location, AzuritePorts ports, AzuriteProcess process, bool wasCut)
    {
        (this.location, this.ports, this.process) = (location, ports, process);
        (WasCut, IsRunning, Starts) = (wasCut, true, 1);
        ConnectionString = $"DefaultEndpointsProtocol=http;AccountName={Account};AccountKey={Key};"
            + $"BlobEndpoint=http://127.0.0.1:{ports.Blob}/{Account};QueueEndpoint=http://"
            + $"127.0.0.1:{ports.Queue}/{Account};";
    }

    public string ConnectionString { get; }

    public int ProcessId => process.Id;

    /// <summary>
    /// The emulator before this one may have lost what it was given in its last seconds: it ended without saving.
    /// </summary>
    public bool WasCut { get; }

    /// <summary>False from the moment when an end was noticed until it runs again.</summary>
    public bool IsRunning { get; private set; }

    /// <summary>
    /// How often it was started: a higher number than before means that it may have lost its last seconds.
    /// </summary>
    public int Starts { get; private set; }

    /// <summary>Starts the emulator and waits until it accepts connections.</summary>
    /// <param name="location">Folder for its data, or null to keep everything in memory.</param>
    /// <param name="cancel">Stops the waiting and the process.</param>
    /// <param name="say">Receives a line when it takes long; may be null.</param>
    /// <exception cref="InvalidOperationException">It is not installed or did not start; the
    /// message says why.</exception>
    public static async Task<Azurite> StartAsync(
        string? location, CancellationToken cancel, Action<string>? say = null)
    {
        var wasCut = location is not null && await AzuriteFolder.TakeAsync(location, cancel);
        for (var attempt = 1; ; attempt++)
        {
            var ports = AzuritePorts.Free();
            try
            {
                var process = await AzuriteProcess.StartAsync(location, ports, say, cancel);
                return new Azurite(location, ports, process, wasCut);
            }
            catch (InvalidOperationException) when (attempt < TriesWithOtherPorts && ports.Taken().Any())
            {
                // Another program was faster: other ports will do as well.
            }
        }
    }

    /// <summary>
    /// Starts the emulator again whenever it ends, on the same ports, after ever longer pauses
    /// while that does not help.
    /// </summary>
    /// <param name="say">Receives one line for each end, and for each new reason why it does not start.</param>
    /// <param name="time">Measures pauses.</param>
    /// <param name="stop">Ends the watch; the emulator goes on.</param>
    public async Task KeepAliveAsync(Action<string> say, TimeProvider time, CancellationToken stop)
    {
        var (pause, said) = (ShortestPause, "");
        try
        {
            while (true)
            {
                var started = time.GetTimestamp();
                var reason = await process.EndAsync(stop);
                IsRunning = false;
                say($"The storage emulator ended and is started again: {reason}");
                if (time.GetElapsedTime(started) >= LongLife) pause = ShortestPause;
                do
                {
                    await Task.Delay(pause, time, stop);
                    pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
                }
                while (!await TryStartAsync());
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The system ends.
        }

        async Task<bool> TryStartAsync()
        {
            try
            {
                var next = await AzuriteProcess.StartAsync(location, ports, say, stop);
                await process.DisposeAsync();
                process = next;
                (IsRunning, Starts, said) = (true, Starts + 1, "");
                return true;
            }
            catch (Exception e) when (e is InvalidOperationException or IOException or UnauthorizedAccessException)
            {
                if (e.Message != said) say($"{e.Message} Trying again.");
                said = e.Message;
                return false;
            }
        }
    }

    public ValueTask DisposeAsync() => process.DisposeAsync();
}
