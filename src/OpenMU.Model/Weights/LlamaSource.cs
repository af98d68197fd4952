using System.Text.Json;
using OpenMU.Model.Families;

namespace OpenMU.Model.Weights;

/// <summary>A language model as published: a folder of Hugging Face (config.json) or of Meta (params.json).</summary>
internal static class LlamaSource
{
    /// <summary>The vocabulary by which Llama 3 is known, and the ids that end a text of its: end of answer here, end of turn, end of text.</summary>
    private const int Llama3Vocabulary = 128256;

    private const int MaximumJsonBytes = 1 << 20;

    /// <summary>Sizes and tensors, the latter by Hugging Face's keys.</summary>
    /// <exception cref="InvalidDataException">The folder holds no Llama that this code computes exactly; the message names the file and what it says.</exception>
    public static (LlamaConfig Config, PublishedCheckpoint Checkpoint) Open(string folder)
    {
        if (File.Exists(Path.Combine(folder, ModelFolder.ConfigFile)))
        {
            var config = ReadConfig(folder);
            var checkpoint = PublishedCheckpoint.OpenFolder(folder);
            return (config, new(folder, [.. checkpoint.Tensors.Where(tensor => IsLearnt(tensor.Key, config))], [checkpoint]));
        }
        if (File.Exists(Path.Combine(folder, MetaCheckpoint.ParametersFile)))
        {
            var (config, checkpoint) = MetaCheckpoint.Open(folder);
            return (config with { StopTokenIds = StopIds(config.VocabSize, []) }, checkpoint);
        }
        throw new InvalidDataException($"{folder} is neither a folder of Hugging Face (config.json) nor of Meta (params.json).");
    }

    public static JsonElement ReadJson(string path)
    {
        if (!File.Exists(path)) throw new InvalidDataException($"{path} does not exist.");
        if (new FileInfo(path).Length > MaximumJsonBytes) throw new InvalidDataException($"{path} is larger than {MaximumJsonBytes} bytes.");
        try
        {
            return JsonSerializer.Deserialize<JsonElement>(File.ReadAllBytes(path));
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{path}: {e.Message}", e);
        }
    }

    /// <summary>Older conversions stored the rotation's frequencies, and some a head although it is the embedding.</summary>
    private static bool IsLearnt(string key, LlamaConfig config)
        => !key.EndsWith("rotary_emb.inv_freq", StringComparison.Ordinal) && !(config.TieWordEmbeddings && key == "lm_head.weight");

    private static LlamaConfig ReadConfig(string folder)
    {
        var path = Path.Combine(folder, ModelFolder.ConfigFile);
        var json = ReadJson(path);
        try
        {
            Require(path, json, "model_type", "llama");
            Require(path, json, "hidden_act", "silu");
            Require(path, json, "attention_bias", "False");
            Require(path, json, "mlp_bias", "False");
            Require(path, json, "rope_scaling", "");
            var vocabulary = json.GetProperty("vocab_size").GetInt32();
            return new()
            {
                HiddenSize = json.GetProperty("hidden_size").GetInt32(),
                IntermediateSize = json.GetProperty("intermediate_size").GetInt32(),
                NumHiddenLayers = json.GetProperty("num_hidden_layers").GetInt32(),
                NumAttentionHeads = json.GetProperty("num_attention_heads").GetInt32(),
                NumKeyValueHeads = json.TryGetProperty("num_key_value_heads", out var kvHeads) ? kvHeads.GetInt32() : json.GetProperty("num_attention_heads").GetInt32(),
                VocabSize = vocabulary,
                MaxPositionEmbeddings = json.GetProperty("max_position_embeddings").GetInt32(),
                RmsNormEps = json.GetProperty("rms_norm_eps").GetDouble(),
                RopeTheta = json.TryGetProperty("rope_theta", out var theta) ? theta.GetDouble() : 10000,
                BosTokenId = json.GetProperty("bos_token_id").GetInt32(),
                TieWordEmbeddings = json.TryGetProperty("tie_word_embeddings", out var tied) && tied.GetBoolean(),
                StopTokenIds = StopIds(vocabulary, [.. Ids(json), .. File.Exists(GenerationFile(folder)) ? Ids(ReadJson(GenerationFile(folder))) : []]),
            };
        }
        catch (Exception e) when (e is KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new InvalidDataException($"{path} does not give a Llama's sizes ({e.Message}).", e);
        }
    }

    private static string GenerationFile(string folder) => Path.Combine(folder, "generation_config.json");

    private static IEnumerable<int> Ids(JsonElement json) => !json.TryGetProperty("eos_token_id", out var ids) || ids.ValueKind == JsonValueKind.Null ? []
        : ids.ValueKind == JsonValueKind.Array ? ids.EnumerateArray().Select(id => id.GetInt32()) : [ids.GetInt32()];

    /// <summary>The base model's own ends, and for Llama 3's vocabulary those that the published answers end in, too.</summary>
    private static int[] StopIds(int vocabulary, IEnumerable<int> own) => [.. (vocabulary == Llama3Vocabulary ? new LlamaConfig().StopTokenIds : []).Concat(own).Distinct()];

    private static void Require(string path, JsonElement json, string name, string expected)
    {
        if (json.TryGetProperty(name, out var value) && value.ToString() != expected)
            throw new InvalidDataException($"{path} says {name} {value}; this model is computed with '{expected}' only.");
    }
}
