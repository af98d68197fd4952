using System.Numerics.Tensors;

namespace OpenMU.Mir.Dsp;

/// <summary>How alike every two beats of a track are: 1 for the same, about 0 for what has nothing in common.</summary>
internal sealed class Recurrence
{
    private readonly float[] values;

    private Recurrence(int count, float[] values) => (Count, this.values) = (count, values);

    public int Count { get; }

    public float this[int row, int column] => values[(row * Count) + column];

    /// <summary>Of the features' harmony and sound.</summary>
    public static Recurrence Of(BeatFeatures features, float harmonyShare)
    {
        var (count, size) = (features.Count, BeatFeatures.Size);
        var weighted = (float[])features.Rows.Clone();
        for (var i = 0; i < count; i++)
        {
            var row = weighted.AsSpan(i * size, size);
            Span<float> harmony = row[..BeatFeatures.Harmony], sound = row[BeatFeatures.Harmony..];
            TensorPrimitives.Multiply(harmony, MathF.Sqrt(harmonyShare), harmony);
            TensorPrimitives.Multiply(sound, MathF.Sqrt(1 - harmonyShare), sound);
        }

        var values = new float[count * count];
        for (var i = 0; i < count; i++)
        {
            for (var j = i; j < count; j++)
            {
                values[(i * count) + j] = values[(j * count) + i] =
                    TensorPrimitives.Dot<float>(weighted.AsSpan(i * size, size), weighted.AsSpan(j * size, size));
            }
        }

        return new Recurrence(count, values);
    }

    /// <summary>How alike the stretches of so many beats are that are centred on two beats.</summary>
    public Recurrence Along(int beats)
    {
        var result = new float[values.Length];
        for (var lag = 0; lag < Count; lag++)
        {
            var sums = new double[Count - lag + 1];
            for (var i = 0; i + lag < Count; i++) sums[i + 1] = sums[i] + this[i, i + lag];
            for (var i = 0; i + lag < Count; i++)
            {
                int from = Math.Max(0, i - (beats / 2)), to = Math.Min(Count - lag, i + beats - (beats / 2));
                result[(i * Count) + i + lag] = result[((i + lag) * Count) + i] =
                    (float)((sums[to] - sums[from]) / (to - from));
            }
        }

        return new Recurrence(Count, result);
    }

    /// <summary>How unlike the beats before and after each beat are, and how alike among themselves.</summary>
    /// <param name="reach">Beats to each side.</param>
    public double[] Checkerboard(int reach)
    {
        // Sums over rectangles from the corner.
        var sums = new double[(Count + 1) * (Count + 1)];
        for (var i = 0; i < Count; i++)
        {
            var row = 0.0;
            for (var j = 0; j < Count; j++)
            {
                row += this[i, j];
                sums[((i + 1) * (Count + 1)) + j + 1] = sums[(i * (Count + 1)) + j + 1] + row;
            }
        }

        var change = new double[Count];
        for (var at = 1; at < Count; at++)
        {
            int from = Math.Max(0, at - reach), to = Math.Min(Count, at + reach);
            change[at] = Mean(from, at, from, at) + Mean(at, to, at, to) - (2 * Mean(from, at, at, to));
            // Few beats at an end are always of one kind.
            change[at] *= Math.Min(1, Math.Min(at - from, to - at) / (reach / 2.0));
        }

        return change;

        double Mean(int top, int bottom, int left, int right) =>
            (Sum(bottom, right) - Sum(top, right) - Sum(bottom, left) + Sum(top, left))
            / ((bottom - top) * (double)(right - left));

        double Sum(int row, int column) => sums[(row * (Count + 1)) + column];
    }

    /// <summary>How much changes at each beat of what is repeated, by the distance in time.</summary>
    /// <param name="reach">Beats to each side that are compared.</param>
    public double[] RepeatChange(int reach)
    {
        var change = new double[Count];
        for (var lag = reach; lag < Count; lag++)
        {
            // What is alike at this distance, as it is before and after a beat.
            var sums = new double[Count - lag + 1];
            for (var i = 0; i + lag < Count; i++) sums[i + 1] = sums[i] + Math.Max(0, this[i, i + lag] - 0.1);
            for (var at = reach; at + reach + lag <= Count; at++)
            {
                var step = (sums[at + reach] - (2 * sums[at]) + sums[at - reach]) / reach;
                // The lag's line breaks at a beat and at the one that it repeats.
                change[at] += step * step;
                change[at + lag] += step * step;
            }
        }

        return Array.ConvertAll(change, Math.Sqrt);
    }

    /// <summary>How alike two sections are beat by beat, begun or ended together, a beat early or late.</summary>
    public double OfSections((int Start, int End) one, (int Start, int End) other, int bar)
    {
        var length = Math.Min(one.End - one.Start, other.End - other.Start);
        var longest = Math.Max(one.End - one.Start, other.End - other.Start);
        var most = double.NegativeInfinity;
        for (var slip = -1; slip <= 1; slip++)
        {
            most = Math.Max(most, Line(one.Start, other.Start + slip, length));
            most = Math.Max(most, Line(one.End - length, other.End - length + slip, length));
        }

        // A last chord is like the end of many a section.
        return length < 2 * bar ? most - 0.2 : most - (0.1 * (1 - (length / (double)longest)));
    }

    private double Line(int row, int column, int length)
    {
        var (sum, beats) = (0.0, 0);
        for (var i = 0; i < length; i++)
        {
            if (row + i >= Count || column + i < 0 || column + i >= Count) continue;
            sum += this[row + i, column + i];
            beats++;
        }

        return beats == 0 ? 0 : sum / beats;
    }
}
