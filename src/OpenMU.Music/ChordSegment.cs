namespace OpenMU.Music;

/// <summary>One chord.</summary>
/// <param name="Start">Seconds from the start of the file.</param>
/// <param name="End">Seconds from the start of the file.</param>
/// <param name="Label">Harte syntax: <c>"A:min7"</c>; <c>"N"</c> for no chord.</param>
/// <param name="Confidence">0 (a guess) to 1 (certain).</param>
public readonly record struct ChordSegment(double Start, double End, string Label, double Confidence = 1);
