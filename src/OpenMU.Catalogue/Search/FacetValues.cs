using OpenMU.Catalogue.Taxonomy;

namespace OpenMU.Catalogue.Search;

/// <summary>
/// What the facets of tracks mean by a taxonomy: a word that means a term counts for the term and all that it is a kind
/// of, and each track once. A word that means none stands for itself, but for a model's in a group that the library has
/// listed terms of its own for: what it does not sort by is not shown.
/// </summary>
internal sealed class FacetValues(TagTaxonomy taxonomy)
{
    private readonly Dictionary<string, Value[]> meanings = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Group, string Value), Value> values = [];
    private int tracks;

    /// <summary>What was counted so far.</summary>
    public IEnumerable<(string Group, FacetCount Count)> Counted => values.Values.Where(value => value.Tracks > 0)
        .Select(value => (value.Group, new FacetCount(value.Name, value.Tracks, value.Label, value.Parents)));

    /// <summary>Counts one more track.</summary>
    /// <param name="facets">As its row of search has them.</param>
    public void Count(string facets)
    {
        tracks++;
        var lookup = meanings.GetAlternateLookup<ReadOnlySpan<char>>();
        foreach (var range in facets.AsSpan().Split(' '))
        {
            var token = facets.AsSpan(range);
            if (Facet.IsSaid(token)) continue;
            if (!lookup.TryGetValue(token, out var meant)) meanings[token.ToString()] = meant = Meant(token);
            foreach (var value in meant)
            {
                if (value.LastTrack == tracks) continue;
                value.LastTrack = tracks;
                value.Tracks++;
            }
        }
    }

    private Value[] Meant(ReadOnlySpan<char> token)
    {
        if (Facet.OfToken(token) is not { } facet) return [];
        var said = TaxonomyMeaning.Of(taxonomy, facet);
        return said.IsWord
            ? [Of(facet.Group, facet.Value, null, null)]
            : [.. said.Terms.SelectMany(term => taxonomy.Above(term).Prepend(term)).Distinct().Select(Of)];
    }

    private Value Of(TaxonomyTerm term)
    {
        var name = Facet.Clean(term.Label);
        return Of(
            term.Group, name, term.Label == name ? null : term.Label,
            term.Parents.Count == 0
                ? null
                : [.. term.Parents.Select(id => Facet.Clean(taxonomy.Find(id)!.Label))]);
    }

    private Value Of(string group, string name, string? label, IReadOnlyList<string>? parents) =>
        values.TryGetValue((group, name), out var known)
            ? known
            : values[(group, name)] = new Value(group, name, label, parents);

    private sealed class Value(string group, string name, string? label, IReadOnlyList<string>? parents)
    {
        public string Group => group;

        public string Name => name;

        public string? Label => label;

        public IReadOnlyList<string>? Parents => parents;

        public int Tracks { get; set; }

        public int LastTrack { get; set; }
    }
}
