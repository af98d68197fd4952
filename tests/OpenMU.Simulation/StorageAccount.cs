namespace OpenMU.Simulation;

/// <summary>
/// Blobs and queues as the service's documentation describes them, behind the protocol that the real clients speak.
/// </summary>
/// <param name="world">Its clock.</param>
/// <param name="mischief">What goes wrong with messages.</param>
public sealed class StorageAccount(VirtualWorld world, Mischief mischief)
{
    /// <summary>What is counted where a message was sent, and its sender does not know.</summary>
    public const string LostSend = "reply to a message lost";

    private readonly Dictionary<string, StorageQueue> queues = new(StringComparer.Ordinal);

    public static Uri BlobEndpoint { get; } = new("https://account.blob.invalid");

    public static Uri QueueEndpoint { get; } = new("https://account.queue.invalid");

    public StorageContainer Tracks { get; } = new(world);

    /// <summary>A queue, which is there as soon as somebody names it.</summary>
    public StorageQueue Queue(string name)
    {
        if (!queues.TryGetValue(name, out var queue)) queues[name] = queue = new StorageQueue(world, mischief);
        return queue;
    }

    /// <summary>The account as one process sees it.</summary>
    public HttpMessageHandler For(SimulatedProcess process) => new Connection(this, process, mischief);

    private HttpResponseMessage Answer(HttpRequestMessage request)
    {
        var uri = request.RequestUri!;
        return uri.Host == QueueEndpoint.Host
            ? Queue(uri.AbsolutePath.Split('/')[1]).Answer(request)
            : Tracks.Answer(request);
    }

    private sealed class Connection(StorageAccount account, SimulatedProcess process, Mischief mischief)
        : HttpMessageHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(
            HttpRequestMessage request, CancellationToken cancellationToken)
        {
            await mischief.WaitAsync(process);
            if (mischief.Does("storage busy", mischief.Faults.Throttle))
                return StorageReply.Error(System.Net.HttpStatusCode.ServiceUnavailable, "ServerBusy");
            if (mischief.Does("call lost", mischief.Faults.LostCall)) throw new HttpRequestException("No connection.");
            var answer = account.Answer(request);
            await mischief.WaitAsync(process);
            var reply = request.Method == HttpMethod.Post ? LostSend : "reply lost";
            if (mischief.Does(reply, mischief.Faults.LostReply))
                throw new HttpRequestException("The connection was closed.");
            return answer;
        }
    }
}
