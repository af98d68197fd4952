using System.Text.Json;
using OpenMU.Catalogue.Fields;
using OpenMU.Catalogue.Search;

namespace OpenMU.Web;

/// <summary>What to change of which tracks.</summary>
/// <param name="Ids">The tracks, up to 10,000.</param>
/// <param name="Query">Instead, what finds the tracks, as a search does.</param>
/// <param name="All">Instead, true for all tracks of the library.</param>
/// <param name="Fields">Values by field, as for one track.</param>
/// <param name="Add">Values that are added to a list, by field.</param>
/// <param name="Remove">Values that are taken out of a list, by field.</param>
/// <param name="Batch">Of an answer, to go on with its change.</param>
/// <param name="After">Where to go on: next of an answer.</param>
internal sealed record NewCorrections(
    IReadOnlyList<long>? Ids = null, TrackParameters? Query = null, bool? All = null,
    Dictionary<string, JsonElement>? Fields = null, Dictionary<string, JsonElement>? Add = null,
    Dictionary<string, JsonElement>? Remove = null, string? Batch = null, string? After = null)
{
    /// <summary>The tracks; null where that is not said as it should be.</summary>
    /// <param name="mistakes">Takes what is wrong, by field.</param>
    public TrackSelection? Selection(Dictionary<string, string[]> mistakes) =>
        new NewSelection(Ids, Query, All).Selection(mistakes);
}

/// <summary>Which tracks something is to be done with.</summary>
/// <param name="Ids">The tracks, up to 10,000.</param>
/// <param name="Query">Instead, what finds the tracks, as a search does.</param>
/// <param name="All">Instead, true for all tracks of the library.</param>
/// <param name="After">Where to go on: next of an answer.</param>
internal sealed record NewSelection(
    IReadOnlyList<long>? Ids = null, TrackParameters? Query = null, bool? All = null, string? After = null)
{
    private const int MaxIds = 10_000;

    /// <summary>The tracks; null where that is not said as it should be.</summary>
    /// <param name="mistakes">Takes what is wrong, by field.</param>
    public TrackSelection? Selection(Dictionary<string, string[]> mistakes)
    {
        var ways = (Ids is null ? 0 : 1) + (Query is null ? 0 : 1) + (All == true ? 1 : 0);
        if (ways != 1) mistakes["ids"] = ["Name the tracks by ids, or give a query, or say all: true."];
        else if (Ids is { Count: 0 or > MaxIds }) mistakes["ids"] = [$"Name 1 to {MaxIds:N0} tracks."];
        foreach (var (field, wrong) in Query?.Mistakes() ?? []) mistakes[$"query.{field}"] = wrong;
        // A slip of a program must not change a whole library.
        if (Query is not null && mistakes.Count == 0 && !Query.ToQuery().IsNarrowed)
            mistakes["query"] = ["It leaves no track out. Where all tracks are meant, send all: true instead."];
        if (Query?.Meaning == true)
            mistakes["query.meaning"] = ["What is found by meaning has no end: name those tracks by ids."];
        return mistakes.Count > 0 ? null
            : Ids is not null ? TrackSelection.Of(Ids) : TrackSelection.Of(Query?.ToQuery() ?? new TrackQuery());
    }
}

/// <summary>Reads changes of fields out of JSON, and tells every mistake by its field.</summary>
internal sealed class EditsOfBody(TenantFields fields)
{
    private readonly List<FieldEdit> edits = [];

    /// <summary>What could be read.</summary>
    public IReadOnlyList<FieldEdit> Edits => edits;

    /// <summary>What could not, in a sentence by field.</summary>
    public Dictionary<string, string[]> Mistakes { get; } = [];

    /// <summary>Fields that are set, emptied or withdrawn.</summary>
    public void Set(Dictionary<string, JsonElement> body) => Read(body, (field, value) =>
        value.ValueKind == JsonValueKind.Null ? FieldEdit.Withdraw(field) : FieldEdit.Set(field, Texts(value)));

    /// <summary>Values that are added to lists, and taken out of them.</summary>
    public void Mix(Dictionary<string, JsonElement> added, Dictionary<string, JsonElement> removed)
    {
        Read(added, (field, value) => FieldEdit.Mix(
            field, Texts(value), removed.Remove(field.Name, out var also) ? Texts(also) : []));
        Read(removed, (field, value) => FieldEdit.Remove(field, Texts(value)));
    }

    private void Read(Dictionary<string, JsonElement> body, Func<CatalogueField, JsonElement, FieldEdit> read)
    {
        foreach (var (name, value) in body)
        {
            try
            {
                var edit = read(fields.Find(name), value);
                if (edits.Exists(other => other.Field == edit.Field)) throw new FormatException("Name it once.");
                edits.Add(edit);
            }
            catch (FormatException wrong)
            {
                Mistakes[name] = [wrong.Message];
            }
        }
    }

    private static List<string> Texts(JsonElement value) => value.ValueKind == JsonValueKind.Array
        ? [.. value.EnumerateArray().Select(Text)]
        : [Text(value)];

    private static string Text(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => Whole(value),
        JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => value.GetRawText(),
        _ => throw new FormatException("Its value must be a text, a number, true or false, or an array of them."),
    };

    private static string Whole(JsonElement value)
    {
        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException)
        {
            // JSON can spell half a character, such as \ud800; a text cannot have it.
            throw new FormatException("Its text has half a character in it.");
        }
    }
}
