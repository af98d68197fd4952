using OpenMU.Model.Text;

namespace OpenMU.Model.Tests.Text;

public sealed class ToolLoopTests
{
    private const string Beats = "[{'time': 0.53, 'beat_number': 1}, {'time': 1.04, 'beat_number': 2}]";
    private static readonly Tokenizer Llama3 = Llama3Vocabulary.Tokenizer;

    [Theory]
    [InlineData("The tempo is [F2()] BPM.", "The tempo is [F2() → 117.6 ] BPM.")]
    [InlineData("The tempo is [GetAudioTempo()] BPM.", "The tempo is [GetAudioTempo() → 117.6 ] BPM.")]
    [InlineData(" [F3()] at [F2()]", " [F3() → A minor ] at [F2() → 117.6 ]")]
    [InlineData("Beats: [F4()]", $"Beats: [F4() → {Beats} ]")]
    [InlineData("Even with blanks [F2( , )].", "Even with blanks [F2( , ) → 117.6 ].")]
    public void Results_are_spliced_in_before_the_closing_bracket(string text, string expected) => Answer(text).Should().Be(expected);

    [Theory]
    [InlineData("[F2()] at the very start")]
    [InlineData("tempo([F2()])")]
    [InlineData("an unknown tool [F9()] stays")]
    [InlineData("arguments that none takes [F2('x')] stay")]
    [InlineData("numbers as well [F2(44100, 1.5)]")]
    [InlineData("a bare word [F2(track)] is no argument")]
    [InlineData("a tool that fails [Broken()] stays")]
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
        var loop = new ToolLoop(Llama3, Tool);
        loop.Answer("First [F3()], then [F9()], then [GetAudioTempo()].");
        loop.Results.Should().Equal(new ToolResult("F3", "A minor"), new ToolResult("GetAudioTempo", "117.6"));
    }

    [Fact]
    public void A_cancelled_tool_ends_the_writing()
        => new ToolLoop(Llama3, _ => throw new OperationCanceledException()).Invoking(loop => loop.Answer(" [F2()]")).Should().Throw<OperationCanceledException>();

    [Fact]
    public void While_a_text_is_written_a_completed_call_gets_its_result_and_what_stands_before_it_keeps_its_tokens()
    {
        var loop = new ToolLoop(Llama3, Tool);
        // One token a letter, as no tokenizer would cut it: the tokens must survive.
        int[] tokens = [.. "The tempo is [F2()]".SelectMany(letter => Llama3.Encode(letter.ToString()))];
        for (var length = 1; length < tokens.Length; length++) loop.AnswerWhileWriting(tokens[..length]).Should().BeNull();
        var revised = loop.AnswerWhileWriting(tokens)!;
        revised.Take(tokens.Length - 1).Should().Equal(tokens[..^1]);
        Llama3.Decode(revised).Should().Be("The tempo is [F2() → 117.6 ]");
        loop.AnswerWhileWriting([.. revised, .. Llama3.Encode(" BPM"), .. Llama3.Encode("]")]).Should().BeNull("that call has its answer");
        loop.Results.Should().ContainSingle();
    }

    [Fact]
    public void Behind_an_arrow_the_value_follows_and_the_model_closes_the_bracket()
    {
        var loop = new ToolLoop(Llama3, Tool);
        var tokens = Llama3.Encode("The key is [GetAudioKey() →");
        loop.AnswerWhileWriting(tokens).Should().BeNull("there is no tool of this name here");
        tokens = Llama3.Encode("The key is [F3() →");
        loop.AnswerWhileWriting(tokens).Should().Equal([.. tokens, .. Llama3.Encode(" A minor")]);
        loop.Results.Should().Equal(new ToolResult("F3", "A minor"));
        foreach (var text in new[] { "an arrow →", "[F3() →", " [F3(1) →", " [Broken() →" }) loop.AnswerWhileWriting(Llama3.Encode(text)).Should().BeNull(text);
    }

    [Fact]
    public void A_token_that_goes_on_behind_the_bracket_keeps_what_it_says()
    {
        var tokens = Llama3.Encode(" It is [F2()].\n");
        Llama3.BytesOf(tokens[^1])!.Length.Should().BeGreaterThan(1, "the case is that one token holds the bracket and more");
        Llama3.Decode(new ToolLoop(Llama3, Tool).AnswerWhileWriting(tokens)!).Should().Be(" It is [F2() → 117.6 ].\n");
    }

    [Fact]
    public void A_call_that_cannot_be_answered_changes_nothing_while_writing()
    {
        var loop = new ToolLoop(Llama3, Tool);
        foreach (var text in new[] { " It is [F9()]", "[F2()]", " [F2(1)]", " [Broken()]", " a list]" }) loop.AnswerWhileWriting(Llama3.Encode(text)).Should().BeNull(text);
        loop.Results.Should().BeEmpty();
    }

    private static string Answer(string text) => new ToolLoop(Llama3, Tool).Answer(text);

    private static string? Tool(string name) => name switch
    {
        "F2" or "GetAudioTempo" => "117.6",
        "F3" => "A minor",
        "F4" => Beats,
        "Broken" => throw new InvalidOperationException("no sound"),
        _ => null,
    };
}
