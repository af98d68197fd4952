using OpenMU.Training.Evaluation.Mir;

namespace OpenMU.Training.Tests.Evaluation.Mir;

public class CertaintyTests
{
    [Fact]
    public void Right_answers_are_counted_apart_by_how_sure_they_are()
    {
        var certainty = Certainty.Of("key", [(0.9, true), (0.5, true), (0.6, false), (0.4, true), (0, false)]);

        certainty.Should().BeEquivalentTo(new
        {
            Tool = "key",
            Sure = 3,
            SureRight = 2 / 3.0,
            Unsure = 2,
            UnsureRight = 0.5,
            Discrimination = 4 / 6.0,
        });
    }

    [Fact]
    public void Reliability_is_told_by_fifths_of_confidence()
    {
        var certainty = Certainty.Of("tempo", [(0.9, true), (1, true), (0.8, false), (0.3, true), (0, false)]);

        certainty.Bins.Select(bin => bin.Answers).Should().Equal(1, 1, 0, 0, 3);
        certainty.Bins[4].Confidence.Should().BeApproximately(0.9, 1e-9);
        certainty.Bins[4].Right.Should().BeApproximately(2 / 3.0, 1e-9);
        certainty.CalibrationError.Should().BeApproximately((0 + 0.7 + (3 * (0.9 - (2 / 3.0)))) / 5, 1e-9);
    }

    [Theory]
    [InlineData(0.9, 0.1, 1)]
    [InlineData(0.1, 0.9, 0)]
    [InlineData(0.5, 0.5, 0.5)]
    public void Discrimination_is_the_chance_that_the_right_answer_is_the_surer_one(
        double right, double wrong, double expected) =>
        Certainty.Of("tempo", [(right, true), (wrong, false)]).Discrimination.Should().Be(expected);

    [Fact]
    public void What_cannot_be_said_is_not_a_number()
    {
        var certainty = Certainty.Of("tempo", [(0.9, true)]);

        certainty.Discrimination.Should().Be(double.NaN);
        certainty.UnsureRight.Should().Be(double.NaN);
    }
}
