using System.Text;
using OpenMU.Catalogue.Settings;
using OpenMU.Catalogue.Taxonomy;

namespace OpenMU.Catalogue.Search;

/// <summary>
/// Reads what people write into the search box: words, each the beginning of one; "phrases"; -what is not to be found;
/// either OR other; field:value; and musical phrases. No text is an error: what means nothing is words, and a note says
/// what was probably meant.
/// </summary>
internal sealed class SearchLanguage
{
    /// <summary>More words than these are left out.</summary>
    public const int MaxWords = 16;

    /// <summary>More characters than these are not read.</summary>
    public const int MaxLength = 1000;

    private readonly List<SearchCondition> required = [];
    private readonly List<(string Text, SearchCondition Condition)> loose = [];
    private readonly List<string> notes = [];

    private readonly TagTaxonomy taxonomy;

    private SearchLanguage(TagTaxonomy taxonomy) => this.taxonomy = taxonomy;

    /// <summary>What every track must have, whatever words are left out.</summary>
    public IReadOnlyList<SearchCondition> Required => required;

    /// <summary>The plain words, as they were written.</summary>
    public IReadOnlyList<(string Text, SearchCondition Condition)> Loose => loose;

    /// <summary>Keys, tempi and lengths.</summary>
    public MusicalPhrases Phrases { get; private init; } = null!;

    /// <summary>What the reader should know, in sentences.</summary>
    public IReadOnlyList<string> Notes => notes;

    /// <summary>Whether nothing could be found by it, as it is made of signs that no text has.</summary>
    public bool IsNonsense { get; private init; }

    /// <summary>Reads any text.</summary>
    /// <param name="text">As it was written.</param>
    /// <param name="taxonomy">Whose terms find what is called otherwise: a word that is a term's name finds the tracks
    /// that have the term or a kind of it.</param>
    public static SearchLanguage Read(string text, TagTaxonomy taxonomy)
    {
        var phrases = MusicalPhrases.Take(text.Length <= MaxLength ? text : text[..MaxLength], out var rest);
        var read = new SearchLanguage(taxonomy) { Phrases = phrases };
        foreach (var metre in phrases.Metres) read.required.Add(SearchCondition.Of(new Facet("metre", metre)));
        foreach (var metre in phrases.ExcludedMetres)
            read.required.Add(new SearchCondition.Not(SearchCondition.Of(new Facet("metre", metre))));
        if (phrases.HasExcludedNumber)
            read.notes.Add("A minus leaves out no tempo and no length: say those that you want, such as over 130 bpm.");
        foreach (var phrase in phrases.NoTempi)
            read.notes.Add($"'{phrase}' is no tempo, and was taken for words: say one above 0.");
        if (text.Length > MaxLength) read.notes.Add($"Only the first {MaxLength} characters were read.");
        read.ReadTerms(Terms(rest, read.notes));
        var isEmpty = read.required.Count == 0 && read.loose.Count == 0 && phrases.Understood.Count == 0;
        return isEmpty ? new SearchLanguage(taxonomy) { Phrases = phrases, IsNonsense = true } : read;
    }

    private void ReadTerms(IReadOnlyList<Term> terms)
    {
        // A dash between words is none; a title that is a dash can be looked for.
        var isNamed = terms.Any(term => SearchFold.Read(term.Value).Any(chunk => !chunk.IsSeparator));
        var either = new List<SearchCondition>();
        for (var i = 0; i < terms.Count && required.Count + loose.Count < MaxWords; i++)
        {
            if (terms[i].IsOr && either.Count > 0 && i + 1 < terms.Count) continue;
            if (Condition(terms[i], isNamed) is not { } condition) continue;
            var goesOn = i + 2 < terms.Count && terms[i + 1].IsOr;
            if (goesOn || either.Count > 0)
            {
                either.Add(condition);
                if (goesOn) continue;
                required.Add(SearchCondition.AnyOf(either));
                either.Clear();
            }
            else if (terms[i] is { IsQuoted: false, IsNot: false, Field: null })
            {
                loose.Add((terms[i].Value, condition));
            }
            else
            {
                required.Add(condition);
            }
        }

        if (either.Count > 0) required.Add(SearchCondition.AnyOf(either));
        if (terms.Count > MaxWords) notes.Add($"Only the first {MaxWords} words were looked for.");
    }

    private SearchCondition? Condition(Term term, bool isNamed)
    {
        var condition = term.Field is null
            ? OrTerms(Words(term.Value, term.IsQuoted, null, isNamed), TagTaxonomy.Groups, term)
            : InField(term);
        return condition is not null && term.IsNot ? new SearchCondition.Not(condition) : condition;
    }

    private SearchCondition? InField(Term term)
    {
        IReadOnlyList<string> group = FacetFilter.GroupOf(term.Field!) is { } name ? [name] : [];
        if (SearchColumns.ByName.TryGetValue(term.Field!, out var column))
            return OrTerms(Words(term.Value, term.IsQuoted, column, isNamed: false), group, term);
        var value = Facet.Clean(term.Value);
        return value.Length == 0
            ? null
            : OrTerms(SearchCondition.Of(new Facet(group[0], value), isPrefix: !term.IsQuoted), group, term);
    }

    // Words, or the terms of the taxonomy that are called so.
    private SearchCondition? OrTerms(SearchCondition? words, IReadOnlyList<string> groups, Term term)
    {
        if (words is null) return null;
        var terms = groups.SelectMany(group => SearchCondition.OfTerm(taxonomy, group, term.Value) ?? []);
        return SearchCondition.AnyOf([words, .. terms]);
    }

    /// <summary>The condition that words stand one after another; null where there are none.</summary>
    /// <param name="text">The words.</param>
    /// <param name="isWhole">Whether the last word is whole, and not the beginning of one.</param>
    /// <param name="column">Where; null for anywhere.</param>
    /// <param name="isNamed">Whether signs that stand between names are left out.</param>
    private static SearchCondition.Words? Words(string text, bool isWhole, SearchColumn? column, bool isNamed)
    {
        var chunks = SearchFold.Read(text).Where(chunk => !isNamed || !chunk.IsSeparator).ToList();
        if (chunks.Count == 0) return null;
        // Other spellings stand apart from their neighbours in the index.
        var spellings = chunks is [var only]
            ? only.Spellings
            : [[.. chunks.SelectMany(chunk => chunk.Spellings[0])]];
        var endsInRun = chunks[^1].EndsInRun;
        return new SearchCondition.Words(
            [.. spellings.Select(spelling => endsInRun && spelling.Count > 1 ? [.. spelling.SkipLast(1)] : spelling)],
            IsPrefix: !isWhole, column);
    }

    private static List<Term> Terms(string text, List<string> notes)
    {
        var terms = new List<Term>();
        for (var at = 0; at < text.Length;)
        {
            if (char.IsWhiteSpace(text[at]))
            {
                at++;
                continue;
            }

            var not = text[at] == '-' && at + 1 < text.Length && text[at + 1] != '-'
                && !char.IsWhiteSpace(text[at + 1]);
            if (not) at++;
            var field = Field(text, ref at, notes);
            var isQuoted = text[at] is '"' or '“' or '”' or '„';
            var value = isQuoted ? Quoted(text, ref at, notes) : Plain(text, ref at);
            terms.Add(new Term(value, field, isQuoted, not, value == "OR" && !isQuoted && !not && field is null));
        }

        return terms;
    }

    // A name, a colon and something right behind it; what names nothing is a word as in "Re: Stacks".
    private static string? Field(string text, ref int at, List<string> notes)
    {
        var colon = text.IndexOf(':', at);
        if (colon <= at) return null;
        var name = text[at..colon];
        if (name.Any(c => !char.IsLetterOrDigit(c) && c is not ('.' or '_' or '-'))) return null;
        var isField = SearchColumns.ByName.ContainsKey(name) || FacetFilter.GroupOf(name) is not null;
        if (colon + 1 >= text.Length || char.IsWhiteSpace(text[colon + 1]))
        {
            if (isField) notes.Add($"Nothing stands right behind '{name}:', so it was taken for a word.");
            return null;
        }

        if (isField)
        {
            at = colon + 1;
            return name;
        }

        if (name.Equals("key", StringComparison.OrdinalIgnoreCase))
        {
            notes.Add("What stands behind 'key:' is no key, and was taken for words: say one such as Am, C# minor or 8A.");
            return null;
        }

        var near = NearestName.Of(name, [.. SearchColumns.ByName.Keys, .. Facet.Groups]);
        if (near is not null) notes.Add($"There is no field '{name}': it was taken for words. Did you mean {near}?");
        return null;
    }

    private static string Quoted(string text, ref int at, List<string> notes)
    {
        var end = text.AsSpan(at + 1).IndexOfAny('"', '“', '”');
        var value = end < 0 ? text[(at + 1)..] : text.Substring(at + 1, end);
        if (end < 0) notes.Add("A quotation mark has no end: all behind it was taken for one phrase.");
        at = end < 0 ? text.Length : at + end + 2;
        return value;
    }

    private static string Plain(string text, ref int at)
    {
        var word = new StringBuilder();
        while (at < text.Length && !char.IsWhiteSpace(text[at])) word.Append(text[at++]);
        return word.ToString();
    }

    private sealed record Term(string Value, string? Field, bool IsQuoted, bool IsNot, bool IsOr);
}
