
namespace OpenMU.Music.Tests;

public class MusicVocabularyTests
{
    [Fact]
    public void Every_program_plays_an_instrument_of_the_list_or_none()
    {
        var names = MusicVocabulary.Instruments.Select(label => label.Name).ToList();

        var played = Enumerable.Range(0, 128).Select(MusicVocabulary.InstrumentOf)
            .Where(name => name != null)
            .Distinct();

        played.Should().BeEquivalentTo(names.Where(name => name != "drums"));
    }

    [Theory]
    [InlineData(0, "piano")]
    [InlineData(4, "electric piano")]
    [InlineData(11, "mallets")]
    [InlineData(23, "accordion")]
    [InlineData(30, "distorted guitar")]
    [InlineData(38, "bass")]
    [InlineData(48, "strings")]
    [InlineData(56, "brass")]
    [InlineData(66, "saxophone")]
    [InlineData(71, "clarinet")]
    [InlineData(73, "flute")]
    [InlineData(80, "synth lead")]
    [InlineData(89, "synth pad")]
    [InlineData(105, "banjo")]
    public void Programs_are_those_of_general_midi(int program, string instrument) =>
        MusicVocabulary.InstrumentOf(program).Should().Be(instrument);

    [Fact]
    public void The_longest_word_at_a_place_is_the_one_mentioned()
    {
        MusicVocabulary.Mentioned(
            MusicVocabulary.Instruments, "Overdriven guitar and an electric piano over bass; no drummer.")
            .Should().Equal("electric piano", "distorted guitar", "bass");
    }

    [Fact]
    public void No_word_means_two_things()
    {
        var words = new[]
        {
            MusicVocabulary.Genres, MusicVocabulary.Instruments, MusicVocabulary.Moods, MusicVocabulary.TempoClasses,
            MusicVocabulary.Themes
        }
            .SelectMany(labels => labels.SelectMany(label => label.Words));

        words.Should().OnlyHaveUniqueItems();
    }
}
