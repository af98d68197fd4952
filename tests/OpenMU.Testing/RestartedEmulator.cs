using System.Diagnostics;
using OpenMU.Cli.Home;

namespace OpenMU.Testing;

/// <summary>An emulator of a test's own, which goes away and comes back on the same ports with what it had.</summary>
public sealed class RestartedEmulator : IAsyncDisposable
{
    private readonly DirectoryInfo folder;
    private readonly Azurite azurite;
    private readonly CancellationTokenSource stop = new();
    private Task keeping = Task.CompletedTask;

    private RestartedEmulator(DirectoryInfo folder, Azurite azurite) => (this.folder, this.azurite) = (folder, azurite);

    public string ConnectionString => azurite.ConnectionString;

    public static async Task<RestartedEmulator> StartAsync(CancellationToken cancel)
    {
        var folder = Directory.CreateTempSubdirectory("openmu-emulator-");
        return new RestartedEmulator(folder, await Azurite.StartAsync(folder.FullName, cancel));
    }

    /// <summary>It saves and ends; nobody answers any more.</summary>
    public async Task GoAwayAsync(CancellationToken cancel)
    {
        using var process = Process.GetProcessById(azurite.ProcessId);
        using (var kill = Process.Start("kill", ["-TERM", $"{azurite.ProcessId}"])) await kill.WaitForExitAsync(cancel);
        await process.WaitForExitAsync(cancel);
    }

    /// <summary>It is started again.</summary>
    public void ComeBack() => keeping = azurite.KeepAliveAsync(_ => { }, TimeProvider.System, stop.Token);

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await keeping;
        await azurite.DisposeAsync();
        stop.Dispose();
        folder.Delete(recursive: true);
    }
}
