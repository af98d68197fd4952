namespace OpenMU.Catalogue.Storage;

/// <summary>
/// How far the comparison of the container with the catalogue is, so that a run that had to stop is gone on with. There
/// is one row.
/// </summary>
public sealed class Sweep
{
    /// <summary>Longest <see cref="Marker"/>; the storage's are about as long as the name they stand for.</summary>
    public const int MaxMarkerLength = 4000;

    public int Id { get; init; } = 1;

    /// <summary>The storage's word for where the listing goes on; null at the beginning, and at the end.</summary>
    public string? Marker { get; set; }

    /// <summary>The last name that was compared; null at the beginning.</summary>
    public string? After { get; set; }

    /// <summary>Blobs that were listed so far.</summary>
    public long Listed { get; set; }

    /// <summary>UTC.</summary>
    public DateTime StartedAt { get; set; }

    /// <summary>UTC; null while there is more to compare.</summary>
    public DateTime? FinishedAt { get; set; }

    /// <summary>All was compared.</summary>
    public bool IsFinished => FinishedAt is not null;
}
