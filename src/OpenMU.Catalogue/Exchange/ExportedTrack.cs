using System.Globalization;
using OpenMU.Catalogue.Fields;
using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Taxonomy;
using OpenMU.Catalogue.Tracks;
using OpenMU.Music;

namespace OpenMU.Catalogue.Exchange;

/// <summary>All that is known about one track, as exports and tags of files tell it.</summary>
public sealed class ExportedTrack
{
    private readonly Dictionary<string, FieldView> byName;

    /// <param name="track">The track with its job; its analysis may be without lists over time.</param>
    /// <param name="fields">Its fields from all sources.</param>
    public ExportedTrack(Track track, IReadOnlyList<FieldView> fields)
    {
        (Track, Fields) = (track, fields);
        byName = fields.ToDictionary(view => view.Field.Name, StringComparer.Ordinal);
    }

    public Track Track { get; }

    /// <summary>Fields that somebody says something about.</summary>
    public IReadOnlyList<FieldView> Fields { get; }

    public required TrackState State { get; init; }

    /// <summary>Why Rejected or Failed.</summary>
    public string? Reason { get; init; }

    public Analysis? Analysis { get; init; }

    public Correction? Correction { get; init; }

    public OwnerRecord? Owner { get; init; }

    /// <summary>Its tags by the library's taxonomy, each with its group, confidence and source.</summary>
    public IReadOnlyList<TrackTag> Terms { get; init; } = [];

    /// <summary>The model's tags by the taxonomy in one text; null where there are none.</summary>
    public string? ModelTags { get; init; }

    /// <summary>Those that are shown.</summary>
    public StoredLyrics? Lyrics { get; init; }

    /// <summary>Which vector of its sound the catalogue has; null where no model has heard it.</summary>
    public EmbeddingReference? Embedding { get; init; }

    public long Id => Track.Id;

    public string FileName => Track.FileName;

    /// <summary><c>sha256:</c> and 64 hex digits; null where nobody has read the file's bytes.</summary>
    public string? Content =>
        Track.Job.ContentId.StartsWith(Job.UnreadPrefix, StringComparison.Ordinal) ? null : Track.Job.ContentId;

    /// <summary>There is a file that sounds: players find nothing of a track that is Rejected or Missing.</summary>
    public bool IsPlayable => State is not (TrackState.Rejected or TrackState.Missing);

    public string? Title => One(FieldNames.Title);

    public string? Artist => Joined(FieldNames.Artists);

    public string? Album => One(FieldNames.Album);

    /// <summary>The title, or the file's name where there is none.</summary>
    public string Name => Title ?? Path.GetFileNameWithoutExtension(FileName);

    public double? Bpm => Number(FieldNames.Bpm);

    public MusicalKey? Key => MusicalKey.TryParse(One(FieldNames.Key));

    /// <summary>Seconds; 0 where nobody knows.</summary>
    public double Duration => Number("duration") ?? 0;

    /// <summary>The first value that holds; null where there is none.</summary>
    public string? One(string field) => All(field) is [var first, ..] ? first : null;

    /// <summary>All values that hold.</summary>
    public IReadOnlyList<string> All(string field) => byName.GetValueOrDefault(field)?.Values ?? [];

    /// <summary>All values that hold in one text; null where there is none.</summary>
    public string? Joined(string field, string separator = ", ") =>
        All(field) is { Count: > 0 } values ? string.Join(separator, values) : null;

    /// <summary>Who says what holds of a field; null where nobody says anything.</summary>
    public FieldOrigin? OriginOf(string field) => byName.GetValueOrDefault(field)?.Origin;

    /// <summary>The value as a number; null where there is none.</summary>
    public double? Number(string field) =>
        double.TryParse(One(field), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null;
}

/// <summary>A vector of a track's sound, by what it is from: the numbers stay where they are compared.</summary>
/// <param name="ModelVersion">Of the model that heard the track; vectors of two versions cannot be compared.</param>
/// <param name="Dimensions">How many numbers it has.</param>
public sealed record EmbeddingReference(string ModelVersion, int Dimensions);
