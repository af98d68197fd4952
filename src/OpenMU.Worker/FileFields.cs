using System.Globalization;
using OpenMU.Catalogue.Fields;
using OpenMU.Mir.Audio;

namespace OpenMU.Worker;

/// <summary>A file's own tags as fields of the catalogue.</summary>
internal static class FileFields
{
    private static readonly Dictionary<TagKind, string> MusicBrainz = new()
    {
        [TagKind.MusicBrainzRecordingId] = "musicBrainzRecording",
        [TagKind.MusicBrainzReleaseId] = "musicBrainzRelease",
        [TagKind.MusicBrainzArtistId] = "musicBrainzArtists",
        [TagKind.MusicBrainzWorkId] = "musicBrainzWork",
    };

    // Fields that tags often have and whose readers give no property, by the names that containers use.
    private static readonly Dictionary<string, string> Others = new(StringComparer.OrdinalIgnoreCase)
    {
        ["TEXT"] = "lyricists",
        ["LYRICIST"] = "lyricists",
        ["TMOO"] = FieldNames.Moods,
        ["MOOD"] = FieldNames.Moods,
        ["BARCODE"] = "upc",
        ["UPC"] = "upc",
        ["ISWC"] = "iswc",
        ["TIT3"] = "version",
        ["SUBTITLE"] = "version",
        ["VERSION"] = "version",
        ["LABEL"] = "label",
        ["CATALOGID"] = FieldNames.OwnId,
    };

    /// <summary>All that the tags say, as far as it is what its field can hold.</summary>
    public static FieldSet Of(FileTags tags)
    {
        var fields = FieldSet.Empty;
        Add(FieldNames.Title, tags.Title);
        Add(FieldNames.Artists, tags.Artists);
        Add(FieldNames.Album, tags.Album);
        Add("albumArtists", tags.AlbumArtists);
        Add("composers", tags.Composers);
        Add(FieldNames.Genres, tags.Genres);
        Add(FieldNames.Isrc, tags.Isrcs);
        Add("date", tags.Date);
        Add("originalDate", tags.OriginalDate);
        Add("year", (tags.OriginalDate ?? tags.Date) is { Length: >= 4 } date ? date[..4] : null);
        Add(FieldNames.Bpm, tags.Bpm?.ToString(CultureInfo.InvariantCulture));
        Add(FieldNames.Key, tags.Key);
        Add("comment", tags.Comment);
        Add("trackNumber", tags.TrackNumber?.ToString(CultureInfo.InvariantCulture));
        Add("discNumber", tags.DiscNumber?.ToString(CultureInfo.InvariantCulture));
        Add("language", tags.Language);
        Add("copyright", tags.Copyright);
        Add("publishers", tags.Publisher);
        foreach (var (kind, ids) in tags.MusicBrainzIds)
        {
            if (MusicBrainz.TryGetValue(kind, out var name)) Add(name, ids);
        }

        foreach (var other in tags.Others.GroupBy(field => field.Name, StringComparer.OrdinalIgnoreCase))
        {
            if (Others.TryGetValue(other.Key, out var name) && fields[name] is null)
                Add(name, other.Select(field => field.Value));
        }

        return fields;

        void Add(string name, params IEnumerable<string?>? values)
        {
            var field = CatalogueField.Find(name)!;
            try
            {
                var read = field.Read((values ?? []).OfType<string>());
                if (read.Count > 0) fields = fields.With(name, read);
            }
            catch (FormatException)
            {
                // A claim of whoever made the file that cannot be meant: the file keeps it, the catalogue has no use
                // for it.
            }
        }
    }
}
