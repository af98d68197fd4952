using OpenMU.Catalogue.Fields;
using OpenMU.Catalogue.Storage;

namespace OpenMU.Catalogue.Exchange;

/// <summary>How an owner's data is to be taken in.</summary>
public sealed record ImportOptions
{
    public string Tenant { get; init; } = TrackBlob.DefaultTenant;

    /// <summary>Who imports.</summary>
    public required string By { get; init; }

    /// <summary>A value that differs from that of an earlier import takes its place; else it is kept, and the row comes
    /// back.</summary>
    public bool Replace { get; init; }

    /// <summary>Nothing is changed.</summary>
    public bool DryRun { get; init; }

    /// <summary>Rows whose track is not there are kept until it comes, instead of coming back.</summary>
    public bool KeepUnmatched { get; init; }

    /// <summary>By what tracks are found, the surest first; all that a row has, where empty.</summary>
    public IReadOnlyList<MatchKey> Match { get; init; } = [];

    /// <summary>Columns that are to be taken for a field, by their names.</summary>
    public IReadOnlyDictionary<string, string> Map { get; init; } = new Dictionary<string, string>();

    /// <summary>Columns that are fields of the owner's own, with their types.</summary>
    public IReadOnlyDictionary<string, FieldType> Types { get; init; } = new Dictionary<string, FieldType>();

    /// <summary>Columns that are passed over.</summary>
    public IReadOnlyList<string> Ignore { get; init; } = [];

    /// <summary>Reads <c>COLUMN=NAME</c>.</summary>
    /// <exception cref="FormatException">One is none.</exception>
    public static IReadOnlyDictionary<string, string> Pairs(IEnumerable<string> texts)
    {
        var pairs = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var text in texts)
        {
            var at = text.LastIndexOf('=');
            if (at <= 0 || at == text.Length - 1) throw new FormatException($"'{text}' is not COLUMN=NAME.");
            pairs[text[..at].Trim()] = text[(at + 1)..].Trim();
        }

        return pairs;
    }

    /// <summary>Reads <c>COLUMN=TYPE</c>.</summary>
    /// <exception cref="FormatException">One is none.</exception>
    public static IReadOnlyDictionary<string, FieldType> TypesOf(IEnumerable<string> texts) =>
        Pairs(texts).ToDictionary(pair => pair.Key, pair => TypeOf(pair.Value), StringComparer.OrdinalIgnoreCase);

    private static FieldType TypeOf(string name) =>
        Enum.TryParse<FieldType>(name, ignoreCase: true, out var type) && !char.IsAsciiDigit(name[0])
            ? type
            : throw new FormatException(
                $"There is no type '{name}'; there are {string.Join(", ", Enum.GetNames<FieldType>())}.");
}

/// <summary>By what a row's track is found, in the order in which it is tried.</summary>
public enum MatchKey
{
    /// <summary>The catalogue's own number, as exports have it.</summary>
    TrackId,

    /// <summary>The owner's id, of an earlier import or the file's tags.</summary>
    OwnId,

    /// <summary>The ISRC, of an earlier import or the file's tags.</summary>
    Isrc,

    /// <summary>The file's path or its end.</summary>
    File,

    /// <summary>The hash of the file's bytes.</summary>
    Sha256,
}
