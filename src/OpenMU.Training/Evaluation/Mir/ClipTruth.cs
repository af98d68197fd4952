using System.Text.Json;
using OpenMU.Music;

namespace OpenMU.Training.Evaluation.Mir;

/// <summary>What is true of a clip; what is not known is null or empty. Times are seconds from the start of the file.</summary>
/// <param name="Id">Name of the clip.</param>
/// <param name="File">Path of its audio, relative to the file of truths.</param>
/// <param name="Tempo">Beats a minute.</param>
/// <param name="Key">Such as <c>"C# minor"</c>.</param>
/// <param name="Beats">All beats.</param>
/// <param name="Downbeats">First beats of the bars.</param>
/// <param name="Chords">Segments in Harte syntax.</param>
public sealed record ClipTruth(
    string Id, string File, double? Tempo, string? Key, IReadOnlyList<double> Beats, IReadOnlyList<double> Downbeats, IReadOnlyList<ChordSegment> Chords)
{
    /// <summary>Such as <c>"3/4"</c>.</summary>
    public string? Metre { get; init; }

    /// <summary>How far the music lies from A = 440 Hz.</summary>
    public double? TuningCents { get; init; }

    /// <summary>Reads one line of a JSON lines file: an object with id, file, and any of tempo, metre, key, tuning_cents, beats, downbeats and chords ([start, end, label]).</summary>
    /// <exception cref="JsonException">The line is not JSON.</exception>
    /// <exception cref="FormatException">It lacks id or file.</exception>
    public static ClipTruth Parse(string line)
    {
        using var document = JsonDocument.Parse(line);
        var clip = document.RootElement;
        if (Member(clip, "id") is not { } id || Member(clip, "file") is not { } file) throw new FormatException("A line of truths needs id and file.");
        return new ClipTruth(
            id.GetString()!, file.GetString()!, Member(clip, "tempo")?.GetDouble(), Member(clip, "key")?.GetString(), Times(clip, "beats"), Times(clip, "downbeats"),
            [.. Items(clip, "chords").Select(item => new ChordSegment(item[0].GetDouble(), item[1].GetDouble(), item[2].GetString()!))])
        {
            Metre = Member(clip, "metre")?.GetString(),
            TuningCents = Member(clip, "tuning_cents")?.GetDouble(),
        };
    }

    /// <summary>The truth of the same clip played slower (factor above 1) after so many seconds of silence, and cut off at a time.</summary>
    public ClipTruth Moved(double factor, double silence, double cut)
    {
        double[] Move(IReadOnlyList<double> times) => [.. times.Select(time => time * factor + silence).Where(time => time < cut)];
        return this with
        {
            Tempo = Tempo / factor,
            Beats = Move(Beats),
            Downbeats = Move(Downbeats),
            Chords = [.. Chords.Select(chord => chord with { Start = chord.Start * factor + silence, End = Math.Min(cut, chord.End * factor + silence) }).Where(chord => chord.Start < chord.End)],
        };
    }

    /// <summary>
    /// The truth of the same clip at another pitch. With <paramref name="renamed"/>, what then lies nearer to another semitone takes its name,
    /// as a listener without the score would have it.
    /// </summary>
    public ClipTruth Retuned(double cents, bool renamed)
    {
        var away = (TuningCents ?? 0) + cents;
        var semitones = (int)Math.Round(away / 100);
        if (semitones == 0 || !renamed) return this with { TuningCents = away - 100 * semitones };
        return this with
        {
            TuningCents = away - 100 * semitones,
            Key = Key is null ? null : KeyNames.Name(KeyNames.Transposed(KeyNames.Number(Key), semitones)),
            Chords = [.. Chords.Select(chord => chord with { Label = ChordLabel.Transposed(chord.Label, semitones) })],
        };
    }

    private static JsonElement? Member(JsonElement clip, string name) => clip.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    private static double[] Times(JsonElement clip, string name) => [.. Items(clip, name).Select(time => time.GetDouble())];

    private static JsonElement[] Items(JsonElement clip, string name) => Member(clip, name) is { } list ? [.. list.EnumerateArray()] : [];
}
