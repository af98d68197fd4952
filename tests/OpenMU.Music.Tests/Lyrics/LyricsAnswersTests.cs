using CsCheck;
using FluentAssertions;
using OpenMU.Music.Lyrics;

namespace OpenMU.Music.Tests.Lyrics;

public sealed class LyricsAnswersTests
{
    private static readonly KnownLyrics Known = new(
        SongLyrics.Parse("[00:12.00]Rain on the window\n[00:15.00]I don't care\n[01:05.00]Rain on the window\n"
            + "[01:20.00]Rain, rain\n[02:00.00]Goodbye"),
        "en", false, ["love"]);

    [Theory]
    [InlineData("Which language is it sung in?", "The lyrics are in English.")]
    [InlineData("Is it in French?", "No, the lyrics are in English.")]
    [InlineData("Are the lyrics in English?", "Yes, the lyrics are in English.")]
    [InlineData("Are the lyrics explicit?", "No strong language was found in the lyrics.")]
    [InlineData("Is there strong language in the lyrics?", "No strong language was found in the lyrics.")]
    [InlineData("What is the first line?", "The first line is \"Rain on the window\".")]
    [InlineData("What is the last line of the lyrics?", "The last line is \"Goodbye\".")]
    [InlineData("When does the singing start?", "The first line is sung at 0:12.")]
    [InlineData("What is the chorus?", "The line that returns most is \"Rain on the window\", 2 times.")]
    [InlineData("Do the lyrics mention rain?", "Yes, in 3 lines, first in \"Rain on the window\".")]
    [InlineData("Do the lyrics mention windows?", "Yes, in 2 lines, first in \"Rain on the window\".")]
    [InlineData("Does it say \"goodbye\"?", "Yes: \"Goodbye\".")]
    [InlineData("Do the lyrics contain the word snow?", "No, the lyrics do not have \"snow\".")]
    [InlineData("What are the lyrics about?", "The lyrics are about love.")]
    [InlineData("What are the lyrics?",
        "\"Rain on the window / I don't care / Rain on the window / Rain, rain ...\": the first 4 of 5 lines.")]
    public void What_stands_in_the_lyrics_is_answered_from_them(string question, string answer) =>
        LyricsAnswers.Of(question, Known).Should().Be(answer);

    [Fact]
    public void Without_lyrics_every_question_about_them_has_one_answer() =>
        LyricsAnswers.Of("What are the lyrics about?", null).Should().Be("No lyrics are known for this track.");

    [Theory]
    [InlineData("What are the lyrics about?")]
    [InlineData("What is the meaning of these lyrics?")]
    public void What_a_song_means_is_not_guessed(string question) =>
        LyricsAnswers.Of(question, Known with { Themes = [] }).Should().BeNull();

    [Fact]
    public void What_is_not_known_of_the_lyrics_is_said_to_be_so()
    {
        var bare = new KnownLyrics(SongLyrics.Parse("la la"));

        LyricsAnswers.Of("Which language is it?", bare).Should().Be("The language of the lyrics is not plain.");
        LyricsAnswers.Of("Is it explicit?", bare).Should()
            .Be("Whether there is strong language in the lyrics is not known.");
        LyricsAnswers.Of("When do the vocals start... when does the singing begin?", bare).Should()
            .Be("The times of the lines are not known.");
        LyricsAnswers.Of("What is the refrain?", bare).Should().Be("No line returns.");
    }

    [Fact]
    public void Any_question_and_any_lyrics_come_to_an_end() => Gen.Select(
        Gen.OneOf(Gen.String[0, 80], Gen.OneOf("mention ", "does it say x?", "in english", "chorus \"", "about")),
        Gen.String[1, 80]).Sample((question, text) =>
        {
            try
            {
                LyricsAnswers.Of(question, new KnownLyrics(SongLyrics.Parse(text)));
            }
            catch (UnusableLyricsException)
            {
                // No words at all.
            }
        });
}
