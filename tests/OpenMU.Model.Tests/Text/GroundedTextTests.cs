using CsCheck;
using OpenMU.Model.Text;

namespace OpenMU.Model.Tests.Text;

public sealed class GroundedTextTests
{
    private const string Chords = "[{'start_time': 0.0, 'end_time': 1.5, 'chord': 'Aminor'}, {'start_time': 1.5, 'end_time': 3.0, 'chord': 'Fmajor'}, {'start_time': 3.0, 'end_time': 3.5, 'chord': 'no chord'}, {'start_time': 3.5, 'end_time': 4.0, 'chord': 'Bbmajor'}]";
    private const string Beats = "[{'time': 0.5, 'beat_number': 1}, {'time': 1.0, 'beat_number': 2}, {'time': 1.5, 'beat_number': 3}, {'time': 2.0, 'beat_number': 1}]";

    /// <summary>A minor, 117.6 BPM, three beats in a bar, the chords A minor, F major and B flat major.</summary>
    private static readonly ToolCallback Waltz = name => name switch { "GetAudioTempo" => "117.6", "GetAudioKey" => "A minor", "GetAudioChords" => Chords, "GetAudioDownbeat" => Beats, _ => null };

    [Theory]
    [InlineData("A calm piano piece with soft strings.")]
    [InlineData("Two guitars and one drummer play; I like it.")]
    [InlineData("The tempo is 117.6 BPM.")]
    [InlineData("About 118 beats per minute, it feels quick.")]
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
        GroundedText.Of($"A calm piece. {sentence} Soft strings enter!", [], Waltz).Should().Be(new GroundedText("A calm piece. Soft strings enter!", 1));
    }

    [Theory]
    [InlineData("It is in 6/8.")]
    [InlineData("The tempo is 90 BPM.")]
    [InlineData("It is in A minor.")]
    [InlineData("The chords are F and C.")]
    public void Where_nothing_was_measured_nothing_is_confirmed(string sentence)
    {
        GroundedText.Of(sentence, [], _ => null).Dropped.Should().Be(1);
        GroundedText.Of(sentence, [], _ => throw new InvalidOperationException("no sound")).Text.Should().Be(GroundedText.NotSure);
    }

    [Fact]
    public void Compound_time_is_counted_in_its_beats()
    {
        ToolCallback two = name => name == "GetAudioDownbeat" ? "[{'time': 0.5, 'beat_number': 1}, {'time': 1.0, 'beat_number': 2}]" : null;
        GroundedText.Of("It sways in 6/8.", [], two).Dropped.Should().Be(0);
        GroundedText.Of("It sways in six-eight.", [], two).Dropped.Should().Be(0);
        GroundedText.Of("It marches in 2/4.", [], two).Dropped.Should().Be(0);
        GroundedText.Of("It sways in 3/4.", [], two).Dropped.Should().Be(1);
    }

    [Theory]
    [InlineData("The tempo is [GetAudioTempo()] BPM. It feels quick.", "The tempo is 117.6 BPM. It feels quick.")]
    [InlineData("It is in [GetAudioKey()], at [GetAudioTempo()] BPM.", "It is in A minor, at 117.6 BPM.")]
    [InlineData("The chords are [GetAudioChords()].", "The chords are A minor, F major, Bb major.")]
    [InlineData("The beats are [GetAudioDownbeat()].", "The beats are 1 at 0.5 s, 2 at 1.0 s, 3 at 1.5 s, 1 at 2.0 s.")]
    public void Answered_calls_become_words(string written, string expected)
    {
        var loop = new ToolLoop(Llama3Vocabulary.Tokenizer, Waltz);
        var answered = loop.Answer(written);
        GroundedText.Of(answered, loop.Results, Waltz).Should().Be(new GroundedText(expected, 0));
    }

    [Fact]
    public void A_measured_value_does_not_excuse_another_beside_it()
    {
        var loop = new ToolLoop(Llama3Vocabulary.Tokenizer, Waltz);
        var answered = loop.Answer("The tempo is [GetAudioTempo()] BPM, in E major. It is calm.");
        GroundedText.Of(answered, loop.Results, Waltz).Should().Be(new GroundedText("It is calm.", 1));
    }

    [Fact]
    public void Long_lists_are_cut()
    {
        var beats = $"[{string.Join(", ", Enumerable.Range(0, 200).Select(i => $"{{'time': {i}.5, 'beat_number': {i % 4 + 1}}}"))}]";
        var loop = new ToolLoop(Llama3Vocabulary.Tokenizer, _ => beats);
        var text = GroundedText.Of(loop.Answer("Beats: [F4()]."), loop.Results, _ => beats).Text;
        text.Should().StartWith("Beats: 1 at 0.5 s, 2 at 1.5 s").And.EndWith("4 at 7.5 s and so on.");
    }

    [Fact]
    public void Lines_are_sentences_and_decimals_do_not_end_one()
        => GroundedText.Of("It is calm\nIt runs at 120.5 BPM\n\nStrings enter. The end", [], Waltz).Should().Be(new GroundedText("It is calm\nStrings enter. The end", 1));

    [Fact]
    public void An_empty_text_is_not_sure() => GroundedText.Of("  ", [], Waltz).Should().Be(new GroundedText(GroundedText.NotSure, 0));

    [Fact]
    public void Whatever_a_model_writes_no_digit_is_stored_that_no_tool_returned()
    {
        string[] pieces = [" ", ". ", "? ", "\n", "tempo", "BPM", "A", "C#", "minor", "[GetAudioTempo()]", "[F2() → 99 ]", " [GetAudioTempo( → 5 ]", "117.6", "118", "7", "120,5", "4/4", "3/4", "½", "→", "]", "'", "chord", "\uE000", "\uE001"];
        Gen.Int[0, pieces.Length - 1].Array[0, 12].Sample(chosen =>
        {
            var loop = new ToolLoop(Llama3Vocabulary.Tokenizer, Waltz);
            var grounded = GroundedText.Of(loop.Answer(string.Concat(chosen.Select(i => pieces[i]))), loop.Results, Waltz);
            var left = grounded.Text.Replace("117.6", "").Replace("118", "").Replace("3/4", "");
            left.Any(char.IsDigit).Should().BeFalse(grounded.Text);
            grounded.Text.Should().NotContain("→").And.NotContain("\uE000");
        }, iter: 3000, threads: 1);
    }
}
