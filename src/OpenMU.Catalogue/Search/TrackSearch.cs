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

    private static readonly Expression<Func<SearchRow, TrackSummary>> Summary = row => new TrackSummary(
        row.TrackId, row.FileName, row.Title, row.Artist, row.Album, row.State, row.Reason,
        row.Bpm, row.Key, row.Camelot, row.Lufs, row.Seconds, row.Caption, row.TagText, row.UploadedAt);

    /// <summary>One page and the counts, two queries.</summary>
    public async Task<TrackPage> FindAsync(string tenant, TrackQuery query, CancellationToken cancel)
    {
        var page = Math.Max(1, query.Page);
        var size = Math.Clamp(query.PageSize, 1, TrackQuery.MaxPageSize);
        var rows = WithoutStateAndKey(tenant, query);
        var keys = Camelots(query);

        // States x keys, at most 6 x 25 cells, hold the total and both facets.
        var cells = await rows
            .GroupBy(row => new { row.State, row.Camelot })
            .Select(cell => new { cell.Key.State, cell.Key.Camelot, Count = cell.Count() })
            .ToListAsync(cancel);
        var ofKeys = cells.Where(cell => keys is null || keys.Contains(cell.Camelot)).ToList();
        var ofState = cells
            .Where(cell => query.State is { } state ? cell.State == state : cell.State != TrackState.Missing).ToList();
        var total = ofKeys.Intersect(ofState).Sum(cell => cell.Count);

        var skip = (page - 1L) * size;
        var tracks = skip >= total ? [] : await Sorted(WithStateAndKey(rows, query), query)
            .Skip((int)skip).Take(size).Select(Summary).ToListAsync(cancel);
        return new TrackPage(
            tracks, total, page, size,
            ofKeys.GroupBy(cell => cell.State).ToDictionary(state => state.Key, state => state.Sum(cell => cell.Count)),
            ofState.Where(cell => cell.Camelot != null)
                .GroupBy(cell => cell.Camelot!)
                .ToDictionary(key => key.Key, key => key.Sum(cell => cell.Count)));
    }

    /// <summary>All that the query finds, in its order, one after another; page and page size don't matter.</summary>
    public IAsyncEnumerable<TrackSummary> AllAsync(string tenant, TrackQuery query) =>
        Sorted(WithStateAndKey(WithoutStateAndKey(tenant, query), query), query).Select(Summary).AsAsyncEnumerable();

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
        var newer = await db.Jobs.AsNoTracking()
            .Where(j => j.Tenant == tenant && j.ContentId == track.Job.ContentId && j.Kind == track.Job.Kind
                && j.Id > track.JobId)
            .OrderByDescending(j => j.Id).FirstOrDefaultAsync(cancel);
        return new TrackDetails(summary, track, track.Job.Analysis, correction, newer);
    }

    private IQueryable<SearchRow> WithoutStateAndKey(string tenant, TrackQuery query)
    {
        var rows = db.SearchRows.AsNoTracking();
        if (!string.IsNullOrWhiteSpace(query.Text))
        {
            var words = Words(query.Text);
            rows = words.Count == 0 ? rows.Where(_ => false) : db.WithWords(words).AsNoTracking();
        }

        rows = rows.Where(row => row.Tenant == tenant);
        if (query.BpmFrom is { } bpmFrom) rows = rows.Where(row => row.Bpm >= bpmFrom);
        if (query.BpmTo is { } bpmTo) rows = rows.Where(row => row.Bpm <= bpmTo);
        if (query.LufsFrom is { } lufsFrom) rows = rows.Where(row => row.Lufs >= lufsFrom);
        if (query.LufsTo is { } lufsTo) rows = rows.Where(row => row.Lufs <= lufsTo);
        if (query.SecondsFrom is { } secondsFrom) rows = rows.Where(row => row.Seconds >= secondsFrom);
        if (query.SecondsTo is { } secondsTo) rows = rows.Where(row => row.Seconds <= secondsTo);
        return rows;
    }

    private static IQueryable<SearchRow> WithStateAndKey(IQueryable<SearchRow> rows, TrackQuery query)
    {
        rows = query.State is { } state
            ? rows.Where(row => row.State == state)
            : rows.Where(row => row.State != TrackState.Missing);
        if (Camelots(query) is { } keys) rows = rows.Where(row => keys.Contains(row.Camelot));
        return rows;
    }

    private static List<string?>? Camelots(TrackQuery query)
    {
        if (string.IsNullOrWhiteSpace(query.Key)) return null;
        if (MusicalKey.TryParse(query.Key) is not { } key) return [];
        return query.KeyNeighbours ? [.. key.Neighbours().Select(neighbour => neighbour.Camelot)] : [key.Camelot];
    }

    private static IQueryable<SearchRow> Sorted(IQueryable<SearchRow> rows, TrackQuery query) => query.Sort switch
    {
        TrackSort.Title => By(rows, row => row.Title, query.Descending),
        TrackSort.Artist => By(rows, row => row.Artist, query.Descending),
        TrackSort.Bpm => By(rows, row => row.Bpm, query.Descending),
        TrackSort.Key => By(rows, row => row.Camelot, query.Descending),
        TrackSort.Lufs => By(rows, row => row.Lufs, query.Descending),
        TrackSort.Seconds => By(rows, row => row.Seconds, query.Descending),
        TrackSort.UploadedAt => By(rows, row => row.UploadedAt, query.Descending),
        _ => By(rows, row => row.FileName, query.Descending),
    };

    private static IQueryable<SearchRow> By<T>(
        IQueryable<SearchRow> rows, Expression<Func<SearchRow, T>> value, bool descending) => descending
            ? rows.OrderByDescending(value).ThenByDescending(row => row.TrackId)
            : rows.OrderBy(value).ThenBy(row => row.TrackId);

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
}
