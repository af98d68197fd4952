using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using OpenMU.Catalogue.Fields;
using OpenMU.Catalogue.Tracks;

namespace OpenMU.Catalogue.Exchange;

/// <summary>
/// Reads and writes rows as JSON Lines: texts, numbers, true and false, and lists of them; <c>null</c> says nothing,
/// and an empty list that there is none. What stands in an object <c>fields</c> counts as if it stood beside it. Of a
/// track as <see cref="JsonLinesExport"/> writes it, its file and content are read, and what one side says of it; its
/// lyrics only where they are the owner's and the owner's side is read, for others come with the music or are found.
/// </summary>
internal static class JsonLinesRows
{
    private const int MaxLineChars = 4 << 20;
    private const int ChunkChars = 1 << 16;
    private const string Nested = "fields", Claims = "claims";

    private static readonly (string Name, string Column)[] LyricsColumns =
        [("lrc", "lyrics"), ("language", "lyricsLanguage"), ("isExplicit", "lyricsExplicit")];

    private static readonly JsonSerializerOptions Json =
        new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static async IAsyncEnumerable<ImportRow> ReadAsync(
        ImportFile file, long skip, FieldOrigin side, [EnumeratorCancellation] CancellationToken cancel)
    {
        var (number, rows) = (0L, 0L);
        await foreach (var line in LinesAsync(file, cancel))
        {
            number++;
            if (string.IsNullOrWhiteSpace(line) || rows++ < skip) continue;
            yield return Read(number, line, side);
        }
    }

    /// <summary>A row that comes back, with the reason.</summary>
    public static string Line(string original, string error)
    {
        JsonObject row;
        try
        {
            row = JsonNode.Parse(original) as JsonObject ?? new JsonObject { ["line"] = original };
        }
        catch (JsonException)
        {
            row = new JsonObject { ["line"] = original };
        }

        row[CsvRows.ErrorColumn] = error;
        return row.ToJsonString(Json) + "\n";
    }

    // As ReadLine, with a bound on what is held of a file without line ends.
    private static async IAsyncEnumerable<string> LinesAsync(
        ImportFile file, [EnumeratorCancellation] CancellationToken cancel)
    {
        using var reader = file.Open();
        var line = new StringBuilder();
        var chunk = new char[ChunkChars];
        for (int read; (read = await reader.ReadBlockAsync(chunk.AsMemory(), cancel)) > 0;)
        {
            var rest = chunk.AsMemory(0, read);
            for (int end; (end = rest.Span.IndexOf('\n')) >= 0; rest = rest[(end + 1)..])
            {
                line.Append(rest[..end]);
                yield return line.ToString();
                line.Clear();
            }

            line.Append(rest);
            if (line.Length > MaxLineChars)
                throw new InvalidDataException($"{file.Path} has a line of over {MaxLineChars} characters.");
        }

        if (line.Length > 0) yield return line.ToString();
    }

    private static ImportRow Read(long number, string text, FieldOrigin side)
    {
        try
        {
            using var json = JsonDocument.Parse(text);
            if (json.RootElement.ValueKind != JsonValueKind.Object)
                return new ImportRow(number, [], [text], "The line is no JSON object.");
            return IsWholeTrack(json.RootElement)
                ? new ImportRow(number, Cells(json.RootElement, side), [text]) { IsWholeTrack = true }
                : new ImportRow(number, Cells(json.RootElement), [text]);
        }
        catch (JsonException wrong)
        {
            return new ImportRow(number, [], [text], $"The line is no JSON: {wrong.Message}");
        }
        catch (FormatException wrong)
        {
            return new ImportRow(number, [], [text], wrong.Message);
        }
    }

    private static bool IsWholeTrack(JsonElement row) =>
        row.TryGetProperty(Nested, out var fields) && fields.ValueKind == JsonValueKind.Object
        && row.TryGetProperty("fileName", out _) && row.TryGetProperty("content", out _)
        && fields.EnumerateObject().All(field => field.Value.ValueKind == JsonValueKind.Object
            && field.Value.TryGetProperty(Claims, out _));

    private static List<ImportCell> Cells(JsonElement track, FieldOrigin side)
    {
        var name = JsonNamingPolicy.CamelCase.ConvertName(side.ToString());
        List<ImportCell> cells =
        [
            new("file", [Text(track.GetProperty("fileName"))], IsSplit: true),
        ];
        // Of a file that was refused nobody has read the bytes.
        if (track.GetProperty("content") is { ValueKind: not JsonValueKind.Null } content)
            cells.Add(new ImportCell("sha256", [Text(content)], IsSplit: true));
        foreach (var field in track.GetProperty(Nested).EnumerateObject())
        {
            if (field.Value.GetProperty(Claims).TryGetProperty(name, out var said))
                cells.Add(new ImportCell(field.Name, [.. said.EnumerateArray().Select(Text)], IsSplit: true));
        }

        if (side == FieldOrigin.Owner) cells.AddRange(OwnersLyrics(track));
        return cells;
    }

    private static IEnumerable<ImportCell> OwnersLyrics(JsonElement track)
    {
        if (!track.TryGetProperty("lyrics", out var lyrics) || lyrics.ValueKind != JsonValueKind.Object
            || !lyrics.TryGetProperty("source", out var source) || !source.ValueEquals(nameof(LyricsSource.Owner)))
        {
            yield break;
        }

        foreach (var (name, column) in LyricsColumns)
        {
            if (lyrics.TryGetProperty(name, out var said) && said.ValueKind != JsonValueKind.Null && !IsBlank(said))
                yield return new ImportCell(column, [Text(said)], IsSplit: true);
        }
    }

    private static List<ImportCell> Cells(JsonElement row)
    {
        var cells = new List<ImportCell>();
        foreach (var property in row.EnumerateObject())
        {
            var (name, value) = (property.Name, property.Value);
            if (value.ValueKind == JsonValueKind.Null || IsBlank(value)) continue;
            if (value.ValueKind == JsonValueKind.Array)
                cells.Add(new ImportCell(name, [.. value.EnumerateArray().Select(Text)], IsSplit: true));
            else if (value.ValueKind != JsonValueKind.Object)
                cells.Add(new ImportCell(name, [Text(value)], IsSplit: false));
            else if (name == Nested) cells.AddRange(Cells(value));
            else throw new FormatException($"'{name}' is an object; a text, a number or a list can be read.");
        }

        return cells;
    }

    private static bool IsBlank(JsonElement value) =>
        value.ValueKind == JsonValueKind.String && string.IsNullOrWhiteSpace(value.GetString());

    private static string Text(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => value.GetRawText(),
        _ => throw new FormatException("A list may hold texts, numbers, true and false."),
    };
}
