using OpenMU.Mir.Dsp;
using OpenMU.Testing;
using OpenMU.Training.Mir;

namespace OpenMU.Training.Tests.Mir;

public class BeatTrainerTests
{
    private static readonly double[] Grid = Rhythm.Grid(120, 6);

    private static readonly BeatClip[] Clips = [.. Enumerable.Range(0, 8).Select(i =>
    {
        var onsets = OnsetStrength.Of(Rhythm.Wave(Rhythm.Clicks(6, Grid, hertz: 400 + 300 * i)));
        return new BeatClip($"clicks{i}", onsets.Levels, onsets.Changes, Grid, [.. Grid.Where((_, k) => k % 4 == 0)], 120, 4, "clicks");
    })];

    [Fact]
    public void Training_lowers_the_loss()
    {
        List<double> losses = [];
        new BeatTrainer(Clips, seed: 1).Train(25, 0.01, (_, loss) => losses.Add(loss), CancellationToken.None);
        losses[^1].Should().BeLessThan(0.8 * losses[0]);
    }

    [Fact]
    public void The_same_seed_gives_the_same_weights()
    {
        float[] Train(int seed)
        {
            var trainer = new BeatTrainer(Clips, seed);
            trainer.Train(1, 0.004, (_, _) => { }, CancellationToken.None);
            return trainer.Weights.ToArray();
        }
        var once = Train(7);
        Train(7).Should().Equal(once);
        Train(8).Should().NotEqual(once);
    }

    /// <summary>Backpropagation against differences of the loss, on a sample of weights from every part of the network.</summary>
    [Fact]
    public void The_gradient_is_the_slope_of_the_loss()
    {
        var trainer = new BeatTrainer(Clips, seed: 3);
        var weights = trainer.Weights.ToArray();
        var gradient = new float[weights.Length];
        BeatTrainer.Learn(weights, Clips[0], new Random(5), gradient);
        var random = new Random(11);
        foreach (var at in Enumerable.Range(0, 25).Select(_ => random.Next(weights.Length)))
        {
            const float step = 3e-3f;
            float[] up = [.. weights], down = [.. weights];
            up[at] += step;
            down[at] -= step;
            var slope = (BeatTrainer.Learn(up, Clips[0], new Random(5), new float[weights.Length]) - BeatTrainer.Learn(down, Clips[0], new Random(5), new float[weights.Length])) / (2 * step);
            gradient[at].Should().BeApproximately((float)slope, 0.002f + 0.05f * (float)Math.Abs(slope));
        }
    }
}
