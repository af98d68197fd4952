using OpenMU.Music.Grounding;

namespace OpenMU.Music.Tests.Grounding;

public sealed class PlainWriterTests
{
    private static readonly MusicalFacts Known = new()
    {
        Bpm = 67.96,
        Key = MusicalKey.Parse("D minor"),
        Beats = [new Beat(0.5, 1), new Beat(1, 2), new Beat(1.5, 3)],
        Decisions = TagDecisions.Of(
            [
                new("genre", "orchestral", 0.8), new("instrument", "strings", 0.9), new("instrument", "brass", 0.7),
                new("instrument", "choir", 0.5), new("mood", "solemn", 0.6), new("mood", "calm", 0.5),
            ]),
    };

    [Fact]
    public void A_caption_says_what_was_decided() => PlainWriter.Caption(Known)
        .Should().Be("A slow, solemn and calm orchestral piece with strings, brass and choir.");

    [Fact]
    public void A_description_adds_what_was_measured() => PlainWriter.Description(Known).Should().Be(
        "A slow, solemn and calm orchestral piece with strings, brass and choir. The tempo is about 68 beats per minute. "
        + "There are 3 beats in each bar. The key is D minor.");

    [Theory]
    [InlineData(90.0, null, null, "A mid-tempo piece.")]
    [InlineData(null, "A major", null, "A piece in A major.")]
    [InlineData(null, null, null, "A piece.")]
    [InlineData(150.0, "A major", "waltz", "A fast waltz in A major.")]
    [InlineData(null, null, "electronic", "An electronic piece.")]
    public void What_is_not_known_is_left_out(double? bpm, string? key, string? genre, string caption) =>
        PlainWriter.Caption(new MusicalFacts
        {
            Bpm = bpm,
            Key = key is null ? null : MusicalKey.Parse(key),
            Decisions = TagDecisions.Of(genre is null ? [] : [new("genre", genre, 0.7)]),
        }).Should().Be(caption);
}
