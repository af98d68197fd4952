using OpenMU.Model.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace OpenMU.Model.Tests;

public sealed class GreedyWriterTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    public void Dispose() => scope.Dispose();

    [Fact]
    public void Texts_of_prompts_of_all_lengths_are_those_of_the_reference()
    {
        using var model = GoldenModels.OpenMu();
        var json = Golden.Json("llama/golden_tokens.json");
        MusicPrompt[] prompts = [.. json["prompts"]!.AsArray().Select(prompt => new MusicPrompt(prompt!.Ints(), []))];
        int[][] expected = [.. json["greedy40"]!.AsArray().Select(tokens => tokens!.Ints())];

        var texts = new GreedyWriter(model, expected.Max(tokens => tokens.Length)).Write(prompts);

        for (var i = 0; i < prompts.Length; i++) texts[i].Take(expected[i].Length).Should().Equal(expected[i], $"prompt {i}");
    }

    [Theory]
    [InlineData(100_000)]
    [InlineData(500)]
    [InlineData(1)]
    public void Texts_are_those_of_the_generator_whatever_fits_into_memory(int positions)
    {
        using var model = TinyModel();
        var music = randn(3, model.Config.Audio.MusicTokens, model.Config.Audio.EmbedDim, generator: new Generator(5));
        MusicPrompt[] prompts = [.. Enumerable.Range(0, 13).Select(i => new MusicPrompt([1, OpenMuConfig.MusicToken, .. Enumerable.Range(3, 1 + i % 5), 7 + 5 * i], [music[i % 3]]))];

        var texts = new GreedyWriter(model, 30, positions).Write(prompts);

        using var generator = new TextGenerator(model);
        var expected = prompts.Select(prompt => generator.Submit(prompt, new() { MaxNewTokens = 30 })).ToArray();
        generator.Complete(expected);
        for (var i = 0; i < prompts.Length; i++) texts[i].Should().Equal(expected[i].Tokens, $"prompt {i}");
        texts.Select(text => text.Count).Distinct().Should().HaveCountGreaterThan(3, "texts that end at different steps are what this is about");
    }

    [Fact]
    public void A_prompt_without_room_for_a_text_is_refused()
    {
        using var model = TinyModel();
        FluentActions.Invoking(() => new GreedyWriter(model, 30).Write([new([.. Enumerable.Repeat(3, 500)], [])])).Should().Throw<ArgumentException>().WithMessage("*500*");
    }

    // One token in eight ends a text.
    private static OpenMuModel TinyModel()
    {
        var config = OpenMuConfig.Tiny with
        {
            Audio = OpenMuConfig.Tiny.Audio with { EmbedDim = 24, Depth = 1, NumHeads = 2, ContextualBlocks = [0], Pooling = 128 },
            Llama = OpenMuConfig.Tiny.Llama with
            {
                HiddenSize = 32,
                IntermediateSize = 48,
                NumHiddenLayers = 2,
                NumAttentionHeads = 4,
                NumKeyValueHeads = 2,
                VocabSize = 160,
                MaxPositionEmbeddings = 512,
                TieWordEmbeddings = false,
                StopTokenIds = [.. Enumerable.Range(0, 20).Select(i => 8 * i)],
            },
        };
        return new(config, WeightSource.Fresh(11));
    }
}
