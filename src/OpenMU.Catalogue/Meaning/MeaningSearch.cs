using Microsoft.EntityFrameworkCore;
using OpenMU.Catalogue.Search;
using OpenMU.Catalogue.Similarity;
using OpenMU.Catalogue.Storage;
using OpenMU.Catalogue.Taxonomy;

namespace OpenMU.Catalogue.Meaning;

/// <summary>
/// Searches by words and by what they mean. What is written strictly (phrases, fields, facets, what is not to be found,
/// keys, tempi, lengths) always holds. The plain words are one sentence, whose vector is compared with those of all
/// texts; tracks that have all of the words, or as many as any has, are a second list, in the same order; and the two
/// are made one by reciprocal rank fusion (Cormack, Clarke and Büttcher, SIGIR 2009).
/// </summary>
public sealed class MeaningSearch(IDbContextFactory<CatalogueDb> catalogue, SentenceModel model)
{
    /// <summary>So many of the nearest are ranked; what is further away says little.</summary>
    public const int MaxRanked = TrackQuery.MaxPageSize;

    // Whoever looks for a name that is not there wants to hear so, and no other names.
    private const int FewestWords = 3;

    // Of all tenants together; that which was asked for longest ago goes first.
    private const long MostBytes = 2L << 30;

    // The paper's constant: how much the first places count more than those behind them.
    private const double Smoothing = 60;

    // So many of the nearest are looked at, then so many more, for those that a filter leaves.
    private static readonly int[] Looks = [2 * MaxRanked, 20 * MaxRanked];

    private readonly RecentIndexes<string, TextIndex> indexes = new(MostBytes, index => index.Bytes);

    /// <summary>
    /// What the query finds. By meaning where it asks so, and where it may be relaxed, has three plain words at least,
    /// and no track has them all; else, and where no text can be compared, by words.
    /// </summary>
    /// <param name="tenant">Whose.</param>
    /// <param name="query">The answer by meaning is one page, in its own order.</param>
    /// <param name="cancel">Gives up.</param>
    public async Task<TrackPage> FindAsync(string tenant, TrackQuery query, CancellationToken cancel)
    {
        await using var db = catalogue.CreateDbContext();
        var words = new TrackSearch(db);
        var isPaged = query.After is not null || query.Before is not null;
        if (isPaged || !(query.ByMeaning || query.Relax)) return await words.FindAsync(tenant, query, cancel);
        var taxonomy = (await PublishedTaxonomy.OfAsync(db, tenant, cancel)).Taxonomy;
        if (AskedTracks.WithSentence(query with { CountFacets = false }, taxonomy) is not { } read)
            return await words.FindAsync(tenant, query, cancel);
        if (!query.ByMeaning)
        {
            if (read.Sentence.Split(' ').Length < FewestWords) return await words.FindAsync(tenant, query, cancel);
            var found = await words.FindAsync(tenant, query with { Relax = false }, cancel);
            if (found.Total > 0 || !found.CountsAll) return found;
        }

        if (await RankAsync(db, tenant, query, read.Strict, read.Sentence, cancel) is { } ranked)
        {
            return await words.ShowAsync(
                tenant, read.Strict, ranked,
                query.ByMeaning ? "In the order of their meaning." : "No track has all the words; these mean the nearest.",
                cancel);
        }

        var page = await words.FindAsync(tenant, query with { Relax = true }, cancel);
        return query.ByMeaning
            ? page with { Notes = [.. page.Notes, "No text here can be compared by meaning: these are found by words."] }
            : page;
    }

    /// <returns>The best first; null where there is nothing to compare.</returns>
    private async Task<List<long>?> RankAsync(
        CatalogueDb db, string tenant, TrackQuery query, AskedTracks strict, string sentence, CancellationToken cancel)
    {
        var index = indexes.Of(tenant, one => new TextIndex(one));
        await index.FollowAsync(db, cancel);
        indexes.LetGo();
        if (index.Count == 0 || strict.IsNothing || model.Encoder is not { } encoder) return null;
        var vector = encoder.Encode([sentence])[0];
        var search = new TrackSearch(db);
        var near = await NearAsync(search, tenant, strict, index, vector, cancel);
        List<long> having = [];
        var relaxed = query with { Relax = true, CountFacets = false };
        await foreach (var one in search.TriesAsync(tenant, relaxed, strict.Taxonomy, cancel))
        {
            if (await search.FirstAsync(tenant, one, cancel) is not { Ids.Count: > 0 } found) continue;
            having = index.Nearest(vector, MaxRanked, found.Ids, cancel);
            break;
        }

        return Fuse(near, having);
    }

    private static async Task<List<long>> NearAsync(
        TrackSearch search, string tenant, AskedTracks strict, TextIndex index, float[] vector,
        CancellationToken cancel)
    {
        var first = await search.FirstAsync(tenant, strict, cancel);
        if (first is { IsAll: true } few) return index.Nearest(vector, MaxRanked, few.Ids, cancel);
        List<long> left = [];
        foreach (var many in Looks)
        {
            var near = index.Nearest(vector, many, null, cancel);
            var kept = await search.AmongAsync(tenant, strict, near, cancel);
            left = [.. near.Where(kept.Contains).Take(MaxRanked)];
            if (left.Count == MaxRanked || near.Count < many) break;
        }

        return left;
    }

    /// <summary>Makes one order of several, each with the best first.</summary>
    internal static List<long> Fuse(params IReadOnlyList<long>[] lists)
    {
        var scores = new Dictionary<long, double>();
        foreach (var list in lists)
        {
            for (var place = 0; place < list.Count; place++)
                scores[list[place]] = scores.GetValueOrDefault(list[place]) + (1 / (Smoothing + place + 1));
        }

        var ranked = scores.OrderByDescending(one => one.Value).ThenBy(one => one.Key).Select(one => one.Key);
        return [.. ranked.Take(MaxRanked)];
    }
}
