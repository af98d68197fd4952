using System.Globalization;
using System.Xml;
using System.Xml.Linq;
using OpenMU.Catalogue.Fields;

namespace OpenMU.Catalogue.Exchange;

/// <summary>
/// The fields of DDEX's Media Enrichment and Description, an element a recording, under the names of its dictionary. A
/// partner's own profile decides on the message around them; nothing here claims to be a whole message of the standard.
/// </summary>
internal static class MeadExport
{
    private static readonly (string Element, string Field)[] Lists =
    [
        ("Genre", FieldNames.Genres), ("Mood", FieldNames.Moods), ("InstrumentUsed", FieldNames.Instruments),
        ("Theme", FieldNames.Themes), ("VocalRegister", FieldNames.Voices), ("Keyword", FieldNames.Tags),
    ];

    public static async Task WriteAsync(
        IAsyncEnumerable<ExportedTrack> tracks, Stream output, ExportOptions options, CancellationToken cancel)
    {
        await using var writer = ExchangeText.Writer(output);
        await writer.WriteAsync("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ResourceInformationList>\n");
        await foreach (var track in tracks.WithCancellation(cancel)) await writer.WriteAsync($"{Of(track)}\n");
        await writer.WriteAsync("</ResourceInformationList>\n");
    }

    private static XElement Of(ExportedTrack track)
    {
        var element = new XElement("ResourceInformation");
        var ids = new XElement("ResourceId");
        foreach (var isrc in track.All(FieldNames.Isrc)) ids.Add(new XElement("ISRC", isrc));
        ids.Add(new XElement(
            "ProprietaryId", new XAttribute("Namespace", "OpenMU"), track.Id.ToString(CultureInfo.InvariantCulture)));
        if (track.One(FieldNames.OwnId) is { } own)
            ids.Add(new XElement("ProprietaryId", new XAttribute("Namespace", "Owner"), ExchangeText.ForXml(own)));
        element.Add(ids);
        Add("Title", track.Title);
        foreach (var artist in track.All(FieldNames.Artists)) Add("DisplayArtistName", artist);
        if (track.Duration > 0) Add("Duration", XmlConvert.ToString(TimeSpan.FromSeconds(Math.Round(track.Duration))));
        foreach (var (name, field) in Lists)
        {
            foreach (var value in track.All(field)) Add(name, value, track.OriginOf(field), Confidence(track, value));
        }

        if (track.Bpm is { } bpm)
        {
            Add("BeatsPerMinute", bpm.ToString("0.###", CultureInfo.InvariantCulture),
                track.OriginOf(FieldNames.Bpm), track.Analysis?.BpmConfidence);
        }

        if (track.Key is { } key)
            Add("Harmony", key.Name, track.OriginOf(FieldNames.Key), track.Analysis?.KeyConfidence);
        if (track.One(FieldNames.Metre) is { } metre)
            Add("TimeSignature", metre == "6" ? "6/8" : $"{metre}/4", track.OriginOf(FieldNames.Metre));
        Add("Era", track.One("era"));
        Add("LanguageOfPerformance", track.One("language") ?? track.Lyrics?.Language);
        foreach (var theme in track.Lyrics?.Themes?.Split(", ") ?? []) Add("LyricsTheme", theme);
        Add("Description", track.One("description") ?? track.One(FieldNames.Caption));
        return element;

        void Add(string name, string? value, FieldOrigin? origin = null, double? confidence = null)
        {
            if (string.IsNullOrEmpty(value)) return;
            var added = new XElement(name, ExchangeText.ForXml(value));
            if (origin is not null) added.Add(new XAttribute("Source", origin.ToString()!));
            if (confidence is { } sure && origin == FieldOrigin.Found)
                added.Add(new XAttribute("Confidence", sure.ToString("0.###", CultureInfo.InvariantCulture)));
            element.Add(added);
        }
    }

    private static double? Confidence(ExportedTrack track, string tag) =>
        track.Analysis?.Tags.Find(score => score.Tag == tag)?.Confidence;
}
