using OpenMU.Model;
using OpenMU.Music;
using OpenMU.Music.Grounding;

namespace OpenMU.Worker.Tests;

public sealed class TrackWordsTests
{
    private static readonly MusicalFacts Decided = new MusicalFacts { Bpm = 60 }.DecidedBy(
        [new("genre", "orchestral", 0.8), new("instrument", "strings", 0.7), new("tempo", "fast", 0.9)],
        [("genre", "orchestral"), ("instrument", "strings"), ("tempo", "fast")]);

    [Fact]
    public void What_is_left_of_the_models_texts_is_kept_and_the_rest_counted()
    {
        var words = TrackWords.Of(Text("A slow lament.", 1), Text("Strings play.", 2), Decided, Decided.Decisions, 30);

        words.Should().BeEquivalentTo(new
        {
            Caption = "A slow lament.",
            Description = "Strings play.",
            SecondsHeard = 30.0,
            HasTags = true,
            DroppedSentences = 3,
            IsCaptionPlain = false,
            IsDescriptionPlain = false,
        });
        words.Tags.Select(tag => tag.Tag).Should().Equal("orchestral", "strings");
    }

    [Theory]
    [InlineData(GroundedText.NotSure)]
    [InlineData("")]
    public void Where_nothing_is_left_plain_sentences_stand_in_and_say_so(string nothing)
    {
        var words = TrackWords.Of(Text(nothing, 1), Text(nothing, 4), Decided, Decided.Decisions, 30);

        words.Caption.Should().Be("A slow orchestral piece with strings.");
        words.Description.Should().StartWith(words.Caption).And.Contain("60 beats per minute");
        (words.IsCaptionPlain, words.IsDescriptionPlain, words.DroppedSentences).Should().Be((true, true, 5));
    }

    [Fact]
    public void A_model_without_tags_has_none()
    {
        var words = TrackWords.Of(
            Text("Rock.", 0), Text("Rock.", 0), MusicalFacts.None, TagDecisions.None, 30);

        (words.HasTags, words.Tags.Count, words.Caption).Should().Be((false, 0, "Rock."));
    }

    [Fact]
    public void Of_what_is_no_music_nothing_is_said_but_that()
    {
        var decided = new MusicalFacts { Bpm = 60, DurationSeconds = 9 }
            .DecidedBy([], [("genre", "orchestral")]).HeardAs(new HeardSound(0.1, OtherSound.Speech));

        var words = TrackWords.WithoutMusic(decided, decided.Decisions, 30);

        words.Caption.Should().Be("No music: it sounds like speech.");
        words.Description.Should().Be("No music: it sounds like speech. It lasts 9.0 seconds.");
        (words.HasTags, words.Tags.Count, words.DroppedSentences).Should().Be((true, 0, 0));
        (words.IsCaptionPlain, words.IsDescriptionPlain).Should().Be((true, true));
    }

    private static GeneratedText Text(string text, int dropped) => new(text, [], dropped);
}
