using System.ComponentModel.DataAnnotations;
using Azure.Core;
using Azure.Identity;
using Azure.Storage.Queues;

namespace OpenMU.Catalogue.Storage;

/// <summary>
/// Where the storage account is: the section <c>Storage</c> of a program's configuration. For the emulator a
/// connection string (<c>Storage__connectionString</c>), in Azure the endpoints and an identity, spelled as the
/// Functions host spells them.
/// </summary>
public sealed class StorageSettings : IValidatableObject
{
    public string? ConnectionString { get; set; }

    public Uri? BlobServiceUri { get; set; }

    public Uri? QueueServiceUri { get; set; }

    /// <summary>Client id of the user-assigned identity; null for the environment's own.</summary>
    public string? ClientId { get; set; }

    /// <summary>
    /// <c>managedidentity</c> for the identity that Azure gave the program, as the Functions host spells it.
    /// </summary>
    [AllowedValues(null, "managedidentity", ErrorMessage = "must be managedidentity or nothing")]
    public string? Credential { get; set; }

    /// <param name="isInteractive">Somebody waits for an answer: storage that is away is soon said to be.</param>
    public MusicStorage Open(bool isInteractive = false) => !string.IsNullOrEmpty(ConnectionString)
        ? MusicStorage.FromConnectionString(ConnectionString, isInteractive)
        : MusicStorage.FromIdentity(
            BlobServiceUri!, QueueServiceUri!, SignIn(), isInteractive);

    /// <summary>
    /// Who a program is: by name the identity that it was given, which is asked at one place and fails at once where it
    /// is not; else whatever a developer is signed in with.
    /// </summary>
    internal TokenCredential SignIn() => Credential is null
        ? new DefaultAzureCredential(new DefaultAzureCredentialOptions { ManagedIdentityClientId = ClientId })
        : new ManagedIdentityCredential(string.IsNullOrEmpty(ClientId)
            ? ManagedIdentityId.SystemAssigned
            : ManagedIdentityId.FromUserAssignedClientId(ClientId));

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (!string.IsNullOrEmpty(ConnectionString))
        {
            if (!IsConnectionString(ConnectionString))
                yield return new("is no connection string of a storage account", [nameof(ConnectionString)]);
            yield break;
        }

        const string addresses =
            "must be set to the service's https address (or set Storage__connectionString, for the emulator)";
        if (BlobServiceUri is not { IsAbsoluteUri: true }) yield return new(addresses, [nameof(BlobServiceUri)]);
        if (QueueServiceUri is not { IsAbsoluteUri: true }) yield return new(addresses, [nameof(QueueServiceUri)]);
    }

    private static bool IsConnectionString(string text)
    {
        try
        {
            return new QueueServiceClient(text).Uri is not null;
        }
        catch (FormatException)
        {
            return false;
        }
    }
}
