using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using OpenMU.Catalogue.Fields;
using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Storage;

namespace OpenMU.Catalogue.Questions;

/// <summary>Questions to be asked at once: each text about each track.</summary>
/// <param name="Questions">In words, each 1 to 500 characters.</param>
/// <param name="Tracks">The tracks. Texts times tracks are at most 10,000.</param>
/// <param name="Priority">Which of one's own questions go first; Normal where nothing is said.</param>
/// <param name="ExpiresIn">Seconds, up to 30 days: what nobody has begun by then ends as Expired. A week where nothing
/// is said.</param>
public sealed record BatchRequest(
    IReadOnlyList<string> Questions, IReadOnlyList<AskedTrack> Tracks, JobPriority? Priority = null,
    int? ExpiresIn = null)
{
    /// <summary>Where nothing is said: a week.</summary>
    public const int UsualExpiry = 7 * 24 * 60 * 60;

    /// <summary>The latest: 30 days.</summary>
    public const int LatestExpiry = 30 * 24 * 60 * 60;

    private const int MaxMistakes = 20;

    /// <summary>How requests are written, here and on a partner's queue: nothing that is not known is passed over.
    /// </summary>
    public static JsonSerializerOptions Json { get; } = new(JsonSerializerDefaults.Web)
    {
        Converters = { new JsonStringEnumConverter() },
        NumberHandling = JsonNumberHandling.Strict,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        AllowDuplicateProperties = false,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    };

    /// <summary>SHA-256 of all it says, in hex.</summary>
    [JsonIgnore]
    public string Hash => Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(this, Json)));

    /// <summary>How many questions it makes.</summary>
    [JsonIgnore]
    public long Total => (long)Questions.Count * Tracks.Count;

    /// <summary>What is wrong with it, by field, in sentences for people; empty where nothing is.</summary>
    public Dictionary<string, string[]> Mistakes()
    {
        var mistakes = new Dictionary<string, string[]>();
        Note("questions", QuestionMistakes());
        Note("tracks", TrackMistakes());
        if (ExpiresIn is < 1 or > LatestExpiry) Note("expiresIn", [$"Say 1 to {LatestExpiry} seconds."]);
        if (Priority is { } priority && !Enum.IsDefined(priority))
            Note("priority", [$"It is one of {string.Join(", ", Enum.GetNames<JobPriority>())}."]);
        return mistakes;

        void Note(string field, IEnumerable<string> found)
        {
            if (found.Take(MaxMistakes).ToArray() is { Length: > 0 } some) mistakes[field] = some;
        }
    }

    private IEnumerable<string> QuestionMistakes()
    {
        if (Questions.Count == 0) yield return "Ask something.";
        for (var i = 0; i < Questions.Count; i++)
        {
            if (Question.Refusal(Questions[i]?.Trim() ?? "") is { } refusal) yield return $"[{i}]: {refusal}";
        }
        if (Questions.Distinct(StringComparer.Ordinal).Count() < Questions.Count)
            yield return "Ask each question once.";
        if (Total > QuestionBatch.MaxItems)
        {
            yield return $"{Questions.Count} questions about {Tracks.Count} tracks are {Total:N0}; "
                + $"a batch has at most {QuestionBatch.MaxItems:N0}.";
        }
    }

    private IEnumerable<string> TrackMistakes()
    {
        if (Tracks.Count == 0) yield return "Name a track.";
        for (var i = 0; i < Tracks.Count; i++)
        {
            if (Tracks[i] is null) yield return $"[{i}]: Name a track.";
            else if (Tracks[i].Mistake is { } mistake) yield return $"[{i}]: {mistake}";
        }
        if (Tracks.Distinct().Count() < Tracks.Count) yield return "Name each track once.";
    }
}

/// <summary>A track as an asker names it, in one of these ways.</summary>
/// <param name="Id">Of the track.</param>
/// <param name="FileName">The path that it is uploaded under, where the file may be there later than the question; or the
/// name that lists show, where one track alone has it.</param>
/// <param name="OwnId">What the owner calls it, as imported, or as the file's tags have it.</param>
/// <param name="Isrc">As imported, or as the file's tags have it.</param>
public sealed record AskedTrack(
    long? Id = null, string? FileName = null, string? OwnId = null, string? Isrc = null)
{
    /// <summary>What is wrong with the name, in one sentence for people; null where nothing is.</summary>
    [JsonIgnore]
    public string? Mistake
    {
        get
        {
            string?[] said = [Id?.ToString(System.Globalization.CultureInfo.InvariantCulture), FileName, OwnId, Isrc];
            if (said.Count(name => name is not null) != 1) return "Say one of id, fileName, ownId and isrc.";
            if (said.Any(name => name is not null && string.IsNullOrWhiteSpace(name))) return "The name is empty.";
            if (OwnId?.Length > OwnerRecord.MaxOwnIdLength) return "No owner's id is so long.";
            if (Isrc is not null && PlainIsrc is null) return $"It is no ISRC: {CatalogueField.IsrcForm}.";
            if (FileName?.Split('/').Any(part => part is "" or "." or "..") == true)
                return "No file is uploaded under such a path: no part of it is empty, a dot or two dots.";
            return FileName?.Length > TrackBlob.MaxPathLength
                ? $"The file name has more than {TrackBlob.MaxPathLength} characters."
                : null;
        }
    }

    /// <summary>Its ISRC as it is stored.</summary>
    internal string? PlainIsrc => Isrc is null ? null : CatalogueField.Isrc(Isrc);

    /// <summary>As people are told of it.</summary>
    public override string ToString() => Id is { } id ? $"{id}"
        : FileName is not null ? $"\"{FileName}\""
        : OwnId is not null ? $"with the owner's id {OwnId}"
        : $"with the ISRC {Isrc}";
}
