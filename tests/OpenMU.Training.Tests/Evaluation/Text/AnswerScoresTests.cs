using OpenMU.Training.Data;
using OpenMU.Training.Evaluation;
using OpenMU.Training.Evaluation.Text;

namespace OpenMU.Training.Tests.Evaluation.Text;

public class AnswerScoresTests
{
    private static readonly AnswerScores Scorer = new(new Meteor(null));
    private static readonly ClipTruth Clip = new()
    {
        Id = "a",
        File = "a.wav",
        Genre = "jazz",
        Instruments = ["piano", "bass"],
        TempoClass = "slow",
        Key = "A minor",
        Metre = "4/4"
    };

    [Fact]
    public void A_caption_is_scored_by_its_facts_and_its_words()
    {
        var scores = Score(
            new() { Task = BenchRecord.Captioning, Instruction = "", Output = "Slow jazz with piano." },
            "Slow jazz with a flute.");
        scores[AnswerScores.Facts].Should().BeApproximately(2.0 / 3, 1e-12);
        scores[Fact.Genre].Should().Be(1);
        scores[Fact.Instrument].Should().Be(0);
        scores.Should().NotContainKey(Fact.Metre)
            .And.ContainKeys("METEOR without synonyms", "ROUGE-1", "ROUGE-2", "ROUGE-L");
    }

    [Theory]
    [InlineData("The tempo is [GetAudioTempo()] BPM.", 1)]
    [InlineData("The tempo is [F2() → 117.6 ] BPM.", 1)]
    [InlineData("The tempo is [GetAudioTempo()] and the key [GetAudioKey()].", 0)]
    [InlineData("The key is [GetAudioKey()].", 0)]
    [InlineData("The tempo is 120 BPM.", 0)]
    public void A_tool_question_is_right_if_just_the_right_tools_are_called(string text, double score)
        => Score(
            new() { Task = BenchRecord.Tools, Instruction = "", Output = "It has [GetAudioTempo()] beats per minute." },
            text)[AnswerScores.RightTool].Should().Be(score);

    [Theory]
    [InlineData("The song is about passing time: \"home, my love\" says so.", 1)]
    [InlineData("It tells of growing older.", 1)]
    [InlineData("It is about homesickness and passing time.", 0)]
    [InlineData("It is about nothing.", 0)]
    public void A_theme_is_right_if_it_is_the_first_that_is_named(string text, double score)
        => Score(
            new() { Task = BenchRecord.Lyrics, Instruction = "", Output = "Passing time.", Answer = "passing time" },
            text)[AnswerScores.Theme].Should().Be(score);

    [Theory]
    [InlineData("(B) rock", 1, 1)]
    [InlineData("jazz", 0, 1)]
    [InlineData("not sure", 0, 0)]
    public void A_choice_is_right_or_wrong_and_answered_or_not(string text, double accuracy, double answered)
    {
        var scores = Score(new()
        {
            Task = BenchRecord.Choice,
            Instruction = "",
            Output = "(B) rock",
            Choices = ["jazz", "rock", "folk", "soul"],
            Answer = "rock"
        }, text);
        (scores[AnswerScores.Accuracy], scores[AnswerScores.Answered]).Should().Be((accuracy, answered));
        scores.Should().HaveCount(4);
    }

    [Theory]
    [InlineData("A calm piece at [GetAudioTempo() → 98.0 ] BPM in [GetAudioKey() → A minor ].", true)]
    [InlineData("A calm piece at 98 BPM.", false)]
    [InlineData("A calm piece in A minor.", false)]
    [InlineData("A calm piece in 3/4.", false)]
    [InlineData("A calm piece of the 1990s with 3 guitars in a minor key.", true)]
    public void A_number_is_grounded_if_a_tool_gave_it(string text, bool isGrounded)
        => AnswerScores.IsGrounded(text).Should().Be(isGrounded);

    [Fact]
    public void The_table_has_a_row_for_each_measure_and_a_column_for_each_system()
    {
        ScoredExample[] examples =
        [
            new("OpenMU", "captioning", "genre", "a", 1), new("OpenMU", "captioning", "genre", "b", 0),
            new("white noise", "captioning", "genre", "a", 0), new("OpenMU", "tags", "genre accuracy", "a", 1)
        ];
        var table = ScoreTable.Of(examples, [new("OpenMU", "captioning", "chrF", "", 41.25)]);
        table.Value("OpenMU", "captioning", "genre").Should().Be(0.5);
        table.ToMarkdown().Should().Be("""
            | task | measure | examples | OpenMU | white noise |
            |---|---|---|---|---|
            | captioning | genre | 2 | 50.0 (0.0 to 100.0) | 0.0 |
            | captioning | chrF | 2 | 41.2 |  |
            | tags | genre accuracy | 1 | 100.0 (100.0 to 100.0) |  |

            """.ReplaceLineEndings("\n"));
    }

    private static Dictionary<string, double> Score(BenchRecord record, string text)
        => Scorer.Of(record, text, Clip).ToDictionary(score => score.Measure, score => score.Score);
}
