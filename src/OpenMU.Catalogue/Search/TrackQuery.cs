using OpenMU.Catalogue.Fields;
using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Taxonomy;
using OpenMU.Catalogue.Tracks;
using OpenMU.Music;

namespace OpenMU.Catalogue.Search;

/// <summary>What to look for. All conditions hold at once; null asks for nothing.</summary>
public sealed record TrackQuery
{
    public const int MaxPageSize = 500;

    /// <summary>
    /// So many tracks, the first that came, are counted at most when words or ranges are looked for.
    /// </summary>
    public const int MaxCounted = 5000;

    /// <summary>Of so many that words and ranges find, the first that came, those are looked for that mean the nearest.
    /// </summary>
    public const int MaxNarrowed = 10_000;

    /// <summary>Where more than <see cref="MaxCounted"/> are found, facets are those of so many, the first.</summary>
    public const int MaxFaceted = 1000;

    /// <summary>
    /// What people write into a search box: words, phrases, fields, keys and tempi, as docs/search.md says. Every word
    /// must start a word of what is known about the track; case and accents don't count.
    /// </summary>
    public string? Text { get; init; }

    /// <summary>
    /// Where no track has every word, take those that have the most of them. Not for what changes or takes away what it
    /// finds.
    /// </summary>
    public bool Relax { get; init; }

    /// <summary>
    /// Put those first whose texts mean the nearest to the plain words, as <see cref="Meaning.MeaningSearch"/> does; for
    /// <see cref="TrackSearch"/> it means nothing.
    /// </summary>
    public bool ByMeaning { get; init; }

    /// <summary>All of them hold.</summary>
    public IReadOnlyList<FacetFilter> Facets { get; init; } = [];

    /// <summary>Inclusive, as all bounds here.</summary>
    public double? BpmFrom { get; init; }
    public double? BpmTo { get; init; }

    /// <summary>As <see cref="MusicalKey.TryParse"/> reads it; what it cannot read, no track has.</summary>
    public string? Key { get; init; }

    /// <summary>Take the keys that mix well with <see cref="Key"/> too.</summary>
    public bool KeyNeighbours { get; init; }

    public double? LufsFrom { get; init; }
    public double? LufsTo { get; init; }

    public double? SecondsFrom { get; init; }
    public double? SecondsTo { get; init; }

    /// <summary>Null finds tracks of every state but <see cref="TrackState.Missing"/>.</summary>
    public TrackState? State { get; init; }

    /// <summary>Count how what is found divides by facets, for which its first tracks have to be read.</summary>
    public bool CountFacets { get; init; } = true;

    public TrackSort Sort { get; init; }

    public bool Descending { get; init; }

    /// <summary>The page after this place; one of another order begins at the start.</summary>
    public TrackCursor? After { get; init; }

    /// <summary>The page before this place, if there is no <see cref="After"/>.</summary>
    public TrackCursor? Before { get; init; }

    /// <summary>1 to <see cref="MaxPageSize"/>; more or less is taken for the nearest.</summary>
    public int PageSize { get; init; } = 50;

    /// <summary>Whether something is asked for that not every track has; order and place don't count.</summary>
    public bool IsNarrowed =>
        !string.IsNullOrWhiteSpace(Text) || Facets.Count > 0 || !string.IsNullOrWhiteSpace(Key) || State is not null
        || (BpmFrom ?? BpmTo ?? LufsFrom ?? LufsTo ?? SecondsFrom ?? SecondsTo) is not null;
}

/// <summary>
/// What the tracks are sorted by. What has no value comes first, or last when descending; equals
/// keep the order of upload.
/// </summary>
public enum TrackSort
{
    FileName,
    Title,
    Artist,
    Bpm,
    Key,
    Lufs,
    Seconds,
    UploadedAt,
}

/// <summary>One line of a list of tracks.</summary>
/// <param name="Id">Of the track.</param>
/// <param name="FileName"><see cref="Track.FileName"/>.</param>
/// <param name="Title">As corrected, else as the file claims; so for artist, album, BPM, key, caption and tags.</param>
/// <param name="Artist">See title.</param>
/// <param name="Album">See title.</param>
/// <param name="State">Of the track's job, or Missing.</param>
/// <param name="Reason">Why Rejected or Failed.</param>
/// <param name="Bpm">Beats per minute.</param>
/// <param name="Key"><c>A minor</c>.</param>
/// <param name="Camelot"><c>8A</c>.</param>
/// <param name="Lufs">Integrated loudness.</param>
/// <param name="Seconds">Duration.</param>
/// <param name="Caption">The model's sentence.</param>
/// <param name="Tags">Separated by commas.</param>
/// <param name="UploadedAt">UTC.</param>
/// <param name="DroppedSentences">Sentences of the model that were left out; null without a model.</param>
public sealed record TrackSummary(
    long Id, string FileName, string? Title, string? Artist, string? Album, TrackState State, string? Reason,
    double? Bpm, string? Key, string? Camelot, double? Lufs, double? Seconds, string? Caption, string? Tags,
    DateTime UploadedAt, int? DroppedSentences)
{
    /// <summary>The track's tags by the library's taxonomy, each with its group, confidence and source.</summary>
    public IReadOnlyList<TrackTag> Terms { get; init; } = [];
}

/// <summary>One page of what was found, and how all of it divides.</summary>
/// <param name="Tracks">At most <paramref name="PageSize"/>.</param>
/// <param name="Total">Tracks found, on all pages.</param>
/// <param name="CountsAll">False where words or ranges find more than the first
/// <see cref="TrackQuery.MaxCounted"/> tracks in the order in which they came, or with facets as many: then only those
/// are counted, in the total and by state and key, and there may be more. The pages hold all.</param>
/// <param name="First">The place of the page's first track among those found, from 1; 0 on an empty page. Tracks that
/// came or went since the list was begun may shift it.</param>
/// <param name="PageSize">As applied.</param>
/// <param name="Previous">Asks for the page before this one, as <c>before</c>; null on the first.</param>
/// <param name="Next">Asks for the page after this one, as <c>after</c>; null on the last.</param>
/// <param name="States">Tracks by state, with the query's own state left out of account: what each
/// choice would find.</param>
/// <param name="Keys">Tracks by Camelot name, with the query's own key left out of account; tracks without a key
/// are not in it.</param>
/// <param name="Facets">The most frequent values of each group among the tracks found, where they are more than
/// <see cref="TrackQuery.MaxCounted"/> the first <see cref="TrackQuery.MaxFaceted"/> that came; of a group with a
/// filter for any of its values, what each other value would find.</param>
/// <param name="FacetsCountAll">False where there are more tracks than those whose facets are counted.</param>
/// <param name="Understood">What of the text was understood as more than words.</param>
/// <param name="Notes">What else whoever searched should know, in sentences.</param>
public sealed record TrackPage(
    IReadOnlyList<TrackSummary> Tracks, int Total, bool CountsAll, long First, int PageSize, string? Previous,
    string? Next, IReadOnlyDictionary<TrackState, int> States, IReadOnlyDictionary<string, int> Keys,
    IReadOnlyDictionary<string, IReadOnlyList<FacetCount>> Facets, bool FacetsCountAll,
    IReadOnlyList<UnderstoodPhrase> Understood, IReadOnlyList<string> Notes);

/// <summary>All about one track: its line with corrections applied, and what they are applied to.</summary>
/// <param name="Summary">As in the list.</param>
/// <param name="Track">With its job.</param>
/// <param name="Analysis">As measured, without corrections; null before there is one.</param>
/// <param name="Correction">Null where nobody has put anything right.</param>
/// <param name="Lyrics">Those that are shown; null where none are known.</param>
/// <param name="Newer">The latest job of the same content where another one's result is shown, because a new model is
/// to listen, could not, or its result is held back; null where the track shows the latest.</param>
public sealed record TrackDetails(
    TrackSummary Summary, Track Track, Analysis? Analysis, Correction? Correction, StoredLyrics? Lyrics, Job? Newer);
