using CsCheck;
using OpenMU.Music.Grounding;

namespace OpenMU.Music.Tests.Grounding;

/// <summary>No sentence beside a track's tags and tempo gives them the lie, and none that agrees is lost.</summary>
public sealed class OneStoryTests
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

    private static readonly (string Group, IReadOnlyList<Label> Labels)[] Groups =
    [
        (MusicTerms.Genre, MusicVocabulary.Genres), (MusicTerms.Instrument, MusicVocabulary.Instruments),
        (MusicTerms.Mood, MusicVocabulary.Moods),
    ];

    private static readonly (string Group, string Name)[] Labels =
        [.. Groups.SelectMany(one => one.Labels.Select(label => (one.Group, label.Name)))];

    // Each spelling of a label, with the names of the labels that bear it out.
    private static readonly (string Word, string[] By)[] Words =
    [
        .. Groups.SelectMany(one => one.Labels.SelectMany(label => label.Words.SelectMany(word => Forms(one.Group, word)
            .Select(form => (form, word == "percussion" ? new[] { "drums", "mallets" } : [label.Name]))))),
        ("guitar", ["acoustic guitar", "electric guitar", "distorted guitar"]), ("cellos", ["strings"]),
        ("pianist", ["piano"]), ("trombones", ["brass"]), ("hard rock", ["rock"]), ("samba", ["latin"]),
        ("darkly", ["dark"]), ("vocals", ["choir"]), ("oboe", []), ("female singer", []),
    ];

    private static readonly Gen<MusicalFacts> Facts =
        from bpm in Gen.Select(Gen.Bool, Gen.Double[45, 180]).Select((known, bpm) => known ? bpm : (double?)null)
        from tags in Gen.Double[0, 1].Array[Labels.Length].Select(scores => Labels.Zip(scores)
            .Where(label => label.Second > 0.7)
            .Select(label => new TagScore(label.First.Group, label.First.Name, label.Second)).ToArray())
        select new MusicalFacts { Bpm = bpm, Decisions = TagDecisions.Of(tags) };

    private static readonly Gen<string> Affirming = OneOf(
        "Here is {0} and then {1}.", "{0} can be heard.", "This is {0}-driven, they say!",
        "Not only {0} but also {1}.", "Is it {0}?", "No, it is {0}.", "It has {0}'s sound.");

    private static readonly Gen<string> Denying = OneOf(
        "There is no {0}.", "It gets by without {0} or {1}.", "It isn't {0}.", "It lacks {0}!", "{0} is absent.",
        "It is free of {0}.", "{0} and {1} are not heard.", "It is neither {0} nor {1}.", "It never turns {0}.");

    private static readonly Gen<(string Text, bool IsDenial, (string Word, string[] By)[] Words)> Sentences =
        Gen.Select(Gen.Bool, Affirming, Denying, OneOf(Words).Array[3]).Select((denies, yes, no, words) =>
            (string.Format(null, denies ? no : yes, [.. words.Select(word => (object)word.Word)]), denies,
                words.Where((_, i) => (denies ? no : yes).Contains($"{{{i}}}", StringComparison.Ordinal)).ToArray()));

    [Fact]
    public void What_contradicts_goes_and_what_agrees_stays() =>
        Gen.Select(Facts, Sentences.Array[1, 5]).Sample((facts, sentences) =>
        {
            var tags = facts.Decisions.Tags.Select(tag => tag.Tag).ToHashSet();
            string[] kept = [.. sentences.Where(sentence =>
                sentence.Words.All(word => word.By.Any(tags.Contains) != sentence.IsDenial)).Select(one => one.Text)];

            var text = GroundedText.Of(string.Join(' ', sentences.Select(sentence => sentence.Text)), [], facts);

            text.Should().Be(new GroundedText(
                kept.Length == 0 ? GroundedText.NotSure : string.Join(' ', kept), sentences.Length - kept.Length));
        });

    [Fact]
    public void What_is_written_from_the_facts_contradicts_nothing() => Facts.Sample(facts =>
    {
        foreach (var text in new[] { PlainWriter.Caption(facts), PlainWriter.Description(facts) })
            GroundedText.Of(text, [], facts).Should().Be(new GroundedText(text, 0));
    });

    [Fact]
    public void A_word_for_the_tempo_is_the_measured_one() =>
        Gen.Select(Gen.Double[45, 180], OneOf([.. MusicVocabulary.TempoClasses]), Gen.Bool)
            .Sample((bpm, tempo, denies) =>
            {
                var facts = new MusicalFacts { Bpm = bpm };
                foreach (var word in tempo.Words)
                {
                    GroundedText.Of(denies ? $"It is not {word}." : $"It is {word}.", [], facts).Dropped
                        .Should().Be((facts.TempoClass == tempo.Name) == denies ? 1 : 0);
                }
            });

    [Theory]
    [InlineData("A slow, sad orchestral piece with violins and cellos.", true)]
    [InlineData("Timpani thunder.", false)]
    [InlineData("The drummer keeps the beat, and cymbals crash.", true)]
    [InlineData("It is drumless.", false)]
    [InlineData("No drums are heard, so the pulse comes from the other instruments.", false)]
    [InlineData("There are no guitars.", true)]
    [InlineData("Without a piano, the violins lead.", true)]
    [InlineData("Without piano, violins and flutes play.", false)]
    [InlineData("No piano, just strings.", true)]
    [InlineData("No doubt strings carry it.", true)]
    [InlineData("A metal lament.", false)]
    [InlineData("It is orchestral rather than metal.", true)]
    [InlineData("It is metal rather than orchestral.", false)]
    [InlineData("A quick pace.", false)]
    [InlineData("It is not fast.", true)]
    [InlineData("It is neither fast nor slow.", false)]
    [InlineData("A male singer tells a story.", false)]
    [InlineData("It is an instrumental.", true)]
    [InlineData("The lyrics are about love.", false)]
    [InlineData("It stands in D minor.", true)]
    [InlineData("It stands in D major.", false)]
    [InlineData("The band plays in the evening.", true)]
    public void A_lament_for_strings_has_one_story(string sentence, bool stays) =>
        GroundedText.Of(sentence, [], Lament).Dropped.Should().Be(stays ? 0 : 1);

    [Theory]
    [InlineData("I find a tempo of 60 BPM, which feels fast.", "I find a tempo of 60 BPM.")]
    [InlineData("Violins play, which makes it metal!\nIt is sad.", "Violins play!\nIt is sad.")]
    [InlineData("Flutes play, which makes it sad. It is sad.", "It is sad.")]
    public void A_false_remark_at_the_end_does_not_cost_what_is_true_before_it(string text, string kept) =>
        GroundedText.Of(text, [], Lament).Should().Be(new GroundedText(kept, 1));

    [Fact]
    public void Where_lyrics_are_known_somebody_sings()
    {
        var song = Lament with { HasLyrics = true };

        GroundedText.Of("The vocals are soft.", [], song).Dropped.Should().Be(0);
        GroundedText.Of("The lyrics are about love.", [], song).Dropped.Should().Be(0);
        GroundedText.Of("It is an instrumental.", [], song).Dropped.Should().Be(1);
        GroundedText.Of("A female singer leads.", [], song).Dropped.Should().Be(1, "nothing tells who sings");
    }

    [Fact]
    public void Where_nothing_gives_tags_only_measurements_speak()
    {
        var measured = new MusicalFacts { Bpm = 60 };

        GroundedText.Of("A slow rock song with a singer, without drums, piano and bass.", [], measured).Dropped
            .Should().Be(0);
        GroundedText.Of("A fast rock song.", [], measured).Dropped.Should().Be(1);
        GroundedText.Of("A fast rock song.", [], MusicalFacts.None).Dropped.Should().Be(1, "no tempo was measured");
    }

    private static string[] Forms(string group, string word) =>
        group == MusicTerms.Instrument && !word.EndsWith('s') ? [word, word + "s"] : [word];

    private static Gen<T> OneOf<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);
}
