using System.Globalization;
namespace OpenMU.Music.Tests;

public sealed class TagDecisionsTests
{
    [Theory]
    [InlineData("strings", true)]
    [InlineData("violin", true)]
    [InlineData("guitar", true)]
    [InlineData("acoustic guitar", true)]
    [InlineData("electric guitar", false)]
    [InlineData("piano", false)]
    [InlineData("harp", false)]
    [InlineData("voice", true)]
    [InlineData("male voice", false)]
    [InlineData("rock", true)]
    [InlineData("punk", true)]
    [InlineData("metal", false)]
    [InlineData("calm", false)]
    public void A_tag_says_what_it_names_its_kinds_and_what_it_is_a_kind_of(string term, bool says) => TagDecisions.Of(
        [
            new("instrument", "strings", 0.9), new("instrument", "acoustic guitar", 0.8),
            new("instrument", "choir", 0.7), new("genre", "rock", 0.6),
        ])
        .Says(MusicTerms.Find(term)!).Should().Be(says);

    [Theory]
    [InlineData("voice:none 0.8, voice:singing 0.6, genre:jazz 0.9", "none, jazz")]
    [InlineData("voice:none 0.5, voice:singing 0.6, voice:female 0.7", "singing, female")]
    [InlineData("energy:low 0.5, mood:energetic 0.7", "energetic")]
    [InlineData("energy:high 0.8, mood:calm 0.7, mood:happy 0.4", "high, happy")]
    [InlineData("energy:high 0.4, mood:energetic 0.7, voice:speech 0.9, voice:male 0.8", "high, energetic, speech, male")]
    public void Of_tags_that_contradict_each_other_the_surer_one_holds(string said, string holds)
    {
        TagScore[] tags = [.. said.Split(", ").Select(one => one.Split(':', ' '))
            .Select(one => new TagScore(one[0], one[1], double.Parse(one[2], CultureInfo.InvariantCulture)))];
        MusicalFacts.None.DecidedBy(tags, []).Decisions.Tags.Select(tag => tag.Tag).Should().Equal(holds.Split(", "));
    }

    [Fact]
    public void What_a_model_could_have_said_and_did_not_is_not_so()
    {
        var decisions = TagDecisions.Of(
            [new("instrument", "strings", 0.9)],
            [("instrument", "strings"), ("instrument", "violin"), ("instrument", "cello")]);

        decisions.Says(MusicTerms.Find("violin")!).Should().BeFalse();
        decisions.Says(MusicTerms.Find("viola")!).Should().BeTrue();
        decisions.Says(MusicTerms.Find("piano")!).Should().BeFalse();
        decisions.Says(MusicTerms.Find("rock")!).Should().BeNull("no genre could have been given");
        decisions.Says(MusicTerms.Find("slow")!).Should().BeNull("the tempo is measured");
    }

    [Fact]
    public void Where_no_tags_were_given_nothing_is_said() =>
        MusicTerms.All.Should().OnlyContain(term => TagDecisions.None.Says(term) == null);

    [Fact]
    public void A_group_about_voices_tells_men_from_women()
    {
        var decisions = TagDecisions.Of(
            [new("voice", "female", 0.9)], [("voice", "none"), ("voice", "male"), ("voice", "female")]);

        decisions.Says(MusicTerms.Find("singer")!).Should().BeTrue();
        decisions.Says(MusicTerms.Find("soprano")!).Should().BeTrue();
        decisions.Says(MusicTerms.Find("male singer")!).Should().BeFalse();
    }

    [Fact]
    public void Tempo_and_metre_are_measured_and_no_tag_says_otherwise()
    {
        MusicalFacts In(int beats) => new MusicalFacts
        {
            Beats = [.. Enumerable.Range(0, 12).Select(i => new Beat(i, (i % beats) + 1))]
        }.DecidedBy(
            [
                new("genre", "waltz", 0.6), new("genre", "march", 0.6), new("tempo", "fast", 0.9),
                new("metre", "4/4", 0.9), new("mood", "calm", 0.6),
            ],
            [("genre", "waltz")]);

        In(3).Decisions.Tags.Select(tag => tag.Tag).Should().Equal("waltz", "calm");
        In(4).Decisions.Tags.Select(tag => tag.Tag).Should().Equal("march", "calm");
        In(2).Decisions.Judges("genre").Should().BeTrue();
        In(2).Decisions.Judges("mood").Should().BeFalse();
    }

    [Theory]
    [InlineData(150, "A major", "happy, energetic")]
    [InlineData(60, "A major", "calm")]
    [InlineData(60, "A minor", "sad, calm")]
    [InlineData(150, "A minor", "energetic")]
    public void No_mood_is_decided_that_tempo_or_mode_speaks_against(double bpm, string key, string moods)
    {
        string[] all = ["happy", "sad", "calm", "energetic"];

        var facts = new MusicalFacts { Bpm = bpm, Key = MusicalKey.Parse(key) }.DecidedBy(
            [.. all.Select(mood => new TagScore("mood", mood, 0.6))], [.. all.Select(mood => ("mood", mood))]);

        string.Join(", ", facts.Decisions.Tags.Select(tag => tag.Tag)).Should().Be(moods);
    }
}
