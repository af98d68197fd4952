using System.Text;
using OpenMU.Catalogue.Taxonomy;

namespace OpenMU.Catalogue.Search;

/// <summary>
/// A value that tracks have in common, such as the genre <c>jazz</c>. Every facet is a word of its own in the index of
/// words, so that it narrows a search as words do, and a track's facets stand side by side in its row of search, where
/// they are counted.
/// </summary>
/// <param name="Group">What it is about: one of <see cref="Groups"/>, or the name of a field that an owner has
/// declared.</param>
/// <param name="Value">In small letters.</param>
public sealed record Facet(string Group, string Value)
{
    /// <summary>Every track has it, so that a search may say only what is not to be found.</summary>
    internal const string AnyTrack = "ƿƿall";

    /// <summary>Certainty goes in so many steps from 0 to 1.</summary>
    internal const int CertaintySteps = 20;

    // SQL Server cuts longer words.
    private const int MaxTokenLength = 60;
    private const string Start = "ƿƿ";

    /// <summary>Groups that every catalogue has, in the order in which they are shown.</summary>
    public static IReadOnlyList<string> Groups { get; } =
    [
        "genre", "mood", "instrument", "theme", "voice", "energy", "era", "tag", "tempo", "metre", "language", "explicit",
        "lyrics", "quality", "differs", "source", "corrected", "approved", "locked",
    ];

    /// <summary>How sure a model is of it, in steps of <see cref="CertaintySteps"/>; null where nobody says how sure.
    /// </summary>
    internal int? Certainty { get; init; }

    /// <summary>The step that a confidence from 0 to 1 has reached.</summary>
    internal static int StepOf(double confidence) =>
        (int)Math.Floor(Math.Clamp(confidence, 0, 1) * CertaintySteps + 1e-9);

    /// <summary>
    /// Its word where a model has said it, however sure: one word is looked up in no time, while all that begin alike
    /// are put together first.
    /// </summary>
    internal string SaidToken => (this with { Certainty = null }).Token + Start;

    /// <summary>Whether a word is a <see cref="SaidToken"/>, beside which there is one that says how sure.</summary>
    internal static bool IsSaid(ReadOnlySpan<char> token) => token.EndsWith(Start);

    /// <summary>Its word in the index: as much of the value as fits in one.</summary>
    internal string Token
    {
        get
        {
            var token = new StringBuilder(Start);
            foreach (var rune in $"{Group}={Clean(Value)}".EnumerateRunes())
            {
                var length = token.Length;
                if (rune.IsAscii && (char.IsAsciiLetterLower((char)rune.Value) || char.IsAsciiDigit((char)rune.Value)))
                {
                    token.Append((char)rune.Value);
                }
                else
                {
                    token.Append(SearchFold.Mark);
                    SearchFold.Encode(token, rune);
                }

                if (token.Length <= MaxTokenLength) continue;
                token.Length = length;
                break;
            }

            if (Certainty is { } step) token.Append(Start).Append($"{step:00}");
            return token.ToString();
        }
    }

    /// <summary>Reads a <see cref="Token"/>; null where it is no facet's.</summary>
    internal static Facet? OfToken(ReadOnlySpan<char> token)
    {
        if (!token.StartsWith(Start)) return null;
        var text = new StringBuilder();
        int? certainty = null;
        for (var rest = token[Start.Length..]; rest.Length > 0;)
        {
            if (rest.StartsWith(Start))
            {
                if (!int.TryParse(rest[Start.Length..], out var step)) return null;
                certainty = step;
                break;
            }

            if (rest[0] != SearchFold.Mark)
            {
                text.Append(rest[0]);
                rest = rest[1..];
                continue;
            }

            if (SearchFold.Decode(rest[1..]) is not { } rune) return null;
            text.Append(rune.ToString());
            rest = rest[5..];
        }

        return text.ToString().Split('=', 2) is [var group, var value]
            ? new Facet(group, value) { Certainty = certainty }
            : null;
    }

    /// <summary>How the values of a group are spelled: small letters and single spaces, whatever they mean.</summary>
    internal static string Clean(string value) => string.Join(
        ' ',
        string.Concat(value.EnumerateRunes()).Normalize(NormalizationForm.FormKC).ToLowerInvariant().Split(
            (char[])[' ', '\t', '\r', '\n', '|', ',', '\u00a0'], StringSplitOptions.RemoveEmptyEntries));
}

/// <summary>One condition about facets: a track has any of some values of a group, or none of them.</summary>
/// <param name="Group">As <see cref="Facet.Group"/>.</param>
/// <param name="Values">At least one.</param>
/// <param name="Not">Whether tracks that have one are left out.</param>
public sealed record FacetFilter(string Group, IReadOnlyList<string> Values, bool Not)
{
    /// <summary>Reads <c>genre:jazz</c>, <c>genre:jazz|blues</c> (any of them) or <c>-mood:sad</c> (none); null for
    /// anything else.</summary>
    public static FacetFilter? TryParse(string? text)
    {
        var not = text?.StartsWith('-') == true;
        if ((not ? text![1..] : text)?.Split(':', 2) is not [var group, var values]) return null;
        var name = GroupOf(group);
        var read = values.Split('|').Select(Facet.Clean).Where(value => value.Length > 0).Distinct().ToList();
        return name is null || read.Count == 0 ? null : new FacetFilter(name, read, not);
    }

    /// <summary>The name of a group in the one spelling; null where there is none.</summary>
    internal static string? GroupOf(string name) => Facet.Groups.FirstOrDefault(
            group => group.Equals(name.Trim(), StringComparison.OrdinalIgnoreCase))
        ?? (name.StartsWith(Fields.CatalogueField.CustomPrefix, StringComparison.OrdinalIgnoreCase) && name.Length > 2
            ? SearchDocument.CustomGroup(name)
            : null);

    /// <inheritdoc />
    public override string ToString() => $"{(Not ? "-" : "")}{Group}:{string.Join('|', Values)}";

    /// <summary>The same as a condition on words: a value that a taxonomy has a term for is any word that means the
    /// term or a kind of it.</summary>
    internal SearchCondition ToCondition(TagTaxonomy taxonomy)
    {
        var any = SearchCondition.AnyOf(Values.SelectMany(value =>
            SearchCondition.OfTerm(taxonomy, Group, value) ?? SearchCondition.OfWord(taxonomy, Group, value)));
        return Not ? new SearchCondition.Not(any) : any;
    }
}

/// <summary>How many tracks have a value of a group.</summary>
/// <param name="Value">The value; of a term of the taxonomy its label in small letters.</param>
/// <param name="Count">Of those found, as far as they are counted; those that have a kind of a term are of its.</param>
/// <param name="Label">As the taxonomy spells it; null where that is the value, or where it has no such term.</param>
/// <param name="Parents">The values that it is a kind of; null where it is a kind of nothing.</param>
public sealed record FacetCount(
    string Value, int Count, string? Label = null, IReadOnlyList<string>? Parents = null);
