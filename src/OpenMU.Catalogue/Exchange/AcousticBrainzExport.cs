using System.Text.Json.Nodes;
using OpenMU.Catalogue.Fields;
using OpenMU.Music;

namespace OpenMU.Catalogue.Exchange;

/// <summary>
/// A document a track with the names that AcousticBrainz gave its own: metadata, rhythm and tonal, loudness after
/// EBU R128, and tags as its high level has them. What it says of sound that nobody measures here is left out.
/// </summary>
internal static class AcousticBrainzExport
{
    private const double ConcertPitch = 440, CentsOfOctave = 1200;

    public static Task WriteAsync(
        IAsyncEnumerable<ExportedTrack> tracks, Stream output, ExportOptions options, CancellationToken cancel) =>
        ZipOfDocuments.WriteAsync(
            tracks, output, "json", track => Of(track).ToJsonString(JsonLinesExport.Json), cancel);

    private static JsonObject Of(ExportedTrack track) => new()
    {
        ["metadata"] = new JsonObject
        {
            ["audio_properties"] = new JsonObject
            {
                ["length"] = track.Duration,
                ["codec"] = track.Analysis?.Codec,
                ["sample_rate"] = track.Analysis?.SampleRate,
                ["number_channels"] = track.Analysis?.Channels,
            },
            ["tags"] = new JsonObject(Tags(track)),
            ["version"] = new JsonObject { ["extractor"] = "OpenMU" },
        },
        ["lowlevel"] = new JsonObject
        {
            ["loudness_ebu128"] = new JsonObject
            {
                ["integrated"] = track.Analysis?.IntegratedLufs,
                ["loudness_range"] = track.Analysis?.LoudnessRangeLu,
            },
        },
        ["rhythm"] = new JsonObject
        {
            ["bpm"] = track.Bpm,
            ["beats_count"] = track.Analysis?.Beats.Count ?? 0,
            ["beats_position"] = new JsonArray(
                [.. (track.Analysis?.Beats ?? []).Select(beat => JsonValue.Create(beat.Seconds))]),
        },
        ["tonal"] = Tonal(track),
        ["highlevel"] = new JsonObject((track.Analysis?.Tags ?? []).GroupBy(tag => tag.Group).Select(HighLevel)),
    };

    private static IEnumerable<KeyValuePair<string, JsonNode?>> Tags(ExportedTrack track)
    {
        (string Name, string Field)[] names =
        [
            ("title", FieldNames.Title), ("artist", FieldNames.Artists), ("album", FieldNames.Album),
            ("albumartist", "albumArtists"), ("tracknumber", "trackNumber"), ("discnumber", "discNumber"),
            ("date", "date"), ("genre", FieldNames.Genres), ("composer", "composers"), ("label", "label"),
            ("isrc", FieldNames.Isrc), ("musicbrainz_recordingid", "musicBrainzRecording"),
            ("musicbrainz_albumid", "musicBrainzRelease"), ("musicbrainz_artistid", "musicBrainzArtists"),
            ("musicbrainz_workid", "musicBrainzWork"), ("own_id", FieldNames.OwnId),
        ];
        foreach (var (name, field) in names)
        {
            if (track.All(field) is { Count: > 0 } values)
                yield return new(name, new JsonArray([.. values.Select(value => JsonValue.Create(value))]));
        }

        yield return new("file_name", Path.GetFileName(track.FileName));
    }

    private static JsonObject Tonal(ExportedTrack track)
    {
        var chords = track.Analysis?.Chords ?? [];
        var sounding = chords.Where(chord => chord.Label is not ("N" or "X")).ToList();
        return new JsonObject
        {
            ["key_key"] = track.Key is { } key ? PitchClass.Name(key.Tonic, flat: false) : null,
            ["key_scale"] = track.Key?.Mode,
            ["key_strength"] =
                track.OriginOf(FieldNames.Key) == FieldOrigin.Found ? track.Analysis?.KeyConfidence : null,
            ["tuning_frequency"] = track.Analysis?.TuningCents is { } cents
                ? ConcertPitch * Math.Pow(2, cents / CentsOfOctave) : null,
            ["chords_number_rate"] = sounding.Count == 0
                ? null : (double)sounding.Select(chord => chord.Label).Distinct().Count() / chords.Count,
            ["chords_changes_rate"] = chords.Count == 0 || track.Duration <= 0 ? null : chords.Count / track.Duration,
        };
    }

    private static KeyValuePair<string, JsonNode?> HighLevel(IGrouping<string, TagScore> group)
    {
        var best = group.MaxBy(tag => tag.Confidence)!;
        return new(group.Key, new JsonObject
        {
            ["value"] = best.Tag,
            ["probability"] = best.Confidence,
            ["all"] = new JsonObject(group.DistinctBy(tag => tag.Tag)
                .Select(tag => KeyValuePair.Create(tag.Tag, (JsonNode?)JsonValue.Create(tag.Confidence)))),
        });
    }
}
