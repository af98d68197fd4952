using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using OpenMU.Model.Decoder;
using OpenMU.Model.Families;

namespace OpenMU.Model.Weights;

/// <summary>
/// Which projections an adapter_config.json means. As in PEFT, a list names modules by the ends of their keys, a string
/// is a pattern for whole keys, and layers_to_transform keeps some layers of what a list names.
/// </summary>
internal static class AdapterTargets
{
    private const string Targets = "target_modules", Excluded = "exclude_modules", Layers = "layers_to_transform";
    private const string AllLinear = "all-linear";

    /// <summary>Modules that PEFT can give an adapter and this model cannot, by the ends of their keys.</summary>
    private static readonly string[] Others = ["lm_head", "embed_tokens"];

    /// <summary>PEFT's choice for a Llama whose configuration names no modules.</summary>
    private static readonly string[] Unnamed = ["q_proj", "v_proj"];

    private static readonly TimeSpan PatternTime = TimeSpan.FromSeconds(1);

    /// <summary>The projections in the words of <see cref="LoraConfig.TargetModules"/>.</summary>
    /// <exception cref="InvalidDataException">
    /// A name means the embedding or the head, none means a projection, or a pattern is broken.
    /// </exception>
    public static IReadOnlyList<string> Of(ForeignConfig config, ModelConfig model)
    {
        if (OthersOf(model).FirstOrDefault(key => IsTarget(config, key)) is { } other)
            throw config.Refusal(Targets, $"projections of the layers only, not {other}");
        string[] projections = [.. Lora.ProjectionsOf(model.Llama)];
        string[] targets = [.. projections.Where(key => IsTarget(config, $"{model.DecoderKey}.{key}"))];
        var all = new LoraConfig().TargetModules;
        if (targets.Length == 0)
            throw config.Refusal(Targets, $"names of projections, such as {string.Join(", ", all)}");
        // Names that mean the same in every layer are short; anything else is named key by key.
        string[] names = [.. targets.Select(key => key[(key.LastIndexOf('.') + 1)..]).Distinct()];
        var shortened = new LoraConfig { TargetModules = names };
        return projections.Count(shortened.Targets) == targets.Length ? names : targets;
    }

    /// <summary>The whole keys of <see cref="Others"/>. A head lies beside the layers' module, not in it.</summary>
    private static IEnumerable<string> OthersOf(ModelConfig model)
    {
        var layers = model.DecoderKey;
        var outer = layers.EndsWith(".model", StringComparison.Ordinal) ? $"{layers[..^".model".Length]}." : "";
        return [$"{outer}lm_head", $"{layers}.embed_tokens"];
    }

    private static bool IsTarget(ForeignConfig config, string key)
        => !(config.Value(Excluded) is { } excluded && Matches(config, Excluded, excluded, key))
            && (config.Value(Targets) is { } targets ? Matches(config, Targets, targets, key) : EndsInOne(key, Unnamed))
            && IsInLayer(config, key);

    private static bool Matches(ForeignConfig config, string field, JsonElement value, string key)
    {
        if (value.ValueKind == JsonValueKind.Array) return EndsInOne(key, ConfigRule.Strings(value)!);
        var pattern = value.GetString()!;
        if (field == Targets && pattern.Equals(AllLinear, StringComparison.OrdinalIgnoreCase))
            return !EndsInOne(key, Others);
        try
        {
            return pattern.Length > 0
                && Regex.IsMatch(key, $@"\A(?:{pattern})\z", RegexOptions.CultureInvariant, PatternTime);
        }
        catch (Exception e) when (e is ArgumentException or RegexMatchTimeoutException)
        {
            throw config.Refusal(field, "a pattern that .NET's regular expressions read");
        }
    }

    private static bool EndsInOne(string key, IEnumerable<string> names)
        => names.Any(name => key == name || key.EndsWith($".{name}", StringComparison.Ordinal));

    /// <summary>
    /// In PEFT no layers are all layers, and a module that is named by its whole key is meant in any case.
    /// </summary>
    private static bool IsInLayer(ForeignConfig config, string key)
    {
        int[] layers = [.. config.Ids(Layers)];
        if (layers.Length == 0) return true;
        if (config.Value(Targets) is { } targets && ConfigRule.Strings(targets)!.Contains(key)) return true;
        var parts = key.Split('.');
        var at = Array.IndexOf(parts, "layers") + 1;
        return at > 0 && layers.Contains(int.Parse(parts[at], CultureInfo.InvariantCulture));
    }
}
