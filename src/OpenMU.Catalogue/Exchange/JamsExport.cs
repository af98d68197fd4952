using System.Globalization;
using System.IO.Compression;
using System.Reflection;
using System.Text;
using System.Text.Json.Nodes;
using OpenMU.Catalogue.Fields;
using OpenMU.Music;

namespace OpenMU.Catalogue.Exchange;

/// <summary>
/// A JAMS document a track: what was measured, the words of a model, and what people have put right as annotations of
/// their own. What JAMS has no namespace for stands in the sandbox.
/// </summary>
internal static class JamsExport
{
    private static readonly string Version = Assembly.GetExecutingAssembly().GetName().Version!.ToString(3);

    public static Task WriteAsync(
        IAsyncEnumerable<ExportedTrack> tracks, Stream output, ExportOptions options, CancellationToken cancel) =>
        ZipOfDocuments.WriteAsync(
            tracks, output, "jams", track => Of(track).ToJsonString(JsonLinesExport.Json), cancel);

    /// <summary>The document of one track.</summary>
    public static JsonObject Of(ExportedTrack track)
    {
        var whole = track.Duration;
        var metadata = JamsParts.Metadata(
            whole, track.Title, track.Artist, track.Album, track.One(FieldNames.Isrc));
        foreach (var name in (string[])[FieldNames.OwnId, "musicBrainzRecording"])
        {
            if (track.One(name) is { } id) metadata["identifiers"]![name] = id;
        }

        return new JsonObject
        {
            ["file_metadata"] = metadata,
            ["annotations"] = new JsonArray(
            [
                .. Measured(track, whole), .. Corrected(track, whole), .. Tags(track, whole), .. Lyrics(track, whole),
            ]),
            ["sandbox"] = new JsonObject
            {
                ["openmu"] = new JsonObject
                {
                    ["id"] = track.Id,
                    ["file"] = track.FileName,
                    ["content"] = track.Content,
                    ["caption"] = track.One(FieldNames.Caption),
                    ["description"] = track.One("description"),
                    ["loudness"] = new JsonObject
                    {
                        ["integratedLufs"] = track.Analysis?.IntegratedLufs,
                        ["rangeLu"] = track.Analysis?.LoudnessRangeLu,
                        ["truePeakDbtp"] = track.Analysis?.TruePeakDbtp,
                    },
                    ["quality"] = new JsonArray(
                        [.. (track.Analysis?.QualityFlags ?? []).Select(flag => JsonValue.Create(flag))]),
                    ["embedding"] = track.Embedding is { } embedding
                        ? new JsonObject
                        {
                            ["model"] = embedding.ModelVersion,
                            ["dimensions"] = embedding.Dimensions,
                            ["comparedAt"] = string.Create(
                                CultureInfo.InvariantCulture, $"/v1/tracks/{track.Id}/similar"),
                        }
                        : null,
                }
            },
        };
    }

    private static IEnumerable<JsonObject> Measured(ExportedTrack track, double whole)
    {
        if (track.Analysis is not { } found) yield break;
        if (found.Bpm is { } bpm)
        {
            yield return JamsParts.Annotation(
                "tempo", Source(track, "Bpm"), whole,
                JamsParts.Tempo(bpm, found.BpmConfidence ?? 0, whole, found.TempoSegments));
        }

        yield return JamsParts.Annotation("beat", Source(track, "Beats"), whole, found.Beats.Select(beat =>
            JamsParts.Observation(beat.Seconds, 0, beat.Number, null)));
        yield return JamsParts.Annotation("key_mode", Source(track, "Key"), whole, found.KeySegments.Count > 0
            ? found.KeySegments.Select(key => JamsParts.Observation(
                key.Start, key.End - key.Start, JamsParts.KeyMode(key.Key), key.Confidence))
            : [JamsParts.Observation(0, whole, JamsParts.KeyMode(found.Key), found.KeyConfidence)]);
        yield return JamsParts.Annotation("chord_harte", Source(track, "Chords"), whole, found.Chords.Select(chord =>
            JamsParts.Observation(
                chord.Start, chord.End - chord.Start, JamsParts.Harte(chord.Label), chord.Confidence)));
        if (found.Sections.Count == 0) yield break;
        var source = Source(track, "Sections");
        yield return JamsParts.Annotation("segment_open", source, whole, JamsParts.Letters(found.Sections));
        yield return JamsParts.Annotation(
            "segment_salami_function", source, whole, JamsParts.Functions(found.Sections));
    }

    // What a person says is certain.
    private static IEnumerable<JsonObject> Corrected(ExportedTrack track, double whole)
    {
        if (track.Correction is not { } correction) yield break;
        var source = new JamsSource("", "", correction.By);
        // That there is no value is an annotation without an observation.
        if (correction.Says(FieldNames.Bpm))
        {
            yield return JamsParts.Annotation("tempo", source, whole, correction.Bpm is { } bpm
                ? [JamsParts.Observation(0, whole, bpm, 1)]
                : []);
        }

        if (correction.Says(FieldNames.Key))
        {
            yield return JamsParts.Annotation("key_mode", source, whole, correction.Key is { } key
                ? [JamsParts.Observation(0, whole, JamsParts.KeyMode(key), 1)]
                : []);
        }

        foreach (var name in TagFields)
        {
            if (correction.Fields[name] is { } values) yield return Group(source, name, whole, values.Select(Certain));
        }

        (string, double?) Certain(string value) => (value, 1);
    }

    private static readonly string[] TagFields =
    [
        FieldNames.Genres, FieldNames.Moods, FieldNames.Instruments, FieldNames.Themes, FieldNames.Voices,
        FieldNames.Tags,
    ];

    private static IEnumerable<JsonObject> Tags(ExportedTrack track, double whole) =>
        (track.Analysis?.Tags ?? []).GroupBy(tag => tag.Group).Select(group => Group(
            Source(track, "Tags"), group.Key, whole, group.Select(tag => (tag.Tag, (double?)tag.Confidence))));

    private static JsonObject Group(
        JamsSource source, string group, double whole, IEnumerable<(string Tag, double? Confidence)> tags)
    {
        var annotation = JamsParts.Annotation("tag_open", source, whole, tags.Select(tag =>
            JamsParts.Observation(0, whole, tag.Tag, tag.Confidence)));
        annotation["sandbox"]!["group"] = group;
        return annotation;
    }

    private static IEnumerable<JsonObject> Lyrics(ExportedTrack track, double whole)
    {
        if (track.Lyrics is not { Lines.Count: > 0 } lyrics) yield break;
        var lines = lyrics.Lines.Where(line => line.Text.Length > 0).ToList();
        var source = new JamsSource(lyrics.Source.ToString(), Version, lyrics.Origin);
        yield return JamsParts.Annotation("lyrics", source, whole, lines.Exists(line => line.Seconds is null)
            ? [JamsParts.Observation(0, whole, lyrics.Text, null)]
            : lines.Select((line, at) => JamsParts.Observation(
                line.Seconds!.Value, Math.Max(0, (at + 1 < lines.Count ? lines[at + 1].Seconds!.Value : whole)
                    - line.Seconds.Value), line.Text, null)));
    }

    private static JamsSource Source(ExportedTrack track, string field) =>
        track.Analysis!.Sources.Find(source => source.Field == field) is { } source
            ? new JamsSource(source.Source, source.Version)
            : new JamsSource("OpenMU", Version);
}

/// <summary>
/// A zip file with a text a track. The file's own list of what is in it, some hundred bytes a track, is all that grows
/// with their number.
/// </summary>
internal static class ZipOfDocuments
{
    /// <param name="tracks">As they come.</param>
    /// <param name="output">Where to.</param>
    /// <param name="ending">Of the files' names, which begin with the tracks' numbers.</param>
    /// <param name="text">Of a track.</param>
    /// <param name="cancel">Ends the writing.</param>
    public static Task WriteAsync(
        IAsyncEnumerable<ExportedTrack> tracks, Stream output, string ending, Func<ExportedTrack, string> text,
        CancellationToken cancel) => WriteAsync(
        tracks.Select(track => ($"{track.Id} {FileName(track)}.{ending}", text(track))), output, cancel);

    /// <summary>Files by their names.</summary>
    public static async Task WriteAsync(
        IAsyncEnumerable<(string Name, string Text)> files, Stream output, CancellationToken cancel)
    {
        await using var zip = await ZipArchive.CreateAsync(
            output, ZipArchiveMode.Create, leaveOpen: true, Encoding.UTF8, cancel);
        await foreach (var (name, text) in files.WithCancellation(cancel))
        {
            var entry = zip.CreateEntry(name, CompressionLevel.Fastest);
            // The same tracks make the same file.
            entry.LastWriteTime = new DateTimeOffset(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);
            await using var stream = await entry.OpenAsync(cancel);
            await stream.WriteAsync(Encoding.UTF8.GetBytes(text), cancel);
        }
    }

    private static string FileName(ExportedTrack track) => Path.GetFileName(ExchangeText.SafePath(track.FileName));
}
