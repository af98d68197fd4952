using OpenMU.Catalogue.Fields;

namespace OpenMU.Catalogue.Exchange;

/// <summary>What each column of an import is taken for.</summary>
internal sealed class ImportColumns
{
    // Names of columns come from a stranger's file, and each is remembered.
    private const int MaxColumns = 1000;

    private readonly Dictionary<string, ColumnUse> uses = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, CatalogueField> custom = new(StringComparer.OrdinalIgnoreCase);
    private readonly ImportOptions options;

    /// <param name="names">The header's; none where each row brings its own.</param>
    /// <param name="declared">The tenant's own fields.</param>
    /// <param name="options">What the owner says about columns.</param>
    /// <exception cref="InvalidDataException">What is said about a column cannot be meant.</exception>
    public ImportColumns(IReadOnlyList<string> names, IEnumerable<CatalogueField> declared, ImportOptions options)
    {
        this.options = options;
        foreach (var field in declared) custom[field.Name] = field;
        // "id" is the owner's own, unless the file is one that this program wrote.
        IsOwnExport = names.Contains("id") && names.Contains("file") && names.Contains("state");
        foreach (var column in options.Map.Keys.Concat(options.Types.Keys).Concat(options.Ignore))
        {
            if (names.Count > 0 && !names.Contains(column, StringComparer.OrdinalIgnoreCase))
                throw new InvalidDataException($"There is no column '{column}'; there are {string.Join(", ", names)}.");
        }

        foreach (var (column, type) in options.Types)
        {
            var field = Custom(column, type);
            if (custom.GetValueOrDefault(field.Name) is { } known && known.Type != type)
                throw new InvalidDataException($"{known.Name} is declared as {known.Type} already, not as {type}.");
            custom[field.Name] = field;
        }

        foreach (var name in names) Use(name);
    }

    /// <summary>It is a table that this program wrote: lists are joined in its way and no other.</summary>
    public bool IsOwnExport { get; }

    /// <summary>What each column is taken for, for people.</summary>
    public IReadOnlyDictionary<string, ColumnUse> Uses => uses;

    /// <summary>What a column is taken for.</summary>
    /// <exception cref="FormatException">It can be taken for nothing.</exception>
    public ColumnUse Use(string column)
    {
        if (uses.TryGetValue(column, out var known)) return known;
        if (uses.Count >= MaxColumns) throw new FormatException($"There are over {MaxColumns} columns.");
        return uses[column] = Find(column);
    }

    private ColumnUse Find(string column)
    {
        if (options.Ignore.Contains(column, StringComparer.OrdinalIgnoreCase)) return ColumnUse.Ignored;
        if (options.Types.ContainsKey(column)) return Own(column);
        if (Mapped(column) is { } target)
        {
            return Named(target)
                ?? throw new InvalidDataException($"There is no field '{target}' to take '{column}' for.");
        }

        if (column.Length == 0 || column.Equals(CsvRows.ErrorColumn, StringComparison.OrdinalIgnoreCase))
            return ColumnUse.Ignored;
        if (column.Equals("id", StringComparison.OrdinalIgnoreCase))
            return IsOwnExport ? ColumnUse.TrackId : Of(CatalogueField.Find(FieldNames.OwnId)!);
        return Named(column) ?? Alias(column) ?? Own(column);
    }

    private string? Mapped(string column) => options.Map
        .Where(pair => pair.Key.Equals(column, StringComparison.OrdinalIgnoreCase)).Select(pair => pair.Value)
        .FirstOrDefault();

    // By the name that is used everywhere.
    private ColumnUse? Named(string name)
    {
        if (ColumnUse.Special.TryGetValue(name, out var special)) return special;
        if (CatalogueField.Find(name) is { } field) return Of(field);
        if (!name.StartsWith(CatalogueField.CustomPrefix, StringComparison.OrdinalIgnoreCase)) return null;
        return Own(name);
    }

    private ColumnUse? Alias(string column)
    {
        if (ColumnAliases.Find(column, IsOwnExport) is not { } name) return null;
        return name.Length == 0 ? ColumnUse.Ignored : Named(name);
    }

    private ColumnUse Own(string column)
    {
        var name = Custom(column, FieldType.Text).Name;
        if (!custom.TryGetValue(name, out var field)) custom[name] = field = Custom(column, FieldType.Text);
        return Of(field);
    }

    private static ColumnUse Of(CatalogueField field) => new(ColumnKind.Field, field);

    // Brackets and the like cannot be in the name of a field: "Price (EUR)" is x.Price EUR.
    private static CatalogueField Custom(string column, FieldType type)
    {
        if (column.StartsWith(CatalogueField.CustomPrefix, StringComparison.OrdinalIgnoreCase))
            column = column[CatalogueField.CustomPrefix.Length..];
        var letters = column.Select(c => char.IsLetterOrDigit(c) || c is '-' or '_' ? c : ' ');
        var words = new string([.. letters]).Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return CatalogueField.Custom(string.Join(' ', words), type);
    }
}

/// <summary>What a column is taken for.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Field">Where it is a field.</param>
internal sealed record ColumnUse(ColumnKind Kind, CatalogueField? Field = null)
{
    public static readonly ColumnUse Ignored = new(ColumnKind.Ignored);
    public static readonly ColumnUse TrackId = new(ColumnKind.TrackId);

    /// <summary>Those that are no fields, by the names that they have everywhere.</summary>
    public static readonly IReadOnlyDictionary<string, ColumnUse> Special =
        new Dictionary<string, ColumnUse>(StringComparer.OrdinalIgnoreCase)
        {
            ["trackId"] = TrackId,
            ["file"] = new(ColumnKind.File),
            ["sha256"] = new(ColumnKind.Sha256),
            ["lyrics"] = new(ColumnKind.Lyrics),
            ["lyricsLanguage"] = new(ColumnKind.LyricsLanguage),
            ["lyricsExplicit"] = new(ColumnKind.LyricsExplicit),
        };

    /// <summary>For people.</summary>
    public override string ToString() => Field?.Name ?? Kind switch
    {
        ColumnKind.TrackId => "trackId",
        ColumnKind.File => "file",
        ColumnKind.Sha256 => "sha256",
        ColumnKind.Lyrics => "lyrics",
        ColumnKind.LyricsLanguage => "lyricsLanguage",
        ColumnKind.LyricsExplicit => "lyricsExplicit",
        _ => "(ignored)",
    };
}

/// <summary>What a column may be.</summary>
internal enum ColumnKind
{
    Field,
    Lyrics,

    /// <summary>Of the lyrics, where it is not the recording's; a code of ISO 639-1.</summary>
    LyricsLanguage,

    /// <summary>Whether the lyrics have strong language, where it is not said of the recording.</summary>
    LyricsExplicit,

    /// <summary>The catalogue's own number of a track.</summary>
    TrackId,

    /// <summary>A path of the catalogue, its end, or a path that ends so.</summary>
    File,

    /// <summary>Of the file's bytes.</summary>
    Sha256,

    Ignored,
}
