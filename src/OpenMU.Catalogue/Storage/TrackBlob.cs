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

    /// <summary>Largest file that is taken where nothing else is set: 2 GiB.</summary>
    public const long MaxBytes = 2L << 30;

    /// <summary>Metadata: the file's path as its owner named it, percent-encoded.</summary>
    public const string PathMetadata = "path";

    /// <summary>Metadata: when the file was changed, for uploaders that compare.</summary>
    public const string ModifiedMetadata = "modified";

    /// <summary>Metadata: the trace in which it was uploaded (W3C Trace Context), where there was one.</summary>
    public const string TraceParentMetadata = "traceparent";
}
