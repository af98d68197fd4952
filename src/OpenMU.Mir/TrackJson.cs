using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace OpenMU.Mir;

/// <summary>
/// A measurement as plain JSON, whole for a catalogue or short for other programs. Times are seconds,
/// rounded to milliseconds.
/// </summary>
public static class TrackJson
{
    private static readonly JsonSerializerOptions Options =
        new(JsonSerializerDefaults.Web) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Everything that is known about a track.</summary>
    /// <param name="file">Its name, as the reader should see it.</param>
    /// <param name="measured">The measurement.</param>
    public static JsonObject Document(string file, TrackMeasurement measured) => new()
    {
        ["file"] = file,
        ["duration"] = Round(measured.DurationSeconds),
        ["info"] = JsonSerializer.SerializeToNode(measured.Info, Options),
        ["tempo"] = JsonSerializer.SerializeToNode(measured.Tempo, Options),
        ["tempoSegments"] = new JsonArray([.. measured.TempoSegments.Select(part => new JsonObject
        {
            ["start"] = Round(part.Start),
            ["end"] = Round(part.End),
            ["bpm"] = Round(part.Bpm),
        })]),
        ["metre"] = measured.Beats.Metre?.Label,
        ["metreConfidence"] = measured.Beats.MetreConfidence,
        ["beats"] = Times(measured.Beats.Times),
        ["beatNumbers"] = new JsonArray([.. measured.Beats.Beats.Select(beat => (JsonNode)beat.Number)]),
        ["downbeats"] = Times(measured.Beats.Downbeats),
        ["key"] = Of(measured.Key),
        ["chords"] = new JsonArray([.. measured.Chords.Select(chord => new JsonObject
        {
            ["start"] = Round(chord.Start),
            ["end"] = Round(chord.End),
            ["chord"] = chord.Label,
            ["confidence"] = chord.Confidence,
        })]),
        ["sections"] = new JsonArray([.. measured.Sections.Select(section => new JsonObject
        {
            ["start"] = Round(section.Start),
            ["end"] = Round(section.End),
            ["label"] = section.Label,
            ["function"] = section.Function,
            ["confidence"] = section.Confidence,
        })]),
        ["loudness"] = Of(measured.Loudness),
        ["quality"] = Of(measured.Quality),
    };

    /// <summary>
    /// One line: <c>file</c>, <c>tempo</c> (BPM or null), <c>beats</c>, <c>downbeats</c>, <c>key</c> ("A minor" or
    /// null), <c>chords</c> ([[start, end, "A:min"], ...]).
    /// </summary>
    /// <param name="file">Its name, as the reader should see it.</param>
    /// <param name="measured">The measurement.</param>
    public static string Line(string file, TrackMeasurement measured) => new JsonObject
    {
        ["file"] = file,
        ["tempo"] = measured.Tempo is { } tempo ? Round(tempo.Bpm) : null,
        ["beats"] = Times(measured.Beats.Times),
        ["downbeats"] = Times(measured.Beats.Downbeats),
        ["key"] = measured.Key.Key?.Name,
        ["chords"] = new JsonArray(
            [.. measured.Chords.Select(chord => new JsonArray(Round(chord.Start), Round(chord.End), chord.Label))]),
    }.ToJsonString(Options);

    private static JsonObject Of(KeyEstimate key) => new()
    {
        ["key"] = key.Key?.Name,
        ["confidence"] = key.Confidence,
        ["camelot"] = key.Key?.Camelot,
        ["openKey"] = key.Key?.OpenKey,
        ["tuningCents"] = key.TuningCents,
        ["alternatives"] = JsonSerializer.SerializeToNode(key.Alternatives, Options),
        ["segments"] = JsonSerializer.SerializeToNode(key.Segments, Options),
    };

    internal static JsonNode Of(LoudnessMeasurement loudness) => JsonSerializer.SerializeToNode(loudness, Options)!;

    // Faults by name, for a sum of bits says nothing to a reader.
    internal static JsonNode Of(QualityReport quality)
    {
        var report = JsonSerializer.SerializeToNode(quality, Options)!;
        report["faults"] = new JsonArray([.. Enum.GetValues<SoundFaults>()
            .Where(fault => fault != SoundFaults.None && quality.Faults.HasFlag(fault))
            .Select(fault => (JsonNode)JsonNamingPolicy.KebabCaseLower.ConvertName(fault.ToString()))]);
        return report;
    }

    private static JsonArray Times(IEnumerable<double> seconds) =>
        new([.. seconds.Select(time => (JsonNode)Round(time))]);

    private static double Round(double value) => Math.Round(value, 3);
}
