using System.Globalization;
using OpenMU.Music;

namespace OpenMU.Catalogue.Publishing;

/// <summary>What one analysis says, without its lists over time.</summary>
internal sealed class AnalysisSide
{
    /// <summary>Nothing is known.</summary>
    public static readonly AnalysisSide Nothing = new();

    public long JobId { get; init; }

    public double? Seconds { get; init; }

    public double? Bpm { get; init; }

    public MusicalKey? Key { get; init; }

    public int? Metre { get; init; }

    public double? Lufs { get; init; }

    public double? TruePeak { get; init; }

    public List<string> Flags { get; init; } = [];

    public string? Caption { get; init; }

    public string? Description { get; init; }

    public string TagText { get; init; } = "";

    public int? DroppedSentences { get; init; }

    public string? ModelProblem { get; init; }

    public string? ProvenanceId { get; init; }

    public double Download { get; init; }

    public double Decode { get; init; }

    public double Measure { get; init; }

    public double Encode { get; init; }

    public double Generate { get; init; }

    /// <summary>The tags, each once.</summary>
    public string[] Tags => TagText.Split(", ", StringSplitOptions.RemoveEmptyEntries);

    /// <summary>
    /// The fields as texts, null where nothing is known. Of numbers, so many digits as a person would look at.
    /// </summary>
    public IEnumerable<(string Field, string? Text)> Fields()
    {
        yield return ("duration", Text(Seconds, "0.##"));
        yield return (Catalogue.Fields.FieldNames.Bpm, Text(Bpm, "0.#"));
        yield return (Catalogue.Fields.FieldNames.Key, Key?.Name);
        yield return (Catalogue.Fields.FieldNames.Metre, Metre?.ToString(CultureInfo.InvariantCulture));
        yield return ("lufs", Text(Lufs, "0.#"));
        yield return ("truePeak", Text(TruePeak, "0.#"));
        yield return ("quality", Flags.Count == 0 ? null : string.Join(", ", Flags.Order(StringComparer.Ordinal)));
        yield return (Catalogue.Fields.FieldNames.Caption, Caption);
        yield return ("description", Description);
        var tags = Tags;
        yield return (
            Catalogue.Fields.FieldNames.Tags,
            tags.Length == 0 ? null : string.Join(", ", tags.Order(StringComparer.Ordinal)));
    }

    private static string? Text(double? value, string format) =>
        value?.ToString(format, CultureInfo.InvariantCulture);
}
