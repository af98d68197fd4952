using OpenMU.Music;

namespace OpenMU.Mir;

/// <summary>The key of a recording.</summary>
/// <param name="Key">Null where there is none (silence, noise, drums alone).</param>
/// <param name="Confidence">0 (a guess) to 1 (certain), of the key or of there being none.</param>
/// <param name="TuningCents">How far the music lies from A = 440 Hz.</param>
/// <param name="Alternatives">Other keys, likeliest first.</param>
/// <param name="Segments">The key over time; more than one segment where it changes.</param>
public sealed record KeyEstimate(
    MusicalKey? Key, double Confidence, double TuningCents, IReadOnlyList<KeyAlternative> Alternatives,
    IReadOnlyList<KeySegment> Segments);

/// <summary>Another key that it might be.</summary>
/// <param name="Key">The key.</param>
/// <param name="Probability">0 to 1.</param>
public readonly record struct KeyAlternative(MusicalKey Key, double Probability);
