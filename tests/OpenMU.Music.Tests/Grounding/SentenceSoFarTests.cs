using OpenMU.Music.Grounding;

namespace OpenMU.Music.Tests.Grounding;

public sealed class SentenceSoFarTests
{
    private static readonly MusicalFacts Known = new()
    {
        Bpm = 60,
        Decisions = TagDecisions.Of([new("instrument", "electric piano", 0.9), new("mood", "sad", 0.6)]),
    };

    [Theory]
    [InlineData("A slow, sad piece with electric piano", false)]
    [InlineData("A slow piece with electric", false)]
    [InlineData("A slow piece with acoustic", true)]
    [InlineData("A slow piece with piano", true)]
    [InlineData("A fast", true)]
    [InlineData("A happy", true)]
    [InlineData("A happy ", false)]
    [InlineData("A slow piece without drums", false)]
    [InlineData("A sad piece with electric piano and electric piano", true)]
    [InlineData("It has electric piano. The electric piano", false)]
    [InlineData("A piece", false)]
    [InlineData("", false)]
    public void The_last_word_is_looked_at_with_those_that_it_belongs_to(string text, bool isUntrue) =>
        SentenceSoFar.EndsUntrue(text, Known).Should().Be(isUntrue);
}
