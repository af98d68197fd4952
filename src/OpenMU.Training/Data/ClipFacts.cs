using System.Text.Json;
using OpenMU.Training.Evaluation.Text;

namespace OpenMU.Training.Data;

/// <summary>What is true of a clip, as far as training, texts and tags ask for it; a line of truth.jsonl. What is not known is null or empty.</summary>
public sealed record ClipFacts
{
    private static readonly JsonSerializerOptions Format = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    public required string Id { get; init; }

    /// <summary>The audio, relative to truth.jsonl until it was read.</summary>
    public required string File { get; init; }

    public string? Genre { get; init; }
    public IReadOnlyList<string> Moods { get; init; } = [];

    /// <summary>Drums apart.</summary>
    public IReadOnlyList<string> Instruments { get; init; } = [];

    public bool Drums { get; init; }
    public string? Metre { get; init; }
    public string? TempoClass { get; init; }

    /// <summary>Such as "C# minor".</summary>
    public string? Key { get; init; }

    /// <summary>Grooves of one family sound alike: a family is wholly trained on or wholly held out.</summary>
    public string? GrooveFamily { get; init; }

    /// <summary>The family that the drums were taken from, where it is another.</summary>
    public string? DrumFamily { get; init; }

    /// <summary>"train" or "held-out".</summary>
    public string Split { get; init; } = "train";

    /// <summary>Noise and silence have no labels, so that the model learns to say that it is not sure.</summary>
    public bool IsNoise { get; init; }

    /// <summary>Every instrument, drums among them.</summary>
    public IEnumerable<string> Sounding => Drums ? Instruments.Append("drums").Distinct(StringComparer.Ordinal) : Instruments;

    /// <summary>All facts of the clip.</summary>
    public IReadOnlySet<Fact> Facts()
    {
        var facts = Moods.Select(mood => new Fact(Fact.Mood, mood)).Concat(Sounding.Select(name => new Fact(Fact.Instrument, name))).ToHashSet();
        if (Genre is not null) facts.Add(new(Fact.Genre, Genre));
        if (TempoClass is not null) facts.Add(new(Fact.TempoClass, TempoClass));
        if (Metre is not null) facts.Add(new(Fact.Metre, Metre));
        if (Key is not null && TextFacts.KeyOf(Key) is { } key)
        {
            facts.Add(key);
            facts.Add(new(Fact.Mode, key.Value.Split(' ')[1]));
        }
        return facts;
    }

    /// <summary>All clips of a folder that <c>openmu synthesise</c> wrote, with the full paths of their audio.</summary>
    /// <exception cref="InvalidDataException">A line is no clip, or there is no file of truths.</exception>
    public static IReadOnlyList<ClipFacts> Read(string folder)
    {
        var path = Path.Combine(folder, "truth.jsonl");
        if (!System.IO.File.Exists(path)) throw new InvalidDataException($"{folder} holds no truth.jsonl.");
        return [.. System.IO.File.ReadLines(path).Index().Where(line => !string.IsNullOrWhiteSpace(line.Item)).Select(line => Parse(line.Item, folder, $"{path}, line {line.Index + 1}"))];
    }

    private static ClipFacts Parse(string line, string folder, string place)
    {
        try
        {
            var clip = JsonSerializer.Deserialize<ClipFacts>(line, Format) ?? throw new InvalidDataException($"{place}: no clip.");
            return clip with { File = Path.GetFullPath(Path.Combine(folder, clip.File)) };
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{place}: {e.Message}", e);
        }
    }
}
