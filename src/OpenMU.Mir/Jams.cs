using System.Text.Json.Nodes;
using OpenMU.Music;

namespace OpenMU.Mir;

/// <summary>
/// A measurement as JAMS, the JSON Annotated Music Specification 0.3 (Humphrey et al., ISMIR 2014): namespaces tempo,
/// beat, key_mode, chord_harte, segment_open and segment_salami_function. What JAMS has no namespace for stands in the
/// sandbox.
/// </summary>
public static class Jams
{
    private static readonly string ToolVersion = typeof(Jams).Assembly.GetName().Version!.ToString(3);

    /// <summary>The JAMS document of one track.</summary>
    public static JsonObject Of(TrackMeasurement measured)
    {
        var info = measured.Info;
        var metadata = JamsParts.Metadata(
            measured.DurationSeconds, info.Title, info.Artist, info.Album, info.Isrc);
        var (whole, beats) = (measured.DurationSeconds, measured.Beats);
        return new JsonObject
        {
            ["file_metadata"] = metadata,
            ["annotations"] = new JsonArray(
                Annotation(
                    "tempo", "Tempo", whole,
                    measured.Tempo is { } tempo
                        ? JamsParts.Tempo(tempo.Bpm, tempo.Confidence, whole, measured.TempoSegments)
                        : []),
                Annotation(
                    "beat", "Beats", whole,
                    beats.Beats.Select(beat => JamsParts.Observation(beat.Seconds, 0, beat.Number, beats.Confidence))),
                Annotation("key_mode", "Key", whole, measured.Key.Segments.Select(key =>
                    JamsParts.Observation(key.Start, key.End - key.Start, JamsParts.KeyMode(key.Key), key.Confidence))),
                Annotation("chord_harte", "Chords", whole, measured.Chords.Select(chord =>
                    JamsParts.Observation(
                        chord.Start, chord.End - chord.Start, JamsParts.Harte(chord.Label), chord.Confidence))),
                Annotation("segment_open", "Sections", whole, JamsParts.Letters(measured.Sections)),
                Annotation("segment_salami_function", "Sections", whole, JamsParts.Functions(measured.Sections))),
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
        string jamsNamespace, string tool, double duration, IEnumerable<JsonObject> observations) =>
        JamsParts.Annotation(
            jamsNamespace, new JamsSource($"OpenMU.Mir.{tool}", ToolVersion), duration, observations);
}
