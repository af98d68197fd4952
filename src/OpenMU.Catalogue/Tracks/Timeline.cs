using System.Text.Json;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace OpenMU.Catalogue.Tracks;

/// <summary>One beat.</summary>
/// <param name="Seconds">From the start of the track.</param>
/// <param name="Number">Place in the bar, 1 for the downbeat; 0 where the bar is unknown.</param>
public readonly record struct Beat(double Seconds, int Number);

/// <summary>A chord with its time in seconds, its label in Harte's syntax (<c>A:min7</c>, <c>N</c> for none) and its confidence, 0 to 1.</summary>
public readonly record struct Chord(double Start, double End, string Label, double Confidence);

/// <summary>A stretch in one key: time in seconds, key as <c>C# minor</c>, confidence 0 to 1.</summary>
public readonly record struct KeySegment(double Start, double End, string Key, double Confidence);

/// <summary>
/// Stores lists over time as JSON arrays of arrays, <c>[[0.512,1],[1.024,2]]</c>: times to the millisecond, no repeated names.
/// An hour of beats takes about 90 kB so.
/// </summary>
internal static class Timeline
{
    public static void StoredCompactly(this PropertyBuilder<IReadOnlyList<Beat>> property) =>
        Store(property, beat => [Round(beat.Seconds), beat.Number], row => new Beat(row[0].GetDouble(), row[1].GetInt32()));

    public static void StoredCompactly(this PropertyBuilder<IReadOnlyList<Chord>> property) => Store(
        property,
        chord => [Round(chord.Start), Round(chord.End), chord.Label, Round(chord.Confidence)],
        row => new Chord(row[0].GetDouble(), row[1].GetDouble(), row[2].GetString()!, row[3].GetDouble()));

    public static void StoredCompactly(this PropertyBuilder<IReadOnlyList<KeySegment>> property) => Store(
        property,
        segment => [Round(segment.Start), Round(segment.End), segment.Key, Round(segment.Confidence)],
        row => new KeySegment(row[0].GetDouble(), row[1].GetDouble(), row[2].GetString()!, row[3].GetDouble()));

    private static void Store<T>(PropertyBuilder<IReadOnlyList<T>> property, Func<T, object[]> toRow, Func<JsonElement, T> fromRow) =>
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
