using OpenMU.Music.Lyrics;
using OpenMU.Music.Questions;

namespace OpenMU.Music.Tests.Questions;

public class SelectionLyricsTests
{
    private static readonly SelectedTrack[] Three =
    [
        Track("Dawn", new KnownLyrics(
            SongLyrics.Parse("Rain on the roof\nI wait for the sun\nThe rain has gone"), "en", false, ["hope"])),
        Track("Rush", new KnownLyrics(SongLyrics.Parse("Je cours vers toi\nsous le ciel"), "fr", true)),
        Track("Silent", null),
    ];

    [Theory]
    [InlineData("Which of these songs is about rain?",
        "\"rain\" is in the lyrics of [1] Dawn. [1] Dawn: 2 lines, first \"Rain on the roof\". "
        + "[3] Silent: no lyrics are known.")]
    [InlineData("Which one mentions the word \"sun\"?",
        "\"sun\" is in the lyrics of [1] Dawn. [1] Dawn: \"I wait for the sun\". [3] Silent: no lyrics are known.")]
    [InlineData("Which track is about hope?", "[1] Dawn is about hope. [3] Silent: no lyrics are known.")]
    [InlineData("Which of them is about a long journey?",
        "\"long journey\" is in none of the lyrics that are known. [3] Silent: no lyrics are known.")]
    [InlineData("Does [2] mention rain?", "\"rain\" is in none of the lyrics that are known.")]
    [InlineData("In which language are the lyrics?",
        "[1] Dawn: The lyrics are in English. [2] Rush: The lyrics are in French. [3] Silent: no lyrics are known.")]
    [InlineData("Which song is in French?",
        "[1] Dawn: No, the lyrics are in English. [2] Rush: Yes, the lyrics are in French. "
        + "[3] Silent: no lyrics are known.")]
    [InlineData("Are the lyrics explicit?",
        "[1] Dawn: No strong language was found in the lyrics. [2] Rush: Yes, there is strong language in the lyrics. "
        + "[3] Silent: no lyrics are known.")]
    [InlineData("What are they about?",
        "[1] Dawn: The lyrics are about hope. [2] Rush: that is not plain from the lyrics. "
        + "[3] Silent: no lyrics are known.")]
    public void What_stands_in_the_lyrics_is_answered_with_each_track_cited(string question, string answer)
    {
        var given = SelectionAnswer.WithoutModel(question, Three, HonestAnswer.OwnTasks)!;

        (given.Text, given.Outcome).Should().Be((answer, AnswerOutcome.Answered));
    }

    [Theory]
    [InlineData("Which of these songs is about rain?")]
    [InlineData("What are they about?")]
    [InlineData("Which mentions the sea?")]
    public void Where_no_track_has_lyrics_the_answer_says_so_whatever_the_model(string question)
    {
        foreach (var trainedFor in (IReadOnlySet<QuestionTopic>?[])[null, HonestAnswer.OwnTasks])
        {
            var answer = SelectionAnswer.WithoutModel(question, [Three[2], Three[2]], trainedFor)!;

            (answer.Text, answer.Outcome).Should().Be((SelectionLyrics.Unknown, AnswerOutcome.NotSure));
        }
    }

    [Theory]
    [InlineData("Which of these songs is about loneliness?")]
    [InlineData("What are they about?")]
    public void What_rules_cannot_tell_is_asked_of_a_model_that_reads_lyrics(string question) =>
        SelectionAnswer.WithoutModel(question, Three, trainedFor: null).Should().BeNull();

    [Theory]
    [InlineData("Which is about three minutes long?")]
    [InlineData("Are they about the same length?")]
    [InlineData("Which is about 120 BPM?")]
    [InlineData("Describe what is special about both.")]
    [InlineData("Which is faster?")]
    public void What_is_about_figures_or_the_sound_is_not_about_lyrics(string question) =>
        SelectionLyrics.IsAbout(question).Should().BeFalse();

    [Fact]
    public void A_question_in_parts_is_answered_part_by_part_and_the_rest_is_refused()
    {
        SelectedTrack[] two = [Three[0] with { Seconds = 90 }, Three[1]];

        SelectionAnswer.WithoutModel("Which is longer, and which is about rain?", two, HonestAnswer.OwnTasks)!
            .Text.Should().Be("[1] Dawn is longer. [1] Dawn: 90.0 s; [2] Rush: 60.0 s. \"rain\" is in the lyrics of "
                + "[1] Dawn. [1] Dawn: 2 lines, first \"Rain on the roof\".");
        SelectionAnswer.WithoutModel("Which is longer? Who made them?", two, HonestAnswer.OwnTasks)!
            .Text.Should().Be(
                $"[1] Dawn is longer. [1] Dawn: 90.0 s; [2] Rush: 60.0 s. As to the rest: {HonestAnswer.Refusal}");
        const string ForBoth = "Which is longer? Describe both.";
        SelectionAnswer.WithoutModel(ForBoth, two, HonestAnswer.OwnTasks)
            .Should().BeNull("a model is to be asked for the rest");
        var written = new HonestAnswer("Both are songs.", AnswerOutcome.Answered, []);
        SelectionAnswer.WithKnown(ForBoth, two, HonestAnswer.OwnTasks, written)
            .Text.Should().Be("[1] Dawn is longer. [1] Dawn: 90.0 s; [2] Rush: 60.0 s. Both are songs.");
    }

    private static SelectedTrack Track(string name, KnownLyrics? lyrics) =>
        new(name, MusicalFacts.None, 60, Lyrics: lyrics);
}
