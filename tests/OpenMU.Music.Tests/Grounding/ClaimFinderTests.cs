using OpenMU.Music.Grounding;

namespace OpenMU.Music.Tests.Grounding;

public sealed class ClaimFinderTests
{
    private static readonly KeyClaim AMinor = new(9, IsMinor: true, OrChord: true, IsInDoubt: false);

    private static readonly Dictionary<string, Claim[]> Claims = new()
    {
        { "It is fine.", [] },
        { "It is in 3/4.", [new MetreClaim(3, 4)] },
        { "It sways in six-eight time.", [new MetreClaim(6, 8)] },
        { "It is in two-two.", [new MetreClaim(2, Unit: null)] },
        { "There are 4 beats per bar.", [new MetreClaim(4, Unit: null)] },
        { "It is in common time.", [new MetreClaim(4, 4)] },
        { "It is in cut time.", [new MetreClaim(2, Unit: null, Or: 4)] },
        { "It is in A minor.", [AMinor] },
        { "It is in A MINOR.", [AMinor] },
        { "It is in B-flat major.", [new KeyClaim(10, IsMinor: false, OrChord: true, IsInDoubt: false)] },
        { "A minor role.", [AMinor with { IsInDoubt = true }] },
        { "Its key is D.", [new KeyClaim(2, IsMinor: null, OrChord: false, IsInDoubt: false)] },
        { "An F# is heard.", [new KeyClaim(6, IsMinor: null, OrChord: true, IsInDoubt: false)] },
        { "It is in a minor key.", [new ModeClaim(IsMinor: true, IsInDoubt: false)] },
        { "It sounds major.", [new ModeClaim(IsMinor: false, IsInDoubt: true)] },
        { "A major seventh and a minor third.", [new KeyClaim(9, IsMinor: false, OrChord: true, IsInDoubt: true)] },
        { "Am7 follows.", [new ChordClaim(9, IsMinor: true)] },
        { "E5 and C5 follow.", [new ChordClaim(4, IsMinor: null), new ChordClaim(0, IsMinor: null)] },
        { "The chord is an E power chord.", [new ChordClaim(4, IsMinor: null)] },
        { "The chords are F, Bb.", [new KeyClaim(10, IsMinor: null, OrChord: true, IsInDoubt: false), new ChordClaim(5, IsMinor: null)] },
        { "It repeats I–V–vi–IV.", [new UnmeasuredClaim(ClaimKind.Chord)] },
        { "One hundred and twenty beats per minute drive it.", [new UnmeasuredClaim(ClaimKind.Tempo)] },
        { "It runs at 117.6 BPM with 3 players.", [new FigureClaim("117.6", HasUnit: true), new FigureClaim("3", HasUnit: false)] },
        {
            "１２０ BPM in ３/4.",
            [new FigureClaim("１２０", HasUnit: true), new FigureClaim("３", HasUnit: false),
                new FigureClaim("4", HasUnit: false)]
        },
    };

    public static TheoryData<string> Texts => [.. Claims.Keys];

    [Theory, MemberData(nameof(Texts))]
    public void A_text_claims_what_it_says_once(string text) => ClaimFinder.Find(text).Should().Equal(Claims[text]);

    [Theory]
    [InlineData(null, true)]
    [InlineData(false, false)]
    [InlineData(true, false)]
    public void A_power_chord_confirms_its_root_and_no_third(bool? isMinor, bool confirmed)
    {
        var facts = new MusicalFacts { Chords = [new ChordSegment(0, 1, "E:5")] };

        new ChordClaim(4, isMinor).IsConfirmedBy(facts).Should().Be(confirmed);
    }

    [Theory]
    [InlineData("Key", 9, true, true)]
    [InlineData("Key", 9, null, true)]
    [InlineData("Key", 9, false, false)]
    [InlineData("Key", 5, false, true)]
    [InlineData("Key", 4, null, false)]
    [InlineData("Chord", 5, false, true)]
    [InlineData("Chord", 5, true, false)]
    [InlineData("Chord", 7, null, false)]
    public void A_pitch_is_confirmed_by_the_key_or_by_a_chord(string kind, int pitch, bool? isMinor, bool confirmed)
    {
        var facts = new MusicalFacts { Key = MusicalKey.Parse("A minor"), Chords = [new ChordSegment(0, 1, "F:maj7")] };
        Claim claim = kind == "Key"
            ? new KeyClaim(pitch, isMinor, OrChord: true, IsInDoubt: false)
            : new ChordClaim(pitch, isMinor);

        claim.IsConfirmedBy(facts).Should().Be(confirmed);
        claim.IsConfirmedBy(MusicalFacts.None).Should().BeFalse();
    }

    [Fact]
    public void A_key_that_can_be_nothing_else_is_confirmed_by_the_key_alone() =>
        new KeyClaim(5, IsMinor: null, OrChord: false, IsInDoubt: false)
            .IsConfirmedBy(
                new MusicalFacts { Key = MusicalKey.Parse("A minor"), Chords = [new ChordSegment(0, 1, "F")] })
            .Should().BeFalse();

    [Fact]
    public void A_word_that_need_not_be_a_mode_is_let_pass()
    {
        var facts = new MusicalFacts { Key = MusicalKey.Parse("A minor") };

        new ModeClaim(IsMinor: false, IsInDoubt: true).IsConfirmedBy(facts).Should().BeTrue();
        new ModeClaim(IsMinor: false, IsInDoubt: false).IsConfirmedBy(facts).Should().BeFalse();
        new ModeClaim(IsMinor: true, IsInDoubt: false).IsConfirmedBy(facts).Should().BeTrue();
    }

    [Theory]
    [InlineData("117.6", true)]
    [InlineData("118", true)]
    [InlineData("117.65", false)]
    [InlineData("117", false)]
    [InlineData("１１８", false)]
    public void A_figure_is_the_tempo_as_the_tool_says_it_or_the_whole_number_next_to_it(
        string figure, bool confirmed) =>
        new FigureClaim(figure, HasUnit: false).IsConfirmedBy(new MusicalFacts { Bpm = 117.6471 })
            .Should().Be(confirmed);
}
