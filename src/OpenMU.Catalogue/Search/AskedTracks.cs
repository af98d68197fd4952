using OpenMU.Catalogue.Taxonomy;
using OpenMU.Music;

namespace OpenMU.Catalogue.Search;

/// <summary>A query once its text has been read: one condition on words and facets, and bounds.</summary>
internal sealed class AskedTracks
{
    private readonly NumberRange bpm, lufs, seconds;

    // Of the tries that a text gives.
    private int place;

    private AskedTracks(
        TrackQuery query, TagTaxonomy taxonomy, MusicalPhrases? phrases, IReadOnlyList<string> notes)
    {
        Query = query;
        Taxonomy = taxonomy;
        Notes = notes;
        Understood = phrases?.Understood ?? [];
        bpm = new NumberRange(query.BpmFrom, query.BpmTo).And(phrases?.Bpm ?? default);
        lufs = new NumberRange(query.LufsFrom, query.LufsTo);
        seconds = new NumberRange(query.SecondsFrom, query.SecondsTo).And(phrases?.Seconds ?? default);
        Keys = KeysOf(query);
        ExcludedKeys = [.. phrases?.ExcludedKeys.Select(key => key.Camelot) ?? []];
        if (phrases?.Keys is not { } said) return;
        var camelots = said.Select(key => key.Camelot);
        Keys = Keys is null ? [.. camelots] : [.. Keys.Intersect(camelots)];
    }

    public TrackQuery Query { get; }

    /// <summary>What facets and words mean.</summary>
    public TagTaxonomy Taxonomy { get; }

    /// <summary>Null where neither words nor facets are asked for.</summary>
    public SearchCondition? Condition { get; private init; }

    /// <summary>Each plain word, with what holds whatever words do.</summary>
    public IReadOnlyList<(string Text, SearchCondition Condition)> Words { get; private init; } = [];

    /// <summary>Whether the text is nothing that a track could have.</summary>
    public bool IsNothing { get; private init; }

    /// <summary>Camelot names of the keys; null for any.</summary>
    public List<string?>? Keys { get; }

    /// <summary>Camelot names of keys that are not to be found.</summary>
    public List<string> ExcludedKeys { get; }

    public IReadOnlyList<UnderstoodPhrase> Understood { get; }

    public IReadOnlyList<string> Notes { get; }

    /// <summary>Whether it bounds tempo, loudness or length.</summary>
    public bool HasRange => BoundedBy is not null;

    /// <summary>What it bounds, the first of them; null where it bounds nothing.</summary>
    public TrackSort? BoundedBy => (bpm.From ?? bpm.To) is not null ? TrackSort.Bpm
        : (lufs.From ?? lufs.To) is not null ? TrackSort.Lufs
        : (seconds.From ?? seconds.To) is not null ? TrackSort.Seconds
        : null;

    /// <summary>Whether a track of this key may be found.</summary>
    public bool HasKey(string? camelot) =>
        (Keys is null || Keys.Contains(camelot)) && (camelot is null || !ExcludedKeys.Contains(camelot));

    /// <summary>What to look for, then what else where that finds nothing.</summary>
    /// <param name="query">What is asked for.</param>
    /// <param name="taxonomy">What its facets and words mean.</param>
    /// <param name="absent">Plain words that no track has, where that is known.</param>
    public static IReadOnlyList<AskedTracks> Of(
        TrackQuery query, TagTaxonomy taxonomy, IReadOnlySet<string>? absent = null)
    {
        var facets = query.Facets.Select(filter => filter.ToCondition(taxonomy)).ToList();
        if (string.IsNullOrWhiteSpace(query.Text))
            return [new AskedTracks(query, taxonomy, null, []) { Condition = SearchCondition.AllOf(facets) }];
        var read = SearchLanguage.Read(query.Text, taxonomy);
        IReadOnlyList<SearchCondition> required = [.. facets, .. read.Required];
        var tries = LooseWords.Tries(required, read.Loose, absent ?? new HashSet<string>())
            .Take(query.Relax ? int.MaxValue : 1)
            .Select((one, place) => new AskedTracks(query, taxonomy, read.Phrases, [.. read.Notes, .. Said(one.Note)])
            {
                Condition = one.Condition,
                place = place,
                Words = [.. read.Loose.Select(
                    word => (word.Text, SearchCondition.AllOf([.. required, word.Condition])!))],
                IsNothing = read.IsNonsense,
            });
        return [.. tries];
    }

    /// <summary>
    /// What holds whatever the plain words mean: facets, phrases, fields, what is not to be found, keys and bounds; and
    /// the plain words as one sentence. Null where there are none.
    /// </summary>
    /// <param name="query">What is asked for.</param>
    /// <param name="taxonomy">What its facets and words mean.</param>
    public static (AskedTracks Strict, string Sentence)? WithSentence(TrackQuery query, TagTaxonomy taxonomy)
    {
        if (string.IsNullOrWhiteSpace(query.Text)) return null;
        var read = SearchLanguage.Read(query.Text, taxonomy);
        if (read.Loose.Count == 0) return null;
        SearchCondition[] required = [.. query.Facets.Select(filter => filter.ToCondition(taxonomy)), .. read.Required];
        var strict = new AskedTracks(query, taxonomy, read.Phrases, read.Notes)
        {
            Condition = SearchCondition.AllOf(required),
            IsNothing = read.IsNonsense,
        };
        return (strict, string.Join(' ', read.Loose.Select(word => word.Text)));
    }

    /// <summary>The same without the filters for values of one group.</summary>
    public AskedTracks Without(string group)
    {
        var others = Query.Facets.Where(filter => filter.Not || filter.Group != group);
        return Of(Query with { Facets = [.. others] }, Taxonomy)[place];
    }

    /// <summary>Those within the bounds.</summary>
    public IQueryable<SearchHit> In(IQueryable<SearchHit> hits)
    {
        if (bpm.From is { } bpmFrom) hits = hits.Where(hit => hit.Bpm >= bpmFrom);
        if (bpm.To is { } bpmTo) hits = hits.Where(hit => hit.Bpm <= bpmTo);
        if (lufs.From is { } lufsFrom) hits = hits.Where(hit => hit.Lufs >= lufsFrom);
        if (lufs.To is { } lufsTo) hits = hits.Where(hit => hit.Lufs <= lufsTo);
        if (seconds.From is { } secondsFrom) hits = hits.Where(hit => hit.Seconds >= secondsFrom);
        if (seconds.To is { } secondsTo) hits = hits.Where(hit => hit.Seconds <= secondsTo);
        return hits;
    }

    /// <summary>Those within the bounds, or within those of one value alone.</summary>
    public IQueryable<SearchRow> In(IQueryable<SearchRow> rows, TrackSort? only = null)
    {
        if (only is null or TrackSort.Bpm)
        {
            if (bpm.From is { } from) rows = rows.Where(row => row.Bpm >= from);
            if (bpm.To is { } to) rows = rows.Where(row => row.Bpm <= to);
        }

        if (only is null or TrackSort.Lufs)
        {
            if (lufs.From is { } from) rows = rows.Where(row => row.Lufs >= from);
            if (lufs.To is { } to) rows = rows.Where(row => row.Lufs <= to);
        }

        if (only is null or TrackSort.Seconds)
        {
            if (seconds.From is { } from) rows = rows.Where(row => row.Seconds >= from);
            if (seconds.To is { } to) rows = rows.Where(row => row.Seconds <= to);
        }

        return rows;
    }

    private static string[] Said(string? note) => note is null ? [] : [note];

    private static List<string?>? KeysOf(TrackQuery query)
    {
        if (string.IsNullOrWhiteSpace(query.Key)) return null;
        if (MusicalKey.TryParse(query.Key) is not { } key) return [];
        return query.KeyNeighbours ? [.. key.Neighbours().Select(neighbour => neighbour.Camelot)] : [key.Camelot];
    }
}
