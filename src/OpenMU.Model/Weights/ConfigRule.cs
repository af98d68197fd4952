using System.Globalization;
using System.Text.Json;

namespace OpenMU.Model.Weights;

/// <summary>Which values of one key of a foreign configuration are accepted.</summary>
/// <param name="Accepted">The values in words, for the message of a refusal.</param>
/// <param name="Accepts">The key's value and the whole object it stands in -> whether it is accepted.</param>
internal sealed record ConfigRule(string Accepted, Func<JsonElement, JsonElement, bool> Accepts)
{
    public ConfigRule(string accepted, Func<JsonElement, bool> accepts) : this(accepted, (value, _) => accepts(value))
    {
    }

    /// <summary>The file must have the key, and not as null.</summary>
    public bool Required { get; init; }

    /// <summary>Null means that the key is unset, as everywhere in transformers and PEFT.</summary>
    public bool AcceptsNull { get; init; } = true;

    /// <summary>The key changes no number of the model: any value is accepted and none is read.</summary>
    public static ConfigRule Harmless { get; } = new("any value", _ => true);

    /// <summary>Only the value that switches the feature off.</summary>
    public static ConfigRule Off { get; } = Is(false);

    public static ConfigRule Null { get; } = new("null", _ => false);

    /// <summary>Nothing, in whichever form: null, an empty list, object or string.</summary>
    public static ConfigRule Empty { get; } = new("null or empty", IsEmpty);

    public static ConfigRule Flag { get; }
        = new("true or false", value => value.ValueKind is JsonValueKind.True or JsonValueKind.False);

    public static ConfigRule Positive { get; }
        = new("a positive number", value => Number(value) is > 0 and < double.PositiveInfinity);

    public static ConfigRule Id { get; } = new("a token id", value => Integer(value) is >= 0);

    /// <summary>Token ids: one, or a list of them.</summary>
    public static ConfigRule Ids { get; }
        = new("a token id or a list of token ids", value => Items(value).All(item => Integer(item) is >= 0));

    public static ConfigRule AnObject { get; } = new("an object", value => value.ValueKind == JsonValueKind.Object);

    public static ConfigRule AText { get; } = new("a text", value => value.ValueKind == JsonValueKind.String);

    /// <summary>A number from 1 to this, without a fraction.</summary>
    public static ConfigRule Size(int most = int.MaxValue) => new(
        most == int.MaxValue ? "a whole number from 1" : $"a whole number from 1 to {most}",
        value => Integer(value) is { } size && size >= 1 && size <= most);

    /// <summary>The same, where 4.0 counts as 4.</summary>
    public static ConfigRule Whole(int most) => new(
        $"a whole number from 1 to {most}",
        value => Number(value) is { } size && size >= 1 && size <= most && size == Math.Floor(size));

    /// <summary>Exactly this list of numbers.</summary>
    public static ConfigRule List(params IReadOnlyList<int> numbers) => new(
        $"[{string.Join(", ", numbers)}]",
        value => value.ValueKind == JsonValueKind.Array
            && value.EnumerateArray().Select(Number).SequenceEqual(numbers.Select(number => (double?)number)));

    /// <summary>One of these strings (in any case), numbers or booleans.</summary>
    public static ConfigRule Is(params IReadOnlyList<object> values)
    {
        string[] texts = [.. values.Select(value => value is bool flag ? (flag ? "true" : "false") : $"{value}")];
        var accepted = texts.Length == 1 ? texts[0] : $"{string.Join(", ", texts[..^1])} or {texts[^1]}";
        return new(accepted, value => values.Any(one => IsEqual(value, one)));
    }

    /// <summary>A list of which every item is this string, or the string itself.</summary>
    public static ConfigRule Only(string item)
        => new($"[\"{item}\"]", value => Strings(value) is { } items && items.All(text => text == item));

    public ConfigRule AsRequired() => this with { Required = true, AcceptsNull = false };

    public static double? Number(JsonElement value)
        => value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) ? number : null;

    public static int? Integer(JsonElement value)
        => value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) ? number : null;

    /// <summary>A list's items, or the value itself as the only one.</summary>
    public static IEnumerable<JsonElement> Items(JsonElement value)
        => value.ValueKind == JsonValueKind.Array ? value.EnumerateArray() : [value];

    /// <summary>A string or a list of strings; null for everything else.</summary>
    public static IReadOnlyList<string>? Strings(JsonElement value)
        => Items(value).All(item => item.ValueKind == JsonValueKind.String)
            ? [.. Items(value).Select(item => item.GetString()!)]
            : null;

    public static bool IsEmpty(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => true,
        JsonValueKind.Array => value.GetArrayLength() == 0,
        JsonValueKind.Object => value.GetPropertyCount() == 0,
        JsonValueKind.String => value.GetString()!.Length == 0,
        _ => false,
    };

    private static bool IsEqual(JsonElement value, object expected) => expected switch
    {
        string text => value.ValueKind == JsonValueKind.String
            && text.Equals(value.GetString(), StringComparison.OrdinalIgnoreCase),
        bool flag => value.ValueKind == (flag ? JsonValueKind.True : JsonValueKind.False),
        _ => Number(value) == Convert.ToDouble(expected, CultureInfo.InvariantCulture),
    };
}
