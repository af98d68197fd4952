using OpenMU.Music;
using OpenMU.Music.Grounding;
using OpenMU.Training.Evaluation.Text;

namespace OpenMU.Training.Tests.Evaluation.Text;

public sealed class WordListJudgeTests
{
    [Theory]
    [InlineData("A slow, sad piece with violins and cellos.", "")]
    [InlineData("A flute plays, joyfully.", "flut, joy")]
    [InlineData("No drums are heard, and no flute.", "")]
    [InlineData("It gets by without a piano, but with brass.", "brass")]
    [InlineData("A jazzy tune for clarinet.", "clarinet, jazz")]
    [InlineData("The vocals are soft.", "vocal")]
    [InlineData("An aggressive piece for harp.", "aggressiv, harp")]
    public void A_word_that_no_tag_bears_out_is_found_by_its_first_letters(string text, string words) =>
        string.Join(", ", WordListJudge.Contradictions(text, ["strings", "sad"], hasLyrics: false)
            .Select(found => found.Word).Order(StringComparer.Ordinal)).Should().Be(words);

    [Fact]
    public void Where_lyrics_are_known_there_is_a_voice() =>
        WordListJudge.Contradictions("The vocals are soft.", [], hasLyrics: true).Should().BeEmpty();

    [Fact]
    public void Every_label_of_the_vocabulary_is_a_word_of_the_list_and_bears_itself_out()
    {
        foreach (var (_, labels) in MusicVocabulary.TagGroups)
        {
            foreach (var label in labels)
            {
                WordListJudge.Contradictions(label.Name, [], hasLyrics: false).Should().NotBeEmpty(label.Name);
                WordListJudge.Contradictions(label.Name, [label.Name], hasLyrics: false)
                    .Should().BeEmpty(label.Name);
            }
        }
    }

    [Fact]
    public void A_count_has_both_judges()
    {
        var count = new ContradictionCount();
        var known = new MusicalFacts { Decisions = TagDecisions.Of([new("instrument", "strings", 0.9)]) };

        count.Add(
            "a", "A flute plays.", "Strings play.", known, dropped: 1, isCaptionPlain: false, isDescriptionPlain: true,
            [new("A harp plays, with brass.", null, [ClaimKind.Instrument])]);

        count.Found.Should().Equal(new Contradiction("a", ContradictionCount.Caption, ClaimKind.Instrument, "flute"));
        count.FoundByWords.Should().Equal(new Contradiction("a", ContradictionCount.Caption, ClaimKind.Instrument, "flut"));
        count.PlainDescriptions.Should().Be(1);
        count.LeftOut.Should().ContainSingle(one => one.Sentences > 0)
            .Which.Should().Be(new LeftOutCount(ClaimKind.Instrument, 1, 0));
    }
}
