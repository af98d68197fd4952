using System.Globalization;
using System.Xml.Linq;
using OpenMU.Catalogue.Fields;

namespace OpenMU.Catalogue.Exchange;

/// <summary>
/// A collection in the form of Native Instruments' Traktor, which Mixxx reads too: names, tempo, key, markers of the
/// grid and hot cues of each track.
/// </summary>
internal static class TraktorExport
{
    private const string Grid = "4", Cue = "0", NoHotCue = "-1";

    public static async Task WriteAsync(
        IAsyncEnumerable<ExportedTrack> tracks, Stream output, ExportOptions options, CancellationToken cancel)
    {
        await using var collection = new Spool();
        await foreach (var track in tracks.WithCancellation(cancel))
            await collection.AddAsync(Of(track, options.MusicFolder).ToString());
        await using var writer = ExchangeText.Writer(output);
        await writer.WriteAsync("<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"no\"?>\n<NML VERSION=\"19\">\n"
            + "<HEAD COMPANY=\"www.native-instruments.com\" PROGRAM=\"Traktor\" />\n"
            + $"<COLLECTION ENTRIES=\"{collection.Count}\">\n");
        await writer.FlushAsync(cancel);
        await collection.CopyToAsync(output, cancel);
        await writer.WriteAsync("</COLLECTION>\n</NML>\n");
    }

    private static XElement Of(ExportedTrack track, string? folder)
    {
        var element = Element("ENTRY", ("TITLE", track.Name), ("ARTIST", track.Artist));
        element.Add(Location(track.FileName, folder));
        if (track.Album is { } album)
            element.Add(Element("ALBUM", ("TITLE", album), ("TRACK", track.One("trackNumber"))));
        element.Add(Element(
            "INFO", ("GENRE", track.Joined(FieldNames.Genres)), ("LABEL", track.One("label")),
            ("COMMENT", track.One("comment") ?? track.One(FieldNames.Caption)),
            ("KEY", track.Key is { } named ? RekordboxExport.ShortKey(named) : null),
            ("PLAYTIME", Number(Math.Round(track.Duration), "0")),
            ("PLAYTIME_FLOAT", Number(track.Duration, "0.000000"))));
        if (track.Bpm is { } bpm)
            element.Add(Element("TEMPO", ("BPM", Number(bpm, "0.000000")), ("BPM_QUALITY", "100.000000")));
        if (track.Key is { } key) element.Add(Element("MUSICAL_KEY", ("VALUE", $"{key.Index}")));
        foreach (var marker in TrackGrid.OnDownbeats(track))
        {
            var beat = Mark("AutoGrid", Grid, marker.Seconds, NoHotCue);
            beat.Add(Element("GRID", ("BPM", Number(marker.Bpm, "0.000000"))));
            element.Add(beat);
        }

        foreach (var (number, cue) in TrackCue.Of(track.Analysis).Index())
            element.Add(Mark(cue.Name, Cue, cue.Seconds, $"{number}"));
        return element;
    }

    // A folder ends with "/:" there, which stands before every name.
    private static XElement Location(string fileName, string? folder)
    {
        var parts = (folder is null ? fileName : Path.Combine(folder, fileName)).Replace('\\', '/')
            .Split('/', StringSplitOptions.RemoveEmptyEntries);
        return Element(
            "LOCATION", ("DIR", "/:" + string.Concat(parts.SkipLast(1).Select(part => $"{part}/:"))),
            ("FILE", parts.LastOrDefault() ?? ""), ("VOLUME", ""), ("VOLUMEID", ""));
    }

    private static XElement Mark(string name, string type, double seconds, string hotCue) => Element(
        "CUE_V2", ("NAME", name), ("DISPL_ORDER", "0"), ("TYPE", type), ("START", Number(seconds * 1000, "0.000000")),
        ("LEN", "0.000000"), ("REPEATS", "-1"), ("HOTCUE", hotCue));

    private static XElement Element(string name, params IEnumerable<(string Name, string? Value)> attributes) =>
        new(name, attributes.Where(attribute => attribute.Value is not null)
            .Select(attribute => new XAttribute(attribute.Name, ExchangeText.ForXml(attribute.Value))));

    private static string Number(double value, string form) => value.ToString(form, CultureInfo.InvariantCulture);
}
