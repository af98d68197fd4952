using CsCheck;
using FluentAssertions;
using OpenMU.Music.Lyrics;

namespace OpenMU.Music.Tests.Lyrics;

public sealed class LyricsTranscriptTests
{
    [Theory]
    [InlineData("[00:12.34] Hello", 12.34)]
    [InlineData("[00:12] Hello", 12.0)]
    [InlineData("00:12.5 Hello", 12.5)]
    [InlineData("(1:02) Hello", 62.0)]
    [InlineData("[1:00:02] Hello", 3602.0)]
    [InlineData("12.5 - 15.2: Hello", 12.5)]
    [InlineData("[12.5 - 15.2] Hello", 12.5)]
    [InlineData("[00:12.5 --> 00:15.2] \"Hello\"", 12.5)]
    [InlineData("0:12 - 0:15: Hello", 12.0)]
    [InlineData("12.5s - 15s: Hello", 12.5)]
    [InlineData("- [12.5] Hello", 12.5)]
    [InlineData("Hello", null)]
    public void Times_in_any_spelling_are_read(string written, double? seconds) =>
        LyricsTranscript.Parse(written)!.Lines.Should().Equal(new LyricLine(seconds, "Hello"));

    [Theory]
    [InlineData("99 red balloons")]
    [InlineData("5 o'clock in the morning")]
    public void A_number_that_belongs_to_the_words_is_no_time(string line) =>
        LyricsTranscript.Parse(line)!.Lines.Should().Equal(new LyricLine(null, line));

    [Theory]
    [InlineData("")]
    [InlineData("There are no lyrics in this music.")]
    [InlineData("(Instrumental)")]
    [InlineData("Here are the lyrics with timestamps:\n```\n```")]
    public void What_are_no_lyrics_are_none(string written) => LyricsTranscript.Parse(written).Should().BeNull();

    [Fact]
    public void A_model_that_repeats_itself_is_cut_off() =>
        LyricsTranscript.Parse(string.Concat(Enumerable.Repeat("[00:01] la\n", 400)))!.Lines.Should().HaveCount(8);

    [Fact]
    public void Whatever_a_model_writes_is_read() => Gen.OneOf(
        Gen.String[0, 200], Gen.OneOf("[", "(12", "1:2:3:4", "- - -", "99999999999:1", "[00:99]x")).Sample(written =>
        LyricsTranscript.Parse(written)?.Text.Should().NotBeEmpty());
}
