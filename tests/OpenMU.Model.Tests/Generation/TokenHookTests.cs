using OpenMU.Model.Families;
using OpenMU.Model.Generation;
using OpenMU.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace OpenMU.Model.Tests.Generation;

public sealed class TokenHookTests : IDisposable
{
    private static readonly int[] Result = [7, 8, 9];
    private readonly DisposeScope scope = NewDisposeScope();
    private readonly OpenMu model = GoldenModels.OpenMu(float64);
    private readonly TextGenerator generator;
    private readonly int[] prompt = Golden.Json("llama/golden_tokens.json")["prompts"]![0]!.Ints();

    public TokenHookTests() => generator = new(model);

    public void Dispose()
    {
        generator.Dispose();
        model.Dispose();
        scope.Dispose();
    }

    [Fact]
    public void What_is_put_in_behind_a_token_is_read_and_the_text_goes_on_from_there()
    {
        var plain = Write(prompt, 4);
        var text = Write(prompt, 10, tokens => tokens.Count == 4 ? [.. tokens, .. Result] : null);
        text.Take(7).Should().Equal([.. plain, .. Result]);
        text.Skip(7)
            .Should().Equal(Write([.. prompt, .. plain, .. Result], 6), "only chosen tokens count against the limit");
        generator.Used.Should().Be(0);
    }

    [Fact]
    public void Tokens_that_change_are_forgotten()
    {
        var plain = Write(prompt, 5);
        int[] changed = [.. plain[..2], .. Result];
        var text = Write(prompt, 9, tokens => tokens.Count == 5 && tokens[2] != Result[0] ? changed : null);
        text.Should().Equal([.. changed, .. Write([.. prompt, .. changed], 4)]);
    }

    [Fact]
    public void A_text_may_be_changed_several_times_while_there_is_room()
    {
        var text = Write(prompt, 6, tokens => tokens.Count % 4 == 2 ? [.. tokens, .. Result[..2]] : null, room: 5);
        text.Should().HaveCount(10, "two results fit and a third does not");
        text[2..4].Should().Equal(Result[..2]);
        text[6..8].Should().Equal(Result[..2]);
    }

    [Fact]
    public void What_does_not_fit_is_left_out()
        => Write(prompt, 8, tokens => [.. tokens, .. Result], room: 2).Should().Equal(Write(prompt, 8));

    [Fact]
    public void A_stop_token_within_a_result_does_not_end_the_text_and_nothing_is_put_in_behind_the_end()
    {
        var options = new GenerationOptions { MaxNewTokens = 5, MaxInsertedTokens = 9, StopIds = [Result[1]] };
        var generation = generator.Submit(new(prompt, []), options, tokenHook: tokens =>
            tokens.Count == 2 ? [.. tokens, Result[1], Result[0]] : null);
        generator.Complete(generation);
        generation.Tokens.Should().HaveCountGreaterThan(4);
        var last = Write(prompt, 3)[2];
        var ended = generator.Submit(new(prompt, []), options with { StopIds = [last] }, tokenHook: tokens =>
            tokens[^1] == last ? [.. tokens, .. Result] : null);
        generator.Complete(ended);
        ended.Tokens[^1].Should().Be(last);
    }

    [Fact]
    public void A_tool_that_throws_fails_its_own_text_alone()
    {
        var good = generator.Submit(new(prompt, []), new() { MaxNewTokens = 6 });
        var bad = generator.Submit(new(prompt, []), new() { MaxNewTokens = 6 }, tokenHook: _ =>
            throw new InvalidOperationException("the tool broke"));
        generator.Complete(good, bad);
        good.Tokens.Should().Equal(Write(prompt, 6));
        bad.Error!.Message.Should().Be("the tool broke");
        generator.Used.Should().Be(0);
    }

    [Fact]
    public void Beams_take_no_interjections()
    {
        generator.Invoking(g => g.Submit(new(prompt, []), new() { Beams = 2 }, tokenHook: _ => null))
            .Should().Throw<ArgumentException>().WithMessage("*beam search*");
        generator.Invoking(g => g.Submit(new(prompt, []), new() { MaxInsertedTokens = -1 }))
            .Should().Throw<ArgumentException>().WithMessage("*-1 tokens*");
    }

    private int[] Write(int[] ids, int count, TokenHook? interject = null, int room = 12)
    {
        var generation = generator.Submit(
            new(ids, []), new() { MaxNewTokens = count, StopIds = [], MaxInsertedTokens = room }, tokenHook: interject);
        generator.Complete(generation);
        return [.. generation.Tokens];
    }
}
