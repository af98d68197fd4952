// ForeignConfigRules.cs - what is known of other programs' configurations, a row a key. A key without a row
// stops a conversion by its name. A new family of models needs rows here, and a reader for the keys whose
// values its rows let through.
//
//   Harmless           changes no number that this project computes
//   Off, Is, Empty     accepted where it says what this project computes anyway
//   Size, Flag, Ids read and applied by LlamaSource, AdapterSource, AdapterTargets, MetaCheckpoint or TokenizerSource
using System.Text.Json;
using static OpenMU.Model.Weights.ConfigRule;

namespace OpenMU.Model.Weights;

/// <summary>
/// The rules of each kind of foreign configuration. In a row, spaces divide keys that have the same rule.
/// </summary>
internal static class ForeignConfigRules
{
    private static readonly ConfigRule PositiveNotNull = Positive with { AcceptsNull = false };

    /// <summary>
    /// generation_config.json, whose keys older versions of transformers also write into config.json. How an
    /// answer is sampled is each request's own choice here; what shapes an answer in ways that no request here
    /// can ask for must be off.
    /// </summary>
    private static readonly (string Keys, ConfigRule Rule)[] GenerationRows =
    [
        ("eos_token_id", Ids),
        ("pad_token_id sep_token_id cls_token_id decoder_start_token_id _from_model_config transformers_version", Harmless),
        ("do_sample temperature top_k top_p min_p max_length max_new_tokens max_time num_return_sequences", Harmless),
        // Of a beam search, which num_beams excludes.
        ("num_beam_groups diversity_penalty early_stopping length_penalty low_memory", Harmless),
        ("use_cache cache_implementation cache_config return_legacy_cache prefill_chunk_size", Harmless),
        ("compile_config disable_compile generation_kwargs remove_invalid_values renormalize_logits", Harmless),
        ("output_attentions output_hidden_states output_scores output_logits return_dict_in_generate", Harmless),
        ("is_assistant num_assistant_tokens num_assistant_tokens_schedule assistant_confidence_threshold", Harmless),
        ("assistant_early_exit assistant_lookbehind target_lookbehind", Harmless),
        ("prompt_lookup_num_tokens max_matching_ngram_size", Harmless),
        ("num_beams repetition_penalty encoder_repetition_penalty guidance_scale typical_p", Is(1)),
        ("no_repeat_ngram_size encoder_no_repeat_ngram_size min_length "
            + "min_new_tokens epsilon_cutoff eta_cutoff", Is(0)),
        ("token_healing", Off),
        ("bad_words_ids force_words_ids suppress_tokens begin_suppress_tokens sequence_bias constraints", Empty),
        ("forced_bos_token_id forced_eos_token_id forced_decoder_ids exponential_decay_length_penalty", Empty),
        ("stop_strings penalty_alpha top_h dola_layers watermarking_config", Empty),
    ];

    /// <summary>What transformers writes into the config.json of any model.</summary>
    private static readonly (string Keys, ConfigRule Rule)[] TransformersRows =
    [
        .. GenerationRows,
        ("_name_or_path name_or_path _commit_hash tokenizer_class prefix task_specific_params", Harmless),
        // The stored tensors tell their own type.
        ("dtype torch_dtype use_bfloat16 torchscript return_dict tf_legacy_loss initializer_range", Harmless),
        ("_attn_implementation attn_implementation _attn_implementation_autoset gradient_checkpointing", Harmless),
        ("id2label label2id num_labels problem_type finetuning_task is_decoder unsloth_version unsloth_fixed", Harmless),
        ("is_encoder_decoder add_cross_attention tie_encoder_decoder", Off),
        ("chunk_size_feed_forward", Is(0)),
        // Code that comes with the checkpoint.
        ("auto_map", Empty),
        ("quantization_config compression_config pruned_heads per_layer_config cross_attention_hidden_size", Empty),
    ];

    /// <summary>
    /// The same for a model whose code comes with the checkpoint: its family computes here what that code computes.
    /// </summary>
    internal static (string Keys, ConfigRule Rule)[] OwnCodeRows { get; } =
        [("auto_map", Harmless), .. TransformersRows];

    /// <summary>The part of a config.json that describes a Qwen2.5 or a Qwen3.</summary>
    public static IReadOnlyDictionary<string, ConfigRule> Qwen { get; } = Table(
    [
        ("model_type", Is("qwen3", "qwen2_5_omni_text").AsRequired()),
        ("architectures", Harmless),
        // Of queries, keys and values. A bias of the output projection would be a surplus tensor.
        ("attention_bias", Flag),
        ("head_dim", Size(65536)),
        ("hidden_size intermediate_size num_hidden_layers num_attention_heads", Size().AsRequired()),
        ("vocab_size max_position_embeddings", Size().AsRequired()),
        ("num_key_value_heads", Size()),
        ("rms_norm_eps", Positive.AsRequired()),
        ("rope_theta", PositiveNotNull),
        ("rope_parameters rope_scaling", AnObject),
        ("hidden_act", Is("silu")),
        ("tie_word_embeddings", Flag),
        ("bos_token_id", Id),
        ("sliding_window", new("null, or any size beside use_sliding_window false", (_, json) => HasNoWindow(json))),
        ("use_sliding_window", Off),
        ("layer_types", Only("full_attention")),
        ("max_window_layers attention_dropout init_std", Harmless),
        .. TransformersRows,
    ]);

    /// <summary>config.json of a Llama, as written by transformers 4 and 5.</summary>
    public static IReadOnlyDictionary<string, ConfigRule> Llama { get; } = Table(
    [
        ("model_type", Is("llama").AsRequired()),
        ("architectures", Only("LlamaForCausalLM")),
        ("hidden_size intermediate_size num_hidden_layers num_attention_heads", Size().AsRequired()),
        ("vocab_size max_position_embeddings", Size().AsRequired()),
        ("num_key_value_heads", Size()),
        ("rms_norm_eps", Positive.AsRequired()),
        ("hidden_act", Is("silu", "swish")),
        ("attention_bias mlp_bias", Off),
        ("head_dim", new("hidden_size / num_attention_heads", IsHeadDim)),
        ("tie_word_embeddings", Flag),
        // Where it is null the tokenizer knows it.
        ("bos_token_id", Id),
        ("rope_theta", PositiveNotNull),
        ("rope_parameters rope_scaling", AnObject),
        ("partial_rotary_factor", Is(1)),
        ("original_max_position_embeddings", Null),
        ("sliding_window", new("null, or any size beside use_sliding_window false", (_, json) => HasNoWindow(json))),
        ("rope_interleaved use_sliding_window", Off),
        ("max_window_layers", Harmless),
        ("layer_types", Only("full_attention")),
        // Acts in training only.
        ("attention_dropout", Harmless),
        // The same products, computed in slices.
        ("pretraining_tp", Harmless),
        .. TransformersRows,
    ]);

    public static IReadOnlyDictionary<string, ConfigRule> Generation { get; }
        = Table([.. GenerationRows, ("bos_token_id", Harmless)]);

    /// <summary>rope_parameters, or rope_scaling, of plain rotary positions.</summary>
    public static IReadOnlyDictionary<string, ConfigRule> Rope { get; } = Table(
    [
        ("rope_type type", Is("default") with { Accepted = "default or llama3" }),
        // Three positions for pictures in time; of sound and text all three are the same.
        ("mrope_section", new("a list of sizes", value => value.ValueKind == JsonValueKind.Array)),
        ("rope_theta", PositiveNotNull),
        ("partial_rotary_factor attention_factor factor", Is(1)),
        // Only scaling reads it.
        ("original_max_position_embeddings", Harmless),
    ]);

    /// <summary>rope_parameters, or rope_scaling, of Llama 3.1 and later.</summary>
    public static IReadOnlyDictionary<string, ConfigRule> Llama3Rope { get; } = Table(
    [
        ("rope_type type", Is("llama3")),
        ("rope_theta", PositiveNotNull),
        ("partial_rotary_factor attention_factor", Is(1)),
        ("factor low_freq_factor", Positive.AsRequired()),
        ("high_freq_factor", new ConfigRule("a number above low_freq_factor", IsAboveLow).AsRequired()),
        ("original_max_position_embeddings", Size().AsRequired()),
    ]);

    /// <summary>params.json of Meta.</summary>
    public static IReadOnlyDictionary<string, ConfigRule> Meta { get; } = Table(
    [
        ("dim n_layers n_heads", Size().AsRequired()),
        ("n_kv_heads", Size()),
        (
            "vocab_size",
            new ConfigRule("a whole number, not 0", value => Integer(value) is not (null or 0)).AsRequired()),
        ("norm_eps", Positive.AsRequired()),
        ("rope_theta", PositiveNotNull),
        // The matrices tell the size.
        ("multiple_of ffn_dim_multiplier", Harmless),
        ("max_batch_size max_seq_len", Harmless),
        // params.json does not give the factor that the scaled positions of Llama 3.1 and 3.2 need.
        ("use_scaled_rope", Off),
        ("quantization_args lora_args", Empty),
    ]);

    /// <summary>adapter_config.json of PEFT, for LoRA as it was published (arXiv 2106.09685).</summary>
    public static IReadOnlyDictionary<string, ConfigRule> Adapter { get; } = Table(
    [
        ("peft_type", Is("LORA").AsRequired()),
        ("task_type", Is("CAUSAL_LM")),
        ("r", Size(65536).AsRequired()),
        ("lora_alpha", Positive.AsRequired()),
        ("use_rslora", Flag),
        // Acts in training only.
        ("lora_dropout", new("a number from 0 to 1", value => Number(value) is >= 0 and <= 1)),
        ("target_modules", new("a list of module names, a pattern or all-linear", value => Strings(value) is not null)),
        ("exclude_modules", new("a list of module names or a pattern", value => Strings(value) is not null)),
        ("layers_to_transform", Ids with { Accepted = "a layer's number or a list of them" }),
        ("layers_pattern", Only("layers") with { Accepted = "layers" }),
        // Other ways of starting (pissa, olora, corda, loftq, lora_ga) also change the base model's matrices, so that
        // their adapters are wrong beside the published ones. PEFT's save_pretrained turns them into plain LoRA where
        // it is given path_initial_model_for_weight_conversion.
        ("init_lora_weights", Is(true, false, "gaussian", "orthogonal", "eva")),
        // Only init_lora_weights reads them.
        ("eva_config corda_config loftq_config lora_ga_config", Harmless),
        ("bias", Is("none")),
        ("fan_in_fan_out use_dora use_qalora lora_bias use_bdlora", Off),
        ("rank_pattern alpha_pattern modules_to_save target_parameters trainable_token_indices", Empty),
        ("layer_replication alora_invocation_tokens alora_invocation_string", Empty),
        ("arrow_config velora_config monteclora_config megatron_config", Empty),
        // Settings of what must be off.
        ("qalora_group_size megatron_core runtime_config ensure_weight_tying", Harmless),
        ("auto_mapping base_model_name_or_path revision peft_version inference_mode", Harmless),
    ]);

    /// <summary>
    /// tokenizer_config.json. Prompts are built from token ids here and answers from bytes: templates, padding and the
    /// tidying of blanks in decoded text have no part in it.
    /// </summary>
    public static IReadOnlyDictionary<string, ConfigRule> TokenizerConfig { get; } = Table(
    [
        ("tokenizer_class", Is(
            "PreTrainedTokenizerFast", "PreTrainedTokenizer", "LlamaTokenizerFast", "LlamaTokenizer",
            "Qwen2TokenizerFast", "Qwen2Tokenizer", "TokenizersBackend")),
        ("added_tokens_decoder", AnObject),
        ("do_lower_case add_prefix_space split_special_tokens fix_mistral_regex from_slow", Off),
        ("auto_map sp_model_kwargs", Empty),
        ("bos_token eos_token pad_token unk_token cls_token sep_token mask_token", Harmless),
        ("additional_special_tokens extra_special_tokens model_specific_special_tokens", Harmless),
        ("add_bos_token add_eos_token chat_template use_default_system_prompt", Harmless),
        ("model_max_length max_length stride model_input_names pad_to_multiple_of pad_token_type_id", Harmless),
        ("padding_side truncation_side truncation_strategy", Harmless),
        ("clean_up_tokenization_spaces spaces_between_special_tokens errors legacy use_fast backend is_local", Harmless),
        ("name_or_path processor_class tokenizer_file special_tokens_map_file", Harmless),
    ]);

    /// <summary>tokenizer.json, whose vocabulary and merges the tokenizer itself checks.</summary>
    public static IReadOnlyDictionary<string, ConfigRule> TokenizerJson { get; } = Table(
    [
        ("model", AnObject.AsRequired()),
        ("normalizer", AnObject),
        ("added_tokens", new("a list of added tokens", value => value.ValueKind == JsonValueKind.Array)),
        ("pre_tokenizer decoder", AnObject),
        // Beginnings and lengths are the prompt's.
        ("version truncation padding post_processor", Harmless),
    ]);

    public static IReadOnlyDictionary<string, ConfigRule> TokenizerModel { get; } = Table(
    [
        ("type", Is("BPE")),
        // Every byte has a token, so none is unknown.
        ("vocab merges unk_token fuse_unk", Harmless),
        ("dropout", Is(0)),
        ("continuing_subword_prefix end_of_word_suffix", Empty),
        ("byte_fallback", Off),
        ("ignore_merges", Flag),
    ]);

    public static IReadOnlyDictionary<string, ConfigRule> Normalizer { get; }
        = Table([("type", Is("NFC").AsRequired())]);

    public static IReadOnlyDictionary<string, ConfigRule> PreTokenizer { get; } = Table(
    [
        ("type", Is("Sequence").AsRequired()),
        ("pretokenizers", new ConfigRule("a Split step, then a ByteLevel step", IsSplitAndBytes).AsRequired()),
    ]);

    public static IReadOnlyDictionary<string, ConfigRule> PreTokenizerStep { get; } = Table(
    [
        ("type", Is("Split", "ByteLevel").AsRequired()),
        // The tokenizer itself compares the pattern.
        ("pattern trim_offsets", Harmless),
        ("behavior", Is("Isolated")),
        ("invert use_regex add_prefix_space", Off),
    ]);

    public static IReadOnlyDictionary<string, ConfigRule> TokenizerDecoder { get; } = Table(
    [
        ("type", Is("ByteLevel").AsRequired()),
        // Only the encoding half of ByteLevel reads them.
        ("add_prefix_space trim_offsets use_regex", Harmless),
    ]);

    /// <summary>An entry of added_tokens or added_tokens_decoder.</summary>
    public static IReadOnlyDictionary<string, ConfigRule> AddedToken { get; } = Table(
    [
        ("content", AText.AsRequired()),
        ("id", Id),
        // Normalization changes none of their names.
        ("special normalized __type", Harmless),
        ("single_word lstrip rstrip", Off),
    ]);

    private static bool HasNoWindow(JsonElement json)
        => json.TryGetProperty("use_sliding_window", out var use) && use.ValueKind == JsonValueKind.False;

    private static bool IsHeadDim(JsonElement value, JsonElement json)
        => json.TryGetProperty("hidden_size", out var hidden)
            && json.TryGetProperty("num_attention_heads", out var heads)
            && Number(value) is { } size && size * Number(heads) == Number(hidden);

    private static bool IsAboveLow(JsonElement value, JsonElement json)
        => json.TryGetProperty("low_freq_factor", out var low)
            && Number(value) > Number(low) && Number(value) < double.PositiveInfinity;

    private static bool IsSplitAndBytes(JsonElement value)
        => value.ValueKind == JsonValueKind.Array && value.GetArrayLength() == 2
            && IsStep(value[0], "Split") && IsStep(value[1], "ByteLevel");

    private static bool IsStep(JsonElement step, string type)
        => step.ValueKind == JsonValueKind.Object && step.TryGetProperty("type", out var value)
            && value.ValueKind == JsonValueKind.String && value.GetString() == type;

    /// <summary>Rows as a table; where a key has several, the first counts.</summary>
    internal static Dictionary<string, ConfigRule> Table((string Keys, ConfigRule Rule)[] rows)
    {
        var keys = rows.SelectMany(row => row.Keys.Split(' ').Select(key => (Key: key, row.Rule)));
        return keys.DistinctBy(row => row.Key).ToDictionary(row => row.Key, row => row.Rule, StringComparer.Ordinal);
    }
}
