using System.Text.RegularExpressions;
using OpenMU.Music.Grounding;

namespace OpenMU.Music.Tests.Grounding;

public sealed partial class GroundedTextTests
{
    /// <summary>A minor, 117.6 BPM, three beats in a bar, the chords A minor, F major and B flat major.</summary>
    private static readonly MusicalFacts Waltz = new()
    {
        Bpm = 117.6,
        Key = MusicalKey.Parse("A minor"),
        Beats = [new Beat(0.5, 1), new Beat(1, 2), new Beat(1.5, 3), new Beat(2, 1)],
        Chords =
        [
            new ChordSegment(0, 1.5, "A:min"), new ChordSegment(1.5, 3, "F:maj"), new ChordSegment(3, 3.5, "N"),
            new ChordSegment(3.5, 4, "Bb:maj"),
        ],
    };

    [Theory]
    [InlineData("A calm piano piece with soft strings.")]
    [InlineData("Two guitars and one drummer play; I like it.")]
    [InlineData("The tempo is 117.6 BPM.")]
    [InlineData("About 118 beats per minute, it feels moderate.")]
    [InlineData("It runs at 117.6BPM in A minor.")]
    [InlineData("The key of A minor gives it a sad tone.")]
    [InlineData("It stands in the key of A.")]
    [InlineData("A waltz in 3/4.")]
    [InlineData("The metre is three-four, with three beats per bar.")]
    [InlineData("Its triple metre turns in a minor key.")]
    [InlineData("The chords Am and F alternate with Bb.")]
    [InlineData("The progression is A minor, F major, A♯ major.")]
    [InlineData("The chords are F, Bb.")]
    [InlineData("Dr. Dre would like it, e.g. at night.")]
    [InlineData("Bass and Drums enter; C'est la vie, says DJ A.")]
    [InlineData("He plays a major role in a minor dispute.")]
    [InlineData("They say \"yes.\"then go on... and on!)")]
    [InlineData("Wait...what? (\"Really?\") Yes.")]
    public void A_sentence_whose_figures_were_measured_or_that_has_none_stays(string sentence)
        => GroundedText.Of(sentence, [], Waltz).Should().Be(new GroundedText(sentence, 0));

    [Theory]
    [InlineData("The tempo is 120 BPM.")]
    [InlineData("The tempo is 117 BPM.")]
    [InlineData("The tempo is 117.8 BPM.")]
    [InlineData("It was made in 1985.")]
    [InlineData("It has the sound of the 80s.")]
    [InlineData("It lasts 30 seconds.")]
    [InlineData("One hundred and twenty beats per minute drive it.")]
    [InlineData("The song is in C major.")]
    [InlineData("The song is in A major.")]
    [InlineData("The song is in F# minor.")]
    [InlineData("The song is in A flat minor.")]
    [InlineData("It stands in the key of G.")]
    [InlineData("It is in a major key.")]
    [InlineData("It is in 4/4.")]
    [InlineData("Four-four time drives it.")]
    [InlineData("There are four beats in each bar.")]
    [InlineData("It is in common time.")]
    [InlineData("It is in duple metre.")]
    [InlineData("The chords are G and C.")]
    [InlineData("Am and G7 alternate.")]
    [InlineData("The chord progression is A minor, E major.")]
    [InlineData("It repeats I–V–vi–IV.")]
    [InlineData("An F# is heard.")]
    [InlineData("The tempo is [GetAudioTempo( BPM.")]
    [InlineData("The tempo is [F9()] BPM.")]
    [InlineData("The tempo is [F2() → 99.0 ] BPM.")]
    [InlineData("The tempo is １２０ BPM.")]
    public void A_sentence_with_a_figure_that_no_tool_gave_goes(string sentence)
    {
        GroundedText.Of(sentence, [], Waltz).Should().Be(new GroundedText(GroundedText.NotSure, 1));
        GroundedText.Of($"A calm piece. {sentence} Soft strings enter!", [], Waltz)
            .Should().Be(new GroundedText("A calm piece. Soft strings enter!", 1));
    }

    [Theory]
    [InlineData("It is in 6/8.")]
    [InlineData("The tempo is 90 BPM.")]
    [InlineData("It is in A minor.")]
    [InlineData("The chords are F and C.")]
    public void Where_nothing_was_measured_nothing_is_confirmed(string sentence)
    {
        GroundedText.Of(sentence, [], MusicalFacts.None).Should().Be(new GroundedText(GroundedText.NotSure, 1));
    }

    [Fact]
    public void Compound_time_is_counted_in_its_beats()
    {
        var two = new MusicalFacts { Beats = [new Beat(0.5, 1), new Beat(1, 2)] };
        GroundedText.Of("It sways in 6/8.", [], two).Dropped.Should().Be(0);
        GroundedText.Of("It sways in six-eight.", [], two).Dropped.Should().Be(0);
        GroundedText.Of("It marches in 2/4.", [], two).Dropped.Should().Be(0);
        GroundedText.Of("It sways in 3/4.", [], two).Dropped.Should().Be(1);
    }

    [Theory]
    [InlineData("The tempo is [GetAudioTempo()] BPM. It feels moderate.", "The tempo is 117.6 BPM. It feels moderate.")]
    [InlineData("It is in [GetAudioKey()], at [GetAudioTempo()] BPM.", "It is in A minor, at 117.6 BPM.")]
    [InlineData("The chords are [GetAudioChords()].", "The chords are A minor, F major, A# major.")]
    [InlineData("The beats are [GetAudioDownbeat()].", "The beats are 1 at 0.5 s, 2 at 1.0 s, 3 at 1.5 s, 1 at 2.0 s.")]
    public void Answered_calls_become_words(string written, string expected)
    {
        var (answered, results) = Answered(written, Waltz);
        GroundedText.Of(answered, results, Waltz).Should().Be(new GroundedText(expected, 0));
    }

    [Fact]
    public void A_measured_value_does_not_excuse_another_beside_it()
    {
        var (answered, results) = Answered("The tempo is [GetAudioTempo()] BPM, in E major. It is calm.", Waltz);
        GroundedText.Of(answered, results, Waltz).Should().Be(new GroundedText("It is calm.", 1));
    }

    [Fact]
    public void Long_lists_are_cut()
    {
        var facts =
            new MusicalFacts { Beats = [.. Enumerable.Range(0, 200).Select(i => new Beat(i + 0.5, i % 4 + 1))] };
        var (answered, results) = Answered("Beats: [F4()].", facts);
        var text = GroundedText.Of(answered, results, facts).Text;
        text.Should().StartWith("Beats: 1 at 0.5 s, 2 at 1.5 s").And.EndWith("4 at 7.5 s and so on.");
    }

    [Fact]
    public void Lines_are_sentences_and_decimals_do_not_end_one()
        => GroundedText.Of("It is calm\nIt runs at 120.5 BPM\n\nStrings enter. The end", [], Waltz)
            .Should().Be(new GroundedText("It is calm\nStrings enter. The end", 1));

    [Fact]
    public void An_empty_text_is_not_sure()
        => GroundedText.Of("  ", [], Waltz).Should().Be(new GroundedText(GroundedText.NotSure, 0));

    [Fact]
    public void A_power_chord_is_called_one()
    {
        var facts = new MusicalFacts { Chords = [new ChordSegment(0, 1, "E:5"), new ChordSegment(1, 2, "E:maj")] };
        var (answered, results) = Answered("It has [F1()].", facts);
        GroundedText.Of(answered, results, facts).Text.Should().Be("It has E power chord, E major.");
    }

    [Fact]
    public void Gaps_between_chords_are_not_read_out_and_a_track_without_chords_says_so()
    {
        var facts = new MusicalFacts
        {
            Chords = [new ChordSegment(0, 1, "C:maj"), new ChordSegment(1, 2, "N"), new ChordSegment(2, 3, "C:7")]
        };
        var (answered, results) = Answered("It has [F1()].", facts);
        GroundedText.Of(answered, results, facts).Text.Should().Be("It has C major.");

        facts = new MusicalFacts { Chords = [new ChordSegment(0, 3, "N")] };
        (answered, results) = Answered("It has [F1()].", facts);
        GroundedText.Of(answered, results, facts).Text.Should().Be("It has no chord.");
    }

    // As the tool loop splices results in.
    private static (string Text, List<ToolResult> Results) Answered(string text, MusicalFacts facts)
    {
        var results = new List<ToolResult>();
        var answered = Call().Replace(text, call =>
        {
            results.Add(new ToolResult(call.Groups["name"].Value, facts.Call(call.Groups["name"].Value)!));
            return $"[{results[^1].Name}() → {results[^1].Value} ]";
        });
        return (answered, results);
    }

    [GeneratedRegex(@"\[(?<name>\w+)\(\)\]")]
    private static partial Regex Call();
}
