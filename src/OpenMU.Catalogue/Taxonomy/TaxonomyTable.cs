using System.Globalization;
using System.Text;
using OpenMU.Catalogue.Exchange;
using OpenMU.Catalogue.Fields;
using OpenMU.Catalogue.Search;
using OpenMU.Catalogue.Settings;

namespace OpenMU.Catalogue.Taxonomy;

/// <summary>
/// A taxonomy as a table: group, term, id, parent, aliases, maps from, threshold. A row without a term has its group's
/// threshold. Groups that a table has no terms for keep those of another taxonomy.
/// </summary>
public sealed class TaxonomyTable
{
    /// <summary>More rows than these are no taxonomy.</summary>
    public const int MaxRows = 5000;

    /// <summary>Most steps from a term to the furthest that it is a kind of, and most parents of one term.</summary>
    public const int MaxDepth = 16, MaxParents = 8;

    /// <summary>Longest label, alias or id.</summary>
    public const int MaxNameLength = 200;

    /// <summary>Thresholds go in steps of this, as confidence is kept in the index of search.</summary>
    public const double ThresholdStep = 1.0 / Facet.CertaintySteps;

    // To find what may have been meant takes a look at every name.
    private const int MaxGuesses = 100;

    private const string Group = "group", Term = "term", Id = "id", Parent = "parent", Aliases = "aliases",
        MapsFrom = "maps from", Threshold = "threshold";

    private static readonly string[] Header = [Group, Term, Id, Parent, Aliases, MapsFrom, Threshold];

    private static readonly Dictionary<string, string> ColumnNames = new()
    {
        ["group"] = Group,
        ["category"] = Group,
        ["facet"] = Group,
        ["term"] = Term,
        ["label"] = Term,
        ["tag"] = Term,
        ["name"] = Term,
        ["id"] = Id,
        ["code"] = Id,
        ["parent"] = Parent,
        ["parents"] = Parent,
        ["broader"] = Parent,
        ["aliases"] = Aliases,
        ["alias"] = Aliases,
        ["synonyms"] = Aliases,
        ["alsocalled"] = Aliases,
        ["mapsfrom"] = MapsFrom,
        ["mapfrom"] = MapsFrom,
        ["modellabels"] = MapsFrom,
        ["labels"] = MapsFrom,
        ["threshold"] = Threshold,
        ["minconfidence"] = Threshold,
    };

    private readonly List<Draft> drafts = [];
    private readonly Dictionary<string, double> thresholds = new(StringComparer.Ordinal);
    private readonly SortedDictionary<long, (ImportRow Row, string Error)> bad = [];
    private readonly HashSet<string> ignored = [];
    private int rows;

    private TaxonomyTable()
    {
    }

    /// <summary>Reads a file.</summary>
    /// <param name="file">A table with a header, or JSON Lines.</param>
    /// <param name="others">Whose terms the groups keep that the file has no terms for.</param>
    /// <exception cref="InvalidDataException">It has not the columns of a taxonomy, or is too long.</exception>
    public static TaxonomyReading Read(ImportFile file, TagTaxonomy others)
    {
        var columns = file.Columns();
        if (file.Format == ImportFormat.Csv && !columns.Select(Column).Contains(Group))
        {
            throw new InvalidDataException(
                $"{file.Path} has no column 'group': a taxonomy has the columns {string.Join(", ", Header)}.");
        }

        var table = new TaxonomyTable();
        foreach (var row in file.RowsAsync(0, FieldOrigin.Owner, CancellationToken.None).ToBlockingEnumerable())
        {
            if (++table.rows > MaxRows) throw new InvalidDataException($"{file.Path} has over {MaxRows} rows.");
            table.Take(row);
        }

        table.CheckNames();
        table.CheckParents();
        return new TaxonomyReading(
            table.bad.Count == 0 ? table.Build(others) : null, table.rows, [.. table.bad.Values], columns,
            [.. table.ignored.Order(StringComparer.Ordinal)]);
    }

    /// <summary>Reads what <see cref="Write"/> wrote, or what comes with the program.</summary>
    /// <param name="text">The whole table.</param>
    /// <param name="closed"><see cref="TagTaxonomy.ClosedGroups"/>, which the table does not say.</param>
    internal static TagTaxonomy Parse(string text, IReadOnlySet<string> closed)
    {
        var reading = Read(ImportFile.OfText("the taxonomy", text), TagTaxonomy.Empty);
        return reading.Taxonomy is { } taxonomy
            ? new TagTaxonomy(taxonomy.Terms, taxonomy.Thresholds, closed)
            : throw new InvalidDataException($"Row {reading.Bad[0].Row.Number}: {reading.Bad[0].Error}");
    }

    /// <summary>All of a taxonomy as CSV, which <see cref="Read"/> reads again.</summary>
    public static string Write(TagTaxonomy taxonomy)
    {
        var text = new StringBuilder(CsvRows.Line(Header));
        foreach (var group in TagTaxonomy.Groups)
        {
            if (taxonomy.Thresholds.TryGetValue(group, out var threshold))
                text.Append(CsvRows.Line([group, "", "", "", "", "", Number(threshold)]));
        }

        foreach (var term in taxonomy.Terms)
        {
            text.Append(CsvRows.Line(
            [
                term.Group, term.Label, term.Id, ExchangeText.JoinList(term.Parents),
                ExchangeText.JoinList(term.Aliases),
                ExchangeText.JoinList(term.MapsFrom.Select(label =>
                    label.Group == term.Group ? label.Label : $"{label.Group}:{label.Label}")),
                term.Threshold is { } own ? Number(own) : "",
            ]));
        }

        return text.ToString();
    }

    private static string Number(double threshold) => threshold.ToString("0.##", CultureInfo.InvariantCulture);

    private static string? Column(string name) => ColumnNames.GetValueOrDefault(ColumnAliases.Letters(name));

    private void Take(ImportRow row)
    {
        try
        {
            if (row.Problem is not null) throw new FormatException(row.Problem);
            var cells = new Dictionary<string, List<string>>();
            foreach (var cell in row.Cells)
            {
                if (Column(cell.Column) is { } column)
                    cells[column] = [.. cell.IsSplit ? cell.Texts : cell.Texts.SelectMany(Split)];
                else if (!cell.Column.Equals(CsvRows.ErrorColumn, StringComparison.OrdinalIgnoreCase))
                    ignored.Add(cell.Column);
            }

            Take(row, cells);
        }
        catch (FormatException wrong)
        {
            bad[row.Number] = (row, wrong.Message);
        }
    }

    private static IReadOnlyList<string> Split(string text) => text.Contains('|') && !text.Contains(';')
        ? text.Split('|', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
        : ExchangeText.SplitList(text);

    private void Take(ImportRow row, Dictionary<string, List<string>> cells)
    {
        var group = GroupOf(One(cells, Group) ?? throw new FormatException("The row names no group."));
        var threshold = One(cells, Threshold) is { } text ? ThresholdOf(text) : (double?)null;
        if (One(cells, Term) is not { } label)
        {
            if (threshold is null || cells.Keys.Any(column => column is not (Group or Threshold)))
                throw new FormatException("The row names no term; without one it may only have its group's threshold.");
            if (!thresholds.TryAdd(group, threshold.Value))
                throw new FormatException($"The threshold of {group} stands twice.");
            return;
        }

        if (TagTaxonomy.Word(group, label).Length == 0) throw new FormatException($"'{label}' is no word.");
        var draft = new Draft(row, group, label, One(cells, Id) ?? $"{group}/{Slug(label)}", threshold)
        {
            Parents = cells.GetValueOrDefault(Parent, []),
            Aliases = [.. cells.GetValueOrDefault(Aliases, []).Distinct(StringComparer.OrdinalIgnoreCase)
                .Where(alias => !alias.Equals(label, StringComparison.OrdinalIgnoreCase))],
            MapsFrom = [.. cells.GetValueOrDefault(MapsFrom, []).Select(from => LabelOf(group, from)).Distinct()],
        };
        if (draft.Parents.Count > MaxParents)
            throw new FormatException($"There are {draft.Parents.Count} parents; a term has at most {MaxParents}.");
        foreach (var name in draft.Aliases.Append(label).Append(draft.Id))
        {
            if (name.Length > MaxNameLength)
                throw new FormatException($"'{name[..40]}...' is longer than {MaxNameLength} characters.");
        }

        drafts.Add(draft);
    }

    private static string? One(Dictionary<string, List<string>> cells, string column) =>
        cells.GetValueOrDefault(column, []) switch
        {
            [] => null,
            [var one] => one.Trim(),
            var several => throw new FormatException($"There are {several.Count} values in '{column}', which has one."),
        };

    private static string GroupOf(string text)
    {
        var name = text.ToLowerInvariant();
        return TagTaxonomy.Groups.FirstOrDefault(group => name == group || name == $"{group}s")
            ?? throw new FormatException(
                $"There is no group '{text}'; groups are {string.Join(", ", TagTaxonomy.Groups)}.");
    }

    private static double ThresholdOf(string text)
    {
        var isPercent = text.EndsWith('%');
        var isNumber = double.TryParse(
            text.TrimEnd('%', ' ').Replace(',', '.'), NumberStyles.Float, CultureInfo.InvariantCulture, out var number);
        var threshold = isPercent ? number / 100 : number;
        if (!isNumber || !(threshold is >= 0 and <= 1))
            throw new FormatException($"The threshold '{text}' is no number from 0 to 1.");
        var steps = Math.Round(threshold / ThresholdStep);
        return Math.Abs(threshold / ThresholdStep - steps) < 1e-6
            ? steps / Facet.CertaintySteps
            : throw new FormatException($"The threshold '{text}' is no multiple of {Number(ThresholdStep)}.");
    }

    // A label of the term's own group, or group:label.
    private static SourceLabel LabelOf(string group, string text) =>
        text.Split(':', 2) is [var other, var label] && label.Trim().Length > 0
        && TagTaxonomy.Groups.Contains(other.Trim().ToLowerInvariant())
            ? new SourceLabel(other.Trim().ToLowerInvariant(), label.Trim())
            : new SourceLabel(group, text);

    private static string Slug(string label)
    {
        var letters = label.ToLowerInvariant().Select(c => char.IsLetterOrDigit(c) ? c : ' ');
        var slug = string.Join('-', new string([.. letters]).Split(' ', StringSplitOptions.RemoveEmptyEntries));
        return slug.Length > 0 ? slug : label;
    }

    // No name of a group means two terms, and no label two terms of a group.
    private void CheckNames()
    {
        var names = new Dictionary<(string Group, string Word), Draft>();
        var labels = new Dictionary<(SourceLabel Label, string Group), Draft>();
        var ids = new Dictionary<string, Draft>(StringComparer.Ordinal);
        foreach (var draft in drafts)
        {
            foreach (var name in draft.Aliases.Prepend(draft.Label).Append(draft.Id))
            {
                var word = (draft.Group, TagTaxonomy.Word(draft.Group, name));
                if (names.TryAdd(word, draft) || names[word] == draft) continue;
                Refuse(draft, $"'{name}' is a name of '{names[word].Label}' in row {names[word].Row.Number} already.");
            }

            foreach (var label in draft.MapsFrom)
            {
                var word = (label with { Label = TagTaxonomy.Word(label.Group, label.Label) }, draft.Group);
                if (labels.TryAdd(word, draft) || labels[word] == draft) continue;
                Refuse(
                    draft, $"'{label.Label}' maps to '{labels[word].Label}' in row {labels[word].Row.Number} already.");
            }

            if (ids.TryAdd(draft.Id, draft)) continue;
            var first = ids[draft.Id];
            Refuse(draft, $"'{draft.Id}' is the id of '{first.Label}' in row {first.Row.Number} already.");
        }

        foreach (var draft in drafts) draft.ParentRows.AddRange(ParentsOf(draft, names));
    }

    private List<Draft> ParentsOf(Draft draft, Dictionary<(string Group, string Word), Draft> names)
    {
        var parents = new List<Draft>();
        foreach (var name in draft.Parents)
        {
            if (names.TryGetValue((draft.Group, TagTaxonomy.Word(draft.Group, name)), out var parent))
            {
                if (!parents.Contains(parent)) parents.Add(parent);
                continue;
            }

            var others = drafts.Where(other => other.Group == draft.Group && other != draft)
                .Select(other => other.Label);
            var near = bad.Count < MaxGuesses ? NearestName.Of(name, [.. others]) : null;
            var meant = near is null ? "." : $"; did you mean {near}?";
            Refuse(draft, $"There is no term '{name}' in {draft.Group} for a parent{meant}");
        }

        return parents;
    }

    // Terms without parents are taken away, then those whose parents are gone; what stays lies in or below a circle.
    private void CheckParents()
    {
        var left = drafts.ToHashSet();
        var kinds = drafts.SelectMany(draft => draft.ParentRows, (draft, parent) => (draft, parent))
            .ToLookup(pair => pair.parent, pair => pair.draft);
        var open = drafts.ToDictionary(draft => draft, draft => draft.ParentRows.Count);
        var depth = drafts.ToDictionary(draft => draft, _ => 0);
        var free = new Queue<Draft>(drafts.Where(draft => open[draft] == 0));
        while (free.TryDequeue(out var draft))
        {
            left.Remove(draft);
            if (depth[draft] > MaxDepth) Refuse(draft, $"It lies more than {MaxDepth} steps below another term.");
            foreach (var kind in kinds[draft])
            {
                depth[kind] = Math.Max(depth[kind], depth[draft] + 1);
                if (--open[kind] == 0) free.Enqueue(kind);
            }
        }

        foreach (var draft in left) Refuse(draft, $"Its parents go round in a circle: {Circle(draft, left)}.");
    }

    private static string Circle(Draft draft, HashSet<Draft> left)
    {
        var way = new List<Draft> { draft };
        while (way[^1].ParentRows.First(left.Contains) is var next)
        {
            way.Add(next);
            if (way.IndexOf(next) < way.Count - 1) break;
        }

        return string.Join(" < ", way.Select(one => $"'{one.Label}'"));
    }

    private void Refuse(Draft draft, string error) => bad.TryAdd(draft.Row.Number, (draft.Row, error));

    private TagTaxonomy Build(TagTaxonomy others)
    {
        var own = drafts.Select(draft => draft.Group).ToHashSet();
        foreach (var (group, threshold) in others.Thresholds)
        {
            if (!own.Contains(group)) thresholds.TryAdd(group, threshold);
        }

        return new TagTaxonomy(
            [.. drafts.Select(draft => draft.ToTerm()), .. others.Terms.Where(term => !own.Contains(term.Group))],
            thresholds, own.Union(others.ClosedGroups).ToHashSet());
    }

    private sealed record Draft(ImportRow Row, string Group, string Label, string Id, double? Threshold)
    {
        public List<string> Parents { get; init; } = [];

        public IReadOnlyList<string> Aliases { get; init; } = [];

        public IReadOnlyList<SourceLabel> MapsFrom { get; init; } = [];

        public List<Draft> ParentRows { get; } = [];

        public TaxonomyTerm ToTerm() =>
            new(Id, Group, Label, [.. ParentRows.Select(parent => parent.Id)], Aliases, MapsFrom, Threshold);

        public bool Equals(Draft? other) => ReferenceEquals(this, other);

        public override int GetHashCode() => Row.Number.GetHashCode();
    }
}

/// <summary>A table that was read.</summary>
/// <param name="Taxonomy">Null where a row is bad: a part of a taxonomy is none.</param>
/// <param name="Rows">How many there are.</param>
/// <param name="IgnoredColumns">Those that mean nothing in a taxonomy.</param>
public sealed record TaxonomyReading(TagTaxonomy? Taxonomy, int Rows, IReadOnlyList<string> IgnoredColumns)
{
    internal TaxonomyReading(
        TagTaxonomy? taxonomy, int rows, IReadOnlyList<(ImportRow Row, string Error)> bad,
        IReadOnlyList<string> columns, IReadOnlyList<string> ignored)
        : this(taxonomy, rows, ignored) => (Bad, Columns) = (bad, columns);

    /// <summary>The rows that are none, each with why.</summary>
    internal IReadOnlyList<(ImportRow Row, string Error)> Bad { get; } = [];

    /// <summary>The header's.</summary>
    internal IReadOnlyList<string> Columns { get; } = [];
}
