namespace OpenMU.Mir.Dsp;

/// <summary>
/// The most likely row of beats, given per frame how likely a beat is there and how likely a tempo is: a semi-Markov
/// model with one state for each interval between beats, decoded by Viterbi. It is the beat model of Krebs, Böck and
/// Widmer (ISMIR 2015) with the frames inside an interval summed up beforehand, which costs a hundredth of
/// stepping through them.
/// </summary>
internal static class BeatPath
{
    /// <summary>How strongly the interval holds to the one before: exp(-Stiffness * |ratio - 1|).</summary>
    private const double Stiffness = 60, PriorOnce = 2, PriorPerSecond = 3;

    // On held-out clips a row that may waver gains 0.4 nats a beat at most over a steady one where the tempo is steady,
    // up to 1.7 where the tempo wavers by 2.5 %, which both follow, and mostly 2 to 4.6 where it wavers by 6 %, which
    // only the freer row follows.
    private const double GainOfDrift = 1;
    private const int BeatsOfDrift = 64;

    /// <summary>
    /// Frames, with fractions, of the beats at about a tempo: evenly spaced, unless the music clearly wavers; empty
    /// where there is too little of it.
    /// </summary>
    /// <param name="onsets">The envelope.</param>
    /// <param name="bpm">The tempo.</param>
    public static double[] Best(OnsetEnvelope onsets, double bpm)
    {
        var (first, last, _) = onsets.Sounding();
        var grid = new TempoGrid(onsets.FrameRate);
        var evidence = new BeatEvidence(onsets.Activation.Beat.AsSpan(first, last - first), onsets.FrameRate, bpm);
        double[] free = Decode(evidence, grid, grid.Around(bpm)), steady = SteadyPath.Decode(evidence, bpm);
        var best = steady.Length == 0 || SteadyPath.Gain(evidence, free, steady, BeatsOfDrift) > GainOfDrift
            ? free
            : steady;
        return [.. best.Select(t => first + t)];
    }

    /// <summary>
    /// Frames of the beats, counted as the evidence counts them; none where it is shorter than the longest interval.
    /// </summary>
    /// <param name="evidence">What each frame says for and against a beat.</param>
    /// <param name="grid">Intervals to choose from.</param>
    /// <param name="prior">Log probability of each interval.</param>
    public static double[] Decode(BeatEvidence evidence, TempoGrid grid, double[] prior)
    {
        float[] beat = new float[evidence.Frames], rest = new float[evidence.Frames];
        for (var t = 0; t < beat.Length; t++) (beat[t], rest[t]) = (evidence.Beat(t), evidence.Rest(t));
        return [.. Decode(beat, rest, grid.Shortest, prior, evidence.FrameRate).Select(t => (double)t)];
    }

    /// <summary>
    /// Median interval of a path in frames, with the fraction that the neighbours of the median give.
    /// </summary>
    public static double Interval(double[] path)
    {
        var intervals = path.Zip(path.Skip(1), (a, b) => b - a).Order().ToArray();
        var median = intervals[intervals.Length / 2];
        return intervals.Where(i => Math.Abs(i - median) <= 0.06 * median).Average();
    }

    /// <summary>Mean probability of the beats on a path, 0 to 1.</summary>
    public static double Support(OnsetEnvelope onsets, double[] path)
    {
        var beat = onsets.Activation.Beat;
        return path.Average(t => Math.Max(beat[(int)t], beat[Math.Min(beat.Length - 1, (int)Math.Ceiling(t))]));
    }

    /// <summary>Frames of the beats.</summary>
    /// <param name="beat">Log likelihood of each frame as a beat.</param>
    /// <param name="rest">Log likelihood of each frame as no beat.</param>
    /// <param name="shortest">Shortest interval, frames.</param>
    /// <param name="prior">Log probability of each interval from the shortest on; it counts for every second, lest slow
    /// tempi pay less.</param>
    /// <param name="frameRate">Frames a second.</param>
    public static List<int> Decode(
        ReadOnlySpan<float> beat, ReadOnlySpan<float> rest, int shortest, ReadOnlySpan<double> prior, double frameRate)
    {
        int frames = beat.Length, count = prior.Length, longest = shortest + count - 1;
        if (frames <= longest) return [];
        var restSum = new double[frames + 1];                       // restSum[t] = rest of frames before t
        for (var t = 0; t < frames; t++) restSum[t + 1] = restSum[t] + rest[t];

        var (firsts, weights) = Transitions(shortest, count);
        var rows = longest + 1;                                  // scores are needed for the longest interval only
        var score = new double[rows * count];
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
                    best = restSum[t] + PriorOnce * prior[i];
                }
                else
                {
                    var before = score.AsSpan((t - interval) % rows * count + firsts[i], weights[i].Length);
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
                    best += restSum[t] - restSum[t - interval + 1] + PriorPerSecond * prior[i] * interval / frameRate;
                }
                score[t % rows * count + i] = best + beat[t];
                from[t * count + i] = origin;
            }
        }
        return Backtrack(score, rows, from, restSum, shortest, count, frames);
    }

    private static List<int> Backtrack(
        double[] score, int rows, byte[] from, double[] restSum, int shortest, int count, int frames)
    {
        int bestFrame = 0, bestInterval = 0;
        var best = double.NegativeInfinity;
        for (var t = Math.Max(0, frames - shortest - count); t < frames; t++)
        {
            for (var i = 0; i < count; i++)
            {
                if (t + shortest + i < frames) continue;
                var value = score[t % rows * count + i] + restSum[frames] - restSum[t + 1];
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
