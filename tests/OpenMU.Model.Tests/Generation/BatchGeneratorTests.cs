using OpenMU.Model.Families;
using OpenMU.Model.Generation;
using OpenMU.Model.Kernels;
using OpenMU.Model.Weights;
using OpenMU.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace OpenMU.Model.Tests.Generation;

public sealed class BatchGeneratorTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    public void Dispose() => scope.Dispose();

    [Fact]
    public void Texts_of_prompts_of_all_lengths_are_those_of_the_reference()
    {
        using var model = GoldenModels.OpenMu();
        var json = Golden.Json("llama/golden_tokens.json");
        MusicPrompt[] prompts = [.. json["prompts"]!.AsArray().Select(prompt => new MusicPrompt(prompt!.Ints(), []))];
        int[][] expected = [.. json.Numbered("greedy").AsArray().Select(tokens => tokens!.Ints())];

        var texts = new BatchGenerator(model, expected.Max(tokens => tokens.Length)).Generate(prompts);

        for (var i = 0; i < prompts.Length; i++)
            texts[i].Take(expected[i].Length).Should().Equal(expected[i], $"prompt {i}");
    }

    [Fact]
    public void Texts_to_music_that_prompts_share_are_those_of_the_reference()
    {
        using var model = GoldenModels.OpenMu();
        var json = Golden.Json("multimodal/golden.json");
        var rows = GoldenModels.Rows(json);
        int[][] expected = [.. json["greedy_new_tokens"]!.AsArray().Select(tokens => tokens!.Ints())];

        var texts = new BatchGenerator(model, expected.Max(tokens => tokens.Length)).Generate([.. rows, .. rows]);

        foreach (var (i, text) in texts.Index())
        {
            var own = expected[i % rows.Count];
            text.Take(own.Length).Should().Equal(own, $"prompt {i}");
        }
    }

    [Theory]
    [InlineData(100_000)]
    [InlineData(500)]
    [InlineData(1)]
    public void Texts_are_those_of_the_generator_whatever_fits_into_memory(int positions)
    {
        using var model = TinyModel();
        var music = randn(3, model.Config.Audio.MusicTokens, model.Config.Audio.EmbedDim, generator: new Generator(5));
        MusicPrompt[] prompts = [.. Enumerable.Range(0, 13).Select(i => new MusicPrompt(
            [1, OpenMuConfig.MusicToken, .. Enumerable.Range(3, 1 + i % 5), 7 + 5 * i], [music[i % 3]]))];

        var texts = new BatchGenerator(model, 30, positions).Generate(prompts);

        ShouldBeTheGenerators(texts, model, prompts);
        texts.Select(text => text.Count).Distinct()
            .Should().HaveCountGreaterThan(3, "texts that end at different steps are what this is about");
    }

    [Theory]
    [InlineData(100_000)]
    [InlineData(1500)]
    [InlineData(1)]
    public void Prompts_with_one_track_with_several_and_with_none_are_written_in_one_call_as_if_each_were_alone(
        int positions)
    {
        using var model = TinyModel();
        var music = (randn(3, model.Config.Audio.MusicTokens, model.Config.Audio.EmbedDim, generator: new Generator(6))
            * Scalars.Of(8)).unbind();
        const int track = OpenMuConfig.MusicToken;
        MusicPrompt[] Asked(int[] question, Tensor own) =>
        [
            new([1, .. question], []),
            new([1, track, .. question], [own]),
            new([1, 4, track, .. question], [own]),
            new([1, track, 2, track, .. question], [music[0], own]),
            new([1, .. question, track], [own]),
        ];
        MusicPrompt[] prompts =
            [.. Enumerable.Range(0, 12).SelectMany(i => Asked([.. Enumerable.Range(3 + i, 1 + i / 3)], music[i % 3]))];
        var told = new List<int>();

        var texts = new BatchGenerator(model, 30, positions).Generate(prompts, told.Add);

        ShouldBeTheGenerators(texts, model, prompts);
        told.Should().BeInAscendingOrder().And.EndWith(prompts.Length);
    }

    [Fact]
    public void Music_that_is_shared_by_some_prompts_is_heard_by_them_alone()
    {
        using var model = TinyModel();
        var music = (randn(6, model.Config.Audio.MusicTokens, model.Config.Audio.EmbedDim, generator: new Generator(7))
            * Scalars.Of(8)).unbind();
        MusicPrompt[] prompts = [.. Enumerable.Range(0, 24)
            .Select(i => new MusicPrompt([1, OpenMuConfig.MusicToken, 5 + i / 6, 9], [music[i % 6]]))];

        var texts = new BatchGenerator(model, 30).Generate(prompts);

        ShouldBeTheGenerators(texts, model, prompts);
        texts.Chunk(6).Should().Contain(
            answers => answers.Select(text => string.Join(' ', text)).Distinct().Count() > 1,
            "a question is answered differently to different music");
    }

    [Fact]
    public void A_prompt_without_room_for_a_text_is_refused()
    {
        using var model = TinyModel();
        FluentActions.Invoking(() => new BatchGenerator(model, 30).Generate([new([.. Enumerable.Repeat(3, 500)], [])]))
            .Should().Throw<ArgumentException>().WithMessage("*500*");
    }

    private static void ShouldBeTheGenerators(
        IReadOnlyList<IReadOnlyList<int>> texts, OpenMu model, MusicPrompt[] prompts)
    {
        using var generator = new TextGenerator(model);
        var expected = prompts.Select(prompt => generator.Submit(prompt, new() { MaxNewTokens = 30 })).ToArray();
        generator.Complete(expected);
        texts.Should().HaveCount(prompts.Length);
        for (var i = 0; i < texts.Count; i++) texts[i].Should().Equal(expected[i].Tokens, $"prompt {i}");
    }

    // One token in eight ends a text. In float64, because one row and many rows differ in their last bits: in
    // float32 two tokens lie so close once in some ten thousand that another vector width takes the other.
    private static OpenMu TinyModel()
    {
        var config = OpenMuConfig.Tiny with
        {
            Audio = OpenMuConfig.Tiny.Audio with
            {
                EmbedDim = 24,
                Depth = 1,
                NumHeads = 2,
                ContextualBlocks = [0],
                Pooling = 128
            },
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
        return new(config, WeightSource.Random(11).On(CPU, float64));
    }
}
