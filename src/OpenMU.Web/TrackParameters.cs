using OpenMU.Catalogue.Search;
using OpenMU.Catalogue.Tracks;
using OpenMU.Music;

namespace OpenMU.Web;

/// <summary>A search as a query string states it. What is left out does not narrow the search.</summary>
internal sealed class TrackParameters
{
    /// <summary>
    /// Words, or beginnings of words, that the track must have; "phrases", -words that it must not have, a OR b,
    /// title:word, and keys, tempi, lengths and metres in words.
    /// </summary>
    public string? Text { get; init; }

    /// <summary>
    /// Where no track has every word, show those that mean the nearest, of three words or more, else those that have
    /// the most of them.
    /// </summary>
    public bool? Relax { get; init; }

    /// <summary>
    /// Put the tracks first whose texts mean the nearest to the plain words, such as warm sad piano for a film scene.
    /// Phrases, fields, facets and -words hold as ever.
    /// </summary>
    public bool? Meaning { get; init; }

    /// <summary>
    /// A value of a group, such as genre:jazz; genre:jazz|blues for any of them, -mood:sad for none. May be given
    /// several times: all must hold.
    /// </summary>
    public string[]? Facet { get; init; }

    /// <summary>Slowest tempo, beats per minute.</summary>
    public double? BpmFrom { get; init; }

    /// <summary>Fastest tempo, beats per minute.</summary>
    public double? BpmTo { get; init; }

    /// <summary>A key such as C# minor, C#m, 12A (Camelot) or 5m (Open Key).</summary>
    public string? Key { get; init; }

    /// <summary>Also the key's neighbours on the Camelot wheel, which mix well with it.</summary>
    public bool? KeyNeighbours { get; init; }

    /// <summary>Softest integrated loudness, LUFS.</summary>
    public double? LufsFrom { get; init; }

    /// <summary>Loudest integrated loudness, LUFS.</summary>
    public double? LufsTo { get; init; }

    /// <summary>Shortest duration.</summary>
    public double? SecondsFrom { get; init; }

    /// <summary>Longest duration.</summary>
    public double? SecondsTo { get; init; }

    /// <summary>Only tracks in this state; when left out, all whose file is there.</summary>
    public TrackState? State { get; init; }

    /// <summary>What to order by; the file name when left out. Tracks that have none of it come last.</summary>
    public TrackSort? Sort { get; init; }

    /// <summary>From the highest to the lowest.</summary>
    public bool? Descending { get; init; }

    /// <summary>Count the values of facets; when left out, on the first page alone.</summary>
    public bool? Facets { get; init; }

    /// <summary>The page after another one: what that one calls its next. Of the same search and order.</summary>
    public string? After { get; init; }

    /// <summary>The page before another one: what that one calls its previous. Of the same search and order.</summary>
    public string? Before { get; init; }

    /// <summary>Tracks on a page, 1 to 500; 50 when left out.</summary>
    public int? PageSize { get; init; }

    private const int MaxFacets = 20;

    private const string NoPlace =
        "This is no place in this list: take next or previous from an answer in the same order, or leave it out.";

    public TrackQuery ToQuery() => new()
    {
        Text = Text,
        Relax = Relax ?? false,
        ByMeaning = Meaning ?? false,
        // They are those of the whole list, which its first page has told.
        CountFacets = Facets ?? (After is null && Before is null),
        Facets = [.. (Facet ?? []).Select(FacetFilter.TryParse).OfType<FacetFilter>()],
        BpmFrom = BpmFrom,
        BpmTo = BpmTo,
        Key = Key,
        KeyNeighbours = KeyNeighbours ?? false,
        LufsFrom = LufsFrom,
        LufsTo = LufsTo,
        SecondsFrom = SecondsFrom,
        SecondsTo = SecondsTo,
        State = State,
        Sort = Sort ?? default,
        Descending = Descending ?? false,
        After = TrackCursor.TryParse(After),
        Before = TrackCursor.TryParse(Before),
        PageSize = PageSize ?? 50,
    };

    /// <summary>What is wrong with the values, by parameter; empty for a search that can be done.</summary>
    public Dictionary<string, string[]> Mistakes()
    {
        var mistakes = new Dictionary<string, string[]>();
        Check("text", Text is null || Text.Length <= 200, "Give at most 200 characters.");
        Check("facet", Facet is null || Facet.Length <= MaxFacets, $"Give at most {MaxFacets}.");
        foreach (var facet in Facet ?? [])
        {
            Check(
                "facet", FacetFilter.TryParse(facet) is not null,
                $"'{facet}' is no facet such as genre:jazz, genre:jazz|blues or -mood:sad. Groups are "
                    + $"{string.Join(", ", OpenMU.Catalogue.Search.Facet.Groups)}, and fields that you declared, as x.name.");
        }

        Check(
            "key", string.IsNullOrWhiteSpace(Key) || MusicalKey.TryParse(Key) is not null,
            "Give a key such as A minor, Am, 8A or 1m.");
        Check("after", IsOfThisOrder(After), NoPlace);
        Check("before", IsOfThisOrder(Before), NoPlace);
        Check("before", Before is null || After is null, "Give either after or before.");
        Check(
            "pageSize", PageSize is null or (> 0 and <= TrackQuery.MaxPageSize),
            $"A page holds 1 to {TrackQuery.MaxPageSize} tracks.");
        Check("meaning", Meaning != true || !string.IsNullOrWhiteSpace(Text), "Say in text what it should mean.");
        Check(
            "meaning", Meaning != true || (After ?? Before) is null, "What is found by meaning is one page: leave this out.");
        CheckRange("bpm", BpmFrom, BpmTo);
        CheckRange("lufs", LufsFrom, LufsTo);
        CheckRange("seconds", SecondsFrom, SecondsTo);
        return mistakes;

        void Check(string name, bool good, string mistake)
        {
            if (!good) mistakes[name] = [mistake];
        }

        void CheckRange(string name, double? from, double? to)
        {
            if (!(from > to)) return;
            mistakes[name + "From"] =
                [FormattableString.Invariant($"The range runs from {from} down to {to}; turn it round.")];
        }
    }

    private bool IsOfThisOrder(string? place) => place is null || (TrackCursor.TryParse(place) is { } cursor
        && cursor.Sort == (Sort ?? default) && cursor.Descending == (Descending ?? false));
}
