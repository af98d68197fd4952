using System.Globalization;
using System.Text.Json;

namespace OpenMU.Catalogue.Search;

/// <summary>
/// A place in a list of tracks: beside a track that has been seen. The page after it, or before it, is found in the
/// same time wherever it lies, and no track is shown twice or left out because others came or went meanwhile.
/// </summary>
/// <param name="Sort">The list's order.</param>
/// <param name="Descending">The list's direction.</param>
/// <param name="Value">What the track is sorted by: a text, a number, a time, or null.</param>
/// <param name="TrackId">Of the track.</param>
/// <param name="Place">How many tracks stood before it when it was seen, to be shown.</param>
public sealed record TrackCursor(TrackSort Sort, bool Descending, object? Value, long TrackId, long Place)
{
    private const int MaxLength = 8192;

    /// <summary>As addresses hold it; nobody need understand it.</summary>
    public override string ToString()
    {
        object? value = Value is DateTime time ? time.ToString("O", CultureInfo.InvariantCulture) : Value;
        var json = JsonSerializer.SerializeToUtf8Bytes<object?[]>(
            [(int)Sort, Descending, value, TrackId, Place], JsonSerializerOptions.Default);
        return System.Buffers.Text.Base64Url.EncodeToString(json);
    }

    /// <summary>Null if a text is no cursor.</summary>
    public static TrackCursor? TryParse(string? text)
    {
        if (text is null or { Length: > MaxLength }) return null;
        try
        {
            using var json = JsonDocument.Parse(System.Buffers.Text.Base64Url.DecodeFromChars(text));
            if (json.RootElement.EnumerateArray().ToArray() is not [var by, var down, var value, var id, var place])
                return null;
            var sort = (TrackSort)by.GetInt32();
            return Enum.IsDefined(sort)
                ? new TrackCursor(sort, down.GetBoolean(), Read(sort, value), id.GetInt64(), place.GetInt64())
                : null;
        }
        catch (Exception e) when (e is FormatException or JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private static object? Read(TrackSort sort, JsonElement value) => value.ValueKind == JsonValueKind.Null ? null
        : sort switch
        {
            TrackSort.Bpm or TrackSort.Lufs or TrackSort.Seconds => value.GetDouble(),
            TrackSort.Key => value.GetInt32(),
            TrackSort.UploadedAt => value.GetDateTime(),
            _ => value.GetString(),
        };
}
