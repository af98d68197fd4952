using System.Text.Json.Nodes;
using OpenMU.Model.Kernels;
using OpenMU.Model.Tests.Families;
using OpenMU.Model.Weights;
using OpenMU.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace OpenMU.Model.Tests.Weights;

/// <summary>Hostile and foreign configurations and weights of the families that are published as one folder.</summary>
public sealed class PublishedModelTests : IDisposable
{
    private const string Qwen3 = "midashenglm_qwen3", Qwen25 = "midashenglm_qwen25", Moss = "moss_music";

    private readonly DisposeScope scope = NewDisposeScope();
    private readonly GoldenFolders folders = new();

    public void Dispose()
    {
        scope.Dispose();
        folders.Dispose();
    }

    [Theory]
    [InlineData(Qwen3, "model_type", "\"gemma\"", "says model_type \"gemma\"; accepted: midashenglm or moss_music")]
    [InlineData(Qwen3, "architectures", "[\"Other\"]", "architectures")]
    [InlineData(Qwen3, "new_key", "1", "says new_key 1")]
    [InlineData(Qwen3, "quantization_config", "{\"bits\": 4}", "quantization_config {\"bits\":4}")]
    [InlineData(Qwen3, "audio_encoder_config.center", "false", "audio_encoder_config.center false; accepted: true")]
    [InlineData(Qwen3, "audio_encoder_config.hop_length", "320", "audio_encoder_config.hop_length 320; accepted: 160")]
    [InlineData(Qwen3, "audio_encoder_config.n_mels", "128", "audio_encoder_config.n_mels 128; accepted: 64")]
    [InlineData(Qwen3, "audio_encoder_config.patch_size", "[16, 16]", "patch_size [16,16]; accepted: [64, 4]")]
    [InlineData(Qwen3, "audio_encoder_config.target_length", "1012", "audio_encoder_config.target_length 1012")]
    [InlineData(Qwen3, "audio_encoder_config.depth", "-1", "audio_encoder_config.depth -1")]
    [InlineData(Qwen3, "audio_encoder_config.num_heads", "7919", "num_heads (7919)")]
    [InlineData(Qwen3, "audio_encoder_config.mlp_ratio", "2.5", "audio_encoder_config.mlp_ratio 2.5")]
    [InlineData(Qwen3, "audio_encoder_config.surprise", "[]", "audio_encoder_config.surprise")]
    [InlineData(Qwen3, "subsample_factor", "0", "says subsample_factor 0")]
    [InlineData(Qwen3, "audio_token_id", "3", "says audio_token_id 3")]
    [InlineData(Qwen3, "text_config.model_type", "\"llama\"", "text_config.model_type \"llama\"")]
    [InlineData(Qwen3, "text_config.use_sliding_window", "true", "use_sliding_window true; accepted: false")]
    [InlineData(Qwen3, "text_config.hidden_act", "\"gelu\"", "text_config.hidden_act \"gelu\"; accepted: silu")]
    [InlineData(Qwen3, "text_config.rope_scaling", "{\"rope_type\": \"yarn\"}", "text_config.rope_scaling.rope_type")]
    [InlineData(Qwen3, "text_config.num_hidden_layers", "100000000", "num_hidden_layers must be 1 to 1024")]
    [InlineData(Qwen3, "text_config.layer_types", "[\"sliding_attention\"]", "text_config.layer_types")]
    [InlineData(Qwen3, "text_config.tie_word_embeddings", "false", "no 'decoder.lm_head.weight'")]
    [InlineData(Qwen3, "text_config.attention_bias", "true", "self_attn.q_proj.bias")]
    [InlineData(Qwen25, "text_config.tie_word_embeddings", "true", "'decoder.lm_head.weight' differs")]
    [InlineData(Qwen25, "text_config.attention_bias", "false", "self_attn.q_proj.bias")]
    [InlineData(Qwen25, "text_config.rope_theta", "-1", "text_config.rope_theta -1")]
    [InlineData(Moss, "model_type", "\"moss_audio\"", "says model_type \"moss_audio\"")]
    [InlineData(Moss, "audio_config.output_dim", "65", "audio_config.output_dim 65; accepted: d_model")]
    [InlineData(Moss, "audio_config.activation_function", "\"relu\"", "audio_config.activation_function \"relu\"")]
    [InlineData(Moss, "audio_config.downsample_rate", "4", "audio_config.downsample_rate 4; accepted: 8")]
    [InlineData(Moss, "audio_config.n_window", "0", "audio_config.n_window 0")]
    [InlineData(Moss, "audio_config.num_mel_bins", "80", "num_mel_bins")]
    [InlineData(Moss, "audio_config.deepstack_encoder_layer_indexes", "[1, 2, 99]", "deepstack_encoder_layer_indexes")]
    [InlineData(Moss, "audio_config.deepstack_encoder_layer_indexes", "\"all\"", "deepstack_encoder_layer_indexes")]
    [InlineData(Moss, "deepstack_num_inject_layers", "-3", "says deepstack_num_inject_layers -3")]
    [InlineData(Moss, "deepstack_num_inject_layers", "1", "deepstack_audio_merger_list.1")]
    [InlineData(Moss, "adapter_hidden_size", "null", "adapter_hidden_size")]
    [InlineData(Moss, "vocab_size", "5", "says vocab_size 5")]
    [InlineData(Moss, "language_config.head_dim", "31", "head_dim (31)")]
    [InlineData(Moss, "language_config.num_key_value_heads", "7919", "num_key_value_heads (7919)")]
    public void A_configuration_that_is_not_computed_here_is_refused_by_key(
        string family, string key, string json, string message)
    {
        var folder = folders.Published(family);
        Change(Path.Combine(folder, "config.json"), key, json);
        ShouldBeRefused(folder, message);
    }

    [Theory]
    [InlineData("mel_config.mel_dtype", "\"float32\"", "mel_config.mel_dtype \"float32\"; accepted: bfloat16")]
    [InlineData("mel_config.mel_dim", "80", "mel_config.mel_dim 80")]
    [InlineData("mel_config.use_whisper_feature_extractor", "false", "use_whisper_feature_extractor false")]
    [InlineData("audio_start_id", "99999999", "audio_start_token_id")]
    [InlineData("chunk", "3", "says chunk 3")]
    public void A_processor_that_hears_otherwise_is_refused_by_key(string key, string json, string message)
    {
        var folder = folders.Published(Moss);
        Change(Path.Combine(folder, "processor_config.json"), key, json);
        ShouldBeRefused(folder, message);
    }

    [Theory]
    [InlineData(Qwen3, "audio_encoder.blocks.0.attn.qkv.bias")]
    [InlineData(Qwen3, "audio_encoder.time_pos_embed")]
    [InlineData(Qwen3, "decoder.model.layers.1.self_attn.q_norm.weight")]
    [InlineData(Qwen25, "audio_projector.net.0.bias")]
    [InlineData(Qwen25, "decoder.model.layers.0.self_attn.v_proj.bias")]
    [InlineData(Moss, "audio_encoder.stem_proj.weight")]
    [InlineData(Moss, "deepstack_audio_merger_list.1.up_proj.weight")]
    [InlineData(Moss, "language_model.norm.weight")]
    public void A_missing_surplus_or_misshapen_tensor_is_named(string family, string key)
    {
        ShouldBeRefused(WithTensors(family, tensors => tensors.Remove(key)), key);
        ShouldBeRefused(WithTensors(family, tensors => tensors[key] = zeros(3, 5)), key);
        ShouldBeRefused(WithTensors(family, tensors => tensors[key + "_b"] = zeros(3)), key + "_b");
    }

    [Theory]
    [InlineData(Qwen3, "audio_encoder.norm.weight")]
    [InlineData(Qwen25, "decoder.lm_head.weight")]
    [InlineData(Moss, "audio_adapter.gate_proj.weight")]
    public void A_number_that_is_not_finite_is_refused_before_a_folder_is_there(string family, string key)
    {
        // The writer refuses what the test needs, so the number is changed in the file.
        const float marker = 7777.125f;
        var folder = WithTensors(
            family, tensors => tensors[key] = full_like(tensors[key].to(float32), Scalars.Of(marker)));
        var path = Path.Combine(folder, "model.safetensors");
        var bytes = File.ReadAllBytes(path);
        BitConverter.GetBytes(float.NaN).CopyTo(bytes, bytes.AsSpan().IndexOf(BitConverter.GetBytes(marker)));
        File.WriteAllBytes(path, bytes);
        using var conversion = new Conversion(folder, new());
        var output = Path.Combine(folder, "..", "out");
        conversion.Invoking(c => c.Write(output)).Should().Throw<InvalidDataException>().WithMessage($"*{key}*");
        Directory.Exists(output).Should().BeFalse();
    }

    [Theory]
    [InlineData(Qwen3, "<|audio_bos|>")]
    [InlineData(Moss, "<|im_end|>")]
    public void A_tokenizer_without_a_token_that_prompts_need_is_refused_by_its_name(string family, string token)
    {
        var folder = folders.Published(family);
        var path = Path.Combine(folder, "tokenizer.json");
        File.WriteAllText(path, File.ReadAllText(path).Replace(token, "<|other|>", StringComparison.Ordinal));
        ShouldBeRefused(folder, token);
    }

    [Theory]
    [InlineData(Qwen3, "config.json")]
    [InlineData(Qwen25, "model-00002-of-00002.safetensors")]
    [InlineData(Moss, "tokenizer.json")]
    public void A_missing_file_is_named(string family, string file)
    {
        var folder = folders.Published(family);
        File.Delete(Path.Combine(folder, file));
        ShouldBeRefused(folder, file);
    }

    [Theory]
    [InlineData(Qwen3)]
    [InlineData(Qwen25)]
    [InlineData(Moss)]
    public void A_broken_configuration_or_index_is_refused_by_its_path(string family)
    {
        foreach (var broken in (string[])["{", "[]", "{\"model_type\": 3}", "{}"])
        {
            var folder = folders.Published(family);
            File.WriteAllText(Path.Combine(folder, "config.json"), broken);
            ShouldBeRefused(folder, "config.json");
        }
    }

    [Fact]
    public void What_a_family_does_not_say_is_as_its_reference_has_it()
    {
        var folder = folders.Published(Moss);
        File.Delete(Path.Combine(folder, "processor_config.json"));
        // The golden vocabulary is too small for the published ids of the processor.
        ShouldBeRefused(folder, "audio_start_token_id");
        var qwen = folders.Published(Qwen3);
        Change(Path.Combine(qwen, "config.json"), "audio_encoder_config.target_length", null);
        using var conversion = new Conversion(qwen, new());
        ((OpenMU.Model.Families.MiDashengLmConfig)conversion.Config).Audio.TargetLength
            .Should().Be(GoldenFamilies.Json($"{Qwen3}/config.json")["audio_encoder_config"]!.Int("target_length"));
    }

    private static void ShouldBeRefused(string folder, string message)
    {
        var output = Path.Combine(folder, "..", "out");
        var convert = () =>
        {
            using var conversion = new Conversion(folder, new());
            conversion.Write(output);
        };
        var error = convert.Should().Throw<InvalidDataException>().Which;
        error.Message.Should().Contain(message);
        error.Message.Should().NotContain("\n");
        Directory.Exists(output).Should().BeFalse();
    }

    private static void Change(string path, string key, string? json)
    {
        var root = JsonNode.Parse(File.ReadAllText(path))!;
        var names = key.Split('.');
        var at = names[..^1].Aggregate(root, (node, name) => node[name]!).AsObject();
        if (json is null) at.Remove(names[^1]);
        else at[names[^1]] = JsonNode.Parse(json);
        File.WriteAllText(path, root.ToJsonString());
    }

    private string WithTensors(string family, Action<Dictionary<string, Tensor>> change)
    {
        var folder = folders.Published(family);
        var tensors = new Dictionary<string, Tensor>();
        var files = WeightFiles.Open(folder);
        foreach (var file in files)
        {
            foreach (var key in file.Entries.Keys) tensors[key] = file.Read(key);
            file.Dispose();
        }
        foreach (var file in Directory.GetFiles(folder, "*.safetensors*")) File.Delete(file);
        change(tensors);
        SafeTensorsWriter.Write(
            Path.Combine(folder, "model.safetensors"),
            [.. tensors.Select(entry => NamedTensor.Of(entry.Key, entry.Value))]);
        return folder;
    }
}
