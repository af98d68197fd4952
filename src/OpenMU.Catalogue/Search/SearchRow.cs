using OpenMU.Catalogue.Tracks;

namespace OpenMU.Catalogue.Search;

/// <summary>
/// One track as search sees it: the facts of track, job, analysis and correction side by side, so that every facet of a
/// million tracks is answered from one index. Triggers in the database keep it; nothing else writes it.
/// </summary>
public sealed class SearchRow
{
    public long TrackId { get; private set; }

    public string Tenant { get; private set; } = "";

    public string FileName { get; private set; } = "";

    public DateTime UploadedAt { get; private set; }

    public TrackState State { get; private set; }

    public string? Reason { get; private set; }

    public string? Title { get; private set; }

    public string? Artist { get; private set; }

    public string? Album { get; private set; }

    public double? Bpm { get; private set; }

    public string? Key { get; private set; }

    public string? Camelot { get; private set; }

    /// <summary><see cref="Analysis.IntegratedLufs"/>.</summary>
    public double? Lufs { get; private set; }

    /// <summary><see cref="Analysis.DurationSeconds"/>; null before the analysis.</summary>
    public double? Seconds { get; private set; }

    public string? Caption { get; private set; }

    public string? TagText { get; private set; }

    /// <summary><see cref="Analysis.DroppedSentences"/>.</summary>
    public int? DroppedSentences { get; private set; }

    /// <summary><see cref="StoredLyrics.Text"/> of the lyrics that are shown.</summary>
    public string? Lyrics { get; private set; }
}
