namespace OpenMU.Cli.Hub;

/// <summary>A published model with a name of its own here. Sizes are those of its tensors, as published.</summary>
/// <param name="Name">The name on the command line.</param>
/// <param name="Repository">Where it lies; null where nobody has published it.</param>
/// <param name="Licence">As the hub spells it.</param>
/// <param name="Parameters">Numbers in its tensors.</param>
/// <param name="Bytes">Of the download, roughly.</param>
/// <param name="What">What it is, in one sentence.</param>
internal sealed record KnownModel(
    string Name, string? Repository, string Licence, long Parameters, long Bytes, string What)
{
    private const string Moss = "Hears whole songs; lyrics with times, chords, keys. Its training captions came in part "
        + "from models whose weights are for non-commercial use.";

    public static IReadOnlyList<KnownModel> All { get; } =
    [
        new("midashenglm-0.6b", "mispeech/midashenglm-0.6b-fp32", "apache-2.0", 690_000_000, 2_700_000_000,
            "The small one for CPUs: captions, tags, questions; computes in fp32.") { Type = "fp32" },
        new("midashenglm-7b", "mispeech/midashenglm-7b-1021-bf16", "apache-2.0", 8_282_000_000, 16_600_000_000,
            "Captions, tags, questions about sound and music."),
        new("moss-music-8b", "OpenMOSS-Team/MOSS-Music-8B-Instruct", "apache-2.0", 9_052_000_000, 18_100_000_000, Moss),
        new("moss-music-8b-thinking", "OpenMOSS-Team/MOSS-Music-8B-Thinking", "apache-2.0", 9_052_000_000, 18_100_000_000,
            $"Thinks before it answers. {Moss}"),
        new("llama-3-8b-instruct", "meta-llama/Meta-Llama-3-8B-Instruct", "llama3", 8_030_000_000, 16_100_000_000,
            "No model of music by itself: the language model of OpenMU, for `openmu convert`. Gated."),
        new("openmu", null, "non-commercial", 8_200_000_000, 0,
            "The published OpenMU has no public weights: whoever has them makes a folder with `openmu convert`."),
    ];

    /// <summary>The type to store it in.</summary>
    public string Type { get; init; } = "bf16";

    /// <summary>Memory for the weights alone; int8 has a scale of four bytes for each 128 numbers.</summary>
    public long MemoryAt(double bytesEach) => (long)(Parameters * bytesEach);

    /// <summary>
    /// The repository of a known name or of <c>owner/name[@revision]</c>, and the known model, if it is one.
    /// </summary>
    /// <exception cref="UsageException">It is neither, or the model is known and not published.</exception>
    public static (HubName Name, KnownModel? Known) Find(string text)
    {
        if (text.Contains('/', StringComparison.Ordinal))
        {
            var name = HubName.Parse(text);
            return (name, All.FirstOrDefault(
                model => string.Equals(model.Repository, name.Repository, StringComparison.OrdinalIgnoreCase)));
        }
        var known = All.FirstOrDefault(model => string.Equals(model.Name, text, StringComparison.OrdinalIgnoreCase))
            ?? throw new UsageException($"There is no model '{text}'; known are "
                + string.Join(", ", All.Where(model => model.Repository is not null).Select(model => model.Name))
                + ", and any repository of the hub as owner/name.");
        return known.Repository is { } repository
            ? (HubName.Parse(repository), known)
            : throw new UsageException($"{known.Name} cannot be fetched. {known.What}");
    }

    /// <summary>The class of a licence that model folders state.</summary>
    public static string ClassOf(string? licence)
    {
        string[] open = ["apache-2.0", "mit", "bsd-2-clause", "bsd-3-clause", "cc-by-4.0", "cc0-1.0", "unlicense", "isc"];
        return licence is not null && open.Contains(licence, StringComparer.OrdinalIgnoreCase)
            ? "open"
            : "non-commercial";
    }
}
