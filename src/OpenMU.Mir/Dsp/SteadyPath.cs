namespace OpenMU.Mir.Dsp;

/// <summary>
/// The most likely row of beats of music that holds its tempo, as most that is played to a click does: a semi-Markov
/// model over intervals like <see cref="BeatPath"/>, but each path keeps the exact time of its last beat, so that a
/// steady tempo need not waver between two whole numbers of frames. It then can be far stiffer, and passages that
/// mislead for some bars (blast beats, tremolo, breaks) cannot push the beat aside. Music that really drifts fits it
/// badly; that is measured by <see cref="Gain"/>.
/// </summary>
internal static class SteadyPath
{
    private const int Steps = 2;                                // of time in a frame
    private const double BinsPerOctave = 320;
    private const int Bins = 71;                               // tempi within 8 % to each side
    private const double Stiffness = 600;                      // nats that a tempo costs which changes by a factor of e
    private const double PriorPerSecond = 3;

    /// <summary>Frames, with fractions, of the beats; none where there is less than one interval of music.</summary>
    /// <param name="evidence">What each frame says for and against a beat.</param>
    /// <param name="bpm">The tempo, to within some per cent.</param>
    public static double[] Decode(BeatEvidence evidence, double bpm)
    {
        var states = new Intervals(evidence.FrameRate, bpm);
        var times = evidence.Frames * Steps - 1;
        if (times <= states.Longest) return [];
        var search = new Search(states, times);
        for (var t = 0; t < times; t++)
            search.Step(t, evidence.Beat(t / (double)Steps), evidence.Rest(t / Steps) / Steps);
        return [.. search.Path().Select(t => Math.Clamp(t / Steps, 0, evidence.Frames - 1))];
    }

    /// <summary>
    /// How much more the evidence is for one row of beats than for another, nats a beat, where it is most so within
    /// <paramref name="span"/> beats.
    /// </summary>
    public static double Gain(BeatEvidence evidence, IReadOnlyList<double> of, IReadOnlyList<double> over, int span)
    {
        if (of.Count == 0) return double.NegativeInfinity;
        var count = Math.Min(span, of.Count);
        double[] Sums(IReadOnlyList<double> beats)
        {
            var sums = new double[beats.Count + 1];
            for (var k = 0; k < beats.Count; k++) sums[k + 1] = sums[k] + evidence.Odds(beats[k]);
            return sums;
        }

        double[] mine = Sums(of), other = Sums(over);
        var most = double.NegativeInfinity;
        int low = 0, high = 0;
        for (var k = 0; k + count <= of.Count; k++)
        {
            while (low < over.Count && over[low] < of[k] - 0.5) low++;
            while (high < over.Count && over[high] < of[k + count - 1] + 0.5) high++;
            most = Math.Max(most, (mine[k + count] - mine[k] - (other[high] - other[low])) / count);
        }

        return most;
    }

    /// <summary>The intervals to choose from.</summary>
    private sealed class Intervals
    {
        public Intervals(double frameRate, double bpm)
        {
            for (var i = 0; i < Bins; i++)
            {
                var octaves = (i - Bins / 2) / BinsPerOctave;
                Exact[i] = 60 * frameRate * Steps / bpm * Math.Pow(2, octaves);
                Whole[i] = (int)Math.Round(Exact[i]);
                Prior[i] = PriorPerSecond * TempoGrid.Closeness(octaves) * Exact[i] / (frameRate * Steps);
            }
        }

        /// <summary>Steps, ascending.</summary>
        public double[] Exact { get; } = new double[Bins];

        public int[] Whole { get; } = new int[Bins];

        /// <summary>Log probability.</summary>
        public double[] Prior { get; } = new double[Bins];

        public int Longest => Whole[^1] + 1;
    }

    /// <summary>The Viterbi algorithm over (time, interval).</summary>
    private sealed class Search(Intervals states, int times)
    {
        private const byte First = 255;

        private static readonly double Neighbour = Stiffness * (Math.Pow(2, 1 / BinsPerOctave) - 1);

        private readonly int rows = states.Longest + 1;
        // reach[t, i]: the best score of a beat at t after which the interval is i, the interval before it, and by how
        // much it is later than t.
        private readonly double[] reach = new double[(states.Longest + 1) * Bins];
        private readonly byte[] before = new byte[(states.Longest + 1) * Bins];
        private readonly float[] late = new float[(states.Longest + 1) * Bins];
        private readonly double[] score = new double[Bins], restSum = new double[times + 1];
        private readonly float[] lateness = new float[Bins];
        // three times the interval before, and 0, 1 or 2 for one step less, none, one more
        private readonly byte[] from = new byte[(long)times * Bins];
        private (double Score, int Time, int Interval) last = (double.NegativeInfinity, 0, 0);

        public void Step(int t, double beat, double rest)
        {
            restSum[t + 1] = restSum[t] + rest;
            for (var i = 0; i < Bins; i++)
            {
                var (best, origin, after) = t < states.Whole[i] ? (restSum[t], First, 0) : Arrive(t, i);
                (score[i], lateness[i]) = (best + beat, after);
                from[t * Bins + i] = origin;
                // No other beat would come before the end.
                if (t + states.Whole[i] >= times && score[i] - restSum[t] > last.Score)
                    last = (score[i] - restSum[t], t, i);
            }

            Spread(t % rows * Bins);
        }

        private (double Score, byte Origin, float Late) Arrive(int t, int i)
        {
            var best = (Score: double.NegativeInfinity, Origin: First, Late: 0f);
            for (var moved = -1; moved <= 1; moved++)
            {
                var start = t - states.Whole[i] - moved;
                if (start < 0) continue;
                var at = start % rows * Bins + i;
                var after = late[at] + (float)(states.Exact[i] - states.Whole[i]) - moved;
                if (after is < -0.5f or >= 0.5f) continue;
                var value = reach[at] + restSum[t] - restSum[Math.Min(t, start + Steps)];
                if (value > best.Score) best = (value, (byte)(3 * before[at] + moved + 1), after);
            }

            return best with { Score = best.Score + states.Prior[i] };
        }

        // The best interval to come from, near ones costing less than far ones: one sweep each way finds it for all.
        private void Spread(int row)
        {
            for (var i = 0; i < Bins; i++)
            {
                (reach[row + i], before[row + i], late[row + i]) = (score[i], (byte)i, lateness[i]);
                if (i > 0) Take(row + i, row + i - 1);
            }

            for (var i = Bins - 2; i >= 0; i--) Take(row + i, row + i + 1);
        }

        private void Take(int at, int neighbour)
        {
            if (reach[neighbour] - Neighbour > reach[at])
                (reach[at], before[at], late[at]) = (reach[neighbour] - Neighbour, before[neighbour], late[neighbour]);
        }

        /// <summary>The exact times of the best path's beats, steps.</summary>
        public List<double> Path()
        {
            List<int> intervals = [];
            var (_, t, i) = last;
            for (var origin = from[t * Bins + i]; origin != First; origin = from[t * Bins + i])
            {
                intervals.Add(i);
                t -= states.Whole[i] + origin % 3 - 1;
                i = origin / 3;
            }

            intervals.Reverse();
            List<double> beats = [t];
            foreach (var interval in intervals) beats.Add(beats[^1] + states.Exact[interval]);
            return beats;
        }
    }
}
