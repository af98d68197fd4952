using System.Globalization;
using OpenMU.Catalogue.Storage;

namespace OpenMU.Catalogue.Search;

/// <summary>
/// Tracks that somebody means: by their ids, in that order, or all that a query finds, in its order.
/// </summary>
public sealed class TrackSelection
{
    private TrackSelection(IReadOnlyList<long>? ids, TrackQuery query) => (Ids, Query) = (ids, query);

    /// <summary>Each once; null where a query selects.</summary>
    public IReadOnlyList<long>? Ids { get; }

    /// <summary>What selects where there are no ids; its place and page size don't matter.</summary>
    public TrackQuery Query { get; }

    /// <summary>These tracks.</summary>
    public static TrackSelection Of(IEnumerable<long> ids) => new([.. ids.Distinct()], new TrackQuery());

    /// <summary>What a query finds.</summary>
    public static TrackSelection Of(TrackQuery query) => new(null, query);

    /// <summary>
    /// A page of it, in an order that what is done to the tracks of a page does not change: by their coming, or by
    /// their ids.
    /// </summary>
    /// <param name="db">Read only for this page.</param>
    /// <param name="tenant">Whose tracks. Ids may name others, or none.</param>
    /// <param name="after"><see cref="SelectionPage.Next"/> of the page before; null for the first.</param>
    /// <param name="size">At most so many, up to <see cref="TrackQuery.MaxPageSize"/>.</param>
    /// <param name="cancel">Gives up.</param>
    /// <exception cref="FormatException">There is no such place.</exception>
    public async Task<SelectionPage> PageAsync(
        CatalogueDb db, string tenant, string? after, int size, CancellationToken cancel)
    {
        if (Ids is not null) return PageOfIds(after, size);
        var place = after is null ? null : TrackCursor.TryParse(after)
            ?? throw new FormatException("This is no place in this selection: take next from an answer.");
        var steady = Query with
        {
            Sort = TrackSort.UploadedAt,
            Descending = false,
            After = place,
            Before = null,
            PageSize = size,
            CountFacets = false,
        };
        var page = await new TrackSearch(db).FindAsync(tenant, steady, cancel);
        return new SelectionPage(
            [.. page.Tracks.Select(track => track.Id)], page.Next, page.CountsAll ? page.Total : null);
    }

    private SelectionPage PageOfIds(string? after, int size)
    {
        var isNumber = long.TryParse(after, NumberStyles.None, CultureInfo.InvariantCulture, out var last);
        if (after is not null && !isNumber)
            throw new FormatException("This is no place in this selection: take next from an answer.");
        var rest = Ids!.Order().Where(id => after is null || id > last).Take(size + 1).ToList();
        var page = rest.Take(size).ToList();
        var next = rest.Count > size ? page[^1].ToString(CultureInfo.InvariantCulture) : null;
        return new SelectionPage(page, next, Ids!.Count);
    }
}

/// <summary>A page of a selection.</summary>
/// <param name="Ids">Of its tracks.</param>
/// <param name="Next">Where the next page begins; null after the last.</param>
/// <param name="Total">Tracks on all pages; null where they are too many to be counted.</param>
public sealed record SelectionPage(IReadOnlyList<long> Ids, string? Next, int? Total);
