using OpenMU.Catalogue.Fields;
using OpenMU.Catalogue.Taxonomy;
using OpenMU.Catalogue.Tracks;

namespace OpenMU.Catalogue.Exchange;

/// <summary>One column of a table of tracks, in CSV as in Parquet.</summary>
/// <param name="Name">In the header.</param>
/// <param name="Type">What its values are.</param>
/// <param name="Values">Of a track; none where there is nothing.</param>
internal sealed record ExportColumn(string Name, FieldType Type, Func<ExportedTrack, IReadOnlyList<string>> Values)
{
    private static readonly HashSet<string> Ids = new(StringComparer.Ordinal)
    {
        FieldNames.OwnId, FieldNames.Isrc, "iswc", "upc", "musicBrainzRecording", "musicBrainzRelease",
        "musicBrainzArtists", "musicBrainzWork",
    };

    /// <summary>
    /// The track's number and file, the identifiers, every other field of the catalogue, the owner's own fields, the
    /// terms of the taxonomy, what was measured, and the lyrics.
    /// </summary>
    public static IReadOnlyList<ExportColumn> All(IReadOnlyList<CatalogueField> declared) =>
    [
        Whole("id", track => track.Id),
        Text("file", track => track.FileName),
        .. CatalogueField.Known.Where(field => Ids.Contains(field.Name)).Select(Of),
        Text("state", track => track.State.ToString()),
        Text("reason", track => track.Reason),
        .. CatalogueField.Known.Where(field => !Ids.Contains(field.Name)).Select(Of),
        .. declared.Select(Of),
        .. TagTaxonomy.Groups.Select(group => new ExportColumn($"{group}Terms", FieldType.List, track =>
            [.. track.Terms.Where(tag => tag.Group == group).Select(tag => tag.Label).Distinct()])),
        new("termSources", FieldType.List, track => [.. track.Terms.Select(Source)]),
        Text("camelot", track => track.Key?.Camelot),
        Text("openKey", track => track.Key?.OpenKey),
        Number("bpmConfidence", track => track.Analysis?.BpmConfidence),
        Number("keyConfidence", track => track.Analysis?.KeyConfidence),
        Number("tuningCents", track => track.Analysis?.TuningCents),
        Number("lufs", track => track.Analysis?.IntegratedLufs),
        Number("loudnessRange", track => track.Analysis?.LoudnessRangeLu),
        Number("truePeak", track => track.Analysis?.TruePeakDbtp),
        new("quality", FieldType.List, track => track.Analysis?.QualityFlags ?? []),
        Text("codec", track => track.Analysis?.Codec),
        Whole("sampleRate", track => track.Analysis?.SampleRate),
        Whole("channels", track => track.Analysis?.Channels),
        Whole("dropped", track => track.Analysis?.DroppedSentences),
        Text("content", track => track.Content),
        Text("uploaded", track => Time(track.Track.UploadedAt)),
        Text("analysed", track => track.Analysis is { } analysis ? Time(analysis.AnalysedAt) : null),
        Text("correctedBy", track => track.Correction?.By),
        Text("lyricsSource", track => track.Lyrics?.Source.ToString()),
        Text("lyricsLanguage", track => track.Lyrics?.Language),
        Text("lyrics", track => track.Lyrics is { Lines.Count: > 0 } lyrics ? Words(lyrics) : null),
    ];

    // Such as "genre/jazz = model openmu-1 0.83", in the order of the terms.
    private static string Source(TrackTag tag)
    {
        string?[] parts =
        [
            tag.Source.ToString().ToLowerInvariant(), tag.By,
            tag.Confidence?.ToString("0.###", System.Globalization.CultureInfo.InvariantCulture),
        ];
        return $"{tag.Group}/{tag.Label} = {string.Join(' ', parts.Where(part => part is not null))}";
    }

    private static ExportColumn Of(CatalogueField field) => new(field.Name, field.Type, track => track.All(field.Name));

    private static ExportColumn Text(string name, Func<ExportedTrack, string?> value) =>
        new(name, FieldType.Text, track => value(track) is { } text ? [text] : []);

    private static ExportColumn Number(string name, Func<ExportedTrack, double?> value) =>
        new(name, FieldType.Number, track => value(track) is { } number
            ? [number.ToString("0.###", System.Globalization.CultureInfo.InvariantCulture)] : []);

    private static ExportColumn Whole(string name, Func<ExportedTrack, long?> value) =>
        new(name, FieldType.WholeNumber, track => value(track) is { } number
            ? [number.ToString(System.Globalization.CultureInfo.InvariantCulture)] : []);

    private static string Time(DateTime time) => time.ToString("O", System.Globalization.CultureInfo.InvariantCulture);

    private static string Words(StoredLyrics lyrics) => lyrics.ToSong().ToLrc().TrimEnd('\n');
}
