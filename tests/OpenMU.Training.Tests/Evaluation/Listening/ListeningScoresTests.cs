using OpenMU.Training.Evaluation.Listening;

namespace OpenMU.Training.Tests.Evaluation.Listening;

public sealed class ListeningScoresTests
{
    // Two recordings with the first system on either side, and a check whose left text is true.
    private static readonly ListeningTest Test = new("one", "two", 1,
    [
        new(1, "a.ogg", "A", "B", Side.Left, null), new(2, "b.ogg", "B", "A", Side.Right, null),
        new(3, "a.ogg", "true", "false", null, Side.Left),
    ]);

    [Fact]
    public void Choices_are_counted_for_the_systems_whatever_side_they_stood_on()
    {
        var scores = ListeningScores.Of(
            Test,
            [
                new("ann", 1, Side.Right, true, false), new("ann", 2, Side.Left, false, true), new("ann", 3, Side.Left, false, false),
                new("bob", 1, Side.Left, false, false), new("bob", 2, null, false, false), new("bob", 3, Side.Left, false, false),
            ],
            withAll: false);

        Percent(scores, "one is better").Should().Be(25);
        Percent(scores, "two is better").Should().Be(50);
        Percent(scores, "about the same").Should().Be(25);
        Percent(scores, "two over one, the same as half").Should().Be(62.5);
        Percent(scores, "one says something untrue").Should().Be(50);
        Percent(scores, "two says something untrue").Should().Be(0);
        Percent(scores, "checks passed").Should().Be(100);
        (scores.Listeners, scores.Recordings, scores.LeftOut.Count).Should().Be((2, 2, 0));
        scores.Scores[3].Percent.Low.Should().BeLessThanOrEqualTo(62.5);
        scores.Scores[3].Percent.High.Should().BeGreaterThanOrEqualTo(62.5);
    }

    [Fact]
    public void Who_fails_the_checks_is_left_out_unless_all_are_asked_for_and_the_last_answer_counts()
    {
        ListeningAnswer[] answers =
        [
            new("ann", 1, Side.Left, false, false), new("ann", 1, Side.Right, false, false),
            new("ann", 3, Side.Left, false, false), new("deaf", 1, Side.Left, false, false), new("deaf", 3, Side.Right, false, false),
        ];

        var scores = ListeningScores.Of(Test, answers, withAll: false);

        scores.LeftOut.Should().Equal("deaf");
        Percent(scores, "two is better").Should().Be(100);
        Percent(ListeningScores.Of(Test, answers, withAll: true), "two is better").Should().Be(50);
        FluentActions.Invoking(() => ListeningScores.Of(Test, answers[3..], withAll: false))
            .Should().Throw<ArgumentException>();
        FluentActions.Invoking(() => ListeningScores.Of(Test, [new("ann", 9, null, false, false)], false))
            .Should().Throw<ArgumentException>().WithMessage("*no trial 9*");
    }

    [Fact]
    public void Names_are_quoted_in_the_table()
    {
        var scores = ListeningScores.Of(Test with { SystemA = "\"big\", new" }, [new("ann", 1, null, false, false)], false);

        scores.ToCsv().Split("\r\n")[1].Should().Be("\"\"\"big\"\", new is better\",0.0,0.0,0.0,1");
    }

    private static double Percent(ListeningScores scores, string measure) =>
        scores.Scores.Single(score => score.Measure == measure).Percent.Value;
}
