using System.Security.Cryptography;
using System.Text;

namespace OpenMU.Catalogue.Storage;

/// <summary>
/// What uploaders and readers of the container of tracks agree on: tenant, size, and the metadata beside the bytes.
/// </summary>
public static class TrackBlob
{
    /// <summary>Tenant of a blob whose name has no folder, and of a home set-up.</summary>
    public const string DefaultTenant = "default";

    /// <summary>Longest name of a tenant.</summary>
    public const int MaxTenantLength = 64;

    /// <summary>
    /// Longest name of a blob, in UTF-16 units: what Azure allows, so whatever can be uploaded can be catalogued. All
    /// other limits of names follow from this one and from <see cref="MaxTenantLength"/>.
    /// </summary>
    public const int MaxNameLength = 1024;

    /// <summary>Longest path of a file below any tenant's folder, the slash between them counted off.</summary>
    public const int MaxPathLength = MaxNameLength - MaxTenantLength - 1;

    /// <summary>
    /// Stands for a blob's name in keys: 64 hex digits, the SHA-256 of its UTF-8 bytes. A name is longer than an index
    /// key may be, and SQL Server takes names for equal that differ by a space at their end.
    /// </summary>
    public static string Key(string blobName) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(blobName)));

    /// <summary>Largest file that is taken where nothing else is set: 2 GiB.</summary>
    public const long MaxBytes = 2L << 30;

    /// <summary>Metadata: the file's path as its owner named it, percent-encoded.</summary>
    public const string PathMetadata = "path";

    /// <summary>Metadata: the SHA-256 of the bytes as their sender gave it, 64 hex digits in lower case.</summary>
    public const string Sha256Metadata = "sha256";

    /// <summary>Metadata: when the file was changed, for uploaders that compare.</summary>
    public const string ModifiedMetadata = "modified";

    /// <summary>Metadata: the trace in which it was uploaded (W3C Trace Context), where there was one.</summary>
    public const string TraceParentMetadata = "traceparent";
}
