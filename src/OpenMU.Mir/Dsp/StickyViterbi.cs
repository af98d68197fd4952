using System.Numerics;
using System.Numerics.Tensors;

namespace OpenMU.Mir.Dsp;

/// <summary>
/// The Viterbi algorithm for states that go on by themselves: each state has one usual successor that costs nothing,
/// and all others cost the same. Only the best state so far need be looked at for a jump, so a step takes time linear
/// in the number of states.
/// </summary>
internal static class StickyViterbi
{
    /// <summary>The most likely state of each step, and the log-likelihood of the whole path.</summary>
    /// <param name="scores">Log-likelihood of each state in each step, at least one step; [steps, states].</param>
    /// <param name="states">How many states there are.</param>
    /// <param name="jumpCost">What a jump to any other state than the successor costs as a step begins, in
    /// nats.</param>
    /// <param name="advance">Successor of state s: (s + advance) mod states. 0 for states that last (chords, keys), 1
    /// for counting (beats of a bar).</param>
    public static (int[] Path, T Score) Decode<T>(
        ReadOnlySpan<T> scores, int states, Func<int, T> jumpCost, int advance = 0)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var steps = scores.Length / states;
        var leaders = new int[steps];
        var jumped = new bool[steps * states];
        T[] best = scores[..states].ToArray(), next = new T[states];
        for (var step = 1; step < steps; step++)
        {
            var leader = leaders[step] = TensorPrimitives.IndexOfMax<T>(best);
            var jump = best[leader] - jumpCost(step);
            var row = scores.Slice(step * states, states);
            var jumps = jumped.AsSpan(step * states, states);
            for (var s = 0; s < states; s++)
            {
                var stay = best[Before(s)];
                jumps[s] = jump > stay;
                next[s] = (jumps[s] ? jump : stay) + row[s];
            }

            (best, next) = (next, best);
        }

        var path = new int[steps];
        var state = TensorPrimitives.IndexOfMax<T>(best);
        var score = best[state];
        for (var step = steps - 1; step >= 0; step--)
        {
            path[step] = state;
            state = jumped[step * states + state] ? leaders[step] : Before(state);
        }

        return (path, score);

        int Before(int s) => s >= advance ? s - advance : s - advance + states;
    }
}
