using System.Text.Encodings.Web;
using System.Text.Json;

namespace OpenMU.Model.Weights;

/// <summary>
/// A configuration that another program wrote, read by allow-list: every key has a rule in
/// <see cref="ForeignConfigRules"/> and a value that the rule accepts. So nothing is passed over in silence that could
/// make the model compute other numbers.
/// </summary>
internal sealed class ForeignConfig
{
    private const int MaximumBytes = 1 << 20;
    private const int ShownCharacters = 120;
    private const string OnlyKnown = "only keys that are known here, because others may change the numbers";

    private static readonly JsonSerializerOptions Strict = new() { AllowDuplicateProperties = false };
    private static readonly JsonSerializerOptions OneLine =
        new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly string path;
    private readonly string prefix;
    private readonly JsonElement json;

    private ForeignConfig(
        string path, string prefix, JsonElement json, IReadOnlyDictionary<string, ConfigRule> rules,
        bool onlyKnown = true)
    {
        (this.path, this.prefix, this.json) = (path, prefix, json);
        if (json.ValueKind != JsonValueKind.Object)
        {
            throw new InvalidDataException(
                $"{path}: {(prefix.Length > 0 ? prefix.TrimEnd('.') : "it")} is no JSON object.");
        }
        // In the order of the rules, which begin with the kind of model: a reader of the message
        // has to know that first.
        foreach (var (key, rule) in rules) Check(key, rule);
        foreach (var property in json.EnumerateObject())
        {
            if (onlyKnown && !rules.ContainsKey(property.Name)) throw Refusal(property.Name, OnlyKnown);
        }
    }

    /// <summary>Reads a file and checks every key of it.</summary>
    /// <param name="path">A JSON file.</param>
    /// <param name="rules">The rules of this kind of file.</param>
    /// <param name="maximumBytes">A larger file is not read.</param>
    /// <param name="onlyKnown">False to look at some keys only, before it is known which rules the others have.</param>
    /// <exception cref="InvalidDataException">
    /// The file is missing or broken, lacks a key, has a key without a rule, or a value that its rule refuses. The
    /// message is one line with file, key, value and what is accepted.
    /// </exception>
    public static ForeignConfig Read(
        string path, IReadOnlyDictionary<string, ConfigRule> rules, long maximumBytes = MaximumBytes,
        bool onlyKnown = true)
    {
        if (!File.Exists(path)) throw new InvalidDataException($"{path} does not exist.");
        if (new FileInfo(path).Length > maximumBytes)
            throw new InvalidDataException($"{path} is larger than {maximumBytes} bytes.");
        try
        {
            var json = JsonSerializer.Deserialize<JsonElement>(File.ReadAllBytes(path), Strict);
            return new(path, "", json, rules, onlyKnown);
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{path}: {Escape(e.Message)}", e);
        }
    }

    /// <summary>As <see cref="Read"/>; null where there is no such file.</summary>
    public static ForeignConfig? ReadIfThere(string path, IReadOnlyDictionary<string, ConfigRule> rules)
        => File.Exists(path) ? Read(path, rules) : null;

    /// <summary>The value of a key, or null where it is absent or null.</summary>
    public JsonElement? Value(string key)
        => json.TryGetProperty(key, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    public int Whole(string key) => Value(key)!.Value.GetInt32();

    public double Number(string key) => Value(key)!.Value.GetDouble();

    public bool Flag(string key) => Value(key)?.GetBoolean() ?? false;

    public IEnumerable<int> Ids(string key)
        => Value(key) is { } ids ? ConfigRule.Items(ids).Select(id => id.GetInt32()) : [];

    /// <summary>The object under a key, whose own keys are checked; null where it is absent, null or empty.</summary>
    public ForeignConfig? Part(string key, IReadOnlyDictionary<string, ConfigRule> rules)
        => Value(key) is { } part && !ConfigRule.IsEmpty(part) ? new(path, $"{prefix}{key}.", part, rules) : null;

    /// <summary>The objects of the list under a key, each checked.</summary>
    public IReadOnlyList<ForeignConfig> Parts(string key, IReadOnlyDictionary<string, ConfigRule> rules)
    {
        if (Value(key) is not { } parts) return [];
        return [.. ConfigRule.Items(parts)
            .Select((part, i) => new ForeignConfig(path, $"{prefix}{key}[{i}].", part, rules))];
    }

    /// <summary>The objects under each key of an object, each checked.</summary>
    public IReadOnlyList<(string Name, ForeignConfig Part)> Entries(
        string key, IReadOnlyDictionary<string, ConfigRule> rules)
    {
        if (Value(key) is not { } entries) return [];
        ForeignConfig Entry(JsonProperty entry)
            => new(path, $"{prefix}{key}.{Escape(entry.Name)}.", entry.Value, rules);
        return [.. entries.EnumerateObject().Select(entry => (entry.Name, Entry(entry)))];
    }

    /// <summary>The error that names a key of this file, what it says, and what would have been accepted.</summary>
    public InvalidDataException Refusal(string key, string accepted)
    {
        var said = json.TryGetProperty(key, out var value) ? JsonSerializer.Serialize(value, OneLine) : "nothing";
        return new($"{path} says {prefix}{Shown(Escape(key))} {Shown(said)}; accepted: {accepted}.");
    }

    /// <summary>A name as it stands in a message: on one line, whatever it is made of.</summary>
    internal static string Escape(string text)
        => JsonEncodedText.Encode(text, JavaScriptEncoder.UnsafeRelaxedJsonEscaping).ToString();

    private static string Shown(string text) => text.Length <= ShownCharacters ? text : text[..ShownCharacters] + "...";

    private void Check(string key, ConfigRule rule)
    {
        var isThere = json.TryGetProperty(key, out var value);
        if (!isThere && rule.Required)
            throw new InvalidDataException($"{path} lacks {prefix}{key}; accepted: {rule.Accepted}.");
        if (!isThere || (value.ValueKind == JsonValueKind.Null && rule.AcceptsNull)) return;
        if (!rule.Accepts(value, json)) throw Refusal(key, rule.Accepted);
    }
}
