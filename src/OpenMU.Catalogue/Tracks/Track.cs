using OpenMU.Catalogue.Jobs;

namespace OpenMU.Catalogue.Tracks;

/// <summary>
/// One uploaded file. Two files with the same bytes are two tracks that share one job and one analysis.
/// </summary>
public sealed class Track
{
    public long Id { get; set; }

    /// <summary>The library that owns the track; every query filters on it.</summary>
    public required string Tenant { get; set; }

    /// <summary>Name inside the container, tenant first: <c>tenant/folder/song.flac</c>. Unique per tenant.</summary>
    public required string BlobName { get; set; }

    /// <summary>The blob's version that was ingested; a later upload under the same name has another one.</summary>
    public required string ETag { get; set; }

    /// <summary>The file's path as its owner named it, for display and search.</summary>
    public required string FileName { get; set; }

    public long SizeBytes { get; set; }

    /// <summary>UTC.</summary>
    public DateTime UploadedAt { get; set; }

    public long JobId { get; set; }

    public Job Job { get; set; } = null!;
}
