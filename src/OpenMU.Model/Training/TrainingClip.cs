using System.Text.Json;

namespace OpenMU.Model.Training;

/// <summary>What training needs to know of a clip: a line of truth.jsonl.</summary>
public sealed record TrainingClip
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    public required string Id { get; init; }

    /// <summary>Path of the audio, relative to the file of truths until it was read.</summary>
    public required string File { get; init; }

    public string? Genre { get; init; }
    public IReadOnlyList<string> Moods { get; init; } = [];

    /// <summary>Pitched instruments; what has no pitch is told by <see cref="Drums"/>.</summary>
    public IReadOnlyList<string> Instruments { get; init; } = [];

    public bool Drums { get; init; }

    /// <summary>Everything that sounds.</summary>
    public IEnumerable<string> Sounding => Drums ? Instruments.Append("drums").Distinct(StringComparer.Ordinal) : Instruments;

    /// <summary>Such as "3/4".</summary>
    public string? Metre { get; init; }

    /// <summary>slow, medium or fast.</summary>
    public string? TempoClass { get; init; }

    /// <summary>Grooves of one family sound alike: a family is wholly trained on or wholly held out.</summary>
    public string? GrooveFamily { get; init; }

    /// <summary>"train" or "held-out".</summary>
    public string Split { get; init; } = "train";

    /// <summary>Neither music nor silence is labelled, so that the model learns to say that it is not sure.</summary>
    public bool IsNoise { get; init; }

    /// <summary>All clips of folders that <c>openmu synthesise</c> wrote, with the full paths of their audio.</summary>
    /// <exception cref="InvalidDataException">A line of truths is no clip.</exception>
    public static IReadOnlyList<TrainingClip> Read(IEnumerable<string> folders)
    {
        List<TrainingClip> clips = [];
        foreach (var folder in folders)
        {
            var path = Path.Combine(folder, "truth.jsonl");
            foreach (var (line, number) in System.IO.File.ReadLines(path).Select((line, i) => (line, i + 1)).Where(entry => entry.line.Length > 0))
            {
                try
                {
                    var clip = JsonSerializer.Deserialize<TrainingClip>(line, Json)!;
                    clips.Add(clip with { File = Path.GetFullPath(Path.Combine(folder, clip.File)) });
                }
                catch (JsonException e)
                {
                    throw new InvalidDataException($"{path}, line {number}: {e.Message}", e);
                }
            }
        }
        return clips;
    }
}
