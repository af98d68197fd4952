using System.Text.Json;
using OpenMU.Model.Families;
using static TorchSharp.torch;

namespace OpenMU.Model.Weights;

/// <summary>
/// A published Llama checkpoint: a folder in the format of Hugging Face (config.json) or of Meta (params.json).
/// </summary>
internal static class LlamaSource
{
    /// <summary>The value of rope_theta where a file has none, as with Llama 2.</summary>
    public const double DefaultRopeTheta = 10000;

    /// <summary>The <see cref="LlamaConfig.BosTokenId"/> of files that have none.</summary>
    public const int NoBosTokenId = -1;

    private const string HeadKey = "lm_head.weight", EmbeddingKey = "model.embed_tokens.weight";

    /// <summary>The vocabulary size that identifies Llama 3, whose files do not name all of its stop tokens.</summary>
    private const int Llama3Vocabulary = 128256;

    /// <summary>The configuration, and the tensors by Hugging Face's keys.</summary>
    /// <exception cref="InvalidDataException">
    /// The folder holds no Llama that this code computes exactly; the message names the file and the key.
    /// </exception>
    public static (LlamaConfig Config, PublishedCheckpoint Checkpoint) Open(string folder)
    {
        if (File.Exists(Path.Combine(folder, ModelFolder.ConfigFile)))
        {
            var config = ReadConfig(folder);
            var checkpoint = PublishedCheckpoint.OpenFolder(folder);
            try
            {
                var tensors = Parameters(Path.Combine(folder, ModelFolder.ConfigFile), checkpoint.Tensors, config);
                return (config, new(folder, tensors, [checkpoint]));
            }
            catch
            {
                checkpoint.Dispose();
                throw;
            }
        }
        if (File.Exists(Path.Combine(folder, MetaCheckpoint.ParametersFile)))
        {
            var (config, checkpoint) = MetaCheckpoint.Open(folder);
            return (config with { StopTokenIds = StopIds(config.VocabSize, []) }, checkpoint);
        }
        throw new InvalidDataException(
            $"{folder} is neither a folder of Hugging Face (config.json) nor of Meta (params.json).");
    }

    /// <summary>
    /// The tensors without what is computed: older conversions stored the rotation's frequencies, and some a head
    /// although it is the embedding.
    /// </summary>
    internal static NamedTensor[] Parameters(
        string path, IReadOnlyList<NamedTensor> tensors, LlamaConfig config, string headKey = HeadKey,
        string embeddingKey = EmbeddingKey)
    {
        const string key = "tie_word_embeddings";
        var head = tensors.FirstOrDefault(tensor => tensor.Key == headKey);
        var embedding = tensors.FirstOrDefault(tensor => tensor.Key == embeddingKey);
        if (!config.TieWordEmbeddings && head is null)
        {
            throw new InvalidDataException(
                $"{path} does not say {key} true, but the folder has no '{headKey}'; accepted: true.");
        }
        if (config.TieWordEmbeddings && head is not null && !(embedding is not null && AreEqual(head, embedding)))
        {
            throw new InvalidDataException(
                $"{path} says {key} true, but '{headKey}' differs from '{embeddingKey}'; accepted: false.");
        }
        bool IsComputed(string name)
            => name.EndsWith("rotary_emb.inv_freq", StringComparison.Ordinal)
                || (config.TieWordEmbeddings && name == headKey);
        return [.. tensors.Where(tensor => !IsComputed(tensor.Key))];
    }

    private static bool AreEqual(NamedTensor a, NamedTensor b)
    {
        if (!a.Shape.SequenceEqual(b.Shape)) return false;
        const long rows = 1024;
        for (long first = 0; first < a.Shape[0]; first += rows)
        {
            using var scope = NewDisposeScope();
            var count = Math.Min(rows, a.Shape[0] - first);
            if (!a.Rows(first, count).eq(b.Rows(first, count)).all().item<bool>()) return false;
        }
        return true;
    }

    private static LlamaConfig ReadConfig(string folder)
    {
        var config = ForeignConfig.Read(Path.Combine(folder, ModelFolder.ConfigFile), ForeignConfigRules.Llama);
        var generationFile = Path.Combine(folder, "generation_config.json");
        var generation = ForeignConfig.ReadIfThere(generationFile, ForeignConfigRules.Generation);
        return ReadConfig(config) with
        {
            StopTokenIds = StopIds(
                config.Whole("vocab_size"), [.. config.Ids("eos_token_id"), .. generation?.Ids("eos_token_id") ?? []]),
        };
    }

    /// <summary>What the configurations of Llama and of Qwen have in common, without the stop tokens.</summary>
    internal static LlamaConfig ReadConfig(ForeignConfig config)
    {
        var (theta, scaling) = ReadRope(config);
        return new()
        {
            HiddenSize = config.Whole("hidden_size"),
            IntermediateSize = config.Whole("intermediate_size"),
            NumHiddenLayers = config.Whole("num_hidden_layers"),
            NumAttentionHeads = config.Whole("num_attention_heads"),
            NumKeyValueHeads = config.Value("num_key_value_heads")?.GetInt32() ?? config.Whole("num_attention_heads"),
            VocabSize = config.Whole("vocab_size"),
            MaxPositionEmbeddings = config.Whole("max_position_embeddings"),
            RmsNormEps = config.Number("rms_norm_eps"),
            RopeTheta = theta,
            RopeScaling = scaling,
            BosTokenId = config.Value("bos_token_id")?.GetInt32() ?? NoBosTokenId,
            TieWordEmbeddings = config.Flag("tie_word_embeddings"),
        };
    }

    /// <summary>
    /// transformers 4 writes rope_theta beside rope_scaling, transformers 5 both into rope_parameters; where both
    /// stand they must agree.
    /// </summary>
    private static (double Theta, RopeScalingConfig? Scaling) ReadRope(ForeignConfig config)
    {
        var (parameters, scaling) = (ReadRope(config, "rope_parameters"), ReadRope(config, "rope_scaling"));
        if (parameters is not null && scaling is not null && parameters.Value.Scaling != scaling.Value.Scaling)
            throw config.Refusal("rope_scaling", "what rope_parameters says");
        var rope = parameters ?? scaling;
        double?[] thetas = [parameters?.Theta, scaling?.Theta, config.Value("rope_theta")?.GetDouble()];
        double[] said = [.. thetas.OfType<double>().Distinct()];
        if (said.Length > 1) throw config.Refusal("rope_theta", "one number, the same in rope_parameters");
        return (said.Length == 0 ? DefaultRopeTheta : said[0], rope?.Scaling);
    }

    private static (double? Theta, RopeScalingConfig? Scaling)? ReadRope(ForeignConfig config, string key)
    {
        if (config.Value(key) is not { } value || ConfigRule.IsEmpty(value)) return null;
        if (IsLlama3(value))
        {
            var scaled = config.Part(key, ForeignConfigRules.Llama3Rope)!;
            return (scaled.Value("rope_theta")?.GetDouble(), new()
            {
                Factor = scaled.Number("factor"),
                LowFreqFactor = scaled.Number("low_freq_factor"),
                HighFreqFactor = scaled.Number("high_freq_factor"),
                OriginalMaxPositionEmbeddings = scaled.Whole("original_max_position_embeddings"),
            });
        }
        var plain = config.Part(key, ForeignConfigRules.Rope)!;
        return (plain.Value("rope_theta")?.GetDouble(), null);
    }

    private static bool IsLlama3(JsonElement rope)
        => (rope.TryGetProperty("rope_type", out var type) || rope.TryGetProperty("type", out type))
            && type.ValueKind == JsonValueKind.String && type.GetString() == "llama3";

    /// <summary>
    /// The base model's own stop tokens, and for Llama 3's vocabulary also those of OpenMU's published answers.
    /// </summary>
    private static int[] StopIds(int vocabulary, IEnumerable<int> own)
        => [.. (vocabulary == Llama3Vocabulary ? new LlamaConfig().StopTokenIds : []).Concat(own).Distinct()];
}
