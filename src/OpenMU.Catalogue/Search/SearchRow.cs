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

    /// <summary><see cref="Analysis.DurationSeconds"/>, or as it was put right; null before the analysis.</summary>
    public double? Seconds { get; private set; }

    public string? Caption { get; private set; }

    public string? TagText { get; private set; }

    /// <summary><see cref="Analysis.DroppedSentences"/>.</summary>
    public int? DroppedSentences { get; private set; }

    /// <summary>What the list is sorted by, as <see cref="SearchFold.SortKey"/> makes it.</summary>
    public string FileNameOrder { get; private set; } = "";

    public string? TitleOrder { get; private set; }

    public string? ArtistOrder { get; private set; }

    /// <summary>The key's place on the Camelot wheel: 2 is 1A, 3 is 1B, and so on to 25.</summary>
    public int? KeyOrder { get; private set; }

    /// <summary>Words that stand for <see cref="Facet"/>s, a space between two.</summary>
    public string Facets { get; private set; } = "";

    // Folded, as the index of words takes them: a property for each SearchColumn.
    public string? NameWords { get; private set; }

    public string? TitleWords { get; private set; }

    public string? ArtistWords { get; private set; }

    public string? AlbumWords { get; private set; }

    public string? GenreWords { get; private set; }

    public string? MoodWords { get; private set; }

    public string? InstrumentWords { get; private set; }

    public string? TagWords { get; private set; }

    public string? ComposerWords { get; private set; }

    public string? LabelWords { get; private set; }

    public string? AboutWords { get; private set; }

    public string? IdWords { get; private set; }

    public string? CustomWords { get; private set; }

    public string? LyricsWords { get; private set; }
}
