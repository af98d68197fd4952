using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace OpenMU.Catalogue.Tracks;

/// <summary>
/// Which tools and models said the fields of an analysis: the same for all that one version of the worker has analysed,
/// so it is stored once and referred to. What differs from track to track stays with the analysis
/// (<see cref="Analysis.Heard"/>).
/// </summary>
public sealed class Provenance
{
    /// <summary>Digits of an <see cref="Id"/>.</summary>
    public const int IdLength = 32;

    /// <summary>Names the content: hexadecimal digits of its SHA-256.</summary>
    public required string Id { get; init; }

    /// <summary>JSON: an array of field, source, version and licence class for each field.</summary>
    public required string Fields { get; init; }

    /// <summary>Of the sources of one analysis.</summary>
    public static Provenance Of(IReadOnlyList<FieldSource> sources)
    {
        var fields = JsonSerializer.Serialize(
            sources.Select(source => new[] { source.Field, source.Source, source.Version, source.LicenceClass }),
            JsonSerializerOptions.Default);
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(fields));
        return new Provenance { Id = Convert.ToHexStringLower(hash)[..IdLength], Fields = fields };
    }

    /// <summary>What one analysis has heard of its track for each field: seconds and confidence.</summary>
    public static string Heard(IReadOnlyList<FieldSource> sources) => JsonSerializer.Serialize(
        sources.Select(source => new[] { Round(source.SecondsHeard), Round(source.Confidence) }),
        JsonSerializerOptions.Default);

    /// <summary>The sources of an analysis that has heard so much.</summary>
    public List<FieldSource> Sources(string heard)
    {
        var fields = JsonSerializer.Deserialize<string[][]>(Fields)!;
        var figures = JsonSerializer.Deserialize<double?[][]>(heard)!;
        return [.. fields.Zip(figures, (field, figure) =>
            new FieldSource(field[0], field[1], field[2], field[3], figure[0]!.Value, figure[1]))];
    }

    /// <summary>Who says a field, with the version; null where nobody does.</summary>
    /// <param name="field">Name of the <see cref="Analysis"/> member.</param>
    public string? SourceOf(string field) => JsonSerializer.Deserialize<string[][]>(Fields)!
        .Where(source => source[0] == field).Select(source => $"{source[1]} {source[2]}").FirstOrDefault();

    private static double? Round(double? value) => value is { } number ? Math.Round(number, 3) : null;
}
