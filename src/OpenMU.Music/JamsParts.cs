using System.Text.Json.Nodes;

namespace OpenMU.Music;

/// <summary>
/// What documents after JAMS, the JSON Annotated Music Specification 0.3 (Humphrey et al., ISMIR 2014), are made of,
/// whether a file was measured just now or a catalogue tells of it.
/// </summary>
public static class JamsParts
{
    private const string SpecificationVersion = "0.3.4";

    /// <summary>What <c>file_metadata</c> says; null where nothing is known.</summary>
    public static JsonObject Metadata(double duration, string? title, string? artist, string? album, string? isrc)
    {
        var metadata = new JsonObject
        {
            ["duration"] = duration,
            ["jams_version"] = SpecificationVersion,
            ["identifiers"] = new JsonObject()
        };
        if (title is not null) metadata["title"] = title;
        if (artist is not null) metadata["artist"] = artist;
        if (album is not null) metadata["release"] = album;
        if (isrc is not null) metadata["identifiers"]!["isrc"] = isrc;
        return metadata;
    }

    /// <summary>What one tool, model or person says in one namespace about the whole track. Nothing lasts longer than
    /// the track: what is measured by windows may end after it.</summary>
    /// <param name="jamsNamespace">Such as <c>chord_harte</c>.</param>
    /// <param name="source">Who says it.</param>
    /// <param name="duration">Of the track, in seconds; 0 where it is unknown.</param>
    /// <param name="observations">Of <see cref="Observation"/>.</param>
    public static JsonObject Annotation(
        string jamsNamespace, JamsSource source, double duration, params IEnumerable<JsonObject> observations) =>
        new()
        {
            ["namespace"] = jamsNamespace,
            ["annotation_metadata"] = new JsonObject
            {
                ["annotation_tools"] = source.Tool,
                ["version"] = source.Version,
                ["data_source"] = source.Person is null ? "program" : "manual",
                ["annotator"] = source.Person is null ? new JsonObject() : new JsonObject { ["name"] = source.Person },
            },
            ["data"] = new JsonArray([.. observations.Select(one => Within(duration, one))]),
            ["time"] = 0,
            ["duration"] = duration,
            ["sandbox"] = new JsonObject(),
        };

    private static JsonObject Within(double whole, JsonObject observation)
    {
        var (start, length) = ((double)observation["time"]!, (double)observation["duration"]!);
        if (whole > 0 && start + length > whole) observation["duration"] = Math.Max(0, whole - start);
        return observation;
    }

    /// <summary>One value and when it holds.</summary>
    public static JsonObject Observation(double time, double duration, JsonNode value, double? confidence) =>
        new() { ["time"] = time, ["duration"] = duration, ["value"] = value, ["confidence"] = confidence };

    /// <summary>A tempo: one value for the whole track where it holds, else one for each stretch.</summary>
    /// <param name="bpm">Of the whole track.</param>
    /// <param name="confidence">0 to 1.</param>
    /// <param name="duration">Of the track, in seconds.</param>
    /// <param name="segments">Of <see cref="TempoCurve"/>.</param>
    public static IEnumerable<JsonObject> Tempo(
        double bpm, double confidence, double duration, IReadOnlyList<TempoSegment> segments) => segments.Count > 1
            ? segments.Select(part => Observation(part.Start, part.End - part.Start, part.Bpm, confidence))
            : [Observation(0, duration, bpm, confidence)];

    /// <summary>The letters of a track's sections, for <c>segment_open</c>.</summary>
    public static IEnumerable<JsonObject> Letters(IEnumerable<Section> sections) =>
        sections.Select(part => Observation(part.Start, part.End - part.Start, part.Label, null));

    /// <summary>Those whose function is known, for <c>segment_salami_function</c>.</summary>
    public static IEnumerable<JsonObject> Functions(IEnumerable<Section> sections) =>
        sections.Where(part => part.Function is not null).Select(part =>
            Observation(part.Start, part.End - part.Start, part.Function!, part.Confidence));

    /// <summary><c>C# minor</c> is <c>C#:minor</c> there, and no key is <c>N</c>.</summary>
    public static string KeyMode(MusicalKey? key) => key?.Name.Replace(' ', ':') ?? "N";

    /// <summary>The namespace knows neither sus2 nor power chords, but any chord by its degrees.</summary>
    public static string Harte(string label) =>
        label == "X" ? "N"
        : label.EndsWith(":5", StringComparison.Ordinal) ? $"{label[..^1]}(5)"
        : label.Replace(":sus2", ":(2,5)", StringComparison.Ordinal);
}

/// <summary>Who says something in JAMS.</summary>
/// <param name="Tool">The program; empty for a person alone.</param>
/// <param name="Version">Of the program.</param>
/// <param name="Person">Null for a program.</param>
public sealed record JamsSource(string Tool, string Version, string? Person = null);
