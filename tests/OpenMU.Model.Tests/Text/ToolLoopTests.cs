using CsCheck;
using OpenMU.Model.Text;
using OpenMU.Music;
using OpenMU.Music.Grounding;

namespace OpenMU.Model.Tests.Text;

public sealed class ToolLoopTests
{
    private const string Beats = "[{'time': 0.53, 'beat_number': 1}, {'time': 1.04, 'beat_number': 2}]";
    private static readonly MusicalFacts Facts = new()
    {
        Bpm = 117.6,
        Key = MusicalKey.Parse("A minor"),
        Beats = [new Beat(0.53, 1), new Beat(1.04, 2)],
    };
    private static readonly Tokenizer Llama3 = Llama3Vocabulary.Tokenizer;

    [Theory]
    [InlineData("The tempo is [F2()] BPM.", "The tempo is [F2() → 117.6 ] BPM.")]
    [InlineData("The tempo is [GetAudioTempo()] BPM.", "The tempo is [GetAudioTempo() → 117.6 ] BPM.")]
    [InlineData(" [F3()] at [F2()]", " [F3() → A minor ] at [F2() → 117.6 ]")]
    [InlineData("Beats: [F4()]", $"Beats: [F4() → {Beats} ]")]
    [InlineData("Even with blanks [F2( , )].", "Even with blanks [F2( , ) → 117.6 ].")]
    public void Results_are_spliced_in_before_the_closing_bracket(string text, string expected) =>
        Answer(text).Should().Be(expected);

    [Theory]
    [InlineData("[F2()] at the very start")]
    [InlineData("tempo([F2()])")]
    [InlineData("an unknown tool [F9()] stays")]
    [InlineData("arguments that none takes [F2('x')] stay")]
    [InlineData("numbers as well [F2(44100, 1.5)]")]
    [InlineData("a bare word [F2(track)] is no argument")]
    [InlineData("a tool that found nothing [F1()] stays")]
    [InlineData("no brackets [F2]")]
    [InlineData("not closed [F2()")]
    [InlineData("spaces [ F2() ]")]
    [InlineData("a name with a hyphen [Get-Tempo()]")]
    [InlineData("nested [F2(])]")]
    [InlineData("already answered [F2() → 117.6 ]")]
    public void What_is_no_call_or_cannot_be_answered_stays_as_it_is(string text) => Answer(text).Should().Be(text);

    [Fact]
    public void Trimming_before_the_calls_are_read_loses_one_at_the_start_as_published()
    {
        Answer(" [F2()] BPM").Should().Be(" [F2() → 117.6 ] BPM");
        Answer(" [F2()] BPM".Trim()).Should().Be("[F2()] BPM");
    }

    [Fact]
    public void Answered_calls_are_kept_in_their_order()
    {
        var loop = new ToolLoop(Llama3, Facts);
        loop.Answer("First [F3()], then [F9()], then [GetAudioTempo()].");
        loop.Results.Should().Equal(new ToolResult("F3", "A minor"), new ToolResult("GetAudioTempo", "117.6"));
    }

    [Fact]
    public void While_a_text_is_written_a_completed_call_gets_its_result_and_what_stands_before_it_keeps_its_tokens()
    {
        var loop = new ToolLoop(Llama3, Facts);
        // One token a letter, as no tokenizer would cut it: the tokens must survive.
        int[] tokens = [.. "The tempo is [F2()]".SelectMany(letter => Llama3.Encode(letter.ToString()))];
        for (var length = 1; length < tokens.Length; length++)
            loop.AnswerWhileWriting(tokens[..length]).Should().BeNull();
        var revised = loop.AnswerWhileWriting(tokens)!;
        revised.Take(tokens.Length - 1).Should().Equal(tokens[..^1]);
        Llama3.Decode(revised).Should().Be("The tempo is [F2() → 117.6 ]");
        loop.AnswerWhileWriting([.. revised, .. Llama3.Encode(" BPM"), .. Llama3.Encode("]")])
            .Should().BeNull("that call has its answer");
        loop.Results.Should().ContainSingle();
    }

    [Fact]
    public void Behind_an_arrow_the_value_follows_and_the_model_closes_the_bracket()
    {
        var loop = new ToolLoop(Llama3, Facts);
        var tokens = Llama3.Encode("The chords are [GetAudioChords() →");
        loop.AnswerWhileWriting(tokens).Should().BeNull("no chords are known");
        tokens = Llama3.Encode("The key is [F3() →");
        loop.AnswerWhileWriting(tokens).Should().Equal([.. tokens, .. Llama3.Encode(" A minor")]);
        loop.Results.Should().Equal(new ToolResult("F3", "A minor"));
        foreach (var text in new[] { "an arrow →", "[F3() →", " [F3(1) →", " [F9() →" })
            loop.AnswerWhileWriting(Llama3.Encode(text)).Should().BeNull(text);
    }

    [Fact]
    public void A_token_that_goes_on_behind_the_bracket_keeps_what_it_says()
    {
        var tokens = Llama3.Encode(" It is [F2()].\n");
        Llama3.BytesOf(tokens[^1])!.Length
            .Should().BeGreaterThan(1, "the case is that one token holds the bracket and more");
        Llama3.Decode(new ToolLoop(Llama3, Facts).AnswerWhileWriting(tokens)!).Should().Be(" It is [F2() → 117.6 ].\n");
    }

    [Fact]
    public void A_call_that_cannot_be_answered_changes_nothing_while_writing()
    {
        var loop = new ToolLoop(Llama3, Facts);
        foreach (var text in new[] { " It is [F9()]", "[F2()]", " [F2(1)]", " [F1()]", " a list]" })
            loop.AnswerWhileWriting(Llama3.Encode(text)).Should().BeNull(text);
        loop.Results.Should().BeEmpty();
    }

    [Fact]
    public void Whatever_a_model_writes_no_digit_is_stored_that_no_tool_returned()
    {
        var facts = Facts with { Beats = [new Beat(0.5, 1), new Beat(1, 2), new Beat(1.5, 3)] };
        string[] pieces =
        [
            " ", ". ", "? ", "\n", "tempo", "BPM", "A", "C#", "minor", "[GetAudioTempo()]", "[F2() → 99 ]",
            " [GetAudioTempo( → 5 ]", "117.6", "118", "7",
            "120,5", "4/4", "3/4", "½", "→", "]", "'", "chord", "\uE000", "\uE001",
        ];
        Gen.Int[0, pieces.Length - 1].Array[0, 12].Sample(chosen =>
        {
            var loop = new ToolLoop(Llama3, facts);
            var grounded = GroundedText.Of(
                loop.Answer(string.Concat(chosen.Select(i => pieces[i]))), loop.Results, facts);
            var left = grounded.Text.Replace("117.6", "").Replace("118", "").Replace("3/4", "");
            left.Any(char.IsDigit).Should().BeFalse(grounded.Text);
            grounded.Text.Should().NotContain("→").And.NotContain("\uE000");
        }, iter: 3000, threads: 1);
    }

    private static string Answer(string text) => new ToolLoop(Llama3, Facts).Answer(text);
}
