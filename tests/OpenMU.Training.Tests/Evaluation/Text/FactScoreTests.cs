using CsCheck;
using OpenMU.Training.Evaluation;
using OpenMU.Training.Evaluation.Text;

namespace OpenMU.Training.Tests.Evaluation.Text;

public class FactScoreTests
{
    private static readonly HashSet<Fact> Truth =
    [
        new(Fact.Genre, "jazz"), new(Fact.Instrument, "piano"), new(Fact.Instrument, "bass"),
        new(Fact.Instrument, "drums")
    ];

    [Fact]
    public void Precision_is_judged_by_the_truth_and_recall_by_what_the_reference_says()
    {
        Fact[] expected = [new(Fact.Genre, "jazz"), new(Fact.Instrument, "piano")];
        Fact[] stated = [new(Fact.Genre, "jazz"), new(Fact.Instrument, "bass"), new(Fact.Instrument, "flute")];
        FactScore.Of(stated, expected, Truth).Should().Be(new FactScore(2.0 / 3, 1.0 / 2));
    }

    [Fact]
    public void A_genre_named_beside_others_counts_less_than_the_genre_alone()
    {
        Fact[] expected = [new(Fact.Genre, "jazz")];
        FactScore.Of(Fact.Genre, [new(Fact.Genre, "jazz"), new(Fact.Instrument, "flute")], expected, Truth)!.Value.F
            .Should().Be(1);
        FactScore.Of(Fact.Genre, [new(Fact.Genre, "jazz"), new(Fact.Genre, "rock")], expected, Truth)!.Value.F
            .Should().BeApproximately(2.0 / 3, 1e-12);
    }

    [Fact]
    public void Where_nothing_was_to_be_said_there_is_no_score()
        => FactScore.Of([new(Fact.Genre, "jazz")], [new(Fact.Genre, "rock")], Truth).Should().BeNull();

    [Fact]
    public void Saying_nothing_scores_nothing() =>
        FactScore.Of([], [new(Fact.Genre, "jazz")], Truth)!.Value.F.Should().Be(0);

    [Fact]
    public void Confidences_that_are_probabilities_have_no_calibration_error()
    {
        CalibrationError.Of([.. Enumerable.Range(0, 100).Select(i => (0.7, i < 70))])
            .Should().BeApproximately(0, 1e-12);
        CalibrationError.Of([(0.9, false), (0.9, false)]).Should().BeApproximately(0.9, 1e-12);
        CalibrationError.Of([(1.0, true), (0.4, false)]).Should().BeApproximately(0.2, 1e-12);
    }

    [Fact]
    public void The_mean_lies_within_its_interval_and_is_certain_where_clips_agree()
    {
        Gen.Double[0, 1].Array[2, 30].Sample(scores =>
        {
            var interval = Bootstrap.Mean([.. scores.Select((score, i) => ($"{i % 7}", score))]);
            return interval.Low <= interval.Value + 1e-9 && interval.Value <= interval.High + 1e-9;
        }, iter: 20, seed: "0000000000001");
        var same = Bootstrap.Mean([("a", 0.5), ("b", 0.5)]);
        (same.Low, same.High).Should().Be((0.5, 0.5));
    }

    [Fact]
    public void What_is_asked_about_one_clip_is_resampled_together()
    {
        var apart = Bootstrap.Mean([.. Enumerable.Range(0, 40).Select(i => ($"{i}", i % 2.0))]);
        var together = Bootstrap.Mean([.. Enumerable.Range(0, 40).Select(i => ($"{i % 4}", i % 2.0))]);
        (together.High - together.Low).Should().BeGreaterThan((apart.High - apart.Low)!.Value);
    }
}
