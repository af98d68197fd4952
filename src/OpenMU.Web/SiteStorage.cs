using OpenMU.Catalogue.Storage;

namespace OpenMU.Web;

/// <summary>
/// The storage account for requests: its clients give up in a second or two, where those of the batch have patience.
/// </summary>
internal sealed class SiteStorage(StorageSettings settings)
{
    private readonly MusicStorage account = settings.Open(isInteractive: true);

    /// <summary>The container of tracks.</summary>
    public Azure.Storage.Blobs.BlobContainerClient Tracks => account.Tracks;

    /// <summary>See <see cref="MusicStorage.UploadAddressAsync"/>.</summary>
    public Task<Uri> UploadAddressAsync(
        string blobName, bool mayWrite, DateTimeOffset until, CancellationToken cancel) =>
        account.UploadAddressAsync(blobName, mayWrite, until, cancel);

    /// <summary>Names of blobs that are to be taken in.</summary>
    public Azure.Storage.Queues.QueueClient Uploads => account.Uploads;
}
