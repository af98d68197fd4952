using CsCheck;
using OpenMU.Mir.Dsp;

namespace OpenMU.Mir.Tests.Dsp;

public class StickyViterbiTests
{
    [Fact]
    public void The_path_is_the_best_of_all_paths() =>
        Gen.Select(Gen.Int[1, 4], Gen.Int[1, 5], Gen.Int[0, 1], Gen.Double[0, 3], Gen.Int[0, 9999]).Sample(
        (states, steps, advance, cost, seed) =>
        {
            var random = new Random(seed);
            double[] scores = [.. Enumerable.Range(0, steps * states).Select(_ => -4 * random.NextDouble())];
            double[] costs = [.. Enumerable.Range(0, steps).Select(_ => cost * random.NextDouble())];

            var (path, score) = StickyViterbi.Decode<double>(scores, states, step => costs[step], advance);

            score.Should().BeApproximately(Score(path), 1e-9);
            score.Should().BeApproximately(Every(states, steps).Max(Score), 1e-9);

            double Score(int[] way) => way.Select((state, step) =>
            {
                var goesOn = step == 0 || state == (way[step - 1] + advance) % states;
                return scores[step * states + state] - (goesOn ? 0 : costs[step]);
            }).Sum();
        }, iter: 300);

    [Fact]
    public void A_change_waits_for_the_step_that_allows_it()
    {
        float[] scores = [0, -5, 0, -5, -2, 0, -2, 0, -5, 0, -5, 0];
        StickyViterbi.Decode<float>(scores, 2, step => step == 3 ? 1 : 100).Path.Should().Equal(0, 0, 0, 1, 1, 1);
    }

    private static IEnumerable<int[]> Every(int states, int steps)
    {
        if (steps == 0) return [[]];
        var last = Enumerable.Range(0, states);
        return Every(states, steps - 1).SelectMany(path => last.Select(state => (int[])[.. path, state]));
    }
}
