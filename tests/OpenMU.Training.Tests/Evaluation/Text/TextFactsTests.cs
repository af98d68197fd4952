using OpenMU.Music;
using OpenMU.Training.Data;
using OpenMU.Training.Evaluation.Text;

namespace OpenMU.Training.Tests.Evaluation.Text;

public class TextFactsTests
{
    [Theory]
    [InlineData(
        "A slow jazz ballad with piano and upright bass.",
        "genre:ballad genre:jazz instrument:bass instrument:piano tempo class:slow")]
    [InlineData("A funky groove on electric piano, without drums.", "genre:funk instrument:electric piano")]
    [InlineData("It is a cheerful waltz in 3/4, not 1993/4.", "genre:waltz metre:3/4 mood:happy")]
    [InlineData("Rock in C# minor.", "genre:rock key:1 minor")]
    [InlineData("Rock in D-flat minor.", "genre:rock key:1 minor")]
    [InlineData("Cb major, B major.", "key:11 major")]
    [InlineData("A sad piece in a minor key.", "mode:minor mood:sad")]
    [InlineData("A minor role for the flute.", "instrument:flute")]
    [InlineData("", "")]
    public void Facts_are_what_the_text_affirms(string text, string facts)
        => TextFacts.In(text).Select(fact => $"{fact.Aspect}:{fact.Value}").Order(StringComparer.Ordinal)
            .Should().Equal(facts.Length == 0 ? [] : Split(facts));

    [Fact]
    public void A_clips_facts_hold_its_drums_and_the_mode_of_its_key()
    {
        var clip = new ClipTruth
        {
            Id = "a",
            File = "a.wav",
            Genre = "jazz",
            Instruments = ["piano"],
            Drums = true,
            Moods = ["calm"],
            Metre = "4/4",
            TempoClass = "slow",
            Key = "Bb major"
        };
        clip.Facts().Should().BeEquivalentTo(new Fact[]
        {
            new(Fact.Genre, "jazz"), new(Fact.Instrument, "piano"), new(Fact.Instrument, "drums"),
            new(Fact.Mood, "calm"), new(Fact.Metre, "4/4"), new(Fact.TempoClass, "slow"),
            new(Fact.Key, "10 major"), new(Fact.Mode, "major"),
        });
    }

    [Fact]
    public void Every_word_of_the_vocabulary_is_the_fact_that_it_stands_for()
    {
        foreach (var (aspect, labels) in new[]
        {
            (Fact.Genre, MusicVocabulary.Genres), (Fact.Instrument, MusicVocabulary.Instruments),
            (Fact.Mood, MusicVocabulary.Moods), (Fact.TempoClass, MusicVocabulary.TempoClasses)
        })
        {
            foreach (var label in labels)
            {
                label.Words.Should().AllSatisfy(word => TextFacts.In($"This is {word}.")
                    .Where(fact => fact.Aspect == aspect).Should().Equal(new Fact(aspect, label.Name)));
            }
        }
    }

    // An aspect may be of two words.
    private static string[] Split(string facts) => System.Text.RegularExpressions.Regex.Split(
        facts, @" (?=(?:genre|instrument|mood|tempo class|metre|key|mode):)");
}
