using OpenMU.Catalogue.Storage;

namespace OpenMU.Catalogue.Search;

/// <summary>
/// Looks at the rows of a list one after another for those that have some words. Where many tracks have them, the first
/// page is full long before the index of words could list them all.
/// </summary>
/// <param name="db">To read from.</param>
/// <param name="words">What a row must have.</param>
/// <param name="isThrough">Whether there are few rows, of which all may be looked at.</param>
internal sealed class RowWalk(CatalogueDb db, SearchCondition words, bool isThrough)
{
    // By then the index of words is the shorter way: it lists 50,000 tracks of a million as fast as these are read.
    private const int MaxRows = 2500;

    /// <summary>So many rows are few.</summary>
    public const int MaxThrough = 10_000;

    // After these it is seen whether the rest could be enough.
    private const int FirstRows = 500;

    private readonly int maxRows = isThrough ? MaxThrough : MaxRows;
    private int rows;

    /// <summary>Whether it gave up, and did not find all that it was asked for.</summary>
    public bool IsTooFar { get; private set; }

    /// <summary>Ids of the first rows that have the words.</summary>
    /// <param name="found">In their order.</param>
    /// <param name="most">At most so many.</param>
    /// <param name="cancel">Gives up.</param>
    public async Task<IReadOnlyList<long>> FirstAsync(IQueryable<SearchRow> found, int most, CancellationToken cancel)
    {
        if (IsTooFar) return [];
        var before = rows;
        // A column for each part of what is searched, in their order.
        var texts = found.Select(row => new
        {
            row.NameWords,
            row.TitleWords,
            row.ArtistWords,
            row.AlbumWords,
            row.GenreWords,
            row.MoodWords,
            row.InstrumentWords,
            row.TagWords,
            row.ComposerWords,
            row.LabelWords,
            row.AboutWords,
            row.IdWords,
            row.CustomWords,
            row.LyricsWords,
            row.Facets,
            row.TrackId,
        });
        var known = new string?[SearchColumns.All.Count];
        return await db.ReadAsync(
            texts.Take(maxRows + 1 - before),
            List<long> () =>
            {
                (rows, IsTooFar) = (before, false);
                return [];
            },
            (ids, row) =>
            {
                rows++;
                IsTooFar = rows > maxRows
                    || (!isThrough && rows == FirstRows && 2 * ids.Count * (MaxRows / FirstRows) < most);
                if (IsTooFar) return false;
                // A condition asks for the same text several times.
                Array.Clear(known);
                if (words.Holds(part => known[(int)part] ??= row.IsDBNull((int)part) ? "" : row.GetString((int)part)))
                    ids.Add(row.GetInt64(SearchColumns.All.Count));
                return ids.Count < most;
            },
            cancel);
    }
}
