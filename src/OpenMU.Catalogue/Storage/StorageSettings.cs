using Azure.Identity;

namespace OpenMU.Catalogue.Storage;

/// <summary>
/// Where the storage account is: the section <c>Storage</c> of a program's configuration. For the emulator a connection string
/// (<c>Storage__connectionString</c>), in Azure the endpoints and an identity, spelled as the Functions host spells them.
/// </summary>
public sealed class StorageSettings
{
    public string? ConnectionString { get; set; }

    public Uri? BlobServiceUri { get; set; }

    public Uri? QueueServiceUri { get; set; }

    /// <summary>Client id of the user-assigned identity; null for the environment's own.</summary>
    public string? ClientId { get; set; }

    /// <exception cref="InvalidOperationException">Neither a connection string nor both endpoints are set.</exception>
    public MusicStorage Open()
    {
        if (!string.IsNullOrEmpty(ConnectionString)) return MusicStorage.FromConnectionString(ConnectionString);
        if (BlobServiceUri is null || QueueServiceUri is null)
            throw new InvalidOperationException("No storage account is set: set Storage__connectionString, or Storage__blobServiceUri and Storage__queueServiceUri.");
        return MusicStorage.FromIdentity(BlobServiceUri, QueueServiceUri, new DefaultAzureCredential(new DefaultAzureCredentialOptions { ManagedIdentityClientId = ClientId }));
    }
}
