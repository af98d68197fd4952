using System.Collections.Immutable;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace OpenMU.Catalogue.Fields;

/// <summary>
/// Values by the names of their fields, each in the spelling of <see cref="CatalogueField.Read"/>. A field that is there
/// without a value says that there is none: it stands above what others say, which a field that is not there does not.
/// </summary>
public sealed class FieldSet : IEquatable<FieldSet>
{
    private static readonly JsonSerializerOptions Json =
        new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly ImmutableSortedDictionary<string, IReadOnlyList<string>> values;

    private FieldSet(ImmutableSortedDictionary<string, IReadOnlyList<string>> values) => this.values = values;

    /// <summary>Says nothing.</summary>
    public static FieldSet Empty { get; } =
        new(ImmutableSortedDictionary.Create<string, IReadOnlyList<string>>(StringComparer.Ordinal));

    /// <summary>Values by field, in the order of the names.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Said => values;

    /// <summary>Whether it says nothing.</summary>
    public bool IsEmpty => values.IsEmpty;

    /// <summary>The values of a field; null where nothing is said, empty where there is said to be none.</summary>
    public IReadOnlyList<string>? this[string name] => values.GetValueOrDefault(name);

    /// <summary>The same with one field said otherwise.</summary>
    /// <param name="name">Of the field.</param>
    /// <param name="texts">None: there is no value. Null: nothing is said.</param>
    public FieldSet With(string name, IReadOnlyList<string>? texts) =>
        new(texts is null ? values.Remove(name) : values.SetItem(name, texts));

    /// <summary>As <see cref="With(string, IReadOnlyList{string})"/>, in any spelling that the field reads.</summary>
    /// <exception cref="FormatException">Not of the field's type.</exception>
    public FieldSet With(CatalogueField field, params IEnumerable<string> texts) => With(field.Name, field.Read(texts));

    /// <summary>The one value; null where nothing is said, or that there is none.</summary>
    public string? One(string name) => values.TryGetValue(name, out var texts) && texts.Count > 0 ? texts[0] : null;

    /// <summary>All values with a separator between them; null where there is none.</summary>
    public string? Joined(string name, string separator = ", ") =>
        values.TryGetValue(name, out var texts) && texts.Count > 0 ? string.Join(separator, texts) : null;

    /// <summary>An object of arrays of texts, by name.</summary>
    public string ToJson() => JsonSerializer.Serialize(values, Json);

    /// <summary>Reads what <see cref="ToJson"/> wrote.</summary>
    public static FieldSet Parse(string json) =>
        JsonSerializer.Deserialize<Dictionary<string, string[]>>(json, Json) is { Count: > 0 } read
            ? new FieldSet(read.ToImmutableSortedDictionary(
                pair => pair.Key, pair => (IReadOnlyList<string>)pair.Value, StringComparer.Ordinal))
            : Empty;

    public bool Equals(FieldSet? other) =>
        other is not null && values.Count == other.values.Count
        && values.Zip(other.values).All(
            pair => pair.First.Key == pair.Second.Key && pair.First.Value.SequenceEqual(pair.Second.Value));

    public override bool Equals(object? obj) => Equals(obj as FieldSet);

    public override int GetHashCode() => values.Aggregate(
        0, (hash, pair) => HashCode.Combine(hash, pair.Key, pair.Value.Count == 0 ? "" : pair.Value[0]));
}
