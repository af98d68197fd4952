using System.Linq.Expressions;
using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Storage;
using OpenMU.Catalogue.Taxonomy;
using OpenMU.Catalogue.Tracks;

namespace OpenMU.Catalogue.Search;

/// <summary>Finds tracks of one tenant. Text is data: no string breaks a query or widens it.</summary>
public sealed class TrackSearch(CatalogueDb db)
{
    // What a search finds that asks for no state.
    private static readonly TrackState[] Present =
        [.. Enum.GetValues<TrackState>().Where(state => state != TrackState.Missing)];

    private static readonly Expression<Func<SearchRow, TrackSummary>> Summary = row => new TrackSummary(
        row.TrackId, row.FileName, row.Title, row.Artist, row.Album, row.State, row.Reason,
        row.Bpm, row.Key, row.Camelot, row.Lufs, row.Seconds, row.Caption, row.TagText, row.UploadedAt,
        row.DroppedSentences);

    /// <summary>
    /// One page and the counts. What takes long in a catalogue of a million tracks is not done: counting all that a
    /// common word finds, and passing over what lies before a page.
    /// </summary>
    public async Task<TrackPage> FindAsync(string tenant, TrackQuery query, CancellationToken cancel)
    {
        var size = Math.Clamp(query.PageSize, 1, TrackQuery.MaxPageSize);
        var taxonomy = (await PublishedTaxonomy.OfAsync(db, tenant, cancel)).Taxonomy;
        var counts = new TrackCounting(db, tenant);
        var (question, count) = ((AskedTracks)null!, TrackCounting.Nothing);
        await foreach (var one in TriesAsync(tenant, query, taxonomy, cancel))
        {
            (question, count) = (one, await counts.CountAsync(one, States(query), cancel));
            if (count.Cells.Count > 0) break;
        }

        var ofKeys = count.Cells.Where(cell => question.HasKey(cell.Camelot)).ToList();
        var ofState = count.Cells.Where(cell => States(query).Contains(cell.State)).ToList();
        var total = ofKeys.Intersect(ofState).Sum(cell => cell.Count);
        var facets = await counts.FacetsAsync(question, count, States(query), cancel);

        var page = total == 0 && count.IsAll
            ? new Page([], 0, null, null)
            : await PageAsync(tenant, question, count, total, size, cancel);
        return new TrackPage(
            await TaggedAsync(page.Tracks, tenant, taxonomy, cancel), total, count.IsAll, page.First, size,
            page.Previous?.ToString(), page.Next?.ToString(),
            ofKeys.GroupBy(cell => cell.State).ToDictionary(state => state.Key, state => state.Sum(cell => cell.Count)),
            ofState.Where(cell => cell.Camelot != null)
                .GroupBy(cell => cell.Camelot!)
                .ToDictionary(key => key.Key, key => key.Sum(cell => cell.Count)),
            facets, count.FacetsAreAll, question.Understood, question.Notes);
    }

    /// <summary>Ids of all that the query finds, in its order; page and page size don't matter.</summary>
    public async IAsyncEnumerable<long> AllAsync(
        string tenant, TrackQuery query, [EnumeratorCancellation] CancellationToken cancel = default)
    {
        var order = TrackOrder.Of(query.Sort);
        var taxonomy = (await PublishedTaxonomy.OfAsync(db, tenant, cancel)).Taxonomy;
        AskedTracks question = null!;
        await foreach (var one in TriesAsync(tenant, query, taxonomy, cancel))
        {
            question = one;
            var hits = one.In(db.Hits(tenant, one.Condition, one.HasRange, withFacets: false));
            if (!query.Relax || await hits.AnyAsync(cancel)) break;
        }

        var found = order.Sort(Filtered(db.Rows(SearchWay.Order, query.Sort), tenant, question), query.Descending);
        await foreach (var id in found.Select(row => row.TrackId).AsAsyncEnumerable().WithCancellation(cancel))
            yield return id;
    }

    /// <summary>
    /// What to look for, then what else as long as nothing is found. Which words no track has is looked up before the
    /// second: that spares all ways to choose some words among which one is nowhere.
    /// </summary>
    internal async IAsyncEnumerable<AskedTracks> TriesAsync(
        string tenant, TrackQuery query, TagTaxonomy taxonomy, [EnumeratorCancellation] CancellationToken cancel)
    {
        var tries = AskedTracks.Of(query, taxonomy);
        yield return tries[0];
        if (tries.Count == 1) yield break;
        var absent = new HashSet<string>();
        foreach (var (text, condition) in tries[0].Words)
        {
            if (!await db.Hits(tenant, condition, withRanges: false, withFacets: false).AnyAsync(cancel))
                absent.Add(text);
        }

        foreach (var one in AskedTracks.Of(query, taxonomy, absent).Skip(1)) yield return one;
    }

    /// <summary>How many tracks of a tenant are in each state and key, however many there are.</summary>
    public async Task<IReadOnlyList<TrackCell>> CellsAsync(string tenant, CancellationToken cancel) =>
    [
        .. (await db.Counts.AsNoTracking().Where(count => count.Tenant == tenant).ToListAsync(cancel))
            .Where(count => count.Tracks > 0)
            .Select(count => new TrackCell(
                count.State, string.IsNullOrEmpty(count.Camelot) ? null : count.Camelot, (int)count.Tracks)),
    ];

    /// <summary>Tracks in an order found elsewhere: the first of them as one page, and how all divide.</summary>
    /// <param name="tenant">Whose.</param>
    /// <param name="asked">What they were found by.</param>
    /// <param name="ranked">At most <see cref="TrackQuery.MaxPageSize"/>.</param>
    /// <param name="note">What else whoever searched should know.</param>
    /// <param name="cancel">Gives up.</param>
    internal async Task<TrackPage> ShowAsync(
        string tenant, AskedTracks asked, IReadOnlyList<long> ranked, string note, CancellationToken cancel)
    {
        var size = Math.Clamp(asked.Query.PageSize, 1, TrackQuery.MaxPageSize);
        long[] shown = [.. ranked.Take(size)];
        var tracks = await TaggedAsync(await RowsAsync(tenant, shown, cancel), tenant, asked.Taxonomy, cancel);
        var tally = await new TrackCounting(db, tenant).OfAsync(asked, ranked, cancel);
        var hits = tally.Hits;
        return new TrackPage(
            tracks, hits.Count, true, tracks.Count > 0 ? 1 : 0, size, null, null,
            hits.CountBy(hit => Enum.Parse<TrackState>(hit.State)).ToDictionary(),
            hits.Where(hit => hit.Camelot is not null).CountBy(hit => hit.Camelot!).ToDictionary(),
            tally.Facets(), true, asked.Understood, [.. asked.Notes, note]);
    }

    /// <summary>Those of some tracks that the query finds, in any order.</summary>
    internal async Task<IReadOnlySet<long>> AmongAsync(
        string tenant, AskedTracks asked, IReadOnlyList<long> ids, CancellationToken cancel)
    {
        var few = db.Rows(SearchWay.Ids, asked.Query.Sort).Where(row => EF.Parameter(ids).Contains(row.TrackId));
        return (await Filtered(few, tenant, asked).Select(row => row.TrackId).ToListAsync(cancel)).ToHashSet();
    }

    /// <summary>
    /// The tracks that words and bounds find, or the first of them in the order in which they came; state and key hold
    /// too.
    /// </summary>
    /// <returns>Null where nothing narrows the search. Whether they are all.</returns>
    internal async Task<(IReadOnlySet<long> Ids, bool IsAll)?> FirstAsync(
        string tenant, AskedTracks asked, CancellationToken cancel)
    {
        if (asked.Condition is null && !asked.HasRange) return null;
        var tally = await new TrackCounting(db, tenant).HitsAsync(
            asked, States(asked.Query), TrackQuery.MaxNarrowed + 1, cancel);
        return (tally.Left.ToHashSet(), tally.Hits.Count <= TrackQuery.MaxNarrowed);
    }

    /// <summary>All about one track; null where the tenant has no such track.</summary>
    public async Task<TrackDetails?> GetAsync(string tenant, long id, CancellationToken cancel)
    {
        var track = await db.Tracks.AsNoTracking()
            .Include(t => t.Job.Analysis)
            .SingleOrDefaultAsync(t => t.Tenant == tenant && t.Id == id, cancel);
        if (track is null) return null;
        var summary = await db.SearchRows.Where(row => row.Tenant == tenant && row.TrackId == id)
            .Select(Summary)
            .SingleAsync(cancel);
        var content = track.Job.ContentId;
        var correction = await db.Corrections.AsNoTracking()
            .SingleOrDefaultAsync(c => c.Tenant == tenant && c.ContentId == content, cancel);
        var lyrics = await LyricsStore.ShownAsync(db, id, track.JobId, cancel);
        var newer = await db.Jobs.AsNoTracking()
            .Where(j => j.Tenant == tenant && j.ContentId == track.Job.ContentId && j.Kind == track.Job.Kind
                && j.Id > track.JobId && (j.State != JobState.Ready || j.HeldSince != null))
            .OrderByDescending(j => j.Id).FirstOrDefaultAsync(cancel);
        var taxonomy = (await PublishedTaxonomy.OfAsync(db, tenant, cancel)).Taxonomy;
        summary = (await TaggedAsync([summary], tenant, taxonomy, cancel))[0];
        return new TrackDetails(summary, track, track.Job.Analysis, correction, lyrics, newer);
    }

    // Lines of a list with the tags of their tracks.
    private async Task<IReadOnlyList<TrackSummary>> TaggedAsync(
        IReadOnlyList<TrackSummary> tracks, string tenant, TagTaxonomy taxonomy, CancellationToken cancel)
    {
        if (tracks.Count == 0) return tracks;
        var tags = await TrackTag.LoadAsync(db, tenant, taxonomy, [.. tracks.Select(track => track.Id)], cancel);
        return
        [
            .. from track in tracks
               let known = tags.GetValueOrDefault(track.Id)
               select track with { Tags = known.Text ?? track.Tags, Terms = known.Tags ?? [] },
        ];
    }

    // In the way that meets the fewest others.
    private async Task<Page> PageAsync(
        string tenant, AskedTracks asked, TrackCounting.Count count, int total, int size, CancellationToken cancel)
    {
        var query = asked.Query;
        if (count.Ids is { } ids)
        {
            var few = db.Rows(SearchWay.Ids, query.Sort).Where(row => EF.Parameter(ids).Contains(row.TrackId));
            return await PageAsync(WithStateAndKey(few.Where(row => row.Tenant == tenant), asked), ListedAsync);
        }

        // By the order of the list, a page is full after as many rows as state and key make each of its tracks rare.
        var all = count.Cells.Sum(cell => cell.Count);
        var isRare = total < all / 50 && total < TrackQuery.MaxCounted;
        var rows = db.Rows(isRare ? SearchWay.State : SearchWay.Order, query.Sort);
        if (asked.Condition is { } words && (!isRare || await AreFewAsync(tenant, asked, cancel)))
        {
            var walk = new RowWalk(db, words, isThrough: isRare);
            var isWhole = true;
            var page = await PageAsync(
                WithStateAndKey(asked.In(rows.Where(row => row.Tenant == tenant)), asked),
                async (part, most) =>
                {
                    var met = await walk.FirstAsync(part, most, cancel);
                    var tracks = await RowsAsync(tenant, met, cancel);
                    isWhole &= tracks.Count == met.Count;
                    return tracks;
                });
            // A track may have gone since it was met: what comes from two statements is no page then.
            if (isWhole && !walk.IsTooFar) return page;
        }

        return await PageAsync(Filtered(rows, tenant, asked), ListedAsync);

        async Task<IReadOnlyList<TrackSummary>> ListedAsync(IQueryable<SearchRow> part, int most) =>
            await part.Take(most).Select(Summary).ToListAsync(cancel);

        Task<Page> PageAsync(
            IQueryable<SearchRow> found,
            Func<IQueryable<SearchRow>, int, Task<IReadOnlyList<TrackSummary>>> takeAsync) =>
            this.PageAsync(found, query, size, takeAsync, cancel);
    }

    // Whether few tracks have a state and key of those that are asked for, whatever their words.
    private async Task<bool> AreFewAsync(string tenant, AskedTracks asked, CancellationToken cancel)
    {
        var states = States(asked.Query);
        return (await CellsAsync(tenant, cancel))
            .Where(cell => states.Contains(cell.State) && asked.HasKey(cell.Camelot))
            .Sum(cell => cell.Count) <= RowWalk.MaxThrough;
    }

    // As listed, in the order of the ids.
    private async Task<IReadOnlyList<TrackSummary>> RowsAsync(
        string tenant, IReadOnlyList<long> ids, CancellationToken cancel)
    {
        var rows = await db.Rows(SearchWay.Ids, default)
            .Where(row => EF.Parameter(ids).Contains(row.TrackId) && row.Tenant == tenant)
            .Select(Summary).ToDictionaryAsync(track => track.Id, cancel);
        return [.. ids.Where(rows.ContainsKey).Select(id => rows[id])];
    }

    private IQueryable<SearchRow> Filtered(IQueryable<SearchRow> rows, string tenant, AskedTracks asked)
    {
        rows = rows.Where(row => row.Tenant == tenant);
        if (asked.IsNothing) return rows.Where(_ => false);
        if (asked.Condition is { } condition)
        {
            var ids = db.WithWords(condition);
            rows = rows.Where(row => ids.Contains(row.TrackId));
        }

        return WithStateAndKey(asked.In(rows), asked);
    }

    private static IQueryable<SearchRow> WithStateAndKey(IQueryable<SearchRow> rows, AskedTracks asked)
    {
        var states = States(asked.Query);
        rows = states is [var only]
            ? rows.Where(row => row.State == only)
            : rows.Where(row => EF.Constant(states).Contains(row.State));
        if (asked.Keys is { } keys) rows = rows.Where(row => EF.Parameter(keys).Contains(row.Camelot));
        if (asked.ExcludedKeys is { Count: > 0 } excluded)
            rows = rows.Where(row => row.Camelot == null || !EF.Parameter(excluded).Contains(row.Camelot));
        return rows;
    }

    // The page of a query that these rows make up; the first of some, in their order, are read as the caller says.
    private async Task<Page> PageAsync(
        IQueryable<SearchRow> found, TrackQuery query, int size,
        Func<IQueryable<SearchRow>, int, Task<IReadOnlyList<TrackSummary>>> takeAsync, CancellationToken cancel)
    {
        var order = TrackOrder.Of(query.Sort);
        var (after, before) = (Usable(query.After), query.After is null ? Usable(query.Before) : null);
        var tracks = new List<TrackSummary>();
        foreach (var part in order.From(found, query.Descending, after ?? before, before is not null))
        {
            tracks.AddRange(await takeAsync(part, size + 1 - tracks.Count));
            if (tracks.Count > size) break;
        }

        var isMore = tracks.Count > size;
        if (isMore) tracks.RemoveAt(size);
        if (before is not null) tracks.Reverse();
        if (tracks.Count == 0) return new Page([], 0, null, null);
        var values = await order.ValuesAsync(db.SearchRows, [tracks[0].Id, tracks[^1].Id], cancel);
        var first = before is null ? after?.Place ?? 0 : isMore ? Math.Max(1, before.Place - tracks.Count) : 0;
        return new Page(
            tracks, first + 1,
            (before is null ? after is not null : isMore) ? Cursor(tracks[0], first) : null,
            before is not null || isMore ? Cursor(tracks[^1], first + tracks.Count) : null);

        TrackCursor? Usable(TrackCursor? cursor) =>
            cursor?.Sort == query.Sort && cursor.Descending == query.Descending ? cursor : null;

        TrackCursor Cursor(TrackSummary track, long at) =>
            new(query.Sort, query.Descending, values.GetValueOrDefault(track.Id), track.Id, at);
    }

    private static TrackState[] States(TrackQuery query) => query.State is { } state ? [state] : Present;

    private sealed record Page(
        IReadOnlyList<TrackSummary> Tracks, long First, TrackCursor? Previous, TrackCursor? Next);
}

/// <summary>How many tracks are in one state and have one key.</summary>
/// <param name="State">The state.</param>
/// <param name="Camelot">The key; null for tracks without one.</param>
/// <param name="Count">How many.</param>
public sealed record TrackCell(TrackState State, string? Camelot, int Count);
