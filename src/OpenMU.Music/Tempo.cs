namespace OpenMU.Music;

/// <summary>The tempo of a track as it was measured.</summary>
/// <param name="Bpm">Beats a minute; where the tempo changes, the median over the beats.</param>
/// <param name="Confidence">0 (a guess) to 1 (certain).</param>
/// <param name="Alternatives">Other metrical levels (half, double, third and the like), most likely first.</param>
public sealed record Tempo(double Bpm, double Confidence, IReadOnlyList<TempoReading> Alternatives)
{
    private static readonly double[] Levels = [2, 0.5, 3, 1 / 3.0];

    /// <summary>
    /// How sure it is that there is this pulse, on whichever level a listener taps it (half, double, a third, three
    /// times): 0 (a guess) to 1 (certain). What <see cref="Confidence"/> lacks of it is doubt about the level alone.
    /// </summary>
    public double PulseConfidence =>
        Math.Min(1, Confidence + Alternatives.Where(IsLevel).Sum(level => level.Confidence));

    private bool IsLevel(TempoReading reading) => Levels.Any(level => Math.Abs((reading.Bpm / Bpm / level) - 1) < 0.01);
}

/// <summary>One reading of a tempo and how likely it is to be the one that a listener taps.</summary>
/// <param name="Bpm">Beats a minute.</param>
/// <param name="Confidence">0 (a guess) to 1 (certain).</param>
public sealed record TempoReading(double Bpm, double Confidence);
