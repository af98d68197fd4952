using System.Net;
using System.Net.Sockets;

namespace OpenMU.Functions.Tests.Host;

/// <summary>
/// Stands before the storage emulator. Closed, it holds back what is asked, so that a test knows a call to be at work.
/// </summary>
internal sealed class Gate : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly int target;
    private readonly CancellationTokenSource stop = new();
    private readonly Task accepting;
    private TaskCompletionSource held = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource open = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <param name="connectionString">Of the emulator.</param>
    public Gate(string connectionString)
    {
        var blob = Endpoint(connectionString);
        target = blob.Port;
        open.SetResult();
        listener.Start();
        ConnectionString = connectionString.Replace(
            $":{target}", $":{((IPEndPoint)listener.LocalEndpoint).Port}", StringComparison.Ordinal);
        accepting = AcceptAsync();
    }

    /// <summary>Of the emulator's blobs behind the gate; its queues are reached without it.</summary>
    public string ConnectionString { get; }

    /// <summary>Ends when something is held back.</summary>
    public Task Held => held.Task;

    /// <summary>From now on nothing passes.</summary>
    public void Close()
    {
        held = new(TaskCreationOptions.RunContinuationsAsynchronously);
        open = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    /// <summary>What was held back goes on, and whatever comes passes.</summary>
    public void Open() => open.TrySetResult();

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        Open();
        listener.Stop();
        await accepting;
        stop.Dispose();
    }

    private static Uri Endpoint(string connectionString) => new(connectionString.Split(';')
        .Single(part => part.StartsWith("BlobEndpoint=", StringComparison.Ordinal))["BlobEndpoint=".Length..]);

    private async Task AcceptAsync()
    {
        var passing = new List<Task>();
        try
        {
            while (true) passing.Add(PassAsync(await listener.AcceptTcpClientAsync(stop.Token)));
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException)
        {
            await Task.WhenAll(passing);
        }
    }

    private async Task PassAsync(TcpClient client)
    {
        using var emulator = new TcpClient();
        using (client)
        {
            try
            {
                await emulator.ConnectAsync(IPAddress.Loopback, target, stop.Token);
                await Task.WhenAny(
                    AskAsync(client.GetStream(), emulator.GetStream()),
                    emulator.GetStream().CopyToAsync(client.GetStream(), stop.Token));
            }
            catch (Exception e) when (e is OperationCanceledException or IOException or SocketException)
            {
                // Either side has ended.
            }
        }
    }

    private async Task AskAsync(NetworkStream client, NetworkStream emulator)
    {
        var buffer = new byte[1 << 16];
        while (await client.ReadAsync(buffer, stop.Token) is var read and > 0)
        {
            if (!open.Task.IsCompleted) held.TrySetResult();
            await open.Task;
            await emulator.WriteAsync(buffer.AsMemory(0, read), stop.Token);
        }
    }
}
