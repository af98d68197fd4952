using System.Text.Json.Nodes;
using OpenMU.Music;

namespace OpenMU.Mir;

/// <summary>
/// A measurement as JAMS, the JSON Annotated Music Specification 0.3 (Humphrey et al., ISMIR 2014): namespaces tempo,
/// beat, key_mode and chord_harte. What JAMS has no namespace for stands in the sandbox.
/// </summary>
public static class Jams
{
    private const string SpecificationVersion = "0.3.4";
    private static readonly string ToolVersion = typeof(Jams).Assembly.GetName().Version!.ToString(3);

    /// <summary>The JAMS document of one track.</summary>
    public static JsonObject Of(TrackMeasurement measured)
    {
        var metadata = new JsonObject
        {
            ["duration"] = measured.DurationSeconds,
            ["jams_version"] = SpecificationVersion,
            ["identifiers"] = new JsonObject()
        };
        if (measured.Info.Title is { } title) metadata["title"] = title;
        if (measured.Info.Artist is { } artist) metadata["artist"] = artist;
        if (measured.Info.Album is { } album) metadata["release"] = album;
        if (measured.Info.Isrc is { } isrc) metadata["identifiers"]!["isrc"] = isrc;

        var (whole, beats) = (measured.DurationSeconds, measured.Beats);
        return new JsonObject
        {
            ["file_metadata"] = metadata,
            ["annotations"] = new JsonArray(
                Annotation(
                    "tempo", "Tempo", whole,
                    measured.Tempo is { } tempo ? [Observation(0, whole, tempo.Bpm, tempo.Confidence)] : []),
                Annotation(
                    "beat", "Beats", whole,
                    beats.Beats.Select(beat => Observation(beat.Seconds, 0, beat.Number, beats.Confidence))),
                Annotation("key_mode", "Key", whole, measured.Key.Segments.Select(key =>
                    Observation(key.Start, key.End - key.Start, KeyMode(key.Key), key.Confidence))),
                Annotation("chord_harte", "Chords", whole, measured.Chords.Select(chord =>
                    Observation(chord.Start, chord.End - chord.Start, Harte(chord.Label), chord.Confidence)))),
            ["sandbox"] = new JsonObject
            {
                ["openmu"] = new JsonObject
                {
                    ["loudness"] = TrackJson.Of(measured.Loudness),
                    ["quality"] = TrackJson.Of(measured.Quality)
                }
            },
        };
    }

    private static JsonObject Annotation(
        string jamsNamespace, string tool, double duration, IEnumerable<JsonObject> observations) => new JsonObject
        {
            ["namespace"] = jamsNamespace,
            ["annotation_metadata"] = new JsonObject
            {
                ["annotation_tools"] = $"OpenMU.Mir.{tool}",
                ["version"] = ToolVersion,
                ["data_source"] = "program",
                ["annotator"] = new JsonObject(),
            },
            ["data"] = new JsonArray([.. observations]),
            ["time"] = 0,
            ["duration"] = duration,
            ["sandbox"] = new JsonObject(),
        };

    private static JsonObject Observation(double time, double duration, JsonNode value, double confidence) =>
        new JsonObject { ["time"] = time, ["duration"] = duration, ["value"] = value, ["confidence"] = confidence };

    // "C# minor" is "C#:minor" there, and no key is "N".
    private static string KeyMode(MusicalKey? key) => key?.Name.Replace(' ', ':') ?? "N";

    // The namespace knows no sus2, but any chord by its degrees.
    private static string Harte(string label) =>
        label == "X" ? "N" : label.Replace(":sus2", ":(2,5)", StringComparison.Ordinal);
}
