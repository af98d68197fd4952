using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using OpenMU.Music;
using OpenMU.Music.Lyrics;

namespace OpenMU.Catalogue.Tracks;

/// <summary>
/// Stores lists over time as JSON arrays of arrays, <c>[[0.512,1],[1.024,2]]</c>: times to the millisecond, no repeated
/// names. An hour of beats takes about 90 kB so.
/// </summary>
internal static class Timeline
{
    // Letters of all languages as themselves: it is never part of a page.
    private static readonly JsonSerializerOptions Json =
        new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static void StoredCompactly(this PropertyBuilder<IReadOnlyList<Beat>> property) =>
        Store(property, beat => [Round(beat.Seconds), beat.Number], row =>
            new Beat(row[0].GetDouble(), row[1].GetInt32()));

    public static void StoredCompactly(this PropertyBuilder<IReadOnlyList<ChordSegment>> property) => Store(
        property,
        chord => [Round(chord.Start), Round(chord.End), chord.Label, Round(chord.Confidence)],
        row => new ChordSegment(row[0].GetDouble(), row[1].GetDouble(), row[2].GetString()!, row[3].GetDouble()));

    public static void StoredCompactly(this PropertyBuilder<IReadOnlyList<KeySegment>> property) => Store(
        property,
        segment => [Round(segment.Start), Round(segment.End), segment.Key?.Name, Round(segment.Confidence)],
        row => new KeySegment(
            row[0].GetDouble(), row[1].GetDouble(), MusicalKey.TryParse(row[2].GetString()), row[3].GetDouble()));

    public static void StoredCompactly(this PropertyBuilder<IReadOnlyList<Section>> property) => Store(
        property,
        part => [Round(part.Start), Round(part.End), part.Label, part.Function, part.Confidence],
        row => new Section(
            row[0].GetDouble(), row[1].GetDouble(), row[2].GetString()!, row[3].GetString(),
            row[4].ValueKind == JsonValueKind.Null ? null : row[4].GetDouble()));

    public static void StoredCompactly(this PropertyBuilder<IReadOnlyList<LyricLine>> property) => Store(
        property,
        line => line.Words is null
            ? [line.Seconds, line.Text]
            : [line.Seconds, line.Text, line.Words.Select(word => (object[])[word.Seconds, word.Text])],
        row => new LyricLine(
            row[0].ValueKind == JsonValueKind.Null ? null : row[0].GetDouble(), row[1].GetString()!,
            row.GetArrayLength() < 3 ? null : [.. row[2].EnumerateArray().Select(Word)]));

    private static LyricWord Word(JsonElement word) => new(word[0].GetDouble(), word[1].GetString()!);

    private static void Store<T>(
        PropertyBuilder<IReadOnlyList<T>> property, Func<T, object?[]> toRow, Func<JsonElement, T> fromRow) =>
        property.HasConversion(
            list => JsonSerializer.Serialize(list.Select(toRow), Json),
            json => Parse(json, fromRow),
            new ValueComparer<IReadOnlyList<T>>(
                (a, b) => ReferenceEquals(a, b) || (a != null && b != null && a.SequenceEqual(b)),
                list => list.Count == 0 ? 0 : HashCode.Combine(list.Count, list[0], list[list.Count - 1]),
                list => list));

    private static List<T> Parse<T>(string json, Func<JsonElement, T> fromRow)
    {
        using var document = JsonDocument.Parse(json);
        return [.. document.RootElement.EnumerateArray().Select(fromRow)];
    }

    private static double Round(double value) => Math.Round(value, 3);
}
