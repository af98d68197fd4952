using CsCheck;
using OpenMU.Music.Grounding;

namespace OpenMU.Music.Tests.Grounding;

/// <summary>A false name goes alone where the rest is still a sentence.</summary>
public sealed class SentenceRepairTests
{
    private static readonly MusicalFacts Lament = new()
    {
        Bpm = 60,
        Key = MusicalKey.Parse("D minor"),
        Decisions = TagDecisions.Of(
            [
                new("genre", "orchestral", 0.8), new("instrument", "strings", 0.9), new("instrument", "drums", 0.4),
                new("mood", "sad", 0.6),
            ]),
    };

    [Theory]
    [InlineData("A slow, sad piece with piano, strings and flute.", "A slow, sad piece with strings.")]
    [InlineData("A slow, happy piece with strings, drums and flute.", "A slow piece with strings and drums.")]
    [InlineData("A happy, slow piece.", "A slow piece.")]
    [InlineData("An energetic orchestral piece at a slow pace, featuring piano.", "An orchestral piece at a slow pace.")]
    [InlineData("A slow jazz tune with drums, strings and bass.", "A slow tune with drums and strings.")]
    [InlineData("A slow ballad with a happy mood, built on strings.", "A slow piece, built on strings.")]
    [InlineData("Happy, this slow piece features strings.", "This slow piece features strings.")]
    [InlineData("The arrangement consists of piano, drums, bass and strings.", "The arrangement consists of drums and strings.")]
    [InlineData("Piano, strings and drums carry a slow, sad piece.", "Strings and drums carry a slow, sad piece.")]
    [InlineData("In style, the piece is jazz; in mood, it is sad.", "In mood, it is sad.")]
    [InlineData("It is a slow piece that feels happy; strings are heard.", "It is a slow piece; strings are heard.")]
    [InlineData("A slow orchestral piece with a piano.", "A slow orchestral piece.")]
    public void What_is_false_goes_and_the_rest_is_a_sentence(string written, string kept) =>
        GroundedText.Of(written, [], Lament).Should().Be(new GroundedText(kept, 1));

    [Theory]
    [InlineData("The piano holds the pulse.")]
    [InlineData("It feels happy.")]
    [InlineData("Piano and flute carry it.")]
    [InlineData("The instruments are piano, flute and brass.")]
    [InlineData("Not only sad but also ballad.")]
    [InlineData("A happy piece.")]
    [InlineData("The bass, which is loud, plays strings.")]
    [InlineData("It stands in C major with strings.")]
    [InlineData("No strings play, but a piano does.")]
    public void A_sentence_that_cannot_be_mended_goes_whole(string written) =>
        GroundedText.Of(written, [], Lament).Should().Be(new GroundedText(GroundedText.NotSure, 1));

    [Fact]
    public void What_was_left_out_is_told_with_its_kinds()
    {
        var told = new List<LeftOut>();

        GroundedText.Of("A happy, slow jazz piece with piano. It stands in F minor.", [], Lament, told.Add);

        told.Should().BeEquivalentTo(
            new LeftOut[]
            {
                new("A happy, slow jazz piece with piano. ", "A slow piece. ",
                    [ClaimKind.Mood, ClaimKind.Genre, ClaimKind.Instrument]),
                new("It stands in F minor.", null, [ClaimKind.Key]),
            });
    }

    [Fact]
    public void Of_a_list_exactly_what_holds_is_left() =>
        Gen.Int[0, MusicVocabulary.Instruments.Count - 1].Array[3]
            .Where(places => places.Distinct().Count() == 3)
            .Select(Gen.Bool.Array[3]).Sample((places, hold) =>
            {
                string[] names = [.. places.Select(place => MusicVocabulary.Instruments[place].Name)];
                var facts = new MusicalFacts
                {
                    Decisions = TagDecisions.Of(
                        [.. names.Where((_, i) => hold[i]).Select(name => new TagScore("instrument", name, 0.9))]),
                };
                string[] left = [.. names.Where((_, i) => hold[i])];

                var text = GroundedText.Of($"It features {names[0]}, {names[1]} and {names[2]}.", [], facts);

                text.Should().Be(left.Length == 0
                    ? new GroundedText(GroundedText.NotSure, 1)
                    : new GroundedText($"It features {PlainWriter.List(left)}.", left.Length == 3 ? 0 : 1));
            });
}
