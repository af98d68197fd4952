using System.Text.Json.Nodes;
using OpenMU.Model.Families;
using OpenMU.Model.Kernels;
using OpenMU.Model.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace OpenMU.Testing;

/// <summary>Configurations and models with the sizes and weights of the golden folder.</summary>
public static class GoldenModels
{
    public static AudioMaeConfig Audio(string file = "audiomae/config.json")
    {
        var json = Golden.Json(file);
        var config = new AudioMaeConfig
        {
            EmbedDim = json.Int("embed_dim"),
            Depth = json.Int("depth"),
            NumHeads = json.Int("num_heads"),
            MlpRatio = json.Int("mlp_ratio"),
            LayerNormEps = json["layer_norm_eps"]!.GetValue<double>(),
        };
        if (json["img"] is { } image)
            return config with { ChunkFrames = image.Ints()[0], MelBins = image.Ints()[1], ContextualBlocks = [0] };
        return config with
        {
            PatchSize = json.Int("patch_size"),
            ChunkFrames = json.Int("chunk_frames"),
            MelBins = json.Int("mel_bins"),
            NumChunks = json.Int("num_chunks"),
            NumClasses = json.Int("num_classes"),
            ContextualBlocks = json["contextual_blocks"]!.Ints(),
            Pooling = json.Int("pooling_P"),
        };
    }

    public static LlamaConfig Llama()
    {
        var json = Golden.Json("llama/hf-bf16/config.json");
        return new()
        {
            HiddenSize = json.Int("hidden_size"),
            IntermediateSize = json.Int("intermediate_size"),
            NumHiddenLayers = json.Int("num_hidden_layers"),
            NumAttentionHeads = json.Int("num_attention_heads"),
            NumKeyValueHeads = json.Int("num_key_value_heads"),
            VocabSize = json.Int("vocab_size"),
            MaxPositionEmbeddings = json.Int("max_position_embeddings"),
            RmsNormEps = json["rms_norm_eps"]!.GetValue<double>(),
            RopeTheta = json["rope_theta"]!.GetValue<double>(),
            BosTokenId = json.Int("bos_token_id"),
            StopTokenIds = [json.Int("eos_token_id")],
            TieWordEmbeddings = json["tie_word_embeddings"]!.GetValue<bool>(),
        };
    }

    public static LoraConfig Lora()
    {
        var json = Golden.Json("lora/adapter_config.json");
        return new()
        {
            R = json.Int("r"),
            Alpha = json["lora_alpha"]!.GetValue<double>(),
            Dropout = json["lora_dropout"]!.GetValue<double>()
        };
    }

    /// <summary>The whole model: golden tower, projector and language model, computing in the given type.</summary>
    public static OpenMu OpenMu(ScalarType type = ScalarType.Float32)
    {
        using var audio = SafeTensors.Open(Golden.PathOf("audiomae/model.bf16.safetensors"));
        using var projector = SafeTensors.Open(Golden.PathOf("multimodal/projector.safetensors"));
        using var llama = SafeTensors.Open(Golden.PathOf("llama/hf-bf16/model.safetensors"));
        const string tower = "model.vision_tower.mae.";
        Tensor? Find(string key) => key.StartsWith(tower, StringComparison.Ordinal)
            ? audio.View(key[tower.Length..])
            : (projector.Entries.ContainsKey(key) ? projector : llama).View(key);
        var source = WeightSource.From(Find, () => audio.Entries.Keys.Select(key => tower + key)
            .Concat(projector.Entries.Keys)
            .Concat(llama.Entries.Keys), type);
        return new(new() { Audio = Audio(), Llama = Llama() }, source);
    }

    /// <summary>The rows of multimodal/golden.json with their music; the answer's tokens are the labels.</summary>
    public static IReadOnlyList<MusicPrompt> Rows(JsonNode json)
    {
        var music = Golden.Tensors("audiomae/golden.safetensors")[$"pooled_P{Audio().Pooling}"];
        var answers = json["answer_tokens"]!.Ints();
        return [.. json["rows"]!.AsArray().Select((row, i) =>
        {
            var ids = row!.Ints();
            return new MusicPrompt(
                ids, [music[i]],
                [.. ids.Select((id, at) => at < ids.Length - answers[i] ? OpenMuConfig.IgnoredLabel : id)]);
        })];
    }

    /// <summary>
    /// Clip 0 is stored; clip 1 is -0.5 times clip 0 reversed in time, plus 0.1: (2, 1, frames, mels).
    /// </summary>
    public static Tensor Pictures(Dictionary<string, Tensor> golden)
    {
        var clip = (golden["input_clip0_u8"].to(float32) - Scalars.Of(100)) / Scalars.Of(32);
        return stack([clip, (clip.flip(0) * Scalars.Of(-0.5)).add_scalar(0.1f)]).unsqueeze(1);
    }

    public static int Int(this JsonNode node, string key) => node[key]!.GetValue<int>();
}
