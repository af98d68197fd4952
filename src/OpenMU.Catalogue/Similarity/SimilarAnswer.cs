namespace OpenMU.Catalogue.Similarity;

/// <summary>What came of a search for similar tracks.</summary>
public enum SimilarOutcome
{
    Done,

    /// <summary>The tenant has no such track.</summary>
    NoTrack,

    /// <summary>No model has heard the track, so nothing can be compared.</summary>
    NotHeard,

    /// <summary>Two tracks were heard by two models, whose embeddings mean nothing to each other.</summary>
    OtherModel,
}

/// <summary>What came of a search for similar tracks.</summary>
/// <param name="Outcome">What came of it.</param>
/// <param name="Found">In their order; null unless it is done.</param>
public sealed record SimilarAnswer(SimilarOutcome Outcome, IReadOnlyList<SimilarTrack>? Found = null)
{
    /// <summary>The tracks in their order; none unless it is done.</summary>
    public IReadOnlyList<SimilarTrack> Tracks => Found ?? [];

    /// <summary>The model by whose embeddings they were compared.</summary>
    public string? ModelVersion { get; init; }
}

/// <summary>A track that is like another, or a step of a path.</summary>
/// <param name="Id">The track's number.</param>
/// <param name="FileName">The file's path as its owner named it.</param>
/// <param name="Title">As shown in lists; so for the artist.</param>
/// <param name="Artist">See title.</param>
/// <param name="Bpm">Beats per minute, as put right or measured.</param>
/// <param name="Key"><c>A minor</c>, likewise.</param>
/// <param name="Camelot"><c>8A</c>.</param>
/// <param name="Seconds">Duration.</param>
/// <param name="Score">0 to 1, the weighted mean of the parts.</param>
/// <param name="Parts">How alike they are, side by side.</param>
/// <param name="Reasons">Why, in a few words each.</param>
public sealed record SimilarTrack(
    long Id, string FileName, string? Title, string? Artist, double? Bpm, string? Key, string? Camelot,
    double? Seconds, double Score, SimilarityParts Parts, IReadOnlyList<string> Reasons);

/// <summary>Two recordings that may be one.</summary>
/// <param name="First">The one.</param>
/// <param name="Second">The other.</param>
/// <param name="Sound">The cosine between their embeddings.</param>
public sealed record NearDuplicatePair(SimilarTrack First, SimilarTrack Second, double Sound);
