namespace OpenMU.Music;

/// <summary>A tag that holds for a track, and how sure that is.</summary>
/// <param name="Group">What the tag is about, such as <c>genre</c> or <c>instrument</c>.</param>
/// <param name="Tag">The word itself, such as <c>jazz</c>.</param>
/// <param name="Confidence">Calibrated probability, 0 to 1.</param>
public sealed record TagScore(string Group, string Tag, double Confidence);
