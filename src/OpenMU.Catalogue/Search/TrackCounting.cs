using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using OpenMU.Catalogue.Storage;
using OpenMU.Catalogue.Tracks;

namespace OpenMU.Catalogue.Search;

/// <summary>How the tracks divide that a search finds: by state and key, and by facets.</summary>
internal sealed class TrackCounting(CatalogueDb db, string tenant)
{
    // One more than are counted tells that there are more.
    private const int MaxRead = TrackQuery.MaxCounted + 1;

    /// <summary>Of no tracks.</summary>
    public static Count Nothing { get; } = new([], null, [], true, true);

    /// <summary>
    /// Where words and ranges find few tracks, their ids; else how the first of them divide. Without words and ranges
    /// all are counted by state and key, and the first by facets.
    /// </summary>
    /// <param name="asked">What is looked for.</param>
    /// <param name="states">Those whose facets are counted.</param>
    /// <param name="cancel">Gives up.</param>
    public async Task<Count> CountAsync(
        AskedTracks asked, IReadOnlyList<TrackState> states, CancellationToken cancel)
    {
        if (asked.IsNothing) return Nothing;
        if (asked.Condition is null && !asked.HasRange)
        {
            // How many there are is kept: none need be read to know that they are too many.
            var kept = await new TrackSearch(db).CellsAsync(tenant, cancel);
            var first = kept.Sum(cell => cell.Count) > TrackQuery.MaxCounted ? TrackQuery.MaxFaceted : MaxRead;
            var faceted = asked.Query.CountFacets ? await ReadAsync(asked, states, first, true, cancel) : null;
            return new Count(kept, faceted, null, true, first == MaxRead);
        }

        var tally = await TallyAsync(asked, states, cancel);
        var hits = tally.Hits;
        var isAll = hits.Count <= TrackQuery.MaxCounted;
        var cells = hits.Take(TrackQuery.MaxCounted).CountBy(hit => (hit.State, hit.Camelot))
            .Select(cell => new TrackCell(
                Enum.Parse<TrackState>(cell.Key.State), cell.Key.Camelot, cell.Value));
        return new Count([.. cells], tally, isAll ? hits.ConvertAll(hit => hit.TrackId) : null, isAll, isAll);
    }

    /// <summary>The first tracks that words and bounds find.</summary>
    public async Task<FacetTally> HitsAsync(
        AskedTracks asked, IReadOnlyList<TrackState> states, int most, CancellationToken cancel) => asked.IsNothing
            ? new FacetTally(asked, states)
            : await FirstAsync(asked, states, most, cancel);

    /// <summary>
    /// The values of each group that the tracks have which are found, the most frequent first. In a group of which any
    /// of some values is asked for, the others are counted as if it were not. None where nobody wants to know.
    /// </summary>
    public async Task<IReadOnlyDictionary<string, IReadOnlyList<FacetCount>>> FacetsAsync(
        AskedTracks asked, Count count, IReadOnlyList<TrackState> states, CancellationToken cancel)
    {
        if (!asked.Query.CountFacets || count.Tally is null)
            return new Dictionary<string, IReadOnlyList<FacetCount>>();
        var facets = count.Tally.Facets();
        foreach (var group in asked.Query.Facets.Where(filter => !filter.Not).Select(filter => filter.Group).Distinct())
        {
            // What finds more than are counted finds no fewer without a filter.
            var without = asked.Without(group);
            var others = count.IsAll
                ? await TallyAsync(without, states, cancel)
                : await ReadAsync(without, states, TrackQuery.MaxFaceted, true, cancel);
            if (others.Facets().TryGetValue(group, out var values)) facets[group] = values;
        }

        return facets;
    }

    /// <summary>How tracks divide that were found elsewhere.</summary>
    public async Task<FacetTally> OfAsync(AskedTracks asked, IReadOnlyList<long> ids, CancellationToken cancel)
    {
        var rows = await db.Rows(SearchWay.Ids, default)
            .Where(row => EF.Parameter(ids).Contains(row.TrackId) && row.Tenant == tenant)
            .Select(row => new { row.TrackId, row.State, row.Camelot, row.Facets }).ToListAsync(cancel);
        var tally = new FacetTally(asked, Enum.GetValues<TrackState>());
        foreach (var row in rows) tally.Add(row.TrackId, $"{row.State}", row.Camelot, row.Facets);
        return tally;
    }

    // Words are looked up once, because a prefix that many words begin with takes long before its first track. To read
    // a track's facets takes longer than to find it: those of all that are counted are read only where these are all
    // there are; of more, whose facets nobody can have all, those of the first are enough.
    private async Task<FacetTally> TallyAsync(
        AskedTracks asked, IReadOnlyList<TrackState> states, CancellationToken cancel)
    {
        if (asked.IsNothing) return new FacetTally(asked, states);
        var tally = await FirstAsync(asked, states, MaxRead, cancel);
        if (!asked.Query.CountFacets) return tally;
        var most = tally.Hits.Count <= TrackQuery.MaxCounted ? TrackQuery.MaxCounted : TrackQuery.MaxFaceted;
        long[] ids = [.. tally.Left.Take(most)];
        var rows = db.Hits(tenant, null, withRanges: false, withFacets: true)
            .Where(hit => EF.Parameter(ids).Contains(hit.TrackId))
            .Select(hit => new { hit.Facets });
        return await db.ReadAsync(
            rows, () => new FacetTally(asked, states) { Hits = tally.Hits },
            (counted, row) => counted.AddFacets(row.GetString(0)), cancel);
    }

    // Narrow bounds leave few tracks, which the order of what is bounded finds without looking at all others.
    private async Task<FacetTally> FirstAsync(
        AskedTracks asked, IReadOnlyList<TrackState> states, int most, CancellationToken cancel)
    {
        if (asked.Condition is not null || asked.BoundedBy is not { } bounded)
            return await ReadAsync(asked, states, most, false, cancel);
        var rows = db.Rows(SearchWay.Order, bounded).Where(row => row.Tenant == tenant);
        if (await asked.In(rows, bounded).Take(most).CountAsync(cancel) == most)
            return await ReadAsync(asked, states, most, false, cancel);
        return await db.ReadAsync(
            asked.In(rows).Select(row => new { row.TrackId, row.State, row.Camelot }),
            () => new FacetTally(asked, states), Take, cancel);
    }

    // Counted while they are read: thousands of texts of facets are never held at once.
    private Task<FacetTally> ReadAsync(
        AskedTracks asked, IReadOnlyList<TrackState> states, int most, bool withFacets, CancellationToken cancel)
    {
        var hits = asked.In(db.Hits(tenant, asked.Condition, asked.HasRange, withFacets))
            .Select(hit => new { hit.TrackId, hit.State, hit.Camelot, hit.Facets }).Take(most);
        return db.ReadAsync(
            hits, () => new FacetTally(asked, states),
            (tally, row) => withFacets
                ? tally.Add(row.GetInt64(0), row.GetString(1), Camelot(row), row.GetString(3))
                : Take(tally, row),
            cancel);
    }

    private static bool Take(FacetTally tally, DbDataReader row) =>
        tally.Add(row.GetInt64(0), row.GetString(1), Camelot(row));

    private static string? Camelot(DbDataReader row) => row.IsDBNull(2) ? null : row.GetString(2);

    /// <summary>How what is found divides.</summary>
    /// <param name="Cells">By state and key.</param>
    /// <param name="Tally">Of the first of them, at most one more than are counted; null where nobody asks.</param>
    /// <param name="Ids">Of all, where they are few; null where they are many or nothing narrows them.</param>
    /// <param name="IsAll">Whether the cells count all.</param>
    /// <param name="FacetsAreAll">Whether the tally does.</param>
    public sealed record Count(
        IReadOnlyList<TrackCell> Cells, FacetTally? Tally, IReadOnlyList<long>? Ids, bool IsAll, bool FacetsAreAll);
}

/// <summary>The first tracks that a search finds, and their facets, counted one after another.</summary>
/// <param name="asked">Only tracks of its keys are counted by facets.</param>
/// <param name="states">Only tracks in them are.</param>
internal sealed class FacetTally(AskedTracks asked, IReadOnlyList<TrackState> states)
{
    // Values shown of a group; a declared field may have one for each track.
    private const int MaxValues = 30;

    private readonly HashSet<string> names = [.. states.Select(state => $"{state}")];
    private readonly FacetValues values = new(asked.Taxonomy);

    /// <summary>In the order in which they were read.</summary>
    public List<(long TrackId, string State, string? Camelot)> Hits { get; init; } = [];

    /// <summary>Those that a state and a key of the query leave.</summary>
    public IEnumerable<long> Left => Hits.Where(hit => IsLeft(hit.State, hit.Camelot)).Select(hit => hit.TrackId);

    /// <summary>Counts one more.</summary>
    /// <param name="trackId">See <see cref="SearchHit"/>, as for the others.</param>
    /// <param name="state">Name.</param>
    /// <param name="camelot">Key.</param>
    /// <param name="facets">All, a space between two; null where they are not asked for.</param>
    /// <returns>True: it takes as many as there are.</returns>
    public bool Add(long trackId, string state, string? camelot, string? facets = null)
    {
        Hits.Add((trackId, state, camelot));
        return facets is null || Hits.Count > TrackQuery.MaxCounted || !IsLeft(state, camelot) || AddFacets(facets);
    }

    /// <summary>Counts the facets of one that is counted already, and is of <see cref="Left"/>.</summary>
    /// <inheritdoc cref="Add"/>
    public bool AddFacets(string facets)
    {
        if (facets.Length > 0) values.Count(facets);
        return true;
    }

    /// <summary>The values of each group, the most frequent first.</summary>
    public Dictionary<string, IReadOnlyList<FacetCount>> Facets() =>
        values.Counted.GroupBy(value => value.Group, value => value.Count).ToDictionary(
            group => group.Key, IReadOnlyList<FacetCount> (group) =>
            [
                .. group.OrderByDescending(value => value.Count).ThenBy(value => value.Value, StringComparer.Ordinal)
                    .Take(MaxValues),
            ]);

    private bool IsLeft(string state, string? camelot) => names.Contains(state) && asked.HasKey(camelot);
}
