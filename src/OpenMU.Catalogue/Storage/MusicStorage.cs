using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;
using Azure.Storage.Queues;
using Azure.Storage.Sas;
using OpenMU.Catalogue.Jobs;

namespace OpenMU.Catalogue.Storage;

/// <summary>
/// The storage account as every program sees it: the container of tracks and the queues, with one message encoding.
/// </summary>
public sealed class MusicStorage
{
    private readonly Func<string, QueueClientOptions, QueueClient> open;

    private MusicStorage(
        Func<string, BlobContainerClient> container, Func<string, QueueClientOptions, QueueClient> queue)
    {
        open = queue;
        Tracks = container(StorageNames.Tracks);
        Models = container(StorageNames.Models);
        (Analysis, AnalysisPoison) = WithPoison(queue, StorageNames.Analysis, StorageNames.AnalysisPoison);
        (Questions, QuestionsPoison) = WithPoison(queue, StorageNames.Questions, StorageNames.QuestionsPoison);
        Removals = Announcements(queue, StorageNames.Removals);
        Uploads = Announcements(queue, StorageNames.Uploads);
    }

    public BlobContainerClient Tracks { get; }

    /// <summary>The models that workers fetch.</summary>
    public BlobContainerClient Models { get; }

    public QueueClient Analysis { get; }

    public QueueClient AnalysisPoison { get; }

    public QueueClient Questions { get; }

    public QueueClient QuestionsPoison { get; }

    /// <summary>What Event Grid says of deleted blobs; empty where no Event Grid is.</summary>
    public QueueClient Removals { get; }

    /// <summary>Names of blobs that are to be looked at, one a message.</summary>
    public QueueClient Uploads { get; }

    /// <summary>The queue that jobs of a kind wait on.</summary>
    public QueueClient Waiting(JobKind kind) => kind == JobKind.Question ? Questions : Analysis;

    /// <summary>The queue for messages of a kind of job that nobody can work off.</summary>
    public QueueClient Poison(JobKind kind) => kind == JobKind.Question ? QuestionsPoison : AnalysisPoison;

    /// <summary>A queue of a partner's own, whose messages are the texts that they are.</summary>
    public QueueClient Queue(string name) => open(name, new QueueClientOptions());

    /// <summary>For the emulator at home.</summary>
    public static MusicStorage FromConnectionString(string connectionString, bool isInteractive = false) => new(
        name => new BlobContainerClient(connectionString, name, Retries(isInteractive)),
        (name, options) => new QueueClient(connectionString, name, options));

    /// <summary>For Azure: the account's endpoints and an identity, no keys.</summary>
    public static MusicStorage FromIdentity(
        Uri blobEndpoint, Uri queueEndpoint, TokenCredential credential, bool isInteractive = false) => new(
        name => new BlobContainerClient(new Uri(blobEndpoint, name), credential, Retries(isInteractive)),
        (name, options) => new QueueClient(new Uri(queueEndpoint, name), credential, options));

    /// <summary>For an account in this process, which is asked again once, at once.</summary>
    internal static MusicStorage Within(HttpMessageHandler account, Uri blobEndpoint, Uri queueEndpoint)
    {
        // The connection never ends, and no clock but the account's own runs.
        var transport = new HttpClientTransport(
            new HttpClient(account, disposeHandler: false) { Timeout = Timeout.InfiniteTimeSpan });
        var blobs = Retries(isInteractive: false);
        SetUp(blobs);
        return new MusicStorage(
            name => new BlobContainerClient(new Uri(blobEndpoint, name), blobs),
            (name, options) =>
            {
                SetUp(options);
                return new QueueClient(new Uri(queueEndpoint, name), options);
            });

        void SetUp(ClientOptions options)
        {
            options.Transport = transport;
            options.Retry.MaxRetries = 1;
            options.Retry.Delay = options.Retry.MaxDelay = TimeSpan.Zero;
            options.Retry.NetworkTimeout = Timeout.InfiniteTimeSpan;
        }
    }

    /// <summary>Creates container and queues where they are missing; in Azure, bicep has done it already.</summary>
    public async Task CreateIfMissingAsync(CancellationToken cancel)
    {
        foreach (var container in (BlobContainerClient[])[Tracks, Models])
            await container.CreateIfNotExistsAsync(cancellationToken: cancel);
        foreach (var queue in (QueueClient[])[Analysis, AnalysisPoison, Questions, QuestionsPoison, Removals, Uploads])
            await queue.CreateIfNotExistsAsync(cancellationToken: cancel);
    }

    /// <summary>
    /// An address to which whoever has it may put one track, until then: signed with the account's key at home, and in
    /// Azure with a key of this identity's, which cannot allow more than the identity may do.
    /// </summary>
    /// <param name="blobName">The only blob that it is for.</param>
    /// <param name="mayWrite">Also where there is one already, and in parts: the storage takes both for the same.</param>
    /// <param name="until">When it ends.</param>
    /// <param name="cancel">Gives up.</param>
    public async Task<Uri> UploadAddressAsync(
        string blobName, bool mayWrite, DateTimeOffset until, CancellationToken cancel)
    {
        var blob = Tracks.GetBlobClient(blobName);
        var rights = BlobSasPermissions.Create | (mayWrite ? BlobSasPermissions.Write : 0);
        var sas = new BlobSasBuilder(rights, until)
        {
            BlobContainerName = Tracks.Name,
            BlobName = blobName,
            Resource = "b",
        };
        if (blob.CanGenerateSasUri) return blob.GenerateSasUri(sas);
        sas.Protocol = SasProtocol.Https;
        UserDelegationKey key = await Tracks.GetParentBlobServiceClient()
            .GetUserDelegationKeyAsync(startsOn: null, until, cancel);
        return blob.GenerateUserDelegationSasUri(sas, key);
    }

    private static (QueueClient Queue, QueueClient Poison) WithPoison(
        Func<string, QueueClientOptions, QueueClient> open, string name, string poisonName)
    {
        // Base64 is what Event Grid writes and the Functions host expects.
        QueueClient poison = null!;
        var options = new QueueClientOptions { MessageEncoding = QueueMessageEncoding.Base64 };
        options.MessageDecodingFailed += failed => PoisonAsync(failed, poison);
        poison = open(poisonName, options);
        return (open(name, options), poison);
    }

    private static QueueClient Announcements(Func<string, QueueClientOptions, QueueClient> open, string name)
    {
        var options = new QueueClientOptions { MessageEncoding = QueueMessageEncoding.Base64 };
        // What is no text names no blob.
        options.MessageDecodingFailed += async failed =>
        {
            if (failed.ReceivedMessage is not { } message) return;
            await failed.Queue.TryDeleteAsync(message, failed.CancellationToken);
        };
        return open(name, options);
    }

    // The client's own five retries take half a minute, longer than anybody waits for a page.
    private static BlobClientOptions Retries(bool isInteractive)
    {
        // A blob may be named with a slash at either end, and the client would look for another one.
        var options = new BlobClientOptions { TrimBlobNameSlashes = false };
        if (!isInteractive) return options;
        options.Retry.MaxRetries = 2;
        options.Retry.Delay = TimeSpan.FromMilliseconds(200);
        options.Retry.NetworkTimeout = TimeSpan.FromSeconds(20);
        return options;
    }

    // Without a handler, one message that is not Base64 makes every receive throw. On the poison queue
    // its text is encoded well.
    private static async Task PoisonAsync(QueueMessageDecodingFailedEventArgs failed, QueueClient poison)
    {
        if (failed.ReceivedMessage is not { } message) return;
        await poison.SendMessageAsync(
            message.Body, timeToLive: TimeSpan.FromSeconds(-1), cancellationToken: failed.CancellationToken);
        await failed.Queue.TryDeleteAsync(message, failed.CancellationToken);
    }
}
