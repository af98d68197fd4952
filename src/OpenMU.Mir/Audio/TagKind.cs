using System.Text.Json.Serialization;

namespace OpenMU.Mir.Audio;

/// <summary>What a tag field means, whatever its container calls it.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<TagKind>))]
public enum TagKind
{
    /// <summary>A field without a meaning of its own here; it keeps its name.</summary>
    Other,
    Title,
    Artist,
    Album,
    AlbumArtist,
    Composer,
    Genre,

    /// <summary>Release date or year, in the file's own spelling.</summary>
    Date,
    OriginalDate,
    Isrc,

    /// <summary>Id of the recording; containers call it "MusicBrainz Track Id".</summary>
    MusicBrainzRecordingId,

    /// <summary>Id of the recording's place on one release.</summary>
    MusicBrainzReleaseTrackId,
    MusicBrainzReleaseId,
    MusicBrainzReleaseGroupId,
    MusicBrainzArtistId,
    MusicBrainzAlbumArtistId,
    MusicBrainzWorkId,
    AcoustId,
    Bpm,
    Key,
    Comment,
    TrackNumber,
    TrackTotal,
    DiscNumber,
    DiscTotal,

    /// <summary>Unsynchronised lyrics.</summary>
    Lyrics,
    Language,
    Copyright,
    Publisher,
}
