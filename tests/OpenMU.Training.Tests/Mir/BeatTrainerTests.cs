using OpenMU.Mir.Dsp;
using OpenMU.Testing;
using OpenMU.Training.Mir;

namespace OpenMU.Training.Tests.Mir;

[Collection(OneGenerator.Name)]
public class BeatTrainerTests
{
    private static readonly double[] Grid = Rhythm.Grid(120, 6);

    private static readonly BeatClip[] Clips = [.. Enumerable.Range(0, 8).Select(i =>
    {
        var onsets = OnsetStrength.Of(Rhythm.Wave(Rhythm.Clicks(6, Grid, hertz: 400 + 300 * i)));
        return new BeatClip(
            $"clicks{i}", onsets.Levels, onsets.Changes, Grid, [.. Grid.Where((_, k) => k % 4 == 0)], 120, 4, "clicks");
    })];

    [Fact]
    public void Training_lowers_the_loss()
    {
        List<double> losses = [];
        using var trainer = new BeatTrainer(Clips, seed: 1);
        trainer.Train(25, 0.01, (_, loss) => losses.Add(loss), CancellationToken.None);
        losses[^1].Should().BeLessThan(0.8 * losses[0]);
    }

    [Fact]
    public void The_same_seed_gives_the_same_weights()
    {
        byte[] Train(int seed)
        {
            using var trainer = new BeatTrainer(Clips, seed);
            trainer.Train(1, 0.004, (_, _) => { }, CancellationToken.None);
            using var file = new MemoryStream();
            trainer.Save(file);
            return file.ToArray();
        }

        var once = Train(7);
        Train(7).Should().Equal(once);
        Train(8).Should().NotEqual(once);
    }

    [Fact]
    public void Training_goes_on_from_weights_that_were_saved()
    {
        using var file = new MemoryStream();
        List<double> first = [], second = [];
        using (var trainer = new BeatTrainer(Clips, seed: 1))
        {
            trainer.Train(15, 0.01, (_, loss) => first.Add(loss), CancellationToken.None);
            trainer.Save(file);
        }

        file.Position = 0;
        using var other = new BeatTrainer(Clips, seed: 2, file);
        other.Train(1, 0.001, (_, loss) => second.Add(loss), CancellationToken.None);
        second[0].Should().BeLessThan(0.9 * first[0]);
    }
}
