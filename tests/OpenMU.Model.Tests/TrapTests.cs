using OpenMU.Model.Audio;
using OpenMU.Model.Decoder;
using OpenMU.Model.Encoders;
using OpenMU.Model.Families;
using OpenMU.Model.Kernels;
using OpenMU.Model.Weights;
using OpenMU.Testing;
using OpenMU.Training.Stages;
using TorchSharp;
using static TorchSharp.torch;

namespace OpenMU.Model.Tests;

/// <summary>
/// Places where a plausible reading of the paper differs from the published code, as far as no other test meets them;
/// docs/model.md lists all.
/// </summary>
public sealed class TrapTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();
    private readonly IDisposable noGrad = no_grad();

    public void Dispose()
    {
        noGrad.Dispose();
        scope.Dispose();
    }

    [Fact]
    public void Padding_is_louder_than_the_average_and_silence_lies_at_the_floor()
    {
        using var preprocessor = new AudioPreprocessor(new());
        var picture = preprocessor.ModelInput(new float[16_000])[0];
        picture[0, 5].item<float>().Should().BeApproximately(-1.277594f, 1e-5f);
        picture[3000, 5].item<float>().Should().BeApproximately(0.46703236f, 1e-6f);
    }

    [Fact]
    public void A_short_track_fills_all_music_tokens_and_its_padding_is_not_masked()
    {
        using var model = GoldenModels.OpenMu();
        using var preprocessor = new AudioPreprocessor(model.Config.Audio);
        var music = model.Encode(preprocessor.ModelInput(TestSound(16_000)).unsqueeze(0))[0];
        var batch = model.Splice([new MusicPrompt([1, OpenMuConfig.MusicToken, 2], [music])]);
        batch.Mask.sum().item<long>().Should().Be(2 + model.Config.Audio.MusicTokens);
    }

    [Fact]
    public void Layer_normalisation_adds_a_millionth_to_the_variance()
    {
        using var norm = new Norm(WeightSource.Random(1), 2, new AudioMaeConfig().LayerNormEps);
        norm.call(tensor(new[] { 1e-3f, -1e-3f }))
            .ShouldBeCloseTo(tensor(new[] { 1 / MathF.Sqrt(2), -1 / MathF.Sqrt(2) }), 1e-5);
    }

    [Fact]
    public void Rms_normalisation_adds_a_hundred_thousandth_under_the_root_and_multiplies_after_the_cast()
    {
        using var norm = new RmsNorm(WeightSource.Random(1), 2, new LlamaConfig().RmsNormEps);
        var small = MathF.Sqrt(1e-5f);
        norm.call(tensor(new[] { small, small }))
            .ShouldBeCloseTo(tensor(new[] { 1 / MathF.Sqrt(2), 1 / MathF.Sqrt(2) }), 1e-5);

        var generator = new Generator(1);
        var (x, weight) =
            (randn(64, 256, generator: generator).to(bfloat16), randn(256, generator: generator).to(bfloat16));
        using var narrow = new RmsNorm(
            WeightSource.From(new Dictionary<string, Tensor> { ["weight"] = weight }).On(CPU, bfloat16), 256, 1e-5);
        var wide = x.to(float32);
        var normalised = wide * rsqrt(wide.pow2().mean([-1], keepdim: true).add_scalar(1e-5));
        narrow.call(x).ShouldBeCloseTo(normalised.to(bfloat16) * weight, 0);
        narrow.call(x).ne((normalised * weight.to(float32)).to(bfloat16)).any().item<bool>()
            .Should().BeTrue("the order of cast and product shows");
    }

    [Fact]
    public void Positions_turn_by_half_a_million_and_are_rounded_to_the_models_type()
    {
        var config = new LlamaConfig { HiddenSize = 64, NumAttentionHeads = 4, MaxPositionEmbeddings = 3000 };
        using var wide = new Rope(config, float32, CPU);
        using var narrow = new Rope(config, bfloat16, CPU);
        var position = tensor(new[] { 2999L }).unsqueeze(0);
        wide.At(position).Cosines[0, 0, 0, 1].item<float>()
            .Should().BeApproximately((float)Math.Cos(2999 * Math.Pow(500_000, -2 / 16.0)), 1e-3f);
        narrow.At(position).Sines.dtype.Should().Be(bfloat16);
        narrow.At(position).Sines.ShouldBeCloseTo(wide.At(position).Sines.to(bfloat16), 0);
    }

    [Fact]
    public void In_bfloat16_logits_are_float32_and_no_farther_off_than_the_references_own()
    {
        using var file = SafeTensors.Open(Golden.PathOf("llama/hf-bf16/model.safetensors"));
        using var llama = new Llama(GoldenModels.Llama(), WeightSource.From(file).On(CPU, bfloat16));
        var golden = Golden.Tensors("llama/golden.safetensors");
        var prompt = Golden.Json("llama/golden_tokens.json")["prompts"]![1]!.Ints().Select(id => (long)id).ToArray();
        var logits = llama.Logits(llama.Hidden(llama.Embed(tensor(prompt)).unsqueeze(0)))[0, -1];
        logits.dtype.Should().Be(float32);
        var exact = golden["logits_1"][-1];
        var reference = Off(golden["logits_1_bf16_run_row_last"].flatten(), exact);
        Off(logits, exact).Should().BeInRange(Math.Pow(2, -12), 4 * reference, "bfloat16 is no worse than theirs");
    }

    [Fact]
    public void In_bfloat16_the_tower_is_off_by_no_more_than_that_types_rounding()
    {
        using var file = SafeTensors.Open(Golden.PathOf("audiomae/model.bf16.safetensors"));
        using var tower = new AudioMae(GoldenModels.Audio(), WeightSource.From(file).On(CPU, bfloat16));
        tower.eval();
        var golden = Golden.Tensors("audiomae/golden.safetensors");
        var tokens = tower.call(GoldenModels.Pictures(golden).to(bfloat16)).to(float32);
        // Rounding to 2^-9 of a number, some sixteen times in each block one upon another, adds up as a random walk
        // does.
        var walk = Math.Sqrt(16 * GoldenModels.Audio().Depth) * Math.Pow(2, -9);
        var exact = golden[$"pooled_P{GoldenModels.Audio().Pooling}"];
        Off(tokens, exact).Should().BeInRange(Math.Pow(2, -12), walk, "it computed in bfloat16");
    }

    [Fact]
    public void Cutting_the_words_before_the_music_enters_as_the_reference_also_does_changes_nothing()
    {
        using var model = GoldenModels.OpenMu();
        var music = randn(model.Config.Audio.MusicTokens, model.Config.Audio.EmbedDim, generator: new Generator(1));
        var words = Enumerable.Range(5, 300).Select(id => id % model.Config.Llama.VocabSize);
        int[] ids = [3, OpenMuConfig.MusicToken, .. words];
        const int limit = 250;
        var once = model.Splice([new MusicPrompt(ids, [music], ids)], maxLength: limit);
        var twice = model.Splice([new MusicPrompt(ids[..limit], [music], ids[..limit])], maxLength: limit);
        twice.Embeddings.ShouldBeCloseTo(once.Embeddings, 0);
        twice.Labels.ShouldBeCloseTo(once.Labels, 0);
    }

    [Fact]
    public void The_published_model_stops_at_the_end_it_was_taught_and_at_both_ends_of_its_base()
        => OpenMuConfig.Full.Llama.StopTokenIds
            .Should().BeEquivalentTo(new[] { "<|reserved_special_token_250|>", "<|eot_id|>", "<|end_of_text|>" }
                .Select(Llama3Vocabulary.Tokenizer.IdOf));

    [Fact]
    public void A_configuration_without_pooling_means_the_published_8()
        => OpenMuConfig.FromJson("""{"audio":{"embed_dim":768}}""").Audio.Pooling.Should().Be(8);

    [Fact]
    public void Published_adapters_learn_at_a_tenth_of_the_usual_rate_and_nothing_is_clipped()
    {
        var stage = TrainingPreset.ReferenceStageTwo;
        (stage.LearningRate, stage.ProjectorLearningRate, stage.ClipNorm).Should().Be((2e-5, 2e-5, null));
    }

    /// <summary>
    /// The root mean square of the error, over that of the numbers. It is steady where single errors depend on the
    /// order of sums.
    /// </summary>
    private static double Off(Tensor narrow, Tensor exact)
    {
        var wide = exact.to(float64);
        return ((narrow.to(float64) - wide).pow2().mean() / wide.pow2().mean()).sqrt().item<double>();
    }

    private static float[] TestSound(int samples)
        => [.. Enumerable.Range(0, samples).Select(i => MathF.Sin(i * 0.05f))];
}
