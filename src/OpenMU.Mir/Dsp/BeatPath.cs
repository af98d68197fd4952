namespace OpenMU.Mir.Dsp;

/// <summary>
/// The most likely row of beats, given per frame how likely a beat is there and how likely a tempo is: a semi-Markov
/// model with one state for each interval between beats, decoded by Viterbi. It is the beat model of Krebs, Böck and
/// Widmer (ISMIR 2015) with the frames inside an interval summed up beforehand, which costs a hundredth of stepping through them.
/// </summary>
internal static class BeatPath
{
    /// <summary>How strongly the interval holds to the one before: exp(-Stiffness * |ratio - 1|).</summary>
    private const double Stiffness = 60;

    /// <summary>Frames of the beats.</summary>
    /// <param name="beat">Log likelihood of each frame as a beat.</param>
    /// <param name="rest">Log likelihood of each frame as no beat.</param>
    /// <param name="shortest">Shortest interval, frames.</param>
    /// <param name="prior">Log probability of each interval from the shortest on.</param>
    public static List<int> Decode(ReadOnlySpan<float> beat, ReadOnlySpan<float> rest, int shortest, ReadOnlySpan<double> prior)
    {
        int frames = beat.Length, count = prior.Length, longest = shortest + count - 1;
        if (frames <= longest) return [];
        var restSum = new double[frames + 1];                       // restSum[t] = rest of frames before t
        for (var t = 0; t < frames; t++) restSum[t + 1] = restSum[t] + rest[t];

        var (firsts, weights) = Transitions(shortest, count);
        // Scores are needed for one longest interval back; only the origins are kept for every frame.
        var kept = longest + 1;
        var score = new double[kept * count];
        var from = new byte[frames * count];                        // 255: the first beat
        for (var t = 0; t < frames; t++)
        {
            for (var i = 0; i < count; i++)
            {
                var interval = shortest + i;
                double best;
                byte origin = 255;
                if (t < interval)
                {
                    best = restSum[t] + prior[i];
                }
                else
                {
                    var before = score.AsSpan((t - interval) % kept * count + firsts[i], weights[i].Length);
                    var w = weights[i];
                    best = double.NegativeInfinity;
                    var at = 0;
                    for (var j = 0; j < w.Length; j++)
                    {
                        var value = before[j] + w[j];
                        if (value <= best) continue;
                        best = value;
                        at = j;
                    }
                    origin = (byte)(firsts[i] + at);
                    best += restSum[t] - restSum[t - interval + 1] + 0.05 * prior[i];
                }
                score[t % kept * count + i] = best + beat[t];
                from[t * count + i] = origin;
            }
        }
        return Backtrack(score, from, restSum, shortest, count, frames);
    }

    private static List<int> Backtrack(double[] score, byte[] from, double[] restSum, int shortest, int count, int frames)
    {
        int bestFrame = 0, bestInterval = 0, kept = score.Length / count;
        var best = double.NegativeInfinity;
        for (var t = Math.Max(0, frames - shortest - count); t < frames; t++)
        {
            for (var i = 0; i < count; i++)
            {
                if (t + shortest + i < frames) continue;
                var value = score[t % kept * count + i] + restSum[frames] - restSum[t + 1];
                if (value <= best) continue;
                (best, bestFrame, bestInterval) = (value, t, i);
            }
        }
        List<int> beats = [];
        for (int t = bestFrame, i = bestInterval; ;)
        {
            beats.Add(t);
            var origin = from[t * count + i];
            if (origin == 255) break;
            t -= shortest + i;
            i = origin;
        }
        beats.Reverse();
        return beats;
    }

    // For each interval: the intervals it may follow, as a first index and log weights.
    private static (int[] Firsts, double[][] Weights) Transitions(int shortest, int count)
    {
        var firsts = new int[count];
        var weights = new double[count][];
        for (var i = 0; i < count; i++)
        {
            var reach = Math.Max(1, (int)Math.Round(0.12 * (shortest + i)));
            int low = Math.Max(0, i - reach), high = Math.Min(count - 1, i + reach);
            firsts[i] = low;
            weights[i] = new double[high - low + 1];
            for (var j = low; j <= high; j++)
            {
                weights[i][j - low] = -Stiffness * Math.Abs((shortest + i) / (double)(shortest + j) - 1);
            }
        }
        return (firsts, weights);
    }
}
