// OpenMuConfig.cs - all hyperparameters of an OpenMU model beside those that every family has (ModelConfig).
using System.Text.Json;
using System.Text.Json.Serialization;
using OpenMU.Model.Text;
using OpenMU.Model.Weights;
using OpenMU.Music.Questions;

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

/// <summary>The chat format around the music and the instruction; see <see cref="OpenMU.Model.Text.Prompt"/>.</summary>
public sealed record PromptConfig
{
    public string System { get; init; } = "";
    public string User { get; init; } = "USER";
    public string Assistant { get; init; } = "ASSISTANT";
    public string BeginOfText { get; init; } = Tokenizer.BeginOfText;
    public string EndOfAnswer { get; init; } = "<|reserved_special_token_250|>";
}

/// <summary>OpenMU: audio tower, projector, language model.</summary>
public sealed record OpenMuConfig : ModelConfig
{
    /// <summary>The family's name in config.json.</summary>
    public const string Name = "openmu";

    [JsonPropertyOrder(-1)]
    public override string Family => Name;

    public AudioMaeConfig Audio { get; init; } = new();

    public PromptConfig Prompt { get; init; } = new();

    [JsonIgnore]
    public override string SeveralTracksNote => "This model was trained on one track at a time.";

    [JsonIgnore]
    public override int AudioWidth => Audio.EmbedDim;

    [JsonIgnore]
    public override string Encoder => $"{Audio.Depth} blocks of {Audio.EmbedDim}, {Audio.NumHeads} heads; "
        + $"{Audio.InputFrames} frames become {Audio.MusicTokens} music tokens (pooling {Audio.Pooling})";

    [JsonIgnore]
    public override string AnswerEnd => Prompt.EndOfAnswer;

    private protected override IReadOnlySet<QuestionTopic> FamilyTopics => HonestAnswer.OwnTasks;

    [JsonIgnore]
    public override IReadOnlyList<string> PromptTokens => [Prompt.BeginOfText, Prompt.EndOfAnswer];

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

    /// <summary>Reads config.json of a folder with an OpenMU model.</summary>
    /// <exception cref="JsonException">The text is no configuration: broken, or with an unknown key.</exception>
    /// <exception cref="ArgumentException">The sizes contradict each other, or the family is another one.</exception>
    public static new OpenMuConfig FromJson(string json)
        => ModelConfig.FromJson(json) as OpenMuConfig
            ?? throw new ArgumentException("The configuration is that of another family of models, not of OpenMU.");

    public override void Validate()
    {
        base.Validate();
        RequireBounds(
            ("audio embed_dim", Audio.EmbedDim, 16384), ("audio depth", Audio.Depth, 1024),
            ("mlp_ratio", Audio.MlpRatio, 64), ("num_classes", Audio.NumClasses, 1 << 20),
            ("chunk_frames", Audio.ChunkFrames, 1 << 20), ("mel_bins", Audio.MelBins, 4096),
            ("num_chunks", Audio.NumChunks, 1 << 16),
            ("the input's frames", (long)Audio.NumChunks * Audio.ChunkFrames, 1 << 20));
        RequireMultiple(Audio.EmbedDim, Audio.NumHeads, "audio embed_dim", "num_heads");
        RequireMultiple(Audio.EmbedDim, 4, "audio embed_dim", "the four parts of a position");
        RequireMultiple(Audio.ChunkFrames, Audio.PatchSize, "chunk_frames", "patch_size");
        RequireMultiple(Audio.MelBins, Audio.PatchSize, "mel_bins", "patch_size");
        RequireMultiple(Audio.Patches, Audio.Pooling, "the patches of a chunk", "pooling");
        if (!(Audio.LayerNormEps > 0)) throw new ArgumentException("layer_norm_eps must be positive.");
        if (Audio.ContextualBlocks.Count == 0 || Audio.ContextualBlocks.Any(block => block < 0 || block >= Audio.Depth))
            throw new ArgumentException($"contextual_blocks must name some of the {Audio.Depth} blocks.");
    }

    internal override ModelFamily Build(WeightSource weights) => new OpenMu(this, weights);

    internal override string PartOf(string key) => key.StartsWith("model.vision_tower.", StringComparison.Ordinal)
        ? "audio tower"
        : key.StartsWith("model.mm_projector.", StringComparison.Ordinal) ? "projector" : "language model";
}
