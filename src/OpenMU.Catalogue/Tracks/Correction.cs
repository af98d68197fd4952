using OpenMU.Music;

namespace OpenMU.Catalogue.Tracks;

/// <summary>
/// What a person has put right about one track. A value here stands above the analysis in search and details; null
/// leaves the analysis's own. It belongs to the track, not to the job, so it survives every new run.
/// </summary>
public sealed class Correction
{
    /// <summary>Key and foreign key: one correction per track.</summary>
    public long TrackId { get; set; }

    public string? Title { get; set; }

    public string? Artist { get; set; }

    public string? Album { get; set; }

    public double? Bpm { get; set; }

    /// <summary>As <see cref="Analysis.Key"/>.</summary>
    public MusicalKey? Key { get; set; }

    /// <summary>The same key on the Camelot wheel; follows <see cref="Key"/>.</summary>
    public string? Camelot
    {
        get => Key?.Camelot;
        private set { } // the database's copy is written, never believed
    }

    public string? Caption { get; set; }

    /// <summary>All tags, separated by commas.</summary>
    public string? TagText { get; set; }

    /// <summary>Who says so.</summary>
    public required string By { get; set; }

    /// <summary>UTC.</summary>
    public DateTime At { get; set; }
}
