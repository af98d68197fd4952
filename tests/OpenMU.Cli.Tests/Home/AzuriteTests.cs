using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using OpenMU.Catalogue.Storage;
using OpenMU.Cli.Home;

namespace OpenMU.Cli.Tests.Home;

public sealed class AzuriteTests : IDisposable
{
    private readonly DirectoryInfo data = Directory.CreateTempSubdirectory("openmu-azurite-");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => data.Delete(recursive: true);

    [Fact]
    public async Task What_was_stored_a_moment_before_the_end_is_there_at_the_next_start()
    {
        await using (var first = await Azurite.StartAsync(data.FullName, Cancel))
        {
            await StoreAsync(first, "a", "b");
            first.WasCut.Should().BeFalse();
        }

        await using var second = await Azurite.StartAsync(data.FullName, Cancel);

        second.WasCut.Should().BeFalse();
        (await StoredAsync(second)).Should().Equal("a", "b");
    }

    [Fact]
    public async Task The_signals_of_a_terminal_do_not_end_it_before_its_program_does()
    {
        await using (var first = await Azurite.StartAsync(data.FullName, Cancel))
        {
            foreach (var signal in (string[])["INT", "HUP", "INT"]) OpenMuProgram.Signal(first.ProcessId, signal);
            await StoreAsync(first, "a");
        }

        await using var second = await Azurite.StartAsync(data.FullName, Cancel);
        (await StoredAsync(second)).Should().Equal("a");
    }

    [Fact]
    public async Task Killed_it_runs_again_on_the_same_ports_after_one_line()
    {
        await using var azurite = await Azurite.StartAsync(data.FullName, Cancel);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var lines = new List<string>();
        var watch = azurite.KeepAliveAsync(lines.Add, TimeProvider.System, stop.Token);
        for (var kill = 1; kill <= 2; kill++)
        {
            using (var process = Process.GetProcessById(azurite.ProcessId)) process.Kill();
            while (azurite.Starts == kill) await Task.Delay(20, Cancel);
            await StoreAsync(azurite, $"after kill {kill}");
        }

        await stop.CancelAsync();
        await watch;

        lines.Should().HaveCount(2).And.OnlyContain(line =>
            line.StartsWith("The storage emulator ended and is started again: it was ended by signal 9"));
        (await StoredAsync(azurite)).Should().Contain("after kill 2");
    }

    [Fact]
    public async Task Whoever_finds_the_folder_of_a_killed_emulator_is_told_that_its_last_seconds_may_be_lost()
    {
        await using (var first = await Azurite.StartAsync(data.FullName, Cancel))
        {
            using var process = Process.GetProcessById(first.ProcessId);
            process.Kill();
            await process.WaitForExitAsync(Cancel);
        }

        await using var second = await Azurite.StartAsync(data.FullName, Cancel);
        second.WasCut.Should().BeTrue();
    }

    [Fact]
    public async Task A_port_that_is_taken_is_named()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var taken = ((IPEndPoint)other.LocalEndpoint).Port;

        var ports = AzuritePorts.Free() with { Queue = taken };
        var start = () => AzuriteProcess.StartAsync(null, ports, say: null, Cancel);

        await start.Should().ThrowAsync<InvalidOperationException>()
            .WithMessage($"The storage emulator did not start: port {taken} is taken*EADDRINUSE*");
    }

    [Theory]
    [InlineData("console.error('no space left'); process.exit(3)", "The storage emulator did not start: no space left")]
    [InlineData("process.exit(3)", "The storage emulator did not start: it ended with exit code 3 and said nothing.")]
    [InlineData(
        "process.kill(process.pid, 'SIGKILL')", "The storage emulator did not start: it was ended by signal 9.")]
    [InlineData(null, "OPENMU_AZURITE names ")]
    public async Task A_start_that_fails_says_why_in_one_line(string? script, string line)
    {
        var path = Path.Combine(data.FullName, "azurite.js");
        if (script is not null) File.WriteAllText(path, script);
        var environment = new Dictionary<string, string> { ["OPENMU_AZURITE"] = path };

        var (code, _, error) = await OpenMuProgram.RunInAsync(
            environment, "up", data.FullName, "--once", "--model", "none", "--data",
            Path.Combine(data.FullName, "data"));

        code.Should().Be(ExitCode.NotDone);
        error.Trim().Should().StartWith($"openmu: {line}").And.NotContain("\n");
    }

    [Fact]
    public async Task Without_node_the_line_says_what_to_install()
    {
        var environment = OpenMuProgram.PathWith(data.CreateSubdirectory("tools"), "ffmpeg", "ffprobe", "prlimit");

        var (code, _, error) = await OpenMuProgram.RunInAsync(
            environment, "up", data.FullName, "--once", "--model", "none", "--data",
            Path.Combine(data.FullName, "data"));

        code.Should().Be(ExitCode.NotDone);
        error.Trim().Should().StartWith("openmu: The storage emulator did not start: node could not be run")
            .And.Contain("install Node.js").And.NotContain("\n");
    }

    private static async Task StoreAsync(Azurite azurite, params string[] names)
    {
        var storage = MusicStorage.FromConnectionString(azurite.ConnectionString);
        await storage.CreateIfMissingAsync(Cancel);
        foreach (var name in names)
            await storage.Tracks.GetBlobClient(name).UploadAsync(new BinaryData(name), overwrite: true, Cancel);
    }

    private static async Task<List<string>> StoredAsync(Azurite azurite)
    {
        var contents = new List<string>();
        var storage = MusicStorage.FromConnectionString(azurite.ConnectionString);
        await foreach (var blob in storage.Tracks.GetBlobsAsync(cancellationToken: Cancel))
        {
            contents.Add(
                (await storage.Tracks.GetBlobClient(blob.Name).DownloadContentAsync(Cancel)).Value.Content.ToString());
        }
        return contents;
    }
}
