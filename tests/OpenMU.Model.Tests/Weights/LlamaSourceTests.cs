using OpenMU.Model.Families;
using OpenMU.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace OpenMU.Model.Tests.Weights;

/// <summary>What config.json, generation_config.json and params.json of a published Llama may say.</summary>
public sealed class LlamaSourceTests : IDisposable
{
    private const string Llama31 = "{\"rope_type\": \"llama3\", \"factor\": 8.0, \"low_freq_factor\": 1.0, "
        + "\"high_freq_factor\": 4.0, \"original_max_position_embeddings\": 8192";

    private readonly DisposeScope scope = NewDisposeScope();
    private readonly ForeignFolders folders = new();

    public void Dispose()
    {
        folders.Dispose();
        scope.Dispose();
    }

    [Theory]
    [InlineData("rope_scaling", "{\"rope_type\": \"default\"}")]
    [InlineData("rope_scaling", "{\"type\": \"default\", \"rope_theta\": 500000.0}")]
    [InlineData("rope_scaling", "{}")]
    [InlineData(
        "rope_parameters", "{\"rope_type\": \"default\", \"rope_theta\": 500000.0, \"partial_rotary_factor\": 1.0}")]
    [InlineData("rope_parameters", "null")]
    [InlineData("hidden_act", "\"swish\"")]
    [InlineData("head_dim", "16")]
    [InlineData("head_dim", "null")]
    [InlineData("dtype", "\"float8_e4m3fn\"")]
    [InlineData("attention_dropout", "0.1")]
    [InlineData("pretraining_tp", "2")]
    [InlineData("partial_rotary_factor", "1.0")]
    [InlineData("quantization_config", "null")]
    [InlineData("attention_bias", "null")]
    [InlineData("sliding_window", "null")]
    [InlineData("layer_types", "[\"full_attention\", \"full_attention\", \"full_attention\"]")]
    [InlineData("eos_token_id", "[1, 2, 3]")]
    [InlineData("bos_token_id", "null")]
    [InlineData("bos_token_id", null)]
    [InlineData("repetition_penalty", "1.0")]
    [InlineData("temperature", "0.6")]
    [InlineData("_name_or_path", "\"C:/somewhere\"")]
    [InlineData("architectures", "null")]
    public void A_key_that_changes_nothing_is_accepted_and_the_model_is_the_same(string key, string? json)
    {
        using var conversion = ForeignFolders.Open(folders.Sources(folders.Model((key, json))));
        conversion.Config.Llama.Should().BeEquivalentTo(ForeignFolders.Llama);
    }

    [Theory]
    [InlineData(
        "rope_scaling", "{\"rope_type\": \"yarn\", \"factor\": 4.0}", "rope_scaling.rope_type \"yarn\"",
        "accepted: default or llama3")]
    [InlineData(
        "rope_scaling", "{\"type\": \"linear\", \"factor\": 2.0}", "rope_scaling.type \"linear\"",
        "accepted: default or llama3")]
    [InlineData(
        "rope_parameters", "{\"rope_type\": \"dynamic\", \"rope_theta\": 1e6}", "rope_parameters.rope_type \"dynamic\"",
        "accepted: default or llama3")]
    [InlineData(
        "rope_parameters", "{\"rope_type\": \"longrope\"}", "rope_parameters.rope_type \"longrope\"",
        "accepted: default or llama3")]
    [InlineData("rope_scaling", "{\"type\": \"llama3\"}", "lacks rope_scaling.factor", "accepted: a positive number")]
    [InlineData("rope_scaling", Llama31 + ", \"beta_fast\": 32}", "rope_scaling.beta_fast 32", "known here")]
    [InlineData(
        "rope_scaling", Llama31 + ", \"type\": \"default\"}", "rope_scaling.type \"default\"", "accepted: llama3")]
    [InlineData("rope_scaling", "{\"factor\": 8.0}", "rope_scaling.factor 8", "accepted: 1")]
    [InlineData("rope_scaling", "\"llama3\"", "rope_scaling \"llama3\"", "accepted: an object")]
    [InlineData(
        "rope_parameters", "{\"full_attention\": {\"rope_theta\": 1e6}}",
        "rope_parameters.full_attention", "known here")]
    [InlineData("rope_parameters", "{\"rope_theta\": 10000.0}", "rope_theta 500000", "the same in rope_parameters")]
    [InlineData("rope_theta", "\"500000\"", "rope_theta \"500000\"", "accepted: a positive number")]
    [InlineData("rope_theta", "null", "rope_theta null", "accepted: a positive number")]
    [InlineData("partial_rotary_factor", "0.5", "partial_rotary_factor 0.5", "accepted: 1")]
    [InlineData("head_dim", "32", "head_dim 32", "accepted: hidden_size / num_attention_heads")]
    [InlineData("hidden_act", "\"gelu\"", "hidden_act \"gelu\"", "accepted: silu or swish")]
    [InlineData("attention_bias", "true", "attention_bias true", "accepted: false")]
    [InlineData("mlp_bias", "true", "mlp_bias true", "accepted: false")]
    [InlineData("sliding_window", "128", "sliding_window 128", "accepted: null")]
    [InlineData("use_sliding_window", "true", "use_sliding_window true", "accepted: false")]
    [InlineData(
        "layer_types", "[\"full_attention\", \"sliding_attention\"]",
        "layer_types [\"full_attention\",\"sliding_attention\"]", "accepted: [\"full_attention\"]")]
    [InlineData(
        "quantization_config", "{\"quant_method\": \"fp8\"}", "quantization_config {\"quant_method\":\"fp8\"}",
        "accepted: null or empty")]
    [InlineData("model_type", "\"qwen2\"", "model_type \"qwen2\"", "accepted: llama")]
    [InlineData(
        "architectures", "[\"LlamaForSequenceClassification\"]", "architectures", "accepted: [\"LlamaForCausalLM\"]")]
    [InlineData("auto_map", "{\"AutoModelForCausalLM\": \"modeling_own.Own\"}", "auto_map", "accepted: null or empty")]
    [InlineData("tie_word_embeddings", "\"no\"", "tie_word_embeddings \"no\"", "accepted: true or false")]
    [InlineData("hidden_size", "128.5", "hidden_size 128.5", "accepted: a whole number from 1")]
    [InlineData("num_key_value_heads", "0", "num_key_value_heads 0", "accepted: a whole number from 1")]
    [InlineData("rms_norm_eps", null, "lacks rms_norm_eps", "accepted: a positive number")]
    [InlineData("repetition_penalty", "1.3", "repetition_penalty 1.3", "accepted: 1")]
    [InlineData("logit_scale", "0.0625", "logit_scale 0.0625", "known here")]
    [InlineData("num_local_experts", "8", "num_local_experts 8", "known here")]
    public void A_key_that_means_another_model_stops_the_conversion_by_name_value_and_what_is_accepted(
        string key, string? json, string said, string accepted)
        => ForeignFolders.ShouldBeRefused(folders.Sources(folders.Model((key, json))), "config.json", said, accepted);

    [Fact]
    public void What_transformers_5_writes_gives_the_same_model()
    {
        var folder = folders.Model(
            ("rope_theta", null), ("rope_scaling", null), ("torch_dtype", null), ("dtype", "\"bfloat16\""),
            ("rope_parameters", "{\"rope_theta\": 500000.0, \"rope_type\": \"default\"}"),
            ("transformers_version", "\"5.0.0\""));
        folders.Converted(folders.Sources(folder), converted =>
        {
            converted.Config.Llama.Should().BeEquivalentTo(ForeignFolders.Llama);
            Logits(converted).ShouldBeCloseTo(Golden.Tensors("llama/golden.safetensors")["logits_0"], 5e-4);
        });
    }

    [Theory]
    [InlineData("rope_scaling", "}")]
    [InlineData("rope_parameters", ", \"rope_theta\": 500000.0}")]
    public void Llama_3_1s_positions_are_read_and_reach_the_model(string key, string end)
    {
        var expected = new RopeScalingConfig
        {
            Factor = 8,
            LowFreqFactor = 1,
            HighFreqFactor = 4,
            OriginalMaxPositionEmbeddings = 8192
        };
        folders.Converted(folders.Sources(folders.Model((key, Llama31 + end))), converted =>
        {
            converted.Config.Llama.RopeScaling.Should().Be(expected);
            var plain = Golden.Tensors("llama/golden.safetensors")["logits_0"];
            (Logits(converted) - plain).abs().max().item<float>().Should().BeGreaterThan(1e-3f);
        });
    }

    [Fact]
    public void Without_any_base_of_the_rotation_it_is_that_of_the_first_llamas()
    {
        using var conversion = ForeignFolders.Open(folders.Sources(folders.Model(("rope_theta", null))));
        conversion.Config.Llama.RopeTheta.Should().Be(10000);
    }

    [Fact]
    public void Rotary_settings_in_both_places_must_be_the_same()
    {
        var same = Llama31 + "}";
        using (var conversion = ForeignFolders.Open(
            folders.Sources(folders.Model(("rope_scaling", same), ("rope_parameters", same)))))
        {
            conversion.Config.Llama.RopeScaling.Should().NotBeNull();
        }
        ForeignFolders.ShouldBeRefused(
            folders.Sources(folders.Model(
                ("rope_scaling", same), ("rope_parameters", same.Replace("8.0", "32.0", StringComparison.Ordinal)))),
            "rope_scaling", "what rope_parameters says");
    }

    [Fact]
    public void A_window_that_is_switched_off_is_no_window()
    {
        using var conversion = ForeignFolders.Open(folders.Sources(
            folders.Model(("sliding_window", "128"), ("use_sliding_window", "false"), ("max_window_layers", "2"))));
        conversion.Config.Llama.Should().BeEquivalentTo(ForeignFolders.Llama);
    }

    [Fact]
    public void A_head_beside_a_tied_embedding_must_be_equal_to_it()
    {
        var tensors = Golden.Tensors("llama/hf-bf16/model.safetensors");
        (string, string?) tied = ("tie_word_embeddings", "true");
        ForeignFolders.ShouldBeRefused(
            folders.Sources(folders.Model(tied)), "tie_word_embeddings true", "lm_head.weight");
        tensors["lm_head.weight"] = tensors["model.embed_tokens.weight"];
        using (var conversion = ForeignFolders.Open(folders.Sources(folders.Model(tensors, tied))))
            conversion.Config.Llama.TieWordEmbeddings.Should().BeTrue();
        tensors.Remove("lm_head.weight");
        using (var conversion = ForeignFolders.Open(folders.Sources(folders.Model(tensors, tied))))
            conversion.Config.Llama.TieWordEmbeddings.Should().BeTrue();
        ForeignFolders.ShouldBeRefused(
            folders.Sources(folders.Model(tensors, ("tie_word_embeddings", null))),
            "does not say tie_word_embeddings true", "'lm_head.weight'");
    }

    [Fact]
    public void Frequencies_that_older_versions_stored_are_passed_over()
    {
        var tensors = Golden.Tensors("llama/hf-bf16/model.safetensors");
        tensors["model.layers.0.self_attn.rotary_emb.inv_freq"] = zeros(8);
        using var conversion = ForeignFolders.Open(folders.Sources(folders.Model(tensors)));
        conversion.Config.Llama.Should().BeEquivalentTo(ForeignFolders.Llama);
    }

    [Theory]
    [InlineData("repetition_penalty", "1.05", "repetition_penalty 1.05", "accepted: 1")]
    [InlineData("suppress_tokens", "[5]", "suppress_tokens [5]", "accepted: null or empty")]
    [InlineData("no_repeat_ngram_size", "3", "no_repeat_ngram_size 3", "accepted: 0")]
    [InlineData("magic", "true", "magic true", "known here")]
    public void What_shapes_answers_in_a_way_that_is_not_done_here_is_refused(
        string key, string json, string said, string accepted)
    {
        var folder = folders.Model();
        ForeignFolders.Change(Path.Combine(folder, "generation_config.json"), (key, json));
        ForeignFolders.ShouldBeRefused(folders.Sources(folder), "generation_config.json", said, accepted);
    }

    [Fact]
    public void How_answers_are_sampled_is_left_to_each_request()
    {
        var folder = folders.Model();
        ForeignFolders.Change(
            Path.Combine(folder, "generation_config.json"), ("do_sample", "true"), ("temperature", "0.6"),
            ("top_p", "0.9"), ("suppress_tokens", "[]"));
        using var conversion = ForeignFolders.Open(folders.Sources(folder));
        conversion.Config.Llama.Should().BeEquivalentTo(ForeignFolders.Llama);
    }

    [Theory]
    [InlineData("use_scaled_rope", "true", "use_scaled_rope true", "accepted: false")]
    [InlineData("rope_scaling_factor", "32.0", "rope_scaling_factor 32", "known here")]
    [InlineData("quantization_args", "{\"scheme\": \"int8\"}", "quantization_args", "accepted: null or empty")]
    [InlineData("norm_eps", "\"1e-5\"", "norm_eps \"1e-5\"", "accepted: a positive number")]
    [InlineData("n_layers", null, "lacks n_layers", "accepted: a whole number")]
    public void Metas_parameters_are_read_by_the_same_rule(string key, string? json, string said, string accepted)
        =>
        ForeignFolders.ShouldBeRefused(folders.Sources(folders.MetaModel((key, json))), "params.json", said, accepted);

    [Fact]
    public void Metas_limits_of_a_run_change_nothing()
    {
        using var conversion = ForeignFolders.Open(folders.Sources(
            folders.MetaModel(("max_seq_len", "128"), ("use_scaled_rope", "false"), ("ffn_dim_multiplier", "1.3"))));
        conversion.Config.Llama.IntermediateSize.Should().Be(ForeignFolders.Llama.IntermediateSize);
    }

    private static Tensor Logits(Model.Weights.ModelFolder folder)
    {
        using var _ = no_grad();
        var ids = Golden.Json("llama/golden_tokens.json")["prompts"]![0]!.Ints();
        var llama = folder.Model.Llama;
        return llama.Logits(llama.Hidden(llama.Embed(tensor(ids.Select(id => (long)id).ToArray()).unsqueeze(0))))[0];
    }
}
