using System.Text.Json.Nodes;
using OpenMU.Catalogue.Fields;

namespace OpenMU.Catalogue.Exchange;

/// <summary>
/// One object with <c>audio_features</c>, an array of what streaming services say of a track, under their names. What
/// nobody measures here (danceability and the like) is null, so that readers of all names find them.
/// </summary>
internal static class AudioFeaturesExport
{
    private static readonly string[] Unmeasured =
        ["danceability", "energy", "speechiness", "acousticness", "instrumentalness", "liveness", "valence"];

    public static async Task WriteAsync(
        IAsyncEnumerable<ExportedTrack> tracks, Stream output, ExportOptions options, CancellationToken cancel)
    {
        await using var writer = ExchangeText.Writer(output);
        await writer.WriteAsync("{\"audio_features\":[");
        var separator = "\n";
        await foreach (var track in tracks.WithCancellation(cancel))
        {
            await writer.WriteAsync(separator + Of(track).ToJsonString(JsonLinesExport.Json));
            separator = ",\n";
        }

        await writer.WriteAsync("\n]}\n");
    }

    private static JsonObject Of(ExportedTrack track)
    {
        var features = new JsonObject
        {
            ["type"] = "audio_features",
            ["id"] = $"{track.Id}",
            ["own_id"] = track.One(FieldNames.OwnId),
            ["isrc"] = track.One(FieldNames.Isrc),
            ["track_href"] = $"/v1/tracks/{track.Id}",
            ["tempo"] = track.Bpm,
            ["key"] = track.Key?.Tonic ?? -1,
            ["mode"] = track.Key is { } key ? key.IsMinor ? 0 : 1 : null,
            ["time_signature"] = track.Number(FieldNames.Metre),
            ["loudness"] = track.Analysis?.IntegratedLufs,
            ["duration_ms"] = track.Number("duration") is { } seconds ? (long)Math.Round(seconds * 1000) : null,
        };
        foreach (var name in Unmeasured) features[name] = null;
        return features;
    }
}
