// MossMusic.cs - MOSS-Music (OpenMOSS): Whisper's encoder in chunks of 4 s through a gated MLP, in the prompt of a
// Qwen3, whose first layers also receive the outputs of some of the encoder's layers (DeepStack).
// M music tokens, E width of the encoder, K injections, A = (1 + K) E, D width of the language model, W = (1 + K) D,
// n positions of a track: its music tokens, and after every two seconds the time in digits.
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using OpenMU.Model.Audio;
using OpenMU.Model.Decoder;
using OpenMU.Model.Encoders;
using OpenMU.Model.Kernels;
using OpenMU.Model.Text;
using OpenMU.Model.Weights;
using TorchSharp.Modules;
using static OpenMU.Model.Weights.ConfigRule;
using static TorchSharp.torch;

namespace OpenMU.Model.Families;

/// <summary>All hyperparameters of a MOSS-Music.</summary>
public sealed record MossMusicConfig : ModelConfig
{
    /// <summary>The family's name in config.json.</summary>
    public const string Name = "moss_music";

    private const string ProcessorFile = "processor_config.json";

    /// <summary>config.json as published.</summary>
    private static readonly IReadOnlyDictionary<string, ConfigRule> Rules = ForeignConfigRules.Table(
    [
        ("model_type", Is(Name).AsRequired()),
        ("architectures", Only("MossMusicModel")),
        ("audio_config language_config", AnObject.AsRequired()),
        ("adapter_hidden_size", Size(1 << 19).AsRequired()),
        ("deepstack_num_inject_layers", new ConfigRule("0 or more", value => Integer(value) is >= 0).AsRequired()),
        ("bos_token_id", Id),
        // What language_config says too, and is compared with it.
        ("vocab_size num_hidden_layers tie_word_embeddings", Harmless),
        ("ignore_index", Harmless),
        .. ForeignConfigRules.OwnCodeRows,
    ]);

    private static readonly IReadOnlyDictionary<string, ConfigRule> EncoderRules = ForeignConfigRules.Table(
    [
        ("d_model encoder_layers encoder_attention_heads encoder_ffn_dim", Size().AsRequired()),
        ("num_mel_bins downsample_hidden_size", Size(4096).AsRequired()),
        ("output_dim", new("d_model", (value, json) => Number(value) == Number(json.GetProperty("d_model")))),
        ("n_window", Size(1 << 16)),
        ("layer_norm_eps", Positive),
        ("deepstack_encoder_layer_indexes", Ids with { Accepted = "a list of layers" }),
        ("downsample_rate", Is(8)),
        ("activation_function", Is("gelu")),
        ("scale_embedding", Off),
        // Chunks are 4 s long whatever these say, and computed in batches of our own.
        ("max_source_positions encoder_attention_window_size conv_chunksize pretrained_path model_type", Harmless),
        // Act in training only.
        ("dropout attention_dropout activation_dropout encoder_layerdrop layerdrop", Harmless),
        .. ForeignConfigRules.OwnCodeRows,
    ]);

    private static readonly IReadOnlyDictionary<string, ConfigRule> ProcessorRules = ForeignConfigRules.Table(
    [
        ("mel_config", AnObject),
        ("enable_time_marker", Flag),
        ("audio_token_id audio_start_id audio_end_id", Id),
        ("processor_class auto_map", Harmless),
    ]);

    private static readonly IReadOnlyDictionary<string, ConfigRule> MelRules = ForeignConfigRules.Table(
    [
        ("mel_sr", Is(Fbank.SampleRate)),
        ("mel_dim", Size(4096)),
        ("mel_n_fft", Is(400)),
        ("mel_hop_length", Is(MelSpectrogram.Hop)),
        ("mel_dtype", Is("bfloat16")),
        ("use_whisper_feature_extractor", Is(true)),
    ]);

    /// <summary>The 8B as published.</summary>
    public static MossMusicConfig Full { get; } = new()
    {
        Llama = new()
        {
            HiddenSize = 4096,
            IntermediateSize = 12288,
            NumHiddenLayers = 36,
            NumAttentionHeads = 32,
            NumKeyValueHeads = 8,
            OwnHeadDim = 128,
            VocabSize = 151936,
            MaxPositionEmbeddings = 40960,
            RmsNormEps = 1e-6,
            RopeTheta = 1000000,
            QkNorm = true,
            BosTokenId = 151643,
            StopTokenIds = [151645, 151643],
        },
        MaxLength = 40960,
        Licence = "open",
    };

    [JsonPropertyOrder(-1)]
    public override string Family => Name;

    public WhisperConfig Audio { get; init; } = new();

    public int AdapterHiddenSize { get; init; } = 8192;

    /// <summary>How many of the encoder's kept layers feed the language model.</summary>
    public int DeepstackNumInjectLayers { get; init; } = 3;

    /// <summary>
    /// Whether the time is written after every two seconds of music. Without it answers have no times.
    /// </summary>
    public bool EnableTimeMarker { get; init; } = true;

    /// <summary>The tokens of the ten digits.</summary>
    public IReadOnlyList<int> DigitTokenIds { get; init; } = [15, 16, 17, 18, 19, 20, 21, 22, 23, 24];

    /// <summary>The tokens before and after the music.</summary>
    public int AudioStartTokenId { get; init; } = 151669;

    /// <inheritdoc cref="AudioStartTokenId"/>
    public int AudioEndTokenId { get; init; } = 151670;

    /// <summary>The words of the system turn.</summary>
    public string System { get; init; } = "You are a helpful assistant.";

    /// <summary>Seconds that are heard at once: whole songs, as far as the memory of a prompt allows.</summary>
    public int WindowSeconds { get; init; } = 300;

    /// <summary>K.</summary>
    [JsonIgnore]
    public int Injections => Math.Min(DeepstackNumInjectLayers, Audio.DeepstackEncoderLayerIndexes.Count);

    [JsonIgnore]
    public override string SeveralTracksNote => "Whether this model was trained on several tracks at a time is not published.";

    [JsonIgnore]
    public override int AudioWidth => Audio.DModel;

    [JsonIgnore]
    public override string Encoder
        => $"Whisper, {Audio.EncoderLayers} layers of {Audio.DModel}, {Audio.EncoderAttentionHeads} heads; chunks of "
            + $"{2 * Audio.NWindow} frames, {Injections} layers feed the language model's";

    [JsonIgnore]
    public override string DecoderKey => "language_model";

    [JsonIgnore]
    public override string AnswerEnd => ChatMl.TurnEnd;

    [JsonIgnore]
    public override IReadOnlyList<string> PromptTokens => ChatMl.Tokens;

    public override void Validate()
    {
        base.Validate();
        RequireBounds(
            ("d_model", Audio.DModel, 16384), ("encoder_layers", Audio.EncoderLayers, 1024),
            ("encoder_ffn_dim", Audio.EncoderFfnDim, 1 << 19), ("num_mel_bins", Audio.NumMelBins, 4096),
            ("downsample_hidden_size", Audio.DownsampleHiddenSize, 4096), ("n_window", Audio.NWindow, 1 << 16),
            ("adapter_hidden_size", AdapterHiddenSize, 1 << 19), ("window_seconds", WindowSeconds, 3600));
        RequireMultiple(Audio.DModel, Audio.EncoderAttentionHeads, "d_model", "encoder_attention_heads");
        RequireMultiple(Audio.DModel, 2, "d_model", "the two halves of a position");
        if (Audio.DModel < 4) throw new ArgumentException($"d_model must be at least 4, not {Audio.DModel}.");
        if (!(Audio.LayerNormEps > 0)) throw new ArgumentException("layer_norm_eps must be positive.");
        var layers = Audio.DeepstackEncoderLayerIndexes;
        if (layers.Count > Llama.NumHiddenLayers || layers.Distinct().Count() < layers.Count
            || layers.Any(layer => layer < 0 || layer >= Audio.EncoderLayers))
        {
            throw new ArgumentException("deepstack_encoder_layer_indexes must name different layers of the encoder's "
                + $"{Audio.EncoderLayers}, no more than the language model's {Llama.NumHiddenLayers}.");
        }
        if (DeepstackNumInjectLayers < 0)
            throw new ArgumentException("deepstack_num_inject_layers must not be negative.");
        if (DigitTokenIds.Count != 10) throw new ArgumentException("digit_token_ids must be the ten digits'.");
        RequireTokens(
            [.. DigitTokenIds.Select(id => ("digit_token_ids", id)),
                ("audio_start_token_id", AudioStartTokenId), ("audio_end_token_id", AudioEndTokenId)]);
    }

    internal override ModelFamily Build(WeightSource weights) => new MossMusic(this, weights);

    internal override string PartOf(string key) => key.StartsWith("audio_encoder.", StringComparison.Ordinal)
        ? "audio tower"
        : key.StartsWith("audio_adapter.", StringComparison.Ordinal)
            || key.StartsWith("deepstack_", StringComparison.Ordinal) ? "projector" : "language model";

    /// <summary>Reads a published checkpoint.</summary>
    internal static (ModelConfig Config, IReadOnlyList<NamedTensor> Tensors) Read(PublishedModel model)
    {
        var config = model.ReadConfig(Rules);
        var audio = config.Part("audio_config", EncoderRules)!;
        var language = config.Part("language_config", ForeignConfigRules.Qwen)!;
        foreach (var key in (string[])["vocab_size", "num_hidden_layers", "tie_word_embeddings"])
        {
            if (config.Value(key) is { } said && language.Value(key) is { } own && !JsonElement.DeepEquals(said, own))
                throw config.Refusal(key, $"{own.GetRawText()}, as language_config says");
        }
        var processor = ForeignConfig.ReadIfThere(Path.Combine(model.Folder, ProcessorFile), ProcessorRules);
        var mel = processor?.Part("mel_config", MelRules);
        if (mel?.Value("mel_dim") is { } bins && bins.GetInt32() != audio.Whole("num_mel_bins"))
            throw mel.Refusal("mel_dim", $"{audio.Whole("num_mel_bins")}, the encoder's num_mel_bins");
        var llama = model.ReadQwen(language, config);
        var defaults = new MossMusicConfig();
        return (new MossMusicConfig
        {
            Audio = new()
            {
                DModel = audio.Whole("d_model"),
                EncoderLayers = audio.Whole("encoder_layers"),
                EncoderAttentionHeads = audio.Whole("encoder_attention_heads"),
                EncoderFfnDim = audio.Whole("encoder_ffn_dim"),
                NumMelBins = audio.Whole("num_mel_bins"),
                DownsampleHiddenSize = audio.Whole("downsample_hidden_size"),
                NWindow = audio.Value("n_window")?.GetInt32() ?? defaults.Audio.NWindow,
                LayerNormEps = audio.Value("layer_norm_eps")?.GetDouble() ?? defaults.Audio.LayerNormEps,
                DeepstackEncoderLayerIndexes = [.. audio.Ids("deepstack_encoder_layer_indexes")],
            },
            AdapterHiddenSize = config.Whole("adapter_hidden_size"),
            DeepstackNumInjectLayers = config.Whole("deepstack_num_inject_layers"),
            EnableTimeMarker = processor?.Value("enable_time_marker")?.GetBoolean() ?? true,
            AudioStartTokenId = processor?.Value("audio_start_id")?.GetInt32() ?? defaults.AudioStartTokenId,
            AudioEndTokenId = processor?.Value("audio_end_id")?.GetInt32() ?? defaults.AudioEndTokenId,
            Llama = llama,
            MaxLength = llama.MaxPositionEmbeddings,
            Licence = "open",
        }, model.Parameters(
            llama, "lm_head.weight", "language_model.embed_tokens.weight",
            "audio_encoder.embed_positions.inv_timescales"));
    }
}

/// <summary>Whisper -> gated MLPs -> Qwen3, with time markers and DeepStack.</summary>
public sealed class MossMusic : ModelFamily
{
    /// <summary>The authors' own instruction for writing down what is sung; the answer has no fixed format.</summary>
    public const string LyricsWithTimes = "Transcribe the lyrics with timestamps of this song.";

    /// <summary>Music tokens between two time markers, which stand for two seconds.</summary>
    private const int MarkerTokens = 25, MarkerSeconds = 2;

    private readonly Whisper audio_encoder;
    private readonly GatedMlp audio_adapter;
    private readonly ModuleList<GatedMlp> deepstack_audio_merger_list;
    private readonly Llama llama;
    private MelSpectrogram? spectrogram;

    /// <summary>Builds the model from the published keys.</summary>
    /// <exception cref="ArgumentException">The sizes contradict each other.</exception>
    /// <exception cref="InvalidDataException">A tensor is missing or misshapen.</exception>
    public MossMusic(MossMusicConfig config, WeightSource weights) : base(nameof(MossMusic))
    {
        config.Validate();
        Config = config;
        var kept = config.Audio.DeepstackEncoderLayerIndexes.Take(config.Injections);
        audio_encoder = new(
            config.Audio with { DeepstackEncoderLayerIndexes = [.. kept] }, weights.Under("audio_encoder"));
        audio_adapter = Joiner(weights.Under("audio_adapter"));
        deepstack_audio_merger_list = new([.. Enumerable.Range(0, config.Injections)
            .Select(i => Joiner(weights.Under($"deepstack_audio_merger_list.{i}")))]);
        llama = new(config.Llama, weights, config.DecoderKey);
        RegisterComponents();
        eval();
    }

    public override MossMusicConfig Config { get; }

    public Whisper AudioTower => audio_encoder;

    public override Llama Llama => llama;

    public override int WindowSamples => Config.WindowSeconds * Fbank.SampleRate;

    private protected override int InputWidth => (1 + Config.Injections) * Config.Llama.HiddenSize;

    /// <summary>
    /// Clips of one prompt -> the music tokens (M, A) of each. Beside a longer clip the last tokens of a short one
    /// differ a little from those it has alone, as published.
    /// </summary>
    public IReadOnlyList<Tensor> Encode(params IReadOnlyList<float[]> clips)
    {
        using var scope = NewDisposeScope();
        return [.. audio_encoder.Encode([.. clips.Select(clip => LogMel(clip))])
            .Select(music => music.MoveToOuterDisposeScope())];
    }

    /// <summary>Mono at 16 kHz -> Whisper's spectrogram (mel bins, n/160), rounded to bfloat16 as published.</summary>
    internal Tensor LogMel(ReadOnlySpan<float> samples)
    {
        using var scope = NewDisposeScope();
        spectrogram ??= MelSpectrogram.Whisper(Config.Audio.NumMelBins);
        return spectrogram.Whisper(samples).to(bfloat16).to(float32).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// What stands in the prompt for so many music tokens: -1 for the next of them, or the token of a digit. After
    /// each 25 tokens stand the seconds so far, at the very end too.
    /// </summary>
    internal static int[] TimeMarked(int tokens, MossMusicConfig config)
    {
        var places = new List<int>();
        for (var token = 1; token <= tokens; token++)
        {
            places.Add(-1);
            if (!config.EnableTimeMarker || token % MarkerTokens > 0) continue;
            var seconds = (token / MarkerTokens * MarkerSeconds).ToString(CultureInfo.InvariantCulture);
            places.AddRange(seconds.Select(digit => config.DigitTokenIds[digit - '0']));
        }
        return [.. places];
    }

    /// <summary>Music tokens (M, A) -> what the adapter makes of each (M, W).</summary>
    internal Tensor Join(Tensor music)
    {
        var parts = music.to(llama.ComputeType).split(Config.Audio.DModel, 1);
        return cat([audio_adapter.call(parts[0]), .. deepstack_audio_merger_list.Zip(
            parts.Skip(1), (merger, part) => merger.call(part))], 1);
    }

    public override Tensor Project(Tensor music)
    {
        using var scope = NewDisposeScope();
        var places = TimeMarked((int)music.shape[0], Config);
        var joined = Join(music);                                                                   // (M, W)
        if (places.Length == joined.shape[0]) return joined.MoveToOuterDisposeScope();
        // Rows of both, in the order of the places: first all music tokens, behind them the digits.
        var digits = Widened(EmbedIds(places.Where(place => place >= 0)));
        var (token, digit) = (0L, joined.shape[0]);
        long[] rows = [.. places.Select(place => place < 0 ? token++ : digit++)];
        return cat([joined, digits], 0).index_select(0, tensor(rows, device: llama.Device)).MoveToOuterDisposeScope();
    }

    public override int PositionsOfMusic(Tensor music) => TimeMarked((int)music.shape[0], Config).Length;

    public override IReadOnlyList<EncodedWindow> EncodeTogether(IReadOnlyList<SoundWindow> windows)
    {
        using var scope = NewDisposeScope();
        return [.. audio_encoder.EncodeApart([.. windows.Select(window => LogMel(SamplesOf(window)))])
            .Select(music => new EncodedWindow(
                music.MoveToOuterDisposeScope(),
                music.narrow(1, 0, Config.Audio.DModel).to(float32).mean([0]).MoveToOuterDisposeScope()))];
    }

    public override int[] PromptFor(Tokenizer tokenizer, string instruction, int tracks = 1)
        => PromptFor(tokenizer, Config, instruction, tracks);

    internal static int[] PromptFor(Tokenizer tokenizer, MossMusicConfig config, string instruction, int tracks = 1)
        => ChatMl.Ids(
            tokenizer, config.System,
            ChatMl.Spans(tracks, config.AudioStartTokenId, config.AudioEndTokenId, tokenizer.Encode("\n")),
            tracks == 0 ? instruction : $"\n{instruction}");

    private protected override string PublishedKey(string key)
        => key.StartsWith("llama.model.", StringComparison.Ordinal) ? $"language_model.{key["llama.model.".Length..]}"
            : key.StartsWith("llama.", StringComparison.Ordinal) ? key["llama.".Length..]
            : key;

    private protected override void RequireMusic(Tensor music)
        => Shape.Require(music, "A track's music", -1, (1 + Config.Injections) * Config.Audio.DModel);

    protected override void Dispose(bool disposing)
    {
        if (disposing) spectrogram?.Dispose();
        base.Dispose(disposing);
    }

    private GatedMlp Joiner(WeightSource weights)
        => new(weights, Config.Audio.DModel, Config.AdapterHiddenSize, Config.Llama.HiddenSize);
}
