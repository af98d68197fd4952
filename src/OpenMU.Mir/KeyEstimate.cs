namespace OpenMU.Mir;

/// <summary>The key of a recording.</summary>
/// <param name="Key">Such as <c>"C# minor"</c>; null where there is none (silence, noise, drums alone).</param>
/// <param name="Confidence">0 (a guess) to 1 (certain), of the key or of there being none.</param>
/// <param name="Camelot">Camelot name such as <c>"12A"</c>, null with no key.</param>
/// <param name="OpenKey">Open Key name such as <c>"5m"</c>, null with no key.</param>
/// <param name="TuningCents">How far the music lies from A = 440 Hz.</param>
/// <param name="Alternatives">Other keys, likeliest first.</param>
/// <param name="Segments">The key over time; more than one segment where it changes.</param>
public sealed record KeyEstimate(
    string? Key, double Confidence, string? Camelot, string? OpenKey, double TuningCents,
    IReadOnlyList<KeyAlternative> Alternatives, IReadOnlyList<KeySegment> Segments);

/// <summary>Another key that it might be.</summary>
/// <param name="Key">Such as <c>"E major"</c>.</param>
/// <param name="Probability">0 to 1.</param>
public readonly record struct KeyAlternative(string Key, double Probability);

/// <summary>A stretch in one key.</summary>
/// <param name="Start">Seconds from the start of the file.</param>
/// <param name="End">Seconds from the start of the file.</param>
/// <param name="Key">Such as <c>"E major"</c>; null where there is none.</param>
/// <param name="Confidence">0 (a guess) to 1 (certain).</param>
public readonly record struct KeySegment(double Start, double End, string? Key, double Confidence);
