using System.Reflection;
using OpenMU.Catalogue.Search;

namespace OpenMU.Catalogue.Taxonomy;

/// <summary>
/// The words by which a library sorts its music, in seven groups: what each is called, what it is a kind of, and which
/// words of models, files and owners mean it. Never changed: another list is another version.
/// </summary>
public sealed class TagTaxonomy
{
    /// <summary>The version of the list that comes with the program.</summary>
    public const string BuiltInVersion = "builtin-1";

    private static readonly Lazy<TagTaxonomy> Shipped = new(ReadBuiltIn);

    private readonly Dictionary<(string Group, string Word), TaxonomyTerm> names = [];
    private readonly Dictionary<(string Group, string Word), List<TaxonomyTerm>> meanings = [];
    private readonly Dictionary<string, TaxonomyTerm> byId;
    private readonly Dictionary<string, IReadOnlyList<TaxonomyTerm>> above = [];
    private readonly ILookup<string, TaxonomyTerm> below;
    private readonly ILookup<string, (string Group, string Word)> words;

    /// <param name="terms">Their parents are among them, none is its own ancestor, and no name in a group and no label
    /// for a group stands twice, as <see cref="TaxonomyTable.Read"/> sees to.</param>
    /// <param name="thresholds">By group; a group that is not in it has none.</param>
    /// <param name="closed"><see cref="ClosedGroups"/>.</param>
    internal TagTaxonomy(
        IReadOnlyList<TaxonomyTerm> terms, IReadOnlyDictionary<string, double> thresholds, IReadOnlySet<string> closed)
    {
        (Terms, Thresholds, ClosedGroups) = (terms, thresholds, closed);
        byId = terms.ToDictionary(term => term.Id, StringComparer.Ordinal);
        foreach (var term in terms) above[term.Id] = Ancestors(term);
        below = terms.SelectMany(term => above[term.Id].Prepend(term), (term, over) => (term, over.Id))
            .ToLookup(pair => pair.Id, pair => pair.term);
        foreach (var term in terms)
        {
            foreach (var name in term.Aliases.Append(term.Label).Append(term.Id))
                names[(term.Group, Word(term.Group, name))] = term;
        }

        // Other ways to write a name mean it where they are no name themselves.
        foreach (var term in terms)
        {
            foreach (var spelling in term.Aliases.Append(term.Label).SelectMany(OtherSpellings))
                names.TryAdd((term.Group, Word(term.Group, spelling)), term);
        }

        foreach (var (term, label) in terms.SelectMany(term => term.MapsFrom, (term, label) => (term, label)))
            Meanings((label.Group, Word(label.Group, label.Label))).Add(term);
        foreach (var (word, term) in names)
        {
            var meant = Meanings(word);
            if (!meant.Exists(other => other.Group == word.Group)) meant.Add(term);
        }

        words = meanings.SelectMany(pair => pair.Value, (pair, term) => (pair.Key, term.Id))
            .ToLookup(pair => pair.Id, pair => pair.Key);
    }

    /// <summary>The groups, in the order in which they are shown; named as those of a model's tags.</summary>
    public static IReadOnlyList<string> Groups { get; } =
        ["genre", "mood", "instrument", "theme", "voice", "energy", "era"];

    /// <summary>The list that comes with the program, where a library has published none of its own.</summary>
    public static TagTaxonomy BuiltIn => Shipped.Value;

    /// <summary>Without terms: every word stands for itself.</summary>
    public static TagTaxonomy Empty { get; } = new([], new Dictionary<string, double>(), new HashSet<string>());

    /// <summary>All terms, in the order of the table that they come from.</summary>
    public IReadOnlyList<TaxonomyTerm> Terms { get; }

    /// <summary>By group: how sure a model must be of a tag, 0 to 1.</summary>
    public IReadOnlyDictionary<string, double> Thresholds { get; }

    /// <summary>
    /// Groups in which a model's label that means no term is not shown: those that a library has listed its own terms
    /// for. In the program's own groups it stands for itself, as a new model may know more than they list.
    /// </summary>
    public IReadOnlySet<string> ClosedGroups { get; }

    /// <summary>The term that is called so, by label, alias or id; null where none is.</summary>
    public TaxonomyTerm? Find(string group, string name) => names.GetValueOrDefault((group, Word(group, name)));

    /// <summary>The term with an id; null where there is none.</summary>
    public TaxonomyTerm? Find(string id) => byId.GetValueOrDefault(id);

    /// <summary>What a word means that a model, a file or a person has said: one term of a group at most.</summary>
    /// <param name="group">The group in which it was said.</param>
    /// <param name="word">In any case of letters.</param>
    public IReadOnlyList<TaxonomyTerm> MeantBy(string group, string word) =>
        meanings.TryGetValue((group, Word(group, word)), out var terms) ? terms : [];

    /// <summary>All that a term is a kind of, over however many steps; the nearest first.</summary>
    public IReadOnlyList<TaxonomyTerm> Above(TaxonomyTerm term) => above[term.Id];

    /// <summary>The term and all its kinds, over however many steps.</summary>
    public IEnumerable<TaxonomyTerm> WithKinds(TaxonomyTerm term) => below[term.Id];

    /// <summary>How sure a model must be of a term, 0 to 1: its own threshold, else its group's, else 0.</summary>
    public double ThresholdOf(TaxonomyTerm term) =>
        term.Threshold ?? (Thresholds.TryGetValue(term.Group, out var threshold) ? threshold : 0);

    /// <summary>The words that mean a term, as they stand in facets, each with the group in which it is said.</summary>
    internal IEnumerable<(string Group, string Word)> WordsOf(TaxonomyTerm term) => words[term.Id];

    /// <summary>A name as facets keep it.</summary>
    internal static string Word(string group, string name) =>
        Facet.OfToken(new Facet(group, name).Token)?.Value ?? "";

    private static IEnumerable<string> OtherSpellings(string name)
    {
        yield return name.Replace('-', ' ');
        yield return name.Replace("-", "", StringComparison.Ordinal);
        yield return name.Replace(' ', '-');
        yield return name.Replace('_', ' ');
    }

    private static TagTaxonomy ReadBuiltIn()
    {
        using var table = new StreamReader(Assembly.GetExecutingAssembly().GetManifestResourceStream(
            $"{typeof(TagTaxonomy).Namespace}.{BuiltInVersion}.csv")!);
        return TaxonomyTable.Parse(table.ReadToEnd(), new HashSet<string>());
    }

    private List<TaxonomyTerm> Ancestors(TaxonomyTerm term)
    {
        var (found, seen) = (new List<TaxonomyTerm>(), new HashSet<string>());
        for (var open = new Queue<string>(term.Parents); open.TryDequeue(out var id);)
        {
            if (!seen.Add(id)) continue;
            found.Add(byId[id]);
            foreach (var parent in byId[id].Parents) open.Enqueue(parent);
        }

        return found;
    }

    private List<TaxonomyTerm> Meanings((string Group, string Word) word) =>
        meanings.TryGetValue(word, out var terms) ? terms : meanings[word] = [];
}

/// <summary>A term of a taxonomy.</summary>
/// <param name="Id">Names it in all versions, whatever it is called: <c>genre/indie-rock</c>.</param>
/// <param name="Group">One of <see cref="TagTaxonomy.Groups"/>.</param>
/// <param name="Label">For people.</param>
/// <param name="Parents">Ids of what it is a kind of, in the same group; may be none.</param>
/// <param name="Aliases">What else it is called.</param>
/// <param name="MapsFrom">Labels of models, and words of files and owners, that mean it.</param>
/// <param name="Threshold">How sure a model must be, 0 to 1; null as the group says.</param>
public sealed record TaxonomyTerm(
    string Id, string Group, string Label, IReadOnlyList<string> Parents, IReadOnlyList<string> Aliases,
    IReadOnlyList<SourceLabel> MapsFrom, double? Threshold);

/// <summary>A label as a source gives it.</summary>
/// <param name="Group">The group in which it is given; may be another than that of the term that it means.</param>
/// <param name="Label">The word.</param>
public sealed record SourceLabel(string Group, string Label);
