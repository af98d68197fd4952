using System.Globalization;
using System.Xml.Linq;
using OpenMU.Catalogue.Fields;

namespace OpenMU.Catalogue.Exchange;

/// <summary>
/// A collection as rekordbox reads it: names, beat grid, key and hot cues of each track, and a playlist of all in their
/// order. Its programs find files by absolute paths; without a folder, paths are those within the library.
/// </summary>
internal static class RekordboxExport
{
    public static async Task WriteAsync(
        IAsyncEnumerable<ExportedTrack> tracks, Stream output, ExportOptions options, CancellationToken cancel)
    {
        await using var collection = new Spool();
        await using var playlist = new Spool();
        await foreach (var track in tracks.WithCancellation(cancel))
        {
            await collection.AddAsync(Of(track, options.MusicFolder).ToString());
            await playlist.AddAsync(new XElement("TRACK", new XAttribute("Key", track.Id)).ToString());
        }

        await using var writer = ExchangeText.Writer(output);
        writer.NewLine = "\n";
        await writer.WriteAsync("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<DJ_PLAYLISTS Version=\"1.0.0\">\n"
            + $"<PRODUCT Name=\"OpenMU\" Version=\"1.0\" Company=\"\" />\n<COLLECTION Entries=\"{collection.Count}\">\n");
        await writer.FlushAsync(cancel);
        await collection.CopyToAsync(output, cancel);
        await writer.WriteAsync("</COLLECTION>\n<PLAYLISTS>\n<NODE Type=\"0\" Name=\"ROOT\" Count=\"1\">\n"
            + $"<NODE Name=\"OpenMU\" Type=\"1\" KeyType=\"0\" Entries=\"{playlist.Count}\">\n");
        await writer.FlushAsync(cancel);
        await playlist.CopyToAsync(output, cancel);
        await writer.WriteAsync("</NODE>\n</NODE>\n</PLAYLISTS>\n</DJ_PLAYLISTS>\n");
    }

    private static XElement Of(ExportedTrack track, string? folder)
    {
        var metre = track.One(FieldNames.Metre);
        (string Name, string? Value)[] attributes =
        [
            ("TrackID", $"{track.Id}"), ("Name", track.Name), ("Artist", track.Artist),
            ("Composer", track.Joined("composers")), ("Album", track.Album), ("Genre", track.Joined(FieldNames.Genres)),
            ("Kind", $"{Path.GetExtension(track.FileName).TrimStart('.').ToUpperInvariant()} File"),
            ("Size", $"{track.Track.SizeBytes}"), ("TotalTime", Number(Math.Round(track.Duration), "0")),
            ("DiscNumber", track.One("discNumber")), ("TrackNumber", track.One("trackNumber")),
            ("Year", track.One("year") ?? (track.One("date") is { Length: >= 4 } date ? date[..4] : null)),
            ("AverageBpm", track.Bpm is { } bpm ? Number(bpm, "0.00") : null),
            ("DateAdded", track.Track.UploadedAt.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)),
            ("SampleRate", track.Analysis is { SampleRate: > 0 and var rate } ? $"{rate}" : null),
            ("Comments", track.One("comment") ?? track.One(FieldNames.Caption)),
            ("Location", Location(track.FileName, folder)),
            ("Tonality", track.Key is { } key ? ShortKey(key) : null), ("Label", track.One("label")),
        ];
        var element = new XElement("TRACK", attributes.Where(attribute => attribute.Value is not null)
            .Select(attribute => new XAttribute(attribute.Name, ExchangeText.ForXml(attribute.Value))));
        foreach (var marker in TrackGrid.Of(track))
        {
            element.Add(new XElement(
                "TEMPO", new XAttribute("Inizio", Number(marker.Seconds, "0.000")),
                new XAttribute("Bpm", Number(marker.Bpm, "0.00")),
                new XAttribute("Metro", metre == "6" ? "6/8" : $"{metre ?? "4"}/4"),
                new XAttribute("Battito", Math.Max(1, marker.Number))));
        }

        foreach (var (number, cue) in TrackCue.Of(track.Analysis).Index())
        {
            element.Add(new XElement(
                "POSITION_MARK", new XAttribute("Name", cue.Name), new XAttribute("Type", 0),
                new XAttribute("Start", Number(cue.Seconds, "0.000")), new XAttribute("Num", number)));
        }

        return element;
    }

    /// <summary><c>Am</c> or <c>F#</c>, as programs for DJs write keys.</summary>
    internal static string ShortKey(Music.MusicalKey key) =>
        key.Name.Split(' ')[0] + (key.IsMinor ? "m" : "");

    private static string Location(string fileName, string? folder)
    {
        var path = (folder is null ? fileName : Path.Combine(folder, fileName)).Replace('\\', '/').TrimStart('/');
        return "file://localhost/" + string.Join('/', path.Split('/').Select(part =>
            Uri.EscapeDataString(ExchangeText.ForXml(part))));
    }

    private static string Number(double value, string form) => value.ToString(form, CultureInfo.InvariantCulture);
}
