using Azure.Core;
using Azure.Storage.Blobs;
using Azure.Storage.Queues;

namespace OpenMU.Catalogue;

/// <summary>The storage account as every program sees it: the container of tracks and the queues, with one message encoding.</summary>
public sealed class MusicStorage
{
    // What the Functions host expects by default; host.json says the same.
    private static readonly QueueClientOptions QueueOptions = new() { MessageEncoding = QueueMessageEncoding.Base64 };

    private MusicStorage(BlobContainerClient tracks, Func<string, QueueClient> queue)
    {
        Tracks = tracks;
        Analysis = queue(StorageNames.Analysis);
        AnalysisPoison = queue(StorageNames.AnalysisPoison);
    }

    public BlobContainerClient Tracks { get; }

    public QueueClient Analysis { get; }

    public QueueClient AnalysisPoison { get; }

    /// <summary>For the emulator at home.</summary>
    public static MusicStorage FromConnectionString(string connectionString) => new(
        new BlobContainerClient(connectionString, StorageNames.Tracks),
        name => new QueueClient(connectionString, name, QueueOptions));

    /// <summary>For Azure: the account's endpoints and an identity, no keys.</summary>
    public static MusicStorage FromIdentity(Uri blobEndpoint, Uri queueEndpoint, TokenCredential credential) => new(
        new BlobContainerClient(new Uri(blobEndpoint, StorageNames.Tracks), credential),
        name => new QueueClient(new Uri(queueEndpoint, name), credential, QueueOptions));

    /// <summary>Creates container and queues where they are missing; in Azure, bicep has done it already.</summary>
    public async Task CreateIfMissingAsync(CancellationToken cancel)
    {
        await Tracks.CreateIfNotExistsAsync(cancellationToken: cancel);
        await Analysis.CreateIfNotExistsAsync(cancellationToken: cancel);
        await AnalysisPoison.CreateIfNotExistsAsync(cancellationToken: cancel);
    }
}
