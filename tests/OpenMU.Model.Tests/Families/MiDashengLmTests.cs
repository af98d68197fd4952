using System.Globalization;
using OpenMU.Model.Families;
using OpenMU.Model.Generation;
using OpenMU.Model.Weights;
using OpenMU.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace OpenMU.Model.Tests.Families;

public sealed class MiDashengLmTests : IDisposable
{
    public static readonly TheoryData<string> Folders = ["midashenglm_qwen3", "midashenglm_qwen25"];

    private readonly DisposeScope scope = NewDisposeScope();
    private readonly GoldenFolders folders = new();

    public void Dispose()
    {
        scope.Dispose();
        folders.Dispose();
    }

    [Theory]
    [MemberData(nameof(Folders))]
    public void Every_stage_of_the_encoder_is_that_of_the_reference(string name)
    {
        using var noGrad = no_grad();
        var (model, golden) = Open(name);
        var tower = model.AudioTower;
        foreach (var clip in GoldenFamilies.Clips)
        {
            var samples = GoldenFamilies.Clip(clip);
            var decibels = tower.LogMel(samples);
            var (key, expected) = golden.Named($"{clip}.logmel");
            (key == $"{clip}.logmel" ? decibels : decibels.RowsNamed(key, 1)).ShouldBeCloseTo(expected, 5e-3, key);
            var patches = tower.PatchEmbeddings(tower.Normalise(decibels).unsqueeze(0))[0];
            Check(golden, $"{clip}.patch_embed_", patches, 1e-3);
            var allowed = tower.Allowed((int)patches.shape[0], samples.Length);
            allowed.to(uint8).equal(golden[$"{clip}.mask"]).all().item<bool>().Should().BeTrue();
            foreach (var (block, output) in tower.MaskedBlockOutputs(patches.unsqueeze(0), allowed).Index())
                Check(golden, $"{clip}.block{block}_", output[0], 1e-3);
            var encoded = tower.EncodeMasked(samples, samples.Length);
            encoded.ShouldBeCloseTo(golden[$"{clip}.encoder_out"], 3e-4, clip);
            model.Project(model.Join(encoded)).ShouldBeCloseTo(golden[$"{clip}.projector_out"], 3e-4, clip);
        }
    }

    [Theory]
    [MemberData(nameof(Folders))]
    public void Every_layer_of_the_decoder_and_the_greedy_tokens_are_those_of_the_reference(string name)
    {
        using var noGrad = no_grad();
        var (model, golden) = Open(name);
        var json = GoldenFamilies.Json($"{name}/golden.json");
        foreach (var clip in GoldenFamilies.Clips)
        {
            var prompt = Prompt(model, json[clip]!["input_ids"]!.Ints(), json["ids"]!.Int("audio_token_id"), clip);
            var spliced = model.Splice(prompt).unsqueeze(0);
            Check(golden, $"{clip}.spliced_", spliced[0], 3e-4);
            var x = spliced;
            for (var layer = 0; layer < model.Config.Llama.NumHiddenLayers; layer++)
            {
                x = model.Llama.Layer(layer, x);
                Check(golden, $"{clip}.hidden{layer}_", x[0], 2e-3);
            }
            Check(golden, $"{clip}.final_norm_", model.Llama.FinalNorm(x)[0], 2e-3);
            var logits = model.Logits(model.Splice([prompt]))[0];
            Check(golden, $"{clip}.logits_stride", logits, 1e-3);
            logits[-1].ShouldBeCloseTo(golden[$"{clip}.logits_last"], 1e-3);
            var stop = json[clip]!["greedy_stop"]!;
            Greedy(model, prompt, [-1]).Should().Equal(json[clip]!["greedy24"]!.Ints());
            Greedy(model, prompt, stop["stop_ids"]!.Ints()).Should().Equal(stop["ids"]!.Ints());
        }
    }

    [Theory]
    [MemberData(nameof(Folders))]
    public void Clips_that_are_padded_to_one_length_have_the_tokens_of_the_reference(string name)
    {
        using var noGrad = no_grad();
        var (model, golden) = Open(name);
        var batch = GoldenFamilies.Json($"{name}/golden.json")["batch2"]!;
        var (lengths, tokens) = (batch["samples"]!.Ints(), batch["audio_tokens"]!.Ints());
        for (var i = 0; i < lengths.Length; i++)
        {
            var padded = new float[lengths.Max()];
            GoldenFamilies.Clip(GoldenFamilies.Clips[i]).AsSpan(0, lengths[i]).CopyTo(padded);
            var music = model.Join(model.AudioTower.EncodeMasked(padded, lengths[i]));
            model.Project(music)[..tokens[i]].ShouldBeCloseTo(golden[$"batch2.projector_out{i}"], 3e-4, $"clip {i}");
        }
    }

    [Theory]
    [MemberData(nameof(Folders))]
    public void A_last_patch_that_no_key_may_be_seen_from_is_zero_and_not_NaN(string name)
    {
        using var noGrad = no_grad();
        var (model, golden) = Open(name);
        if (!golden.TryGetValue("edge_fullmask.projector_out_before_last", out var before)) return;
        var samples = GoldenFamilies.Json($"{name}/golden.json")["edge_fullmask"]!.Int("samples");
        var sound = GoldenFamilies.Wave("long.wav").AsSpan(0, samples);
        var projected = model.Project(model.Join(model.AudioTower.EncodeMasked(sound, samples)));
        projected[..^1].ShouldBeCloseTo(before, 3e-4);
        projected[-1].ShouldBeCloseTo(golden["edge_fullmask.projector_out_last_zero_rule"], 3e-4);
    }

    [Theory]
    [MemberData(nameof(Folders))]
    public void Sound_becomes_as_many_tokens_as_the_reference_says(string name)
    {
        using var noGrad = no_grad();
        var (model, _) = Open(name);
        foreach (var (samples, tokens) in GoldenFamilies.Json($"{name}/golden.json")["token_counts"]!.AsObject())
        {
            model.MusicTokens(int.Parse(samples, CultureInfo.InvariantCulture))
                .Should().Be(tokens!.GetValue<int>(), $"of {samples} samples");
        }
    }

    private static MusicPrompt Prompt(MiDashengLm model, int[] ids, int placeholder, string clip)
    {
        var first = Array.IndexOf(ids, placeholder);
        var samples = GoldenFamilies.Clip(clip);
        var music = model.Join(model.AudioTower.EncodeMasked(samples, samples.Length));
        ids.Count(id => id == placeholder).Should().Be((int)music.shape[0], "each placeholder has its token");
        return new([.. ids[..first], ModelConfig.MusicToken, .. ids[first..].Where(id => id != placeholder)], [music]);
    }

    private static IReadOnlyList<int> Greedy(ModelFamily model, MusicPrompt prompt, int[] stops)
    {
        using var generator = new TextGenerator(model);
        var request = generator.Submit(prompt, new() { MaxNewTokens = 24, StopIds = stops });
        generator.Complete(request);
        return request.Tokens;
    }

    private static void Check(Dictionary<string, Tensor> golden, string name, Tensor actual, double tolerance)
    {
        var (key, expected) = golden.Named(name);
        actual.RowsNamed(key).ShouldBeCloseTo(expected, tolerance, key);
    }

    private (MiDashengLm Model, Dictionary<string, Tensor> Golden) Open(string name)
        => ((MiDashengLm)folders.Open(name).Model, GoldenFamilies.Tensors($"{name}/golden.safetensors"));
}
