using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using OpenMU.Catalogue.Fields;
using OpenMU.Catalogue.Tracks;

namespace OpenMU.Catalogue.Exchange;

/// <summary>
/// JSON lines: an object a track, each ended by LF, with everything that is known and who says it. The first names are
/// those of a track in the API's lists.
/// </summary>
internal static class JsonLinesExport
{
    internal static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        Converters = { new JsonStringEnumConverter() },
        // Line separators stay escaped, so that every reader sees one line.
        Encoder = JavaScriptEncoder.Create(System.Text.Unicode.UnicodeRanges.All),
    };

    public static async Task WriteAsync(
        IAsyncEnumerable<ExportedTrack> tracks, Stream output, ExportOptions options, CancellationToken cancel)
    {
        await using var writer = ExchangeText.Writer(output);
        await foreach (var track in tracks.WithCancellation(cancel))
        {
            await writer.WriteAsync(Of(track).ToJsonString(Json));
            await writer.WriteAsync('\n');
        }
    }

    /// <summary>One track.</summary>
    private static JsonObject Of(ExportedTrack track) => new()
    {
        ["id"] = track.Id,
        ["fileName"] = track.FileName,
        ["title"] = track.Title,
        ["artist"] = track.Artist,
        ["album"] = track.Album,
        ["state"] = track.State.ToString(),
        ["reason"] = track.Reason,
        ["bpm"] = track.Bpm,
        ["key"] = track.Key?.Name,
        ["camelot"] = track.Key?.Camelot,
        ["lufs"] = track.Analysis?.IntegratedLufs,
        ["seconds"] = track.Number("duration"),
        ["caption"] = track.One(FieldNames.Caption),
        ["tags"] = track.Joined(FieldNames.Tags) ?? track.ModelTags,
        ["terms"] = Node(track.Terms),
        ["uploadedAt"] = track.Track.UploadedAt,
        ["droppedSentences"] = track.Analysis?.DroppedSentences,
        ["content"] = track.Content,
        ["sizeBytes"] = track.Track.SizeBytes,
        ["fields"] = new JsonObject(
            track.Fields.Select(view => KeyValuePair.Create(view.Field.Name, (JsonNode?)Of(view)))),
        ["owner"] = track.Owner is { } owner ? Node(new { owner.By, owner.At, owner.Version }) : null,
        ["correction"] = track.Correction is { } correction
            ? Node(new { correction.By, correction.At, correction.Version, correction.ApprovedBy, correction.LockedBy })
            : null,
        ["analysis"] = track.Analysis is { } analysis ? Of(analysis) : null,
        ["lyrics"] = track.Lyrics is { } lyrics ? Of(lyrics) : null,
    };

    private static JsonObject Of(FieldView view) => new()
    {
        ["values"] = Node(view.Values),
        ["origin"] = Name(view.Origin),
        ["claims"] = new JsonObject(view.Claims.OrderBy(claim => claim.Key)
            .Select(claim => KeyValuePair.Create(Name(claim.Key), Node(claim.Value)))),
    };

    private static JsonNode? Of(Analysis analysis) => Node(new
    {
        analysis.DurationSeconds,
        analysis.Codec,
        analysis.SampleRate,
        analysis.Channels,
        analysis.Bpm,
        analysis.BpmConfidence,
        analysis.BpmAlternatives,
        analysis.Metre,
        Key = analysis.Key?.Name,
        analysis.KeyConfidence,
        analysis.TuningCents,
        analysis.IntegratedLufs,
        analysis.LoudnessRangeLu,
        analysis.TruePeakDbtp,
        analysis.QualityFlags,
        analysis.Caption,
        analysis.Description,
        analysis.Tags,
        analysis.ModelProblem,
        analysis.Sources,
        analysis.AnalysedAt,
        analysis.Beats,
        analysis.Chords,
        analysis.KeySegments,
        analysis.Sections,
    });

    private static JsonNode? Of(StoredLyrics lyrics) => Node(new
    {
        lyrics.Source,
        lyrics.Origin,
        lyrics.Language,
        lyrics.IsExplicit,
        lyrics.Themes,
        lyrics.Summary,
        lyrics.ReadBy,
        lyrics.At,
        lyrics.Lines,
        Lrc = lyrics.Lines.Count > 0 ? lyrics.ToSong().ToLrc() : "",
    });

    private static string Name(FieldOrigin origin) => JsonNamingPolicy.CamelCase.ConvertName(origin.ToString());

    private static JsonNode? Node<T>(T value) => JsonSerializer.SerializeToNode(value, Json);
}
