using Azure.Core;
using Azure.Storage.Blobs;
using Azure.Storage.Queues;

namespace OpenMU.Catalogue;

/// <summary>The storage account as every program sees it: the container of tracks and the queues, with one message encoding.</summary>
public sealed class MusicStorage
{
    private MusicStorage(BlobContainerClient tracks, Func<string, QueueClientOptions, QueueClient> queue)
    {
        Tracks = tracks;
        Analysis = queue(StorageNames.Analysis, QueueOptions());
        AnalysisPoison = queue(StorageNames.AnalysisPoison, QueueOptions());
    }

    public BlobContainerClient Tracks { get; }

    public QueueClient Analysis { get; }

    public QueueClient AnalysisPoison { get; }

    /// <summary>For the emulator at home.</summary>
    public static MusicStorage FromConnectionString(string connectionString) => new(
        new BlobContainerClient(connectionString, StorageNames.Tracks),
        (name, options) => new QueueClient(connectionString, name, options));

    /// <summary>For Azure: the account's endpoints and an identity, no keys.</summary>
    public static MusicStorage FromIdentity(Uri blobEndpoint, Uri queueEndpoint, TokenCredential credential) => new(
        new BlobContainerClient(new Uri(blobEndpoint, StorageNames.Tracks), credential),
        (name, options) => new QueueClient(new Uri(queueEndpoint, name), credential, options));

    /// <summary>Creates container and queues where they are missing; in Azure, bicep has done it already.</summary>
    public async Task CreateIfMissingAsync(CancellationToken cancel)
    {
        await Tracks.CreateIfNotExistsAsync(cancellationToken: cancel);
        await Analysis.CreateIfNotExistsAsync(cancellationToken: cancel);
        await AnalysisPoison.CreateIfNotExistsAsync(cancellationToken: cancel);
    }

    // Base64 is what the Functions host expects by default; host.json says the same.
    private QueueClientOptions QueueOptions()
    {
        var options = new QueueClientOptions { MessageEncoding = QueueMessageEncoding.Base64 };
        options.MessageDecodingFailed += PoisonAsync;
        return options;
    }

    // Without a handler, one message that is not Base64 makes every receive throw. On the poison queue its text is encoded well.
    private async Task PoisonAsync(QueueMessageDecodingFailedEventArgs failed)
    {
        if (failed.ReceivedMessage is not { } message) return;
        await AnalysisPoison.SendMessageAsync(message.Body, timeToLive: TimeSpan.FromSeconds(-1), cancellationToken: failed.CancellationToken);
        await failed.Queue.DeleteMessageAsync(message.MessageId, message.PopReceipt, failed.CancellationToken);
    }
}
