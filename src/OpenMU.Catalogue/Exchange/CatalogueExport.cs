namespace OpenMU.Catalogue.Exchange;

/// <summary>Every form in which tracks leave the catalogue, whatever their number.</summary>
public static class CatalogueExport
{
    /// <summary>All of them: the same on the command line and in the API.</summary>
    public static IReadOnlyList<ExportFormat> Formats { get; } =
    [
        new("csv", "csv", "text/csv", "a table after RFC 4180, with commas", false, CsvExport.Comma),
        new("csv-semicolon", "csv", "text/csv", "a table with semicolons and decimal commas, as spreadsheets of most of "
            + "Europe read it", false, CsvExport.Semicolon),
        new("tsv", "tsv", "text/tab-separated-values", "a table with tabs", false, CsvExport.Tab),
        new("jsonl", "jsonl", "application/jsonl", "JSON lines: everything, with who says it", true,
            JsonLinesExport.WriteAsync),
        new("parquet", "parquet", "application/vnd.apache.parquet", "the table as Apache Parquet", false,
            ParquetExport.WriteAsync),
        new("jams", "jams.zip", "application/zip", "a JAMS document a track, in a zip file", true, JamsExport.WriteAsync),
        new("acousticbrainz", "acousticbrainz.zip", "application/zip", "a document a track as AcousticBrainz has them, "
            + "in a zip file", true, AcousticBrainzExport.WriteAsync),
        new("audio-features", "json", "application/json", "audio features as streaming services name them", false,
            AudioFeaturesExport.WriteAsync),
        new("mead", "xml", "application/xml", "fields of DDEX MEAD", false, MeadExport.WriteAsync),
        new("m3u8", "m3u8", "application/vnd.apple.mpegurl", "a playlist", false, PlaylistExport.WriteAsync,
            PlaylistExport.Takes),
        new("rekordbox", "xml", "application/xml", "a collection for rekordbox: beat grids, keys, cues, a playlist", true,
            RekordboxExport.WriteAsync, track => track.IsPlayable),
        new("traktor", "nml", "application/xml", "a collection for Traktor, which Mixxx reads too: beat grids, keys, cues",
            true, TraktorExport.WriteAsync, track => track.IsPlayable),
        new("lrc", "lrc.zip", "application/zip", "lyrics as LRC files, in a zip file", false, LrcExport.WriteAsync,
            track => track.Lyrics is { Lines.Count: > 0 }),
    ];

    /// <summary>One by its name; null where there is none.</summary>
    public static ExportFormat? Find(string name) => Formats.FirstOrDefault(format => format.Name == name);
}
