using OpenMU.Catalogue.Tracks;

namespace OpenMU.Catalogue.Search;

/// <summary>
/// How many tracks of one tenant are in one state and have one key. Each transaction that changes a
/// <see cref="SearchRow"/> changes the counts with it: by triggers in SQLite, by an indexed view in SQL Server.
/// </summary>
public sealed class TrackCount
{
    public string Tenant { get; private set; } = "";

    public TrackState State { get; private set; }

    /// <summary>Null or empty for tracks without a key.</summary>
    public string? Camelot { get; private set; }

    /// <summary>May be 0.</summary>
    public long Tracks { get; private set; }
}
