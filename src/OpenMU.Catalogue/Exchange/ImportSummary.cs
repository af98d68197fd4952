using System.Text.Json;
using System.Text.Json.Serialization;

namespace OpenMU.Catalogue.Exchange;

/// <summary>What came of an import, or would come of it.</summary>
public sealed class ImportSummary
{
    private const int MaxExamples = 10, MaxBadRows = 100;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        Converters = { new JsonStringEnumConverter() },
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Nothing was changed; what would be is counted.</summary>
    public bool DryRun { get; set; }

    /// <summary>Rows that an earlier run of the same import had done before it ended; they are counted below.</summary>
    public long ResumedAfter { get; set; }

    /// <summary>All rows.</summary>
    public long Rows { get; set; }

    /// <summary>Rows that changed something.</summary>
    public long Changed { get; set; }

    /// <summary>Rows that said what was there already.</summary>
    public long Unchanged { get; set; }

    /// <summary>Rows that are kept until their track comes.</summary>
    public long Waiting { get; set; }

    /// <summary>Rows of which a value was not taken because another one is there; what else they say was.</summary>
    public long Conflicts { get; set; }

    /// <summary>Rows that were not taken.</summary>
    public long Bad { get; set; }

    /// <summary>Changes by field.</summary>
    public SortedDictionary<string, FieldChanges> Fields { get; set; } = new(StringComparer.Ordinal);

    /// <summary>What each column was taken for.</summary>
    public SortedDictionary<string, string> Columns { get; set; } = new(StringComparer.Ordinal);

    /// <summary>The first changes.</summary>
    public List<ImportExample> Examples { get; set; } = [];

    /// <summary>The first rows that came back.</summary>
    public List<BadRow> BadRows { get; set; } = [];

    internal void Note(ImportExample change)
    {
        if (!Fields.TryGetValue(change.Field, out var changes)) Fields[change.Field] = changes = new FieldChanges();
        if (change.Before is null) changes.Added++;
        else changes.Replaced++;
        if (Examples.Count < MaxExamples) Examples.Add(change);
    }

    internal void Note(BadRow row)
    {
        if (BadRows.Count < MaxBadRows) BadRows.Add(row);
    }

    internal string ToJson() => JsonSerializer.Serialize(this, Json);

    internal static ImportSummary Parse(string json) => JsonSerializer.Deserialize<ImportSummary>(json, Json)!;
}

/// <summary>How many tracks a field was changed of.</summary>
public sealed class FieldChanges
{
    /// <summary>There was nothing before.</summary>
    public long Added { get; set; }

    /// <summary>There was another value before.</summary>
    public long Replaced { get; set; }
}

/// <summary>A change.</summary>
/// <param name="Row">Of the file, as an editor counts it.</param>
/// <param name="TrackId">Whose.</param>
/// <param name="File">Its file.</param>
/// <param name="Field">Which.</param>
/// <param name="Before">Null where there was nothing.</param>
/// <param name="After">What holds now.</param>
public sealed record ImportExample(
    long Row, long TrackId, string File, string Field, IReadOnlyList<string>? Before, IReadOnlyList<string> After);

/// <summary>A row that comes back.</summary>
/// <param name="Row">Of the file, as an editor counts it.</param>
/// <param name="Error">Why.</param>
public sealed record BadRow(long Row, string Error);
