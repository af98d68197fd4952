using System.Globalization;
using System.Linq.Expressions;
using System.Text;
using Microsoft.EntityFrameworkCore;
using OpenMU.Catalogue.Storage;
using OpenMU.Catalogue.Tracks;
using OpenMU.Music;

namespace OpenMU.Catalogue.Search;

/// <summary>Finds tracks of one tenant. Text is data: no string breaks a query or widens it.</summary>
public sealed class TrackSearch(CatalogueDb db)
{
    private const int MaxWords = 16;

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
        var keys = Camelots(query);
        var count = await CountAsync(tenant, query, cancel);
        var ofKeys = count.Cells.Where(cell => keys is null || keys.Contains(cell.Camelot)).ToList();
        var ofState = count.Cells.Where(cell => States(query).Contains(cell.State)).ToList();
        var total = ofKeys.Intersect(ofState).Sum(cell => cell.Count);

        var page = total == 0 && count.IsAll
            ? new Page([], 0, null, null)
            : await PageAsync(Found(tenant, query, count, total), query, size, cancel);
        return new TrackPage(
            page.Tracks, total, count.IsAll, page.First, size, page.Previous?.ToString(), page.Next?.ToString(),
            ofKeys.GroupBy(cell => cell.State).ToDictionary(state => state.Key, state => state.Sum(cell => cell.Count)),
            ofState.Where(cell => cell.Camelot != null)
                .GroupBy(cell => cell.Camelot!)
                .ToDictionary(key => key.Key, key => key.Sum(cell => cell.Count)));
    }

    /// <summary>All that the query finds, in its order, one after another; page and page size don't matter.</summary>
    public IAsyncEnumerable<TrackSummary> AllAsync(string tenant, TrackQuery query)
    {
        var order = TrackOrder.Of(db, query.Sort);
        return order.Sort(Filtered(db.Rows(SearchWay.Order, query.Sort), tenant, query), query.Descending)
            .Select(Summary).AsAsyncEnumerable();
    }

    /// <summary>How many tracks of a tenant are in each state and key, however many there are.</summary>
    public async Task<IReadOnlyList<TrackCell>> CellsAsync(string tenant, CancellationToken cancel) =>
    [
        .. (await db.Counts.AsNoTracking().Where(count => count.Tenant == tenant).ToListAsync(cancel))
            .Where(count => count.Tracks > 0)
            .Select(count => new TrackCell(
                count.State, string.IsNullOrEmpty(count.Camelot) ? null : count.Camelot, (int)count.Tracks)),
    ];

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
        var correction = await db.Corrections.AsNoTracking().SingleOrDefaultAsync(c => c.TrackId == id, cancel);
        var lyrics = await LyricsStore.ShownAsync(db, id, track.JobId, cancel);
        var newer = await db.Jobs.AsNoTracking()
            .Where(j => j.Tenant == tenant && j.ContentId == track.Job.ContentId && j.Kind == track.Job.Kind
                && j.Id > track.JobId)
            .OrderByDescending(j => j.Id).FirstOrDefaultAsync(cancel);
        return new TrackDetails(summary, track, track.Job.Analysis, correction, lyrics, newer);
    }

    // Where words and ranges find few tracks, their ids; else how the first of them divide.
    private async Task<Count> CountAsync(string tenant, TrackQuery query, CancellationToken cancel)
    {
        if (!HasText(query) && !HasRange(query)) return new Count(await CellsAsync(tenant, cancel), null, true);
        var words = HasText(query) ? Words(query.Text!) : [];
        if (HasText(query) && words.Count == 0) return new Count([], [], true);

        var hits = db.Hits(tenant, words);
        if (query.BpmFrom is { } bpmFrom) hits = hits.Where(hit => hit.Bpm >= bpmFrom);
        if (query.BpmTo is { } bpmTo) hits = hits.Where(hit => hit.Bpm <= bpmTo);
        if (query.LufsFrom is { } lufsFrom) hits = hits.Where(hit => hit.Lufs >= lufsFrom);
        if (query.LufsTo is { } lufsTo) hits = hits.Where(hit => hit.Lufs <= lufsTo);
        if (query.SecondsFrom is { } secondsFrom) hits = hits.Where(hit => hit.Seconds >= secondsFrom);
        if (query.SecondsTo is { } secondsTo) hits = hits.Where(hit => hit.Seconds <= secondsTo);
        var first = await hits.Select(hit => new { hit.TrackId, hit.State, hit.Camelot })
            .Take(TrackQuery.MaxCounted + 1).ToListAsync(cancel);

        var isAll = first.Count <= TrackQuery.MaxCounted;
        var cells = first.Take(TrackQuery.MaxCounted).CountBy(hit => (hit.State, hit.Camelot))
            .Select(cell => new TrackCell(Enum.Parse<TrackState>(cell.Key.State), cell.Key.Camelot, cell.Value));
        return new Count([.. cells], isAll ? first.ConvertAll(hit => hit.TrackId) : null, isAll);
    }

    /// <summary>The rows that the query finds, in the way that meets the fewest others.</summary>
    private IQueryable<SearchRow> Found(string tenant, TrackQuery query, Count count, int total)
    {
        if (count.Ids is { } ids)
        {
            var few = db.Rows(SearchWay.Ids, query.Sort).Where(row => EF.Parameter(ids).Contains(row.TrackId));
            return WithStateAndKey(few.Where(row => row.Tenant == tenant), query);
        }

        // By the order of the list, a page is full after as many rows as state and key make each of its tracks rare.
        var all = count.Cells.Sum(cell => cell.Count);
        var isRare = total < all / 50 && total < TrackQuery.MaxCounted;
        return Filtered(db.Rows(isRare ? SearchWay.State : SearchWay.Order, query.Sort), tenant, query);
    }

    private IQueryable<SearchRow> Filtered(IQueryable<SearchRow> rows, string tenant, TrackQuery query)
    {
        rows = rows.Where(row => row.Tenant == tenant);
        if (HasText(query))
        {
            var words = Words(query.Text!);
            var ids = db.WithWords(words);
            rows = words.Count == 0 ? rows.Where(_ => false) : rows.Where(row => ids.Contains(row.TrackId));
        }

        if (query.BpmFrom is { } bpmFrom) rows = rows.Where(row => row.Bpm >= bpmFrom);
        if (query.BpmTo is { } bpmTo) rows = rows.Where(row => row.Bpm <= bpmTo);
        if (query.LufsFrom is { } lufsFrom) rows = rows.Where(row => row.Lufs >= lufsFrom);
        if (query.LufsTo is { } lufsTo) rows = rows.Where(row => row.Lufs <= lufsTo);
        if (query.SecondsFrom is { } secondsFrom) rows = rows.Where(row => row.Seconds >= secondsFrom);
        if (query.SecondsTo is { } secondsTo) rows = rows.Where(row => row.Seconds <= secondsTo);
        return WithStateAndKey(rows, query);
    }

    private static IQueryable<SearchRow> WithStateAndKey(IQueryable<SearchRow> rows, TrackQuery query)
    {
        var states = States(query);
        rows = states is [var only]
            ? rows.Where(row => row.State == only)
            : rows.Where(row => EF.Constant(states).Contains(row.State));
        if (Camelots(query) is { } keys) rows = rows.Where(row => EF.Parameter(keys).Contains(row.Camelot));
        return rows;
    }

    private async Task<Page> PageAsync(
        IQueryable<SearchRow> found, TrackQuery query, int size, CancellationToken cancel)
    {
        var order = TrackOrder.Of(db, query.Sort);
        var (after, before) = (Usable(query.After), query.After is null ? Usable(query.Before) : null);
        // The page before a place is the page after it in the other direction.
        var place = after ?? before;
        var descending = query.Descending ^ (before is not null);
        var tracks = new List<TrackSummary>();
        foreach (var part in place is null ? [found] : order.After(found, place, descending))
        {
            tracks.AddRange(await order.Sort(part, descending).Take(size + 1 - tracks.Count).Select(Summary)
                .ToListAsync(cancel));
            if (tracks.Count > size) break;
        }

        var isMore = tracks.Count > size;
        if (isMore) tracks.RemoveAt(size);
        if (before is not null) tracks.Reverse();
        if (tracks.Count == 0) return new Page([], 0, null, null);
        var first = before is null ? after?.Place ?? 0 : isMore ? Math.Max(1, before.Place - tracks.Count) : 0;
        return new Page(
            tracks, first + 1,
            (before is null ? after is not null : isMore) ? Cursor(tracks[0], first) : null,
            before is not null || isMore ? Cursor(tracks[^1], first + tracks.Count) : null);

        TrackCursor? Usable(TrackCursor? cursor) =>
            cursor?.Sort == query.Sort && cursor.Descending == query.Descending ? cursor : null;

        TrackCursor Cursor(TrackSummary track, long at) =>
            new(query.Sort, query.Descending, order.Value(track), track.Id, at);
    }

    private static bool HasText(TrackQuery query) => !string.IsNullOrWhiteSpace(query.Text);

    private static bool HasRange(TrackQuery query) => (query.BpmFrom ?? query.BpmTo ?? query.LufsFrom ?? query.LufsTo
        ?? query.SecondsFrom ?? query.SecondsTo) is not null;

    private static TrackState[] States(TrackQuery query) => query.State is { } state ? [state] : Present;

    private static List<string?>? Camelots(TrackQuery query)
    {
        if (string.IsNullOrWhiteSpace(query.Key)) return null;
        if (MusicalKey.TryParse(query.Key) is not { } key) return [];
        return query.KeyNeighbours ? [.. key.Neighbours().Select(neighbour => neighbour.Camelot)] : [key.Camelot];
    }

    /// <summary>The runs of letters, digits and their accents; both databases split words so too.</summary>
    internal static IReadOnlyList<string> Words(string text)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        foreach (var rune in text.EnumerateRunes().Append(new Rune(' ')))
        {
            if (Rune.IsLetterOrDigit(rune)
                || (word.Length > 0 && Rune.GetUnicodeCategory(rune) == UnicodeCategory.NonSpacingMark))
            {
                word.Append(rune);
            }
            else if (word.Length > 0)
            {
                words.Add(word.ToString());
                word.Clear();
            }
        }

        return [.. words.Distinct().Take(MaxWords)];
    }

    private sealed record Count(IReadOnlyList<TrackCell> Cells, IReadOnlyList<long>? Ids, bool IsAll);

    private sealed record Page(
        IReadOnlyList<TrackSummary> Tracks, long First, TrackCursor? Previous, TrackCursor? Next);
}

/// <summary>How many tracks are in one state and have one key.</summary>
/// <param name="State">The state.</param>
/// <param name="Camelot">The key; null for tracks without one.</param>
/// <param name="Count">How many.</param>
public sealed record TrackCell(TrackState State, string? Camelot, int Count);
