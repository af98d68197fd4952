using OpenMU.Training.Evaluation;
using OpenMU.Training.Evaluation.Text;

namespace OpenMU.Training.Tests.Evaluation.Text;

public class BenchmarkScoresTests
{
    [Fact]
    public void A_class_is_right_where_the_answer_names_it_and_no_other() => Value("classes", "accuracy",
        ("hiphop", "It is Hip-Hop."), ("rock", "rock, or jazz"), ("jazz", "jazz"), ("jazz", "I do not know"))
        .Should().Be(0.5);

    [Fact]
    public void A_key_is_scored_as_MIREX_does() => Value("key", "weighted key score",
        ("Eb minor", "The key is D# minor."), ("C major", "A minor"), ("C major", "G major"), ("C major", "none"))
        .Should().BeApproximately((1 + 0.3 + 0.5 + 0) / 4, 1e-9);

    [Fact]
    public void Beats_are_read_as_seconds_or_minutes_and_seconds()
    {
        Value("beats", "F-measure", ("60.5s,61.0s,61.5s,62.0s", "1:00.5, 61.0s, 1:01.5, 62.01s")).Should().Be(1);
        Value("beats", "F-measure", ("1.0s,2.0s", "none")).Should().Be(0);
    }

    [Fact]
    public void Labels_are_scored_by_both_curves_over_labels()
    {
        // piano: 1 of 2 found, 1 of 2 wrongly; drums: all right.
        var answers = new[] { ("piano, drums", "piano drums"), ("piano", "nothing"), ("drums", "piano, drums"), ("", "") };

        Value("labels", "ROC-AUC", answers).Should().BeApproximately((0.5 + 1) / 2, 1e-9);
        Value("labels", "PR-AUC", answers).Should().BeApproximately((0.5 * 0.5 + 0.5 * 0.5 + 1) / 2, 1e-9);
    }

    [Fact]
    public void Scores_are_compared_after_both_have_mean_0_and_deviation_1()
    {
        Value("score", "R2", ("-1", "Estimated score: 2."), ("1", "It is 8 out of 9.")).Should().BeApproximately(1, 1e-9);
        Value("score", "R2", ("-1", "Score 8"), ("1", "On a 9-point scale I say 2")).Should().BeApproximately(-3, 1e-9);
        Value("score", "R2", ("-1", "unsure"), ("1", "unsure")).Should().Be(0);
    }

    [Fact]
    public void Lyrics_are_scored_by_words_and_by_characters()
    {
        Value("lyrics transcription", "word error rate", ("Oh, my love!", "oh my dove")).Should().BeApproximately(1 / 3.0, 1e-9);
        Value("lyrics transcription", "character error rate", ("abcd", "abxd")).Should().BeApproximately(0.25, 1e-9);
        Value("lyrics transcription", "word error rate", ("one two", "")).Should().Be(1);
    }

    [Fact]
    public void The_answer_given_most_often_counts_for_a_question_asked_several_times()
    {
        BenchRecord Record(params string[] choices) => new()
        {
            Task = BenchRecord.Choice,
            Instruction = "Which?",
            Output = "",
            Choices = choices,
            Answer = "a1",
            Group = "7",
            Clip = "7"
        };
        (BenchRecord, string)[] answers =
        [
            (Record("a1", "b1", "c1", "d1"), "a1"), (Record("b1", "a1", "c1", "e1"), "a1"),
            (Record("a1", "b1", "d1", "e1"), "b1"), (Record("a1", "c1", "d1", "e1"), "nothing")
        ];

        var table = BenchmarkRun.Score([("x", answers)], new Meteor(null));

        table.Value("x", "choice", BenchmarkScores.Majority).Should().Be(1);
        table.Value("x", "choice", AnswerScores.Accuracy).Should().Be(0.5);
    }

    private static double? Value(string task, string measure, params (string Output, string Text)[] answers) =>
        BenchmarkRun.Score([("x", [.. answers.Select((answer, i) => (
            new BenchRecord { Task = task, Instruction = "?", Output = answer.Output, Clip = $"{i}" }, answer.Text))])],
            new Meteor(null)).Value("x", task, measure);
}
