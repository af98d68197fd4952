using System.Security.Cryptography;
using System.Text;
using Azure;
using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Storage;

namespace OpenMU.Functions;

/// <summary>One version of one blob, as its properties describe it.</summary>
/// <param name="Tenant">First segment of the blob's name, or <c>default</c> where the name has
/// one segment only.</param>
/// <param name="BlobName">The whole name.</param>
/// <param name="FileName">The path as its owner named it: the metadata's <c>path</c>, else the rest of
/// the blob's name.</param>
/// <param name="ETag">Names the version. Headers quote it and listings do not, so it is compared and stored
/// quoted (format H).</param>
/// <param name="SizeBytes">Length.</param>
/// <param name="UploadedAt">UTC, to the second.</param>
internal sealed record Upload(
    string Tenant, string BlobName, string FileName, ETag ETag, long SizeBytes, DateTime UploadedAt)
{
    /// <summary>
    /// The names that a blob's name and metadata carry, or null if they cannot stand in the catalogue.
    /// </summary>
    public static (string Tenant, string FileName)? Names(string blobName, IDictionary<string, string> metadata)
    {
        var slash = blobName.IndexOf('/');
        var tenant = slash < 0 ? TrackBlob.DefaultTenant : blobName[..slash];
        if (tenant.Length is 0 or > TrackBlob.MaxTenantLength || blobName.Length > StorageNames.MaxBlobNameLength)
            return null;

        var path = metadata.TryGetValue(TrackBlob.PathMetadata, out var escaped)
            ? Uri.UnescapeDataString(escaped)
            : blobName[(slash + 1)..];
        path = new string([.. path.Where(c => !char.IsControl(c))]).Trim();
        if (path.Length == 0) path = blobName;
        return (tenant, path.Length <= StorageNames.MaxBlobNameLength ? path : path[^StorageNames.MaxBlobNameLength..]);
    }

    /// <summary>The content id of a blob that is refused unread: no other version shares it.</summary>
    public string UnreadContentId() => $"{Job.UnreadPrefix}"
        + $"{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{BlobName}\n{ETag:H}")))}";
}
