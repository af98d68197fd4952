using OpenMU.Mir;
using OpenMU.Testing;
using OpenMU.Training.Mir;

namespace OpenMU.Training.Tests.Mir;

[Collection(OneGenerator.Name)]
public class ChordTrainerTests
{
    [Fact]
    public void Training_lowers_the_loss_and_repeats_exactly()
    {
        var first = Train();
        var second = Train();

        first.Losses[^1].Should().BeLessThan(first.Losses[0] * 0.8);
        second.Weights.Should().Equal(first.Weights);
    }

    [Theory]
    [InlineData("N", 168)]
    [InlineData("C:maj", 0)]
    [InlineData("Db:min9", 18)]
    [InlineData("B:5", 167)]
    [InlineData("C:(1,b9)", -1)]
    public void A_chord_has_its_number(string label, int state) => ChordTrainer.State(label).Should().Be(state);

    [Fact]
    public void Training_goes_on_from_weights_that_it_is_given()
    {
        using var once = new MemoryStream(Train().Weights);
        using var trainer = new ChordTrainer(seed: 5, once);
        using var again = new MemoryStream();
        trainer.Save(again);

        again.ToArray().Should().Equal(once.ToArray());
    }

    private static (List<double> Losses, byte[] Weights) Train()
    {
        TrainingClip[] clips =
        [
            new(KeyEstimator.Chromagram(Notes.Chords([[48, 52, 55, 60]], 4)), [new(0, 4, "C:maj")]),
            new(KeyEstimator.Chromagram(Notes.Chords([[45, 48, 52, 57]], 4)), [new(0, 4, "A:min")]),
            new(KeyEstimator.Chromagram(Notes.Noise(4)), []),
        ];
        using var trainer = new ChordTrainer(seed: 3);
        var losses = new List<double>();
        trainer.Train(clips, epochs: 4, (_, loss) => losses.Add(loss), default);
        using var stream = new MemoryStream();
        trainer.Save(stream);
        return (losses, stream.ToArray());
    }
}
