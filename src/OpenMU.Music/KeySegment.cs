namespace OpenMU.Music;

/// <summary>A stretch of a track in one key.</summary>
/// <param name="Start">Seconds from the start of the file.</param>
/// <param name="End">Seconds from the start of the file.</param>
/// <param name="Key">Null where there is no key.</param>
/// <param name="Confidence">0 (a guess) to 1 (certain), of the key or of there being none.</param>
public readonly record struct KeySegment(double Start, double End, MusicalKey? Key, double Confidence);
