namespace OpenMU.Music;

/// <summary>The tempo of a track as it was measured.</summary>
/// <param name="Bpm">Beats a minute; where the tempo changes, the median over the beats.</param>
/// <param name="Confidence">0 (a guess) to 1 (certain).</param>
/// <param name="Alternatives">Other metrical levels (half, double, third and the like), most likely first.</param>
public sealed record Tempo(double Bpm, double Confidence, IReadOnlyList<TempoReading> Alternatives);

/// <summary>One reading of a tempo and how likely it is to be the one that a listener taps.</summary>
/// <param name="Bpm">Beats a minute.</param>
/// <param name="Confidence">0 (a guess) to 1 (certain).</param>
public sealed record TempoReading(double Bpm, double Confidence);
