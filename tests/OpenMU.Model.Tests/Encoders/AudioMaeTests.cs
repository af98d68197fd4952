using OpenMU.Model.Encoders;
using OpenMU.Model.Families;
using OpenMU.Model.Kernels;
using OpenMU.Model.Weights;
using OpenMU.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace OpenMU.Model.Tests.Encoders;

public sealed class AudioMaeTests : IDisposable
{
    private static readonly AudioMaeConfig Config = GoldenModels.Audio();
    private readonly DisposeScope scope = NewDisposeScope();
    private readonly Dictionary<string, Tensor> golden = Golden.Tensors("audiomae/golden.safetensors");
    private readonly SafeTensors weights = SafeTensors.Open(Golden.PathOf("audiomae/model.bf16.safetensors"));
    private readonly AudioMae tower;

    public AudioMaeTests() => (tower = new(Config, WeightSource.From(weights))).eval();

    public void Dispose()
    {
        tower.Dispose();
        weights.Dispose();
        scope.Dispose();
    }

    [Fact]
    public void The_checkpoint_has_exactly_the_tensors_of_the_tower()
    {
        using var noGrad = no_grad();
        var source = WeightSource.From(weights);
        using var again = new AudioMae(Config, source);
        source.RequireNoUnexpectedKeys();
        again.state_dict().Keys.Should().BeEquivalentTo(weights.Entries.Keys);
    }

    [Fact]
    public void Patches_and_positions_are_embedded_as_in_the_reference()
    {
        using var noGrad = no_grad();
        var embedded = tower.Embed(Chunks());
        embedded.index_select(1, golden["rows"]).ShouldBeCloseTo(golden["patch_embed_plus_pos_with_cls_rows"], 2e-4);
        embedded.pow2().sum([1, 2]).sqrt().ShouldBeCloseTo(golden["block_input_l2"], 1e-2);
        var patches = embedded[0, 1..] - weights.View("pos_embed").to(float32)[0, 1..];
        var (name, expected) = golden.Named("patch_embed_chunk0_clip0_tokens_");
        patches.RowsNamed(name).ShouldBeCloseTo(expected, 2e-4);
    }

    [Fact]
    public void Every_block_gives_the_reference_output()
    {
        using var noGrad = no_grad();
        var block = 0;
        foreach (var output in tower.BlockOutputs(Chunks()))
        {
            output.index_select(1, golden["rows"])
                .ShouldBeCloseTo(golden["block_out_rows"][block], 2e-4, $"block {block}");
            output.mean([1, 2]).ShouldBeCloseTo(golden["block_out_mean"][block], 2e-4, $"block {block}");
            block++;
        }
        block.Should().Be(Config.Depth);
    }

    [Fact]
    public void The_context_is_the_mean_of_the_normalised_contextual_blocks()
    {
        using var noGrad = no_grad();
        var context = tower.Context(Chunks());
        context.index_select(1, golden["rows"]).ShouldBeCloseTo(golden["context_mean_rows"], 2e-4);
        // Chunk-major: chunk 1 of clip 0 comes after chunk 0 of both clips.
        var (name, expected) = golden.Named("context_mean_clip0_chunk1_with_cls_");
        context[2].RowsNamed(name).ShouldBeCloseTo(expected, 2e-4);
    }

    [Fact]
    public void Music_tokens_are_those_of_the_reference()
        => tower.call(Pictures())
            .ShouldBeCloseTo(golden.Single(tensor => tensor.Key == $"pooled_P{Config.Pooling}").Value, 2e-4);

    [Fact]
    public void Every_published_pooling_gives_the_reference_tokens()
    {
        using var noGrad = no_grad();
        var poolings = golden.Keys.Where(key => key.EndsWith("_clip1_strided", StringComparison.Ordinal)).ToArray();
        poolings.Should().NotBeEmpty();
        foreach (var key in poolings)
        {
            var name = key[..^"_clip1_strided".Length];
            var pooling = int.Parse(name["pooled_P".Length..], System.Globalization.CultureInfo.InvariantCulture);
            using var pooled = new AudioMae(Config with { Pooling = pooling }, WeightSource.From(weights));
            var tokens = pooled.call(Pictures())[1];
            tokens.shape[0].Should().Be(golden[$"{name}_tokens"].item<long>(), name);
            tokens[TensorIndex.Slice(step: Math.Max(1, tokens.shape[0] / 24))].ShouldBeCloseTo(golden[key], 2e-4, name);
        }
    }

    [Fact]
    public void The_classification_head_gives_the_reference_logits()
    {
        using var noGrad = no_grad();
        var expected = golden.Named("head_logits_first").Value;
        tower.Classify(Chunks())[.., ..(int)expected.shape[1]].ShouldBeCloseTo(expected, 1e-3);
    }

    [Fact]
    public void A_track_is_encoded_alike_alone_and_among_others()
        => tower.call(Pictures()[1..]).ShouldBeCloseTo(tower.call(Pictures())[1..], 1e-5);

    [Fact]
    public void A_picture_of_the_wrong_length_is_refused()
    {
        using var noGrad = no_grad();
        var frames = Config.ChunkFrames + 8;
        tower.Invoking(t => t.call(zeros(1, 1, frames, Config.MelBins))).Should().Throw<ArgumentException>()
            .WithMessage($"*1, 1, {frames}*");
    }

    [Fact]
    public void Drop_path_is_active_in_training_only()
    {
        using var noGrad = no_grad();
        using var dropping = new AudioMae(Config with { DropPath = 0.9 }, WeightSource.From(weights));
        dropping.eval();
        var still = dropping.call(Pictures());
        still.ShouldBeCloseTo(tower.call(Pictures()), 0);
        dropping.train();
        (dropping.call(Pictures()) - still).abs().max().item<float>().Should().BeGreaterThan(1e-3f);
    }

    [Fact]
    public void A_missing_tensor_and_a_misshapen_one_are_named()
    {
        using var noGrad = no_grad();
        var missing = $"blocks.{Config.Depth - 1}.mlp.fc1.bias";
        var without = WeightSource.From(key => key == missing ? null : weights.View(key), () => weights.Entries.Keys);
        FluentActions.Invoking(() => new AudioMae(Config, without)).Should().Throw<InvalidDataException>()
            .WithMessage($"*lack*'{missing}'*");
        var wider = Config with { MlpRatio = Config.MlpRatio + 1 };
        FluentActions.Invoking(() => new AudioMae(wider, WeightSource.From(weights))).Should()
            .Throw<InvalidDataException>().WithMessage("*'blocks.0.mlp.fc1.weight'*needs*");
        FluentActions.Invoking(() =>
        {
            var source = WeightSource.From(weights);
            _ = new AudioMae(Config with { Depth = Config.Depth - 1, ContextualBlocks = [0] }, source);
            source.RequireNoUnexpectedKeys();
        }).Should().Throw<InvalidDataException>().WithMessage($"*does not have*blocks.{Config.Depth - 1}.*");
    }

    [Fact]
    public void A_fresh_tower_starts_with_the_sin_cos_table()
    {
        using var noGrad = no_grad();
        using var fresh = new AudioMae(OpenMuConfig.Tiny.Audio, WeightSource.Random(1));
        var row = AudioMae.SinCosPositions(768, 64, 8)[1 + 10 * 8 + 3];
        row[tensor(new long[] { 0, 1, 191, 192, 383, 384, 385, 576, 767 })]
            .ShouldBeCloseTo(tensor(new[]
            {
                0.14112f, 0.27838f, 0.0003147f, -0.9899925f, 1f, -0.5440211f, -0.1066377f, -0.8390715f, 0.9999994f
            }), 1e-5);
        fresh.state_dict()["pos_embed"][0]
            .ShouldBeCloseTo(AudioMae.SinCosPositions(OpenMuConfig.Tiny.Audio.EmbedDim, 64, 8), 0);
    }

    [Fact]
    public void Position_tables_are_those_of_the_reference()
    {
        using var noGrad = no_grad();
        var tables = Golden.Tensors("audiomae/pos_table.safetensors");
        tables.Should().NotBeEmpty();
        foreach (var (name, table) in tables)
        {
            // Time x frequency, unless the name says that the two are exchanged.
            var exchanged = name.Contains("grid", StringComparison.Ordinal);
            var (times, mels) = (Config.ChunkFrames / Config.PatchSize, Config.MelBins / Config.PatchSize);
            if (exchanged) (times, mels) = (mels, times);
            var positions = AudioMae.SinCosPositions((int)table.shape[1], times, mels);
            positions.RowsNamed(name).ShouldBeCloseTo(table, 1e-6, name);
        }
    }

    [Fact]
    public void Encoding_leaves_no_tensor_behind()
    {
        using var noGrad = no_grad();
        using var inner = NewDisposeScope();
        var pictures = Pictures()[..1];
        tower.call(pictures).Dispose();
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        for (var i = 0; i < 3; i++) tower.call(pictures).Dispose();
        DisposeScopeManager.Statistics.ThreadTotalLiveCount.Should().Be(before);
    }

    private Tensor Pictures() => GoldenModels.Pictures(golden);

    private Tensor Chunks() => cat(Pictures().split(Config.ChunkFrames, 2), 0);
}
