using System.Text.Json.Nodes;
using OpenMU.Model.Audio;
using OpenMU.Model.Encoders;
using OpenMU.Model.Kernels;
using OpenMU.Model.Weights;
using OpenMU.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace OpenMU.Model.Tests.Encoders;

public sealed class DashengTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    public void Dispose()
    {
        scope.Dispose();
    }

    [Theory]
    [InlineData("dasheng")]
    [InlineData("dasheng_ls")]
    public void Every_stage_of_a_clip_is_that_of_the_reference(string name)
    {
        using var noGrad = no_grad();
        using var dasheng = Open(name);
        var golden = GoldenFamilies.Tensors($"{name}/golden.safetensors");
        foreach (var clip in GoldenFamilies.Clips)
        {
            var decibels = dasheng.LogMel(GoldenFamilies.Clip(clip));
            if (golden.TryGetValue($"{clip}.logmel", out var logmel))
                Every(decibels, 1, logmel).ShouldBeCloseTo(logmel, 5e-3, clip);
            var normalised = dasheng.Normalise(decibels);
            if (golden.Keys.FirstOrDefault(key => key.StartsWith($"{clip}.bn_", StringComparison.Ordinal)) is { } bn)
                normalised.RowsNamed(bn, 1).ShouldBeCloseTo(golden[bn], 5e-4, clip);
            var patches = dasheng.PatchEmbeddings(dasheng.Chunks(normalised));
            Check(golden, $"{clip}.patch_embed_", patches, 1, 1e-3);
            foreach (var (block, output) in dasheng.BlockOutputs(patches).Index())
                Check(golden, $"{clip}.block{block}_", output, 1, 1e-3);
            dasheng.Encode(GoldenFamilies.Clip(clip)).ShouldBeCloseTo(golden[$"{clip}.out"], 3e-4, clip);
        }
    }

    [Fact]
    public void Whole_chunks_and_short_rests_have_the_tokens_of_the_reference_without_those_of_the_filling()
    {
        using var noGrad = no_grad();
        using var dasheng = Open("dasheng");
        var golden = GoldenFamilies.Tensors("dasheng/golden.safetensors");
        var edges = GoldenFamilies.Json("dasheng/golden.json").AsObject().Where(
            edge => edge.Key.StartsWith("edge_", StringComparison.Ordinal)).ToArray();
        edges.Should().NotBeEmpty();
        var sound = GoldenFamilies.Wave("long.wav");
        foreach (var (name, edge) in edges)
        {
            var samples = edge!["samples"]!.GetValue<int>();
            var tokens = dasheng.Encode(sound.AsSpan(0, samples));
            tokens.shape[0].Should().Be((1 + samples / 160) / 4, name);
            // Every fifth token is stored, with those of a filling where the published code leaves them in.
            var stored = golden[$"{name}.out"];
            var own = tokens.slice(0, 0, tokens.shape[0], 5);
            own.ShouldBeCloseTo(stored[..(int)own.shape[0]], 3e-4, name);
            if (edge["tokens"]!.GetValue<int>() == tokens.shape[0]) own.shape.Should().Equal(stored.shape, name);
        }
    }

    [Fact]
    public void A_quiet_clip_has_its_own_floor()
    {
        using var noGrad = no_grad();
        using var spectrogram = MelSpectrogram.Dasheng(DashengConfig.MelBins);
        var golden = GoldenFamilies.Tensors("dasheng/golden.safetensors");
        var samples = GoldenFamilies.Json("dasheng/golden.json")["batch2"]!["samples"]!.GetValue<int>();
        float[] quiet = [.. GoldenFamilies.Wave("long.wav").Take(samples).Select(sample => sample * 0.001f)];
        var (name, expected) = golden.Named("batch2.logmel_clip0_alone");
        spectrogram.Decibels(quiet).RowsNamed(name, 1).ShouldBeCloseTo(expected, 5e-3);
    }

    [Fact]
    public void The_layout_of_Hugging_Face_gives_the_same_encoder()
    {
        using var noGrad = no_grad();
        using var file = SafeTensors.Open(GoldenFamilies.PathOf("dasheng/model.safetensors"));
        var source = WeightSource.From(file);
        var config = Config(GoldenFamilies.Json("dasheng/config.json")["encoder_kwargs"]!);
        using var dasheng = new Dasheng(config, source.Under("encoder"), "init_bn.1");
        source.Invoking(s => s.RequireNoUnexpectedKeys()).Should().Throw<InvalidDataException>()
            .WithMessage("*1 tensors*num_batches_tracked*", "a counter of the training is all that no module takes");
        var golden = GoldenFamilies.Tensors("dasheng/golden.safetensors");
        var clip = GoldenFamilies.Clips[0];
        dasheng.Encode(GoldenFamilies.Clip(clip)).ShouldBeCloseTo(golden[$"{clip}.out"], 3e-4);
    }

    [Fact]
    public void Without_stored_tables_the_front_end_has_those_of_the_reference()
    {
        using var noGrad = no_grad();
        using var file = TorchFile.Open(GoldenFamilies.PathOf("dasheng/dasheng_tiny.pt"));
        MelSpectrogram.HtkFilters(DashengConfig.MelBins, 257)
            .ShouldBeCloseTo(file.View($"{Dasheng.FiltersKey}"), 2e-5);
        MelSpectrogram.Hann(512).ShouldBeCloseTo(file.View(Dasheng.WindowKey), 1e-6);
    }

    [Fact]
    public void A_patch_without_any_visible_key_is_not_NaN()
    {
        using var noGrad = no_grad();
        using var dasheng = Open("dasheng");
        var patches = rand(1, 5, Config(GoldenFamilies.Json("dasheng/config.json")["encoder_kwargs"]!).EmbedDim);
        var outputs = dasheng.MaskedBlockOutputs(patches, zeros(5, dtype: ScalarType.Bool));
        outputs.Last().isfinite().all().item<bool>().Should().BeTrue();
    }

    private static Dasheng Open(string name)
    {
        using var file = TorchFile.Open(GoldenFamilies.PathOf($"{name}/{name}_tiny.pt"));
        var tensors = file.Tensors.Keys.ToDictionary(key => key, key => file.View(key).clone());
        return new(
            Config(GoldenFamilies.Json($"{name}/config.json")["encoder_kwargs"]!), WeightSource.From(tensors),
            "init_bn.1");
    }

    private static DashengConfig Config(JsonNode json) => new()
    {
        EmbedDim = json.Int("embed_dim"),
        Depth = json.Int("depth"),
        NumHeads = json.Int("num_heads"),
        TargetLength = json.Int("target_length"),
    };

    /// <summary>The clip's log-mel is stored whole, or every n-th column of it.</summary>
    private static Tensor Every(Tensor whole, int axis, Tensor stored)
    {
        if (whole.shape[axis] == stored.shape[axis]) return whole;
        var step = (whole.shape[axis] + stored.shape[axis] - 1) / stored.shape[axis];
        return whole.slice(axis, 0, whole.shape[axis], step);
    }

    private static void Check(
        Dictionary<string, Tensor> golden, string name, Tensor actual, int axis, double tolerance)
    {
        var (key, expected) = golden.Named(name);
        actual.RowsNamed(key, axis).ShouldBeCloseTo(expected, tolerance, key);
    }
}
