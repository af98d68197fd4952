using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using OpenMU.Catalogue.Search;
using OpenMU.Catalogue.Storage;
using OpenMU.Catalogue.Tracks;

namespace OpenMU.Catalogue.Taxonomy;

/// <summary>
/// What a taxonomy makes of a library, before or after it is published. One walk over the index of facets, some
/// thousand tracks at a time: no model runs, no analysis is read, and nothing is written.
/// </summary>
public sealed class TaxonomyReports(IDbContextFactory<CatalogueDb> catalogue)
{
    /// <summary>Tracks named for each thing that is told.</summary>
    public const int MaxExamples = 3;

    /// <summary>Words, and tags that change, that are told of at most; the most frequent ones.</summary>
    public const int MaxListed = 1000;

    private const int PageSize = 2000;

    /// <summary>What the words of a library's tracks mean by a taxonomy, and which mean nothing.</summary>
    /// <param name="tenant">Whose tracks; those whose file is missing are left out.</param>
    /// <param name="taxonomy">The taxonomy.</param>
    /// <param name="progress">Told the tracks that were looked at; may be null.</param>
    /// <param name="cancel">Gives up.</param>
    public async Task<TaxonomyCoverage> CoverageAsync(
        string tenant, TagTaxonomy taxonomy, IProgress<long>? progress, CancellationToken cancel)
    {
        var (tracks, tagged) = (0L, 0L);
        var (terms, direct, doubted) = (new Tally<string>(), new Tally<string>(), new Tally<string>());
        var (labels, words) = (new Tally<(string, string)>(), new Tally<(string, string)>());
        var groups = new Tally<string>();
        await foreach (var (id, facets) in FacetsAsync(tenant, progress, cancel))
        {
            tracks++;
            var sure = new HashSet<TaxonomyTerm>();
            foreach (var facet in facets)
            {
                var meaning = TaxonomyMeaning.Of(taxonomy, facet);
                sure.UnionWith(meaning.Terms);
                if (meaning.Terms.Count == 0 && meaning.Doubted.Count == 0)
                    (facet.Certainty is null ? words : labels).Add((facet.Group, facet.Value), id);
                foreach (var term in meaning.Doubted) doubted.Add(term.Id, id);
            }

            if (sure.Count > 0) tagged++;
            foreach (var term in sure) direct.Add(term.Id, id);
            foreach (var term in sure.SelectMany(term => taxonomy.Above(term).Prepend(term))) terms.Add(term.Id, id);
            foreach (var group in sure.Select(term => term.Group)) groups.Add(group, id);
        }

        var names = await NamesAsync([.. terms.Examples, .. labels.Examples, .. words.Examples], cancel);
        return new TaxonomyCoverage(
            tracks, tagged, TagTaxonomy.Groups.ToDictionary(group => group, groups.CountOf),
            [
                .. from term in taxonomy.Terms
                   where terms.CountOf(term.Id) > 0 || doubted.CountOf(term.Id) > 0
                   select new TermCoverage(
                       term.Id, term.Label, terms.CountOf(term.Id), direct.CountOf(term.Id), doubted.CountOf(term.Id),
                       Named(terms.ExamplesOf(term.Id), names)),
            ],
            [.. taxonomy.Terms.Where(term => terms.CountOf(term.Id) == 0).Select(term => term.Id)],
            Unmapped(labels, names), Unmapped(words, names));
    }

    /// <summary>What would be other on which tracks if one taxonomy took the place of another.</summary>
    /// <param name="tenant">Whose tracks; those whose file is missing are left out.</param>
    /// <param name="before">What holds.</param>
    /// <param name="after">What would hold.</param>
    /// <param name="progress">Told the tracks that were looked at; may be null.</param>
    /// <param name="cancel">Gives up.</param>
    public async Task<TaxonomyDifference> DifferenceAsync(
        string tenant, TagTaxonomy before, TagTaxonomy after, IProgress<long>? progress, CancellationToken cancel)
    {
        var (tracks, changed) = (0L, 0L);
        var (gained, lost) = (new Tally<(string, string)>(), new Tally<(string, string)>());
        await foreach (var (id, facets) in FacetsAsync(tenant, progress, cancel))
        {
            tracks++;
            var (was, willBe) = (Shown(before, facets), Shown(after, facets));
            if (was.SetEquals(willBe)) continue;
            changed++;
            foreach (var value in willBe.Except(was)) gained.Add(value, id);
            foreach (var value in was.Except(willBe)) lost.Add(value, id);
        }

        var names = await NamesAsync([.. gained.Examples, .. lost.Examples], cancel);
        return new TaxonomyDifference(
            tracks, changed,
            [
                .. from value in gained.Keys.Union(lost.Keys)
                       .OrderByDescending(value => gained.CountOf(value) + lost.CountOf(value)).ThenBy(value => value)
                       .Take(MaxListed)
                   select new ValueDifference(
                       value.Item1, value.Item2, gained.CountOf(value), lost.CountOf(value),
                       Named(gained.ExamplesOf(value), names), Named(lost.ExamplesOf(value), names)),
            ],
            [.. after.Terms.Select(term => term.Id).Except(before.Terms.Select(term => term.Id))],
            [.. before.Terms.Select(term => term.Id).Except(after.Terms.Select(term => term.Id))],
            [.. after.Terms.Where(term => before.Find(term.Id) is { } old && IsOther(old, before, term, after))
                .Select(term => term.Id)]);
    }

    private static bool IsOther(TaxonomyTerm old, TagTaxonomy before, TaxonomyTerm term, TagTaxonomy after) =>
        old.Label != term.Label || before.ThresholdOf(old) != after.ThresholdOf(term)
        || !old.Parents.ToHashSet().SetEquals(term.Parents) || !old.Aliases.ToHashSet().SetEquals(term.Aliases)
        || !old.MapsFrom.ToHashSet().SetEquals(term.MapsFrom);

    // What is shown of a track's facets, group and label.
    private static HashSet<(string, string)> Shown(TagTaxonomy taxonomy, IEnumerable<Facet> facets)
    {
        var shown = new HashSet<(string, string)>();
        foreach (var facet in facets)
        {
            var meaning = TaxonomyMeaning.Of(taxonomy, facet);
            if (meaning.IsWord) shown.Add((facet.Group, facet.Value));
            foreach (var term in meaning.Terms) shown.Add((term.Group, Facet.Clean(term.Label)));
        }

        return shown;
    }

    private async IAsyncEnumerable<(long TrackId, IReadOnlyList<Facet> Facets)> FacetsAsync(
        string tenant, IProgress<long>? progress, [EnumeratorCancellation] CancellationToken cancel)
    {
        var facets = new Dictionary<string, Facet?>(StringComparer.Ordinal);
        var lookup = facets.GetAlternateLookup<ReadOnlySpan<char>>();
        var (after, looked) = (0L, 0L);
        await using var db = catalogue.CreateDbContext();
        while (true)
        {
            var page = await db.Hits(tenant, null, withRanges: false, withFacets: true)
                .Where(hit => hit.TrackId > after).OrderBy(hit => hit.TrackId)
                .Select(hit => new { hit.TrackId, hit.State, hit.Facets }).Take(PageSize).ToListAsync(cancel);
            if (page.Count == 0) yield break;
            foreach (var hit in page.Where(hit => hit.State != nameof(TrackState.Missing)))
                yield return (hit.TrackId, Read(hit.Facets));
            after = page[^1].TrackId;
            progress?.Report(looked += page.Count);
        }

        List<Facet> Read(string text)
        {
            var read = new List<Facet>();
            foreach (var range in text.AsSpan().Split(' '))
            {
                var token = text.AsSpan(range);
                if (!lookup.TryGetValue(token, out var facet))
                {
                    facet = Facet.OfToken(token) is { } one && TagTaxonomy.Groups.Contains(one.Group) ? one : null;
                    facets[token.ToString()] = facet;
                }

                if (facet is not null) read.Add(facet);
            }

            return read;
        }
    }

    private async Task<Dictionary<long, string>> NamesAsync(HashSet<long> ids, CancellationToken cancel)
    {
        await using var db = catalogue.CreateDbContext();
        var names = new Dictionary<long, string>();
        foreach (var some in ids.Chunk(PageSize))
        {
            foreach (var track in await db.Tracks.Where(track => some.Contains(track.Id))
                .Select(track => new { track.Id, track.FileName }).ToListAsync(cancel))
                names[track.Id] = track.FileName;
        }

        return names;
    }

    private static List<UnmappedWord> Unmapped(
        Tally<(string Group, string Word)> tally, Dictionary<long, string> names) =>
    [
        .. from word in tally.Keys.OrderByDescending(tally.CountOf).ThenBy(word => word).Take(MaxListed)
           select new UnmappedWord(word.Group, word.Word, tally.CountOf(word), Named(tally.ExamplesOf(word), names)),
    ];

    private static List<ExampleTrack> Named(IEnumerable<long> ids, Dictionary<long, string> names) =>
        [.. ids.Where(names.ContainsKey).Select(id => new ExampleTrack(id, names[id]))];

    // How many tracks, each once, and the first of them.
    private sealed class Tally<T>
        where T : notnull
    {
        private readonly Dictionary<T, (long Count, long Last, List<long> First)> counts = [];

        public IEnumerable<T> Keys => counts.Keys;

        public IEnumerable<long> Examples => counts.Values.SelectMany(count => count.First);

        public long CountOf(T key) => counts.TryGetValue(key, out var count) ? count.Count : 0;

        public List<long> ExamplesOf(T key) => counts.TryGetValue(key, out var count) ? count.First : [];

        public void Add(T key, long track)
        {
            var (count, last, first) = counts.TryGetValue(key, out var known) ? known : (0, 0, []);
            if (last == track) return;
            if (first.Count < MaxExamples) first.Add(track);
            counts[key] = (count + 1, track, first);
        }
    }
}

/// <summary>What the words of a library's tracks mean by a taxonomy.</summary>
/// <param name="Tracks">All that were looked at.</param>
/// <param name="TracksWithTerms">Those that have any term.</param>
/// <param name="Groups">Tracks that have any term of a group.</param>
/// <param name="Terms">Those that tracks have, or would have if thresholds were lower.</param>
/// <param name="TermsWithoutTracks">Ids of the others.</param>
/// <param name="UnmappedLabels">Models' labels that mean no term, the most frequent first: in a group of
/// <see cref="TagTaxonomy.ClosedGroups"/> they are not shown.</param>
/// <param name="UnmappedWords">Words of owners, files and people that mean no term, the most frequent first: they are
/// shown as they were said. Of both as many as <see cref="TaxonomyReports.MaxListed"/>.</param>
public sealed record TaxonomyCoverage(
    long Tracks, long TracksWithTerms, IReadOnlyDictionary<string, long> Groups, IReadOnlyList<TermCoverage> Terms,
    IReadOnlyList<string> TermsWithoutTracks, IReadOnlyList<UnmappedWord> UnmappedLabels,
    IReadOnlyList<UnmappedWord> UnmappedWords);

/// <summary>How many tracks have a term.</summary>
/// <param name="Term">Its id.</param>
/// <param name="Label">For people.</param>
/// <param name="Tracks">Those that have it or a kind of it.</param>
/// <param name="Direct">Those that have the term itself.</param>
/// <param name="BelowThreshold">Those that a model would give it, but is not sure enough.</param>
/// <param name="Examples">Some that have it.</param>
public sealed record TermCoverage(
    string Term, string Label, long Tracks, long Direct, long BelowThreshold, IReadOnlyList<ExampleTrack> Examples);

/// <summary>A word that means no term.</summary>
/// <param name="Group">In which it was said.</param>
/// <param name="Word">In small letters.</param>
/// <param name="Tracks">Of which it was said.</param>
/// <param name="Examples">Some of them.</param>
public sealed record UnmappedWord(string Group, string Word, long Tracks, IReadOnlyList<ExampleTrack> Examples);

/// <summary>A track that shows something.</summary>
public sealed record ExampleTrack(long Id, string FileName);

/// <summary>What would be other if one taxonomy took the place of another.</summary>
/// <param name="Tracks">All that were looked at.</param>
/// <param name="Changed">Those whose tags would be others.</param>
/// <param name="Values">What tracks would gain and lose, the most frequent first, as many as
/// <see cref="TaxonomyReports.MaxListed"/>.</param>
/// <param name="TermsAdded">Ids.</param>
/// <param name="TermsRemoved">Ids.</param>
/// <param name="TermsChanged">Ids of those with another label, parent, alias, mapping or threshold.</param>
public sealed record TaxonomyDifference(
    long Tracks, long Changed, IReadOnlyList<ValueDifference> Values, IReadOnlyList<string> TermsAdded,
    IReadOnlyList<string> TermsRemoved, IReadOnlyList<string> TermsChanged);

/// <summary>How many tracks would gain or lose a tag.</summary>
/// <param name="Group">The tag's.</param>
/// <param name="Value">A term's label, or a word that means none, in small letters.</param>
/// <param name="Gained">Tracks that would have it.</param>
/// <param name="Lost">Tracks that would not have it any more.</param>
/// <param name="GainedBy">Some of them.</param>
/// <param name="LostBy">Some of them.</param>
public sealed record ValueDifference(
    string Group, string Value, long Gained, long Lost, IReadOnlyList<ExampleTrack> GainedBy,
    IReadOnlyList<ExampleTrack> LostBy);
