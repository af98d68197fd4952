using OpenMU.Mir.Networks;

namespace OpenMU.Mir.Dsp;

/// <summary>The intervals between beats, in whole frames, that a beat path may use.</summary>
internal sealed class TempoGrid
{
    private const double Unexpected = 0.002;                        // no tempo is impossible

    private readonly double frameRate;

    public TempoGrid(double frameRate)
    {
        this.frameRate = frameRate;
        Shortest = (int)Math.Floor(60 / TempoEstimator.FastestBpm * frameRate);
        Count = (int)Math.Ceiling(60 / TempoEstimator.SlowestBpm * frameRate) - Shortest + 1;
    }

    public int Shortest { get; }

    public int Count { get; }

    public double Bpm(int index) => 60 * frameRate / (Shortest + index);

    /// <summary>Log probability of each interval, from the network's view of the tempo.</summary>
    public double[] Expected(float[] tempo)
    {
        var log = new double[Count];
        for (var i = 0; i < Count; i++)
        {
            var bin = Math.Clamp(BeatNetwork.BinOf(Bpm(i)), 0, tempo.Length - 1.001);
            var at = (int)bin;
            log[i] = Math.Log(tempo[at] + (bin - at) * (tempo[at + 1] - tempo[at]) + Unexpected);
        }
        return log;
    }

    /// <summary>Log weight of each interval around one tempo.</summary>
    public double[] Around(double bpm) =>
        [.. Enumerable.Range(0, Count).Select(i => Closeness(Math.Log2(Bpm(i) / bpm)))];

    /// <summary>
    /// Log weight of a tempo so many octaves from the expected one: a normal curve of a tenth of an
    /// octave with long tails.
    /// </summary>
    public static double Closeness(double octaves)
    {
        var deviations = octaves / 0.12;
        return Math.Max(-0.5 * deviations * deviations, -12);
    }
}
