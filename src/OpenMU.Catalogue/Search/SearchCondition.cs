using OpenMU.Catalogue.Taxonomy;

namespace OpenMU.Catalogue.Search;

/// <summary>
/// Which words a track must have, in the words of <see cref="SearchFold"/>: letters and digits only, which mean nothing
/// to a database.
/// </summary>
internal abstract record SearchCondition
{
    // SQL Server reads no longer condition than 4,000 characters, and a word has up to 64.
    private const int MaxSpellings = 50;

    private SearchCondition()
    {
    }

    /// <summary>The words of one of some spellings, one after another.</summary>
    /// <param name="Spellings">At least one, each of at least one word.</param>
    /// <param name="IsPrefix">Whether the last word may go on.</param>
    /// <param name="Column">Where; null for anywhere.</param>
    public sealed record Words(
        IReadOnlyList<IReadOnlyList<string>> Spellings, bool IsPrefix, SearchColumn? Column) : SearchCondition
    {
        /// <summary>Whether a text has one of the spellings.</summary>
        public bool AreIn(ReadOnlySpan<char> text)
        {
            foreach (var spelling in Spellings)
            {
                if (IsIn(text, spelling)) return true;
            }

            return false;
        }

        private bool IsIn(ReadOnlySpan<char> text, IReadOnlyList<string> spelling)
        {
            for (var from = 0; from < text.Length; from++)
            {
                var next = text[from..].IndexOf(spelling[0], StringComparison.Ordinal);
                if (next < 0) return false;
                from += next;
                if ((from == 0 || text[from - 1] == ' ') && GoesOn(text[from..], spelling)) return true;
            }

            return false;
        }

        // Whether a text begins with the words; what stands between two spaces is one.
        private bool GoesOn(ReadOnlySpan<char> text, IReadOnlyList<string> spelling)
        {
            for (var i = 0; i < spelling.Count; i++)
            {
                if (!text.StartsWith(spelling[i], StringComparison.Ordinal)) return false;
                text = text[spelling[i].Length..];
                var isWhole = text.IsEmpty || text[0] == ' ';
                if (!isWhole && !(IsPrefix && i == spelling.Count - 1)) return false;
                text = text.TrimStart(' ');
            }

            return true;
        }
    }

    /// <summary>All of them hold.</summary>
    /// <param name="Parts">At least one.</param>
    public sealed record All(IReadOnlyList<SearchCondition> Parts) : SearchCondition;

    /// <summary>At least one of them holds.</summary>
    /// <param name="Parts">At least one.</param>
    public sealed record Any(IReadOnlyList<SearchCondition> Parts) : SearchCondition;

    /// <summary>It does not hold.</summary>
    /// <param name="Part">What.</param>
    public sealed record Not(SearchCondition Part) : SearchCondition;

    /// <summary>A track has a facet.</summary>
    /// <param name="facet">The facet.</param>
    /// <param name="isPrefix">Whether its value may go on.</param>
    public static SearchCondition Of(Facet facet, bool isPrefix = false) =>
        new Words([[facet.Token]], isPrefix, SearchColumn.Facets);

    /// <summary>A track has a term of a taxonomy, or a kind of it: any of the conditions holds.</summary>
    /// <param name="taxonomy">The taxonomy.</param>
    /// <param name="group">The term's group.</param>
    /// <param name="name">The term's label or an alias.</param>
    /// <returns>Null where it has no such term.</returns>
    public static IReadOnlyList<SearchCondition>? OfTerm(TagTaxonomy taxonomy, string group, string name)
    {
        if (taxonomy.Find(group, name) is not { } found) return null;
        var said = new List<IReadOnlyList<string>>();
        foreach (var term in taxonomy.WithKinds(found))
        {
            var least = Facet.StepOf(taxonomy.ThresholdOf(term));
            foreach (var facet in taxonomy.WordsOf(term).Select(word => new Facet(word.Group, word.Word)))
            {
                said.Add([facet.Token]);
                if (least == 0) said.Add([facet.SaidToken]);
                else for (var step = least; step <= Facet.CertaintySteps; step++)
                    said.Add([(facet with { Certainty = step }).Token]);
            }
        }

        return
            [.. said.Chunk(MaxSpellings).Select(some => new Words(some, IsPrefix: false, SearchColumn.Facets))];
    }

    /// <summary>A track has a word that a taxonomy has no term for, whoever has said it: any of the conditions holds.
    /// </summary>
    public static IReadOnlyList<SearchCondition> OfWord(TagTaxonomy taxonomy, string group, string value)
    {
        var facet = new Facet(group, value);
        return !TagTaxonomy.Groups.Contains(group) || taxonomy.ClosedGroups.Contains(group)
            ? [Of(facet)]
            : [new Words([[facet.Token], [facet.SaidToken]], IsPrefix: false, SearchColumn.Facets)];
    }

    /// <summary>All of some conditions; null where there is none.</summary>
    public static SearchCondition? AllOf(IEnumerable<SearchCondition> parts) => parts.ToList() switch
    {
        [] => null,
        [var only] => only,
        var several => new All(several),
    };

    /// <summary>Any of some conditions, of which there is at least one.</summary>
    public static SearchCondition AnyOf(IEnumerable<SearchCondition> parts) =>
        parts.ToList() is { Count: > 1 } several ? new Any(several) : parts.First();

    /// <summary>As SQLite's full-text index reads it.</summary>
    public string ToFts5() => this switch
    {
        Words words => Fts5(words),
        All all => Fts5(all.Parts),
        Any any => $"({string.Join(" OR ", any.Parts.Select(part => part.ToFts5()))})",
        _ => Fts5([this]),
    };

    /// <summary>Whether it holds for a track, as SQLite's index would say.</summary>
    /// <param name="text">The folded words of a part of what is known about the track, spaces between them.</param>
    public bool Holds(Func<SearchColumn, string> text) => this switch
    {
        Words { Column: { } column } words => words.AreIn(text(column)),
        Words words => SearchColumns.All.Any(column => words.AreIn(text(column))),
        All all => all.Parts.All(part => part.Holds(text)),
        Any any => any.Parts.Any(part => part.Holds(text)),
        _ => !((Not)this).Part.Holds(text),
    };

    /// <summary>As SQL Server's full-text index reads it.</summary>
    /// <param name="arguments">Gains a term for each place that the text has for one, from <c>{0}</c>.</param>
    public string ToContains(List<object> arguments)
    {
        switch (this)
        {
            case Words words:
                arguments.Add(string.Join(" OR ", words.Spellings.Select(spelling =>
                    $"\"{string.Join(' ', spelling)}{(words.IsPrefix ? "*" : "")}\"")));
                var columns = words.Column is { } one ? [$"{one}"] : SearchColumns.Names;
                return $"CONTAINS(({string.Join(", ", columns.Select(name => $"[{name}]"))}), {{{arguments.Count - 1}}})";
            case Not not:
                return $"NOT ({not.Part.ToContains(arguments)})";
            case All all:
                return $"({string.Join(" AND ", all.Parts.Select(part => part.ToContains(arguments)))})";
            default:
                return $"({string.Join(" OR ", ((Any)this).Parts.Select(part => part.ToContains(arguments)))})";
        }
    }

    private static string Fts5(Words words)
    {
        var spellings = words.Spellings
            .Select(spelling => $"\"{string.Join(' ', spelling)}\"{(words.IsPrefix ? "*" : "")}").ToList();
        var any = spellings is [var only] ? only : $"({string.Join(" OR ", spellings)})";
        return words.Column is { } column ? $"({{{column}}} : {any})" : any;
    }

    // What is not to be there is taken from what is; where nothing is said to be there, from all tracks.
    private static string Fts5(IReadOnlyList<SearchCondition> parts)
    {
        var there = parts.Where(part => part is not Not).Select(part => part.ToFts5()).ToList();
        if (there.Count == 0) there.Add($"({{{SearchColumn.Facets}}} : \"{Facet.AnyTrack}\")");
        var all = there is [var only] ? only : $"({string.Join(" AND ", there)})";
        var not = parts.OfType<Not>().Select(part => part.Part.ToFts5()).ToList();
        return not.Count == 0 ? all : $"({all} NOT ({string.Join(" OR ", not)}))";
    }
}
