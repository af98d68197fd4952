using System.Text.Json;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using OpenMU.Music;

namespace OpenMU.Catalogue.Tracks;

/// <summary>
/// Stores lists over time as JSON arrays of arrays, <c>[[0.512,1],[1.024,2]]</c>: times to the millisecond, no repeated
/// names. An hour of beats takes about 90 kB so.
/// </summary>
internal static class Timeline
{
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

    private static void Store<T>(
        PropertyBuilder<IReadOnlyList<T>> property, Func<T, object?[]> toRow, Func<JsonElement, T> fromRow) =>
        property.HasConversion(
            list => JsonSerializer.Serialize(list.Select(toRow), JsonSerializerOptions.Default),
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
