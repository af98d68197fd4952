// OpenMuConfig.cs - all hyperparameters of a model, as immutable records. config.json of a model folder is this record
// in snake_case. Names are those of the published checkpoints' own configurations.
using System.Text.Json;
using System.Text.Json.Serialization;
using OpenMU.Model.Text;

namespace OpenMU.Model.Families;

/// <summary>The audio tower: a ViT over patches of a log-mel spectrogram (time x mel).</summary>
public sealed record AudioMaeConfig
{
    public int EmbedDim { get; init; } = 768;
    public int Depth { get; init; } = 12;
    public int NumHeads { get; init; } = 12;
    public int PatchSize { get; init; } = 16;
    public int ChunkFrames { get; init; } = 1024;
    public int MelBins { get; init; } = 128;

    /// <summary>Chunks of <see cref="ChunkFrames"/> frames in the input; each is encoded by itself.</summary>
    public int NumChunks { get; init; } = 3;

    public int MlpRatio { get; init; } = 4;

    /// <summary>Classes of the AudioSet head of the published checkpoint, which nothing here uses.</summary>
    public int NumClasses { get; init; } = 527;

    public double LayerNormEps { get; init; } = 1e-6;

    /// <summary>The blocks whose normalised outputs are averaged (upstream: contextual embedding).</summary>
    public IReadOnlyList<int> ContextualBlocks { get; init; } = [4, 5, 6, 7, 8, 9, 10, 11];

    /// <summary>How many patches of a chunk are averaged into one music token.</summary>
    public int Pooling { get; init; } = 8;

    /// <summary>Drop-path rate of the last block in training; it grows linearly from 0 at the first.</summary>
    public double DropPath { get; init; }

    /// <summary>
    /// Whether a recording that is shorter than the input is repeated until it fills it. False, as published, pads with
    /// zeros, which sound like noise to a model trained on longer recordings.
    /// </summary>
    public bool RepeatsShort { get; init; }

    [JsonIgnore] public int InputFrames => NumChunks * ChunkFrames;
    [JsonIgnore] public int TimePatches => ChunkFrames / PatchSize;
    [JsonIgnore] public int MelPatches => MelBins / PatchSize;

    /// <summary>Patches of one chunk, in the order time x mel.</summary>
    [JsonIgnore] public int Patches => TimePatches * MelPatches;

    [JsonIgnore] public int MusicTokens => NumChunks * Patches / Pooling;
}

/// <summary>The language model. Names as in Hugging Face's config.json.</summary>
public sealed record LlamaConfig
{
    public int HiddenSize { get; init; } = 4096;
    public int IntermediateSize { get; init; } = 14336;
    public int NumHiddenLayers { get; init; } = 32;
    public int NumAttentionHeads { get; init; } = 32;
    public int NumKeyValueHeads { get; init; } = 8;
    public int VocabSize { get; init; } = 128256;
    public int MaxPositionEmbeddings { get; init; } = 8192;
    public double RmsNormEps { get; init; } = 1e-5;
    public double RopeTheta { get; init; } = 500000;

    /// <summary>RoPE scaling for longer contexts; null without, as in Llama 3.0.</summary>
    public RopeScalingConfig? RopeScaling { get; init; }

    public int BosTokenId { get; init; } = 128000;

    /// <summary>
    /// Generation stops at any of these. Published answers end with 128255; the base model's own are 128001 and 128009.
    /// </summary>
    public IReadOnlyList<int> StopTokenIds { get; init; } = [128255, 128009, 128001];

    /// <summary>Whether the output head is the embedding matrix.</summary>
    public bool TieWordEmbeddings { get; init; }

    [JsonIgnore] public int HeadDim => HiddenSize / NumAttentionHeads;
}

/// <summary>Llama 3.1's RoPE scaling ("rope_type": "llama3"), with Hugging Face's names.</summary>
public sealed record RopeScalingConfig
{
    public double Factor { get; init; } = 8;
    public double LowFreqFactor { get; init; } = 1;
    public double HighFreqFactor { get; init; } = 4;
    public int OriginalMaxPositionEmbeddings { get; init; } = 8192;

    [JsonIgnore]
    public bool IsSound
        => Factor > 0 && LowFreqFactor > 0 && HighFreqFactor > LowFreqFactor && OriginalMaxPositionEmbeddings > 0;
}

/// <summary>
/// Low-rank adapters on projections of the language model. Upstream's stage2.sh has r 16 and alpha 128, on all.
/// </summary>
public sealed record LoraConfig
{
    /// <summary>
    /// The projections that have an adapter, by the ends of their keys as in PEFT: "q_proj" are all of that name,
    /// "layers.0.mlp.up_proj" is one.
    /// </summary>
    public IReadOnlyList<string> TargetModules { get; init; }
        = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"];

    public int R { get; init; } = 16;
    public double Alpha { get; init; } = 128;
    public double Dropout { get; init; } = 0.05;

    [JsonIgnore] public double Scale => Alpha / R;

    /// <summary>Whether the projection of this key ("layers.0.self_attn.q_proj") has an adapter.</summary>
    public bool Targets(string key)
        => TargetModules.Any(name => key == name || key.EndsWith($".{name}", StringComparison.Ordinal));
}

/// <summary>The chat format around the music and the instruction; see <see cref="OpenMU.Model.Text.Prompt"/>.</summary>
public sealed record PromptConfig
{
    public string System { get; init; } = "";
    public string User { get; init; } = "USER";
    public string Assistant { get; init; } = "ASSISTANT";
    public string BeginOfText { get; init; } = Tokenizer.BeginOfText;
    public string EndOfAnswer { get; init; } = "<|reserved_special_token_250|>";
}

/// <summary>The whole model: audio tower, projector, language model.</summary>
public sealed record OpenMuConfig
{
    /// <summary>The placeholder id of one track's music in a prompt.</summary>
    public const int MusicToken = -200;

    /// <summary>The label of positions without a target (cross-entropy's ignore_index).</summary>
    public const int IgnoredLabel = -100;

    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        WriteIndented = true,
    };

    public AudioMaeConfig Audio { get; init; } = new();
    public LlamaConfig Llama { get; init; } = new();

    /// <summary>The adapters stored beside the folder's weights; null when there are none or they are merged.</summary>
    public LoraConfig? Lora { get; init; }

    public PromptConfig Prompt { get; init; } = new();

    /// <summary>
    /// Licence class of the weights: <c>open</c>, <c>non-commercial</c> or <c>proprietary</c>. Everything the model
    /// generates inherits it.
    /// </summary>
    public string Licence { get; init; } = "non-commercial";

    /// <summary>
    /// How many windows of a track are encoded at most, spread evenly over it; 0 for as many as cover it. The
    /// reference encodes one, the first 30.7 s. Tags and embedding come from the mean over all windows, texts from
    /// the window nearest to that mean.
    /// </summary>
    public int Windows { get; init; } = 1;

    /// <summary>
    /// Whether the model was trained to continue after a tool's result. As published, a text is generated to its end
    /// and results are inserted afterwards.
    /// </summary>
    public bool ReadsToolResults { get; init; }

    /// <summary>Longest sequence in positions, music tokens included; longer ones are truncated.</summary>
    public int MaxLength { get; init; } = 2048;

    /// <summary>AudioMAE ViT-B with Llama-3-8B: the published sizes.</summary>
    public static OpenMuConfig Full { get; } = new();

    /// <summary>The same model small enough to train on two cores.</summary>
    public static OpenMuConfig Tiny { get; } = new()
    {
        Audio = new() { EmbedDim = 256, Depth = 6, NumHeads = 4, ContextualBlocks = [2, 3, 4, 5], RepeatsShort = true },
        Llama = new()
        {
            HiddenSize = 384,
            IntermediateSize = 1024,
            NumHiddenLayers = 6,
            NumAttentionHeads = 6,
            NumKeyValueHeads = 2,
            VocabSize = 4096,
            MaxPositionEmbeddings = 2048,
            BosTokenId = 1,
            StopTokenIds = [2],
            TieWordEmbeddings = true,
        },
        Lora = null,
        Licence = "open",
        Windows = 8,
        MaxLength = 1024,
    };

    /// <exception cref="JsonException">The text is not such a configuration, or has an unknown key.</exception>
    /// <exception cref="ArgumentException">The sizes contradict each other.</exception>
    public static OpenMuConfig FromJson(string json)
    {
        var config = JsonSerializer.Deserialize<OpenMuConfig>(json, Json)
            ?? throw new JsonException("The configuration is empty.");
        config.Validate();
        return config;
    }

    public string ToJson() => JsonSerializer.Serialize(this, Json);

    /// <summary>
    /// Checks that the sizes agree and are within bounds: memory is allocated by them, and a
    /// configuration may be hostile.
    /// </summary>
    /// <exception cref="ArgumentException">They do not.</exception>
    public void Validate()
    {
        RequireSaneSizes();
        Divides(Audio.EmbedDim, Audio.NumHeads, "audio embed_dim", "num_heads");
        Divides(Audio.EmbedDim, 4, "audio embed_dim", "the four parts of a position");
        Divides(Audio.ChunkFrames, Audio.PatchSize, "chunk_frames", "patch_size");
        Divides(Audio.MelBins, Audio.PatchSize, "mel_bins", "patch_size");
        Divides(Audio.Patches, Audio.Pooling, "the patches of a chunk", "pooling");
        Divides(Llama.HiddenSize, 2 * Llama.NumAttentionHeads, "hidden_size", "twice num_attention_heads");
        Divides(Llama.NumAttentionHeads, Llama.NumKeyValueHeads, "num_attention_heads", "num_key_value_heads");
        if (Audio.ContextualBlocks.Count == 0 || Audio.ContextualBlocks.Any(block => block < 0 || block >= Audio.Depth))
            throw new ArgumentException($"contextual_blocks must name some of the {Audio.Depth} blocks.");
    }

    private void RequireSaneSizes()
    {
        foreach (var (name, value, most) in new (string, long, long)[]
        {
            ("audio embed_dim", Audio.EmbedDim, 16384), ("audio depth", Audio.Depth, 1024),
            ("mlp_ratio", Audio.MlpRatio, 64), ("num_classes", Audio.NumClasses, 1 << 20),
            ("chunk_frames", Audio.ChunkFrames, 1 << 20), ("mel_bins", Audio.MelBins, 4096),
            ("num_chunks", Audio.NumChunks, 1 << 16),
            ("the input's frames", (long)Audio.NumChunks * Audio.ChunkFrames, 1 << 20),
            ("hidden_size", Llama.HiddenSize, 65536), ("intermediate_size", Llama.IntermediateSize, 1 << 19),
            ("num_hidden_layers", Llama.NumHiddenLayers, 1024),
            ("vocab_size", Llama.VocabSize, 1 << 22), ("max_position_embeddings", Llama.MaxPositionEmbeddings, 1 << 18),
            ("max_length", MaxLength, 1 << 18),
            ("lora r", Lora?.R ?? 1, 65536),
        })
        {
            if (value < 1 || value > most) throw new ArgumentException($"{name} must be 1 to {most}, not {value}.");
        }
        if (Llama.RopeScaling is { IsSound: false })
        {
            throw new ArgumentException(
                "rope_scaling must have positive numbers, high_freq_factor above low_freq_factor.");
        }
        if (Windows < 0) throw new ArgumentException($"windows must not be negative, as {Windows} is.");
        if (Licence is not ("open" or "non-commercial" or "proprietary"))
            throw new ArgumentException($"licence must be open, non-commercial or proprietary, not '{Licence}'.");
        if (!(Llama.RmsNormEps > 0 && Llama.RopeTheta > 0 && Audio.LayerNormEps > 0))
            throw new ArgumentException("rms_norm_eps, rope_theta and layer_norm_eps must be positive.");
    }

    private static void Divides(int whole, int part, string wholeName, string partName)
    {
        if (part <= 0 || whole <= 0 || whole % part != 0)
            throw new ArgumentException($"{wholeName} ({whole}) must be a positive multiple of {partName} ({part}).");
    }
}
