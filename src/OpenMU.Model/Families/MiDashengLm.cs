// MiDashengLm.cs - MiDashengLM (arXiv 2508.03983, Xiaomi): Dasheng's patches, five side by side through two linear
// layers, in the prompt of a Qwen2.5 (7B) or Qwen3 (0.6B).
// P patches of a window, M = P/5 music tokens, E width of the encoder, A = 5 E, D width of the language model.
using System.Text.Json.Serialization;
using OpenMU.Model.Audio;
using OpenMU.Model.Decoder;
using OpenMU.Model.Encoders;
using OpenMU.Model.Kernels;
using OpenMU.Model.Text;
using OpenMU.Model.Weights;
using static OpenMU.Model.Weights.ConfigRule;
using static TorchSharp.torch;

namespace OpenMU.Model.Families;

/// <summary>All hyperparameters of a MiDashengLM.</summary>
public sealed record MiDashengLmConfig : ModelConfig
{
    /// <summary>The family's name in config.json.</summary>
    public const string Name = "midashenglm";

    private const string EncoderKey = "audio_encoder.";

    /// <summary>config.json as published.</summary>
    private static readonly IReadOnlyDictionary<string, ConfigRule> Rules = ForeignConfigRules.Table(
    [
        ("model_type", Is(Name).AsRequired()),
        ("architectures", Only("MiDashengLMModel")),
        ("audio_encoder_config text_config", AnObject.AsRequired()),
        ("subsample_factor", Size(1024).AsRequired()),
        ("audio_token_id", Id.AsRequired()),
        .. ForeignConfigRules.OwnCodeRows,
    ]);

    private static readonly IReadOnlyDictionary<string, ConfigRule> EncoderRules = ForeignConfigRules.Table(
    [
        ("model_type", Is("midashenglm_dasheng_encoder")),
        ("embed_dim depth num_heads", Size().AsRequired()),
        ("mlp_ratio", Whole(64)),
        ("target_length", Size(1 << 20)),
        ("patch_size patch_stride", List(DashengConfig.MelBins, DashengConfig.PatchFrames)),
        ("n_mels", Is(DashengConfig.MelBins)),
        ("n_fft win_length", Is(512)),
        ("hop_length", Is(MelSpectrogram.Hop)),
        ("sample_rate", Is(Fbank.SampleRate)),
        ("f_min", Is(0)),
        ("f_max", Is(8000)),
        ("center qkv_bias", Is(true)),
        ("input_channels", Is(1)),
        ("pooling", Is("mean")),
        // The tensors tell whether there is a LayerScale; the classes are those of a head that is not published.
        ("init_values outputdim", Harmless),
        // Act in training only.
        ("drop_rate attn_drop_rate", Harmless),
        .. ForeignConfigRules.OwnCodeRows,
    ]);

    /// <summary>The 7B as published.</summary>
    public static MiDashengLmConfig Full { get; } = new()
    {
        Audio = new() { EmbedDim = 1280, Depth = 32, NumHeads = 16 },
        Llama = new()
        {
            HiddenSize = 3584,
            IntermediateSize = 18944,
            NumHiddenLayers = 28,
            NumAttentionHeads = 28,
            NumKeyValueHeads = 4,
            VocabSize = 152064,
            MaxPositionEmbeddings = 32768,
            RmsNormEps = 1e-6,
            RopeTheta = 1000000,
            AttentionBias = true,
            BosTokenId = 151643,
            StopTokenIds = [151645, 151643],
        },
        MaxLength = 32768,
        Windows = 8,
        Licence = "open",
    };

    /// <summary>The 0.6B: Qwen3-0.6B, and Dasheng-base, because the size of its encoder is not published.</summary>
    public static MiDashengLmConfig Small { get; } = Full with
    {
        Audio = new(),
        Llama = Full.Llama with
        {
            HiddenSize = 1024,
            IntermediateSize = 3072,
            NumAttentionHeads = 16,
            NumKeyValueHeads = 8,
            OwnHeadDim = 128,
            VocabSize = 151936,
            MaxPositionEmbeddings = 40960,
            AttentionBias = false,
            QkNorm = true,
            TieWordEmbeddings = true,
        },
        AudioStartTokenId = 151669,
        AudioEndTokenId = 151670,
        MaxLength = 40960,
    };

    [JsonPropertyOrder(-1)]
    public override string Family => Name;

    public DashengConfig Audio { get; init; } = new();

    /// <summary>Patches side by side in one music token.</summary>
    public int SubsampleFactor { get; init; } = 5;

    /// <summary>Seconds that are heard at once; the model was trained on no more than 30.</summary>
    public int WindowSeconds { get; init; } = 30;

    /// <summary>The words of the system turn.</summary>
    public string System { get; init; } = "You are a helpful language and speech assistant.";

    /// <summary>The tokens before and after the music.</summary>
    public int AudioStartTokenId { get; init; } = 151647;

    /// <inheritdoc cref="AudioStartTokenId"/>
    public int AudioEndTokenId { get; init; } = 151648;

    [JsonIgnore]
    public override string SeveralTracksNote => "Whether this model was trained on several tracks at a time is not published.";

    [JsonIgnore]
    public override int AudioWidth => Audio.EmbedDim;

    [JsonIgnore]
    public override string Encoder
        => $"Dasheng, {Audio.Depth} blocks of {Audio.EmbedDim}, {Audio.NumHeads} heads; chunks of "
            + $"{Audio.TargetLength} frames, {SubsampleFactor} patches a music token";

    [JsonIgnore]
    public override string DecoderKey => "decoder.model";

    [JsonIgnore]
    public override string AnswerEnd => ChatMl.TurnEnd;

    [JsonIgnore]
    public override IReadOnlyList<string> PromptTokens => ChatMl.Tokens;

    public override void Validate()
    {
        base.Validate();
        RequireBounds(
            ("audio embed_dim", Audio.EmbedDim, 16384), ("audio depth", Audio.Depth, 1024),
            ("mlp_ratio", Audio.MlpRatio, 64), ("target_length", Audio.TargetLength, 1 << 20),
            ("subsample_factor", SubsampleFactor, 1024), ("window_seconds", WindowSeconds, 3600));
        RequireMultiple(Audio.EmbedDim, Audio.NumHeads, "audio embed_dim", "num_heads");
        RequireMultiple(Audio.TargetLength, DashengConfig.PatchFrames, "target_length", "the frames of a patch");
        RequireTokens(("audio_start_token_id", AudioStartTokenId), ("audio_end_token_id", AudioEndTokenId));
    }

    internal override ModelFamily Build(WeightSource weights) => new MiDashengLm(this, weights);

    internal override string PartOf(string key) => key.StartsWith(EncoderKey, StringComparison.Ordinal)
        ? "audio tower"
        : key.StartsWith("audio_projector.", StringComparison.Ordinal) ? "projector" : "language model";

    /// <summary>Reads a published checkpoint.</summary>
    internal static (ModelConfig Config, IReadOnlyList<NamedTensor> Tensors) Read(PublishedModel model)
    {
        var config = model.ReadConfig(Rules);
        var audio = config.Part("audio_encoder_config", EncoderRules)!;
        var llama = model.ReadQwen(config.Part("text_config", ForeignConfigRules.Qwen)!, config);
        // A file that leaves it out means another number than the checkpoint has: the table of positions knows it.
        var positions = model.ShapeOf($"{EncoderKey}time_pos_embed", 4)[3];
        var length = checked((int)positions * DashengConfig.PatchFrames);
        if (audio.Value("target_length") is { } said && said.GetInt32() != length)
            throw audio.Refusal("target_length", $"{length}, for which {EncoderKey}time_pos_embed has positions");
        var music = model.Tokenizer.Specials.TryGetValue("<|AUDIO|>", out var id) ? id : (int?)null;
        if (music is not null && music != config.Whole("audio_token_id"))
            throw config.Refusal("audio_token_id", $"{music}, the tokenizer's <|AUDIO|>");
        return (new MiDashengLmConfig
        {
            Audio = new()
            {
                EmbedDim = audio.Whole("embed_dim"),
                Depth = audio.Whole("depth"),
                NumHeads = audio.Whole("num_heads"),
                MlpRatio = (int)(audio.Value("mlp_ratio")?.GetDouble() ?? 4),
                TargetLength = length,
            },
            SubsampleFactor = config.Whole("subsample_factor"),
            Llama = llama,
            AudioStartTokenId = model.IdOf("<|audio_bos|>"),
            AudioEndTokenId = model.IdOf("<|audio_eos|>"),
            MaxLength = llama.MaxPositionEmbeddings,
            Windows = 8,
            Licence = "open",
        }, model.Parameters(
            llama, "decoder.lm_head.weight", "decoder.model.embed_tokens.weight",
            $"{EncoderKey}init_bn.num_batches_tracked"));
    }
}

/// <summary>Dasheng -> patches side by side -> two linear layers -> Qwen.</summary>
public sealed class MiDashengLm : ModelFamily
{
    private readonly Dasheng audio_encoder;
    private readonly Projector audio_projector;
    private readonly Llama decoder;

    /// <summary>Builds the model from the published keys.</summary>
    /// <exception cref="ArgumentException">The sizes contradict each other.</exception>
    /// <exception cref="InvalidDataException">A tensor is missing or misshapen.</exception>
    public MiDashengLm(MiDashengLmConfig config, WeightSource weights) : base(nameof(MiDashengLm))
    {
        config.Validate();
        Config = config;
        audio_encoder = new(config.Audio, weights.Under("audio_encoder"));
        audio_projector = new(weights.Under("audio_projector.net"), MusicWidth, config.Llama.HiddenSize);
        decoder = new(config.Llama, weights.Under("decoder"));
        RegisterComponents();
        eval();
    }

    public override MiDashengLmConfig Config { get; }

    public Dasheng AudioTower => audio_encoder;

    public override Llama Llama => decoder;

    public override int WindowSamples => Config.WindowSeconds * Fbank.SampleRate;

    private int MusicWidth => Config.SubsampleFactor * Config.Audio.EmbedDim;

    /// <summary>How many music tokens so many samples at 16 kHz become.</summary>
    public int MusicTokens(int samples)
        => (1 + samples / MelSpectrogram.Hop) / DashengConfig.PatchFrames / Config.SubsampleFactor;

    /// <summary>Patches (P, E) -> music tokens (M, A): neighbours side by side, the rest dropped.</summary>
    public Tensor Join(Tensor patches)
        => patches[..(int)(patches.shape[0] / Config.SubsampleFactor * Config.SubsampleFactor)].reshape(-1, MusicWidth);

    public override Tensor Project(Tensor music) => audio_projector.call(music.to(decoder.ComputeType));

    public override int PositionsOfMusic(Tensor music) => (int)music.shape[0];

    public override IReadOnlyList<EncodedWindow> EncodeTogether(IReadOnlyList<SoundWindow> windows)
    {
        using var scope = NewDisposeScope();
        return [.. audio_encoder.EncodeMasked([.. windows.Select(window => SamplesOf(window).ToArray())])
            .Select(patches => new EncodedWindow(                                                   // (P, E)
                Join(patches).MoveToOuterDisposeScope(),
                patches.to(float32).mean([0]).MoveToOuterDisposeScope()))];
    }

    public override int[] PromptFor(Tokenizer tokenizer, string instruction, int tracks = 1)
        => PromptFor(tokenizer, Config, instruction, tracks);

    internal static int[] PromptFor(Tokenizer tokenizer, MiDashengLmConfig config, string instruction, int tracks = 1)
        => ChatMl.Ids(
            tokenizer, config.System, ChatMl.Spans(tracks, config.AudioStartTokenId, config.AudioEndTokenId, []),
            instruction);

    private protected override string PublishedKey(string key) => key
        .Replace("audio_projector.layers.", "audio_projector.net.", StringComparison.Ordinal)
        .Replace("audio_encoder.window", $"audio_encoder.{Dasheng.WindowKey}", StringComparison.Ordinal)
        .Replace("audio_encoder.filters", $"audio_encoder.{Dasheng.FiltersKey}", StringComparison.Ordinal);

    private protected override void RequireMusic(Tensor music)
        => Shape.Require(music, "A track's music", -1, MusicWidth);
}
