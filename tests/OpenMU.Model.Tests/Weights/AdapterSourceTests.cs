using OpenMU.Model.Families;
using OpenMU.Model.Kernels;
using OpenMU.Model.Weights;
using OpenMU.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace OpenMU.Model.Tests.Weights;

/// <summary>
/// Adapters of PEFT: plain low-rank ones on any projections are read, every other kind is refused by
/// the key that tells it.
/// </summary>
public sealed class AdapterSourceTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();
    private readonly ForeignFolders folders = new();
    private readonly Dictionary<string, Tensor> tensors = Golden.Tensors("lora/adapter_model.safetensors");

    public void Dispose()
    {
        folders.Dispose();
        scope.Dispose();
    }

    [Theory]
    [InlineData("modules_to_save", "[]")]
    [InlineData("use_dora", "null")]
    [InlineData("lora_dropout", "null")]
    [InlineData("init_lora_weights", "\"gaussian\"")]
    [InlineData("init_lora_weights", "false")]
    [InlineData("corda_config", "{}")]
    [InlineData("loftq_config", "{\"loftq_bits\": 4}")]
    [InlineData("target_modules", "\".*proj\"")]
    [InlineData("target_modules", "\"all-linear\"")]
    [InlineData(
        "target_modules",
        "[\"q_proj\", \"k_proj\", \"v_proj\", \"o_proj\", \"mlp.gate_proj\", \"up_proj\", \"down_proj\", \"c_attn\"]")]
    [InlineData("exclude_modules", "[\"lm_head\"]")]
    [InlineData("layers_to_transform", "[0, 1, 2]")]
    [InlineData("layers_to_transform", "[]")]
    [InlineData("trainable_token_indices", "null")]
    [InlineData("qalora_group_size", "16")]
    [InlineData("peft_version", "\"0.18.0\"")]
    public void A_key_that_changes_nothing_is_accepted_and_the_adapter_is_the_same(string key, string json)
    {
        using var conversion = ForeignFolders.Open(folders.Sources(adapter: folders.Adapter(null, (key, json))));
        conversion.Config.Lora.Should().BeEquivalentTo(
            GoldenModels.Lora() with { Dropout = key == "lora_dropout" ? 0 : GoldenModels.Lora().Dropout });
    }

    [Theory]
    [InlineData("use_dora", "true", "use_dora true", "accepted: false")]
    [InlineData("peft_type", "\"ADALORA\"", "peft_type \"ADALORA\"", "accepted: LORA")]
    [InlineData("peft_type", "\"IA3\"", "peft_type \"IA3\"", "accepted: LORA")]
    [InlineData("peft_type", "\"LOHA\"", "peft_type \"LOHA\"", "accepted: LORA")]
    [InlineData("peft_type", "\"PROMPT_TUNING\"", "peft_type \"PROMPT_TUNING\"", "accepted: LORA")]
    [InlineData("peft_type", null, "lacks peft_type", "accepted: LORA")]
    [InlineData("task_type", "\"SEQ_CLS\"", "task_type \"SEQ_CLS\"", "accepted: CAUSAL_LM")]
    [InlineData("r", "0", "r 0", "accepted: a whole number from 1")]
    [InlineData("lora_alpha", "null", "lora_alpha null", "accepted: a positive number")]
    [InlineData("rank_pattern", "{\"q_proj\": 8}", "rank_pattern {\"q_proj\":8}", "accepted: null or empty")]
    [InlineData("alpha_pattern", "{\"q_proj\": 8}", "alpha_pattern {\"q_proj\":8}", "accepted: null or empty")]
    [InlineData("bias", "\"lora_only\"", "bias \"lora_only\"", "accepted: none")]
    [InlineData("lora_bias", "true", "lora_bias true", "accepted: false")]
    [InlineData("fan_in_fan_out", "true", "fan_in_fan_out true", "accepted: false")]
    [InlineData(
        "modules_to_save", "[\"embed_tokens\"]", "modules_to_save [\"embed_tokens\"]", "accepted: null or empty")]
    [InlineData(
        "init_lora_weights", "\"pissa\"", "init_lora_weights \"pissa\"",
        "accepted: true, false, gaussian, orthogonal or eva")]
    [InlineData("init_lora_weights", "\"pissa_niter_16\"", "init_lora_weights \"pissa_niter_16\"", "accepted: true")]
    [InlineData("init_lora_weights", "\"olora\"", "init_lora_weights \"olora\"", "accepted: true")]
    [InlineData("init_lora_weights", "\"loftq\"", "init_lora_weights \"loftq\"", "accepted: true")]
    [InlineData("trainable_token_indices", "[5, 6]", "trainable_token_indices [5,6]", "accepted: null or empty")]
    [InlineData("use_qalora", "true", "use_qalora true", "accepted: false")]
    [InlineData("layer_replication", "[[0, 2], [1, 3]]", "layer_replication [[0,2],[1,3]]", "accepted: null or empty")]
    [InlineData("alora_invocation_tokens", "[12]", "alora_invocation_tokens [12]", "accepted: null or empty")]
    [InlineData("target_parameters", "[\"mlp.experts\"]", "target_parameters", "accepted: null or empty")]
    [InlineData("layers_to_transform", "[0, 1]", "layers_to_transform [0,1]", "layers.2.")]
    [InlineData("layers_to_transform", "0", "layers_to_transform 0", "layers.1.")]
    [InlineData("layers_pattern", "\"h\"", "layers_pattern \"h\"", "accepted: layers")]
    [InlineData(
        "target_modules", "[\"q_proj\", \"v_proj\"]", "target_modules [\"q_proj\",\"v_proj\"]", "_proj.lora_A.weight")]
    [InlineData(
        "target_modules", "[\"q_proj\", \"lm_head\"]", "target_modules [\"q_proj\",\"lm_head\"]", "not lm_head")]
    [InlineData(
        "target_modules", "[\"query_key_value\"]", "target_modules [\"query_key_value\"]", "names of projections")]
    [InlineData("target_modules", "\"(q_proj\"", "target_modules \"(q_proj\"", "regular expressions")]
    [InlineData("exclude_modules", "[\"down_proj\"]", "target_modules", "down_proj")]
    [InlineData("block_size", "8", "block_size 8", "known here")]
    [InlineData("target_r", "8", "target_r 8", "known here")]
    public void Another_kind_of_adapter_stops_the_conversion_by_name_value_and_what_is_accepted(
        string key, string? json, string said, string accepted)
        => ForeignFolders.ShouldBeRefused(
            folders.Sources(adapter: folders.Adapter(null, (key, json))), "adapter_config.json", said, accepted);

    [Theory]
    [InlineData("[\"q_proj\", \"v_proj\"]", null, "q_proj", "v_proj")]
    [InlineData("[\"down_proj\"]", null, "down_proj")]
    [InlineData(
        "\".*\\\\.layers\\\\.1\\\\.mlp\\\\.(up|gate)_proj\"", null, "layers.1.mlp.up_proj", "layers.1.mlp.gate_proj")]
    [InlineData(
        "[\"k_proj\", \"o_proj\"]", "[0, 2]", "layers.0.self_attn.k_proj", "layers.0.self_attn.o_proj",
        "layers.2.self_attn.k_proj", "layers.2.self_attn.o_proj")]
    [InlineData(null, null, "q_proj", "v_proj")]
    public void An_adapter_on_some_projections_counts_like_one_on_all_that_is_zero_elsewhere(
        string? targets, string? layers, params string[] names)
    {
        var config = new LoraConfig { TargetModules = names };
        bool IsTarget(string key) =>
            config.Targets(key["base_model.model.model.".Length..key.IndexOf(".lora_", StringComparison.Ordinal)]);
        var some = tensors.Where(pair => IsTarget(pair.Key)).ToDictionary();
        var zero =
            tensors.ToDictionary(pair => pair.Key, pair => IsTarget(pair.Key) ? pair.Value : zeros_like(pair.Value));
        some.Should().NotBeEmpty().And.HaveCountLessThan(tensors.Count);
        var adapter = folders.Adapter(some, ("target_modules", targets), ("layers_to_transform", layers));

        Tensor? expected = null;
        folders.Converted(folders.Sources(adapter: folders.Adapter(zero)), folder => expected = Logits(folder));
        foreach (var merge in new[] { false, true })
        {
            folders.Converted(folders.Sources(adapter: adapter), folder =>
            {
                Logits(folder).ShouldBeCloseTo(expected!, 2e-4, merge ? "merged" : "beside the model");
                if (!merge) folder.Config.Lora!.TargetModules.Should().BeEquivalentTo(names);
            }, merge);
        }
    }

    [Fact]
    public void Rank_stabilised_adapters_count_by_the_root_of_their_rank()
    {
        var golden = GoldenModels.Lora();
        var adapter =
            folders.Adapter(null, ("use_rslora", "true"), ("lora_alpha", $"{golden.Alpha / Math.Sqrt(golden.R)}"));
        folders.Converted(folders.Sources(adapter: adapter), folder =>
        {
            folder.Config.Lora!.Scale.Should().BeApproximately(golden.Scale, 1e-12);
            Logits(folder).ShouldBeCloseTo(Golden.Tensors("lora/golden.safetensors")["logits_0"], 5e-4);
        });
    }

    [Fact]
    public void Keys_with_the_adapters_name_in_them_are_the_same_keys()
    {
        var named = tensors.ToDictionary(
            pair => pair.Key.Replace(".weight", ".default.weight", StringComparison.Ordinal), pair => pair.Value);
        folders.Converted(
            folders.Sources(adapter: folders.Adapter(named)),
            folder => Logits(folder).ShouldBeCloseTo(Golden.Tensors("lora/golden.safetensors")["logits_0"], 5e-4));
    }

    [Theory]
    [InlineData("base_model.model.model.embed_tokens.weight")]
    [InlineData("base_model.model.model.layers.0.self_attn.q_proj.lora_magnitude_vector")]
    [InlineData("base_model.model.model.layers.0.self_attn.q_proj.lora_B.bias")]
    public void A_tensor_that_no_plain_adapter_has_is_named(string key)
    {
        tensors[key] = ones(4);
        ForeignFolders.ShouldBeRefused(
            folders.Sources(adapter: folders.Adapter(tensors)), $"adapter_model.safetensors holds the tensor '{key}'",
            "accepted: lora_A and lora_B");
    }

    [Fact]
    public void A_tensor_that_the_configuration_promises_and_the_file_lacks_is_named()
    {
        tensors.Remove("base_model.model.model.layers.1.mlp.up_proj.lora_B.weight");
        ForeignFolders.ShouldBeRefused(
            folders.Sources(adapter: folders.Adapter(tensors)),
            "'base_model.model.model.layers.1.mlp.up_proj.lora_B.weight' is in none of");
    }

    private static Tensor Logits(ModelFolder folder)
    {
        using var _ = no_grad();
        var ids = Golden.Json("llama/golden_tokens.json")["prompts"]![0]!.Ints();
        var llama = folder.Model.Llama;
        return llama.Logits(llama.Hidden(llama.Embed(tensor(ids.Select(id => (long)id).ToArray()).unsqueeze(0))))[0];
    }
}
