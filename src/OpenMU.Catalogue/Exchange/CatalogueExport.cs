using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using OpenMU.Catalogue.Search;

namespace OpenMU.Catalogue.Exchange;

/// <summary>Writes what a search finds, one track at a time, whatever their number.</summary>
public static class CatalogueExport
{
    private static readonly JsonSerializerOptions Json =
        new(JsonSerializerDefaults.Web) { Converters = { new JsonStringEnumConverter() } };

    /// <summary>
    /// CSV after RFC 4180: a header, then a line a track, each ended by CR LF. The writer's encoding should be UTF-8.
    /// </summary>
    public static async Task WriteCsvAsync(
        IAsyncEnumerable<TrackSummary> tracks, TextWriter writer, CancellationToken cancel)
    {
        await writer.WriteAsync(
            "id,file,title,artist,album,state,reason,bpm,key,camelot,lufs,seconds,caption,tags,uploaded,dropped\r\n");
        await foreach (var track in tracks.WithCancellation(cancel))
        {
            string[] fields =
            [
                $"{track.Id}", Text(track.FileName), Text(track.Title), Text(track.Artist), Text(track.Album),
                $"{track.State}", Text(track.Reason),
                Number(track.Bpm), Text(track.Key), Text(track.Camelot), Number(track.Lufs), Number(track.Seconds),
                Text(track.Caption), Text(track.Tags), track.UploadedAt.ToString("O", CultureInfo.InvariantCulture),
                Number(track.DroppedSentences),
            ];
            await writer.WriteAsync(string.Join(',', fields) + "\r\n");
        }
    }

    /// <summary>JSON Lines: one object a track, each ended by LF.</summary>
    public static async Task WriteJsonLinesAsync(
        IAsyncEnumerable<TrackSummary> tracks, TextWriter writer, CancellationToken cancel)
    {
        await foreach (var track in tracks.WithCancellation(cancel))
            await writer.WriteAsync(JsonSerializer.Serialize(track, Json) + "\n");
    }

    private static string Number(double? value) => value?.ToString("0.###", CultureInfo.InvariantCulture) ?? "";

    // Spreadsheets run text that begins like a formula; an apostrophe before it makes it text.
    private static string Text(string? value)
    {
        if (string.IsNullOrEmpty(value)) return "";
        if (value[0] is '=' or '+' or '-' or '@' or '\t' or '\r') value = "'" + value;
        return value.AsSpan().ContainsAny(",\"\r\n") ? $"\"{value.Replace("\"", "\"\"")}\"" : value;
    }
}
