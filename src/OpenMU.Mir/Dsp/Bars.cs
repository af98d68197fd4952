using OpenMU.Mir.Networks;

namespace OpenMU.Mir.Dsp;

/// <summary>
/// Groups beats into bars: a hidden Markov model over metre and place in the bar, decoded by Viterbi.
/// </summary>
internal static class Bars
{
    private static readonly int[] Lengths = [2, 3, 4, 5];
    private static readonly double[] Usual = [0.06, 0.12, 0.8, 0.02];       // for a metronome without accents, say
    private static readonly string[] Names = ["6/8", "3/4", "4/4", "5/4"];
    private const double PriorOnce = 1, PriorPerBeat = 0.1, BreakCost = 9, Least = 0.02;
    private const int Reach = 2;                                    // frames a downbeat may lie from its beat

    /// <summary>The place of each beat in its bar, the metre, and how sure that is.</summary>
    public static (int[] Numbers, string Metre, double Certainty) Number(BeatActivation activation, double[] path)
    {
        var beats = path.Length;
        var down = new double[beats];
        for (var k = 0; k < beats; k++)
        {
            double d = Highest(activation.Downbeat, (int)Math.Round(path[k])),
                b = Highest(activation.Beat, (int)Math.Round(path[k]));
            down[k] = Math.Clamp(d / (b + 1e-3), Least, 1 - Least);
        }
        var paths = Lengths.Select((length, m) => Decode(
            down, length,
            (PriorOnce + PriorPerBeat * beats) * Math.Log(activation.Metre[m] + 0.01) + Math.Log(Usual[m]))).ToArray();
        var best = Array.IndexOf(paths, paths.MaxBy(p => p.Score));
        var certainty =
            1 / paths.Sum(p => Math.Exp(Math.Clamp((p.Score - paths[best].Score) / Math.Sqrt(beats), -50, 0)));
        // Many beats that agree among themselves make the path surer than the network, which has heard the music, is:
        // in metres that it knows nothing of they may all be wrong.
        return (paths[best].Numbers, Names[best], (certainty + activation.Metre[best]) / 2);
    }

    // Places in bars of one length; a bar may break off early (a beat was missed or added) at a price.
    private static (int[] Numbers, double Score) Decode(double[] down, int length, double prior)
    {
        var scores = new double[down.Length * length];
        for (var k = 0; k < down.Length; k++)
        {
            var begin = k == 0 ? prior - Math.Log(length) : 0;
            for (var p = 0; p < length; p++) scores[k * length + p] = begin + Likelihood(down[k], p);
        }

        var (path, score) = StickyViterbi.Decode<double>(scores, length, _ => BreakCost, advance: 1);
        return ([.. path.Select(place => place + 1)], score);
    }

    private static double Likelihood(double down, int place) => Math.Log(place == 0 ? down : 1 - down);

    private static double Highest(float[] x, int frame)
    {
        var highest = 0f;
        for (var t = Math.Max(0, frame - Reach); t <= Math.Min(x.Length - 1, frame + Reach); t++)
            highest = Math.Max(highest, x[t]);
        return highest;
    }
}
