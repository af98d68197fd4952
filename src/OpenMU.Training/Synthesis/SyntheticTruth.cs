using System.Text.Encodings.Web;
using System.Text.Json;

namespace OpenMU.Training.Synthesis;

/// <summary>What is true of a made clip; one line of truth.jsonl. Times are seconds from the start of the file, and only what lies within it is listed.</summary>
internal sealed record SyntheticTruth
{
    private static readonly JsonSerializerOptions Format = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public required string Id { get; init; }

    /// <summary>Audio, relative to the data folder.</summary>
    public required string File { get; init; }

    public required double Seconds { get; init; }

    /// <summary>Beats a minute, of the beat that a listener taps to.</summary>
    public required double Tempo { get; init; }

    /// <summary>"slow", "medium" or "fast".</summary>
    public required string TempoClass { get; init; }

    public required string Metre { get; init; }

    public required int BeatsPerBar { get; init; }

    public required string Key { get; init; }

    public required string Genre { get; init; }

    public required IReadOnlyList<string> Moods { get; init; }

    /// <summary>Instruments of the vocabulary that sound for long enough to be noticed, drums apart.</summary>
    public required IReadOnlyList<string> Instruments { get; init; }

    public required bool Drums { get; init; }

    /// <summary>A tune was written over the accompaniment.</summary>
    public required bool Melody { get; init; }

    public required string GrooveFamily { get; init; }

    public required IReadOnlyList<string> Groove { get; init; }

    /// <summary>The family that the drums are taken from; null where it is <see cref="GrooveFamily"/>.</summary>
    public string? DrumFamily { get; init; }

    public required string Split { get; init; }

    /// <summary>File name of the soundfont.</summary>
    public required string Soundfont { get; init; }

    public required double TuningCents { get; init; }

    public required string Seed { get; init; }

    /// <summary>Of the audio file; null when no audio was made.</summary>
    public string? Sha256 { get; init; }

    public required IReadOnlyList<double> Beats { get; init; }

    public required IReadOnlyList<double> Downbeats { get; init; }

    /// <summary>Start, end and label in Harte's syntax.</summary>
    public required IReadOnlyList<object[]> Chords { get; init; }

    public string ToJson() => JsonSerializer.Serialize(this, Format);

    /// <exception cref="JsonException">The text is not such a line.</exception>
    public static SyntheticTruth Parse(string json) => JsonSerializer.Deserialize<SyntheticTruth>(json, Format)!;
}
