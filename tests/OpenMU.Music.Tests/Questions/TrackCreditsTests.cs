using OpenMU.Music.Questions;

namespace OpenMU.Music.Tests.Questions;

public sealed class TrackCreditsTests
{
    private static readonly TrackCredits Known = new()
    {
        Title = "Dawn \n chorus",
        Artists = "Ann, Bo",
        Composers = "Cleo",
        Released = "2024-05",
    };

    [Theory]
    [InlineData("What is the title?", "title: Dawn chorus")]
    [InlineData("Please tell me the name of this song.", "title: Dawn chorus")]
    [InlineData("What is it called?", "title: Dawn chorus")]
    [InlineData("Who is the artist?", "artist: Ann, Bo")]
    [InlineData("Who performs this track?", "artist: Ann, Bo")]
    [InlineData("who composed it", "composer: Cleo")]
    [InlineData("When was this song released?", "release date: 2024-05")]
    public void What_the_catalogue_knows_is_answered(string question, string answer) =>
        Known.AnswerTo(question).Should().Be($"The catalogue names as its {answer}.");

    [Theory]
    [InlineData("Is the artist better than Queen?")]
    [InlineData("What does the title mean?")]
    [InlineData("Who is the producer?")]
    [InlineData("Which album is it on?")]
    [InlineData("Who is the artist's mother?")]
    public void What_asks_for_more_or_for_what_nobody_knows_is_not(string question) =>
        Known.AnswerTo(question).Should().BeNull();

    [Fact]
    public void An_answer_comes_from_the_catalogue_whatever_a_model_writes()
    {
        var known = new TrackKnowledge { Credits = Known };
        var parts = QuestionReader.Read("Who is the artist?");

        foreach (var trainedFor in (IReadOnlySet<QuestionTopic>?[])[null, HonestAnswer.OwnTasks])
        {
            HonestAnswer.NeedsModel(parts, known, trainedFor).Should().BeFalse();
            var answer = HonestAnswer.Of(parts, "It is by Queen.", known, trainedFor);
            (answer.Text, answer.Outcome).Should().Be(
                ("The catalogue names as its artist: Ann, Bo.", AnswerOutcome.Answered));
        }
    }

    [Fact]
    public void Each_credit_is_a_line_whatever_is_in_it() =>
        Known.Lines.Should().Be("title: Dawn chorus\nartist: Ann, Bo\ncomposer: Cleo\nrelease date: 2024-05");
}
