using OpenMU.Training.Evaluation;

namespace OpenMU.Training.Tests.Evaluation;

public class LyricsExcerptTests
{
    [Theory]
    [InlineData("one two\nthree four\nfive", 5, "one two\nthree four.")]
    [InlineData("one two\n\nthree", 4, "one two\n.")]
    [InlineData("one  two", 4, "one  two.")]
    [InlineData("the end.", 400, "the end.")]
    [InlineData("one\ntwo three four five\nsix", 4, "one.")]
    public void Lines_are_kept_while_their_words_stay_below_the_limit(string lyrics, int words, string expected)
        => LyricsExcerpt.Of(lyrics, words).Should().Be(expected);

    [Theory]
    [InlineData("one two three", 3)]
    [InlineData("", 400)]
    public void A_first_line_that_is_too_long_and_no_text_at_all_are_refused(string lyrics, int words)
        => FluentActions.Invoking(() => LyricsExcerpt.Of(lyrics, words)).Should().Throw<ArgumentException>();
}
