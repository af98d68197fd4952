// ModelConfig.cs - the hyperparameters that all families have, as immutable records. config.json of a model folder is a
// family's record in snake_case. Names are those of the published checkpoints' own configurations.
using System.Text.Json;
using System.Text.Json.Serialization;
using OpenMU.Model.Weights;
using OpenMU.Music.Questions;

namespace OpenMU.Model.Families;

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

    /// <summary>Whether queries, keys and values have a bias, as in Qwen2.5; the output projection never has.</summary>
    public bool AttentionBias { get; init; }

    /// <summary>
    /// Whether queries and keys are RMS-normalised per head, before the rotation and with weights of their own, as in
    /// Qwen3.
    /// </summary>
    public bool QkNorm { get; init; }

    /// <summary>
    /// The width of a head where it isn't hidden_size / num_attention_heads, as in Qwen3; null where it is.
    /// </summary>
    [JsonPropertyName("head_dim")]
    public int? OwnHeadDim { get; init; }

    [JsonIgnore]
    public int HeadDim => OwnHeadDim ?? (NumAttentionHeads > 0 ? HiddenSize / NumAttentionHeads : 0);
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

/// <summary>A model: its language model, and what its family adds.</summary>
public abstract record ModelConfig
{
    /// <summary>In <see cref="TrainedFor"/>: every question.</summary>
    public const string Anything = "anything";

    /// <summary>The placeholder id of one track's music in a prompt.</summary>
    public const int MusicToken = -200;

    /// <summary>The label of positions without a target (cross-entropy's ignore_index).</summary>
    public const int IgnoredLabel = -100;

    /// <summary>The families, each by the name that config.json gives it.</summary>
    private static readonly Dictionary<string, Type> Families = new()
    {
        [OpenMuConfig.Name] = typeof(OpenMuConfig),
        [MiDashengLmConfig.Name] = typeof(MiDashengLmConfig),
        [MossMusicConfig.Name] = typeof(MossMusicConfig),
    };

    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        WriteIndented = true,
    };

    /// <summary>The family's name.</summary>
    [JsonPropertyOrder(-1)]
    public abstract string Family { get; }

    public LlamaConfig Llama { get; init; } = new();

    /// <summary>The adapters stored beside the folder's weights; null when there are none or they are merged.</summary>
    public LoraConfig? Lora { get; init; }

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

    /// <summary>
    /// What the model may be asked, as names of <see cref="QuestionTopic"/>; what is not among them is refused. Null
    /// leaves it to the family, and "anything" trusts the model with every question.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? TrainedFor { get; init; }

    /// <summary>The topics that it may be asked about; null for any.</summary>
    [JsonIgnore]
    public IReadOnlySet<QuestionTopic>? Topics => TrainedFor is null ? FamilyTopics
        : TrainedFor.Contains(Anything) ? null
        : TrainedFor.Select(name => Enum.Parse<QuestionTopic>(name, ignoreCase: true)).ToHashSet();

    /// <summary>The topics of a model of this family whose configuration names none; null for any.</summary>
    [JsonIgnore]
    private protected virtual IReadOnlySet<QuestionTopic>? FamilyTopics => null;

    /// <summary>
    /// What to say with words of this model about several tracks in one prompt: none of the families is known to have
    /// been trained on that.
    /// </summary>
    [JsonIgnore]
    public abstract string SeveralTracksNote { get; }

    /// <summary>Longest sequence in positions, music tokens included; longer ones are truncated.</summary>
    public int MaxLength { get; init; } = 2048;

    /// <summary>The width of a track's mean token, from which tags and embedding are made.</summary>
    [JsonIgnore]
    public abstract int AudioWidth { get; }

    /// <summary>The encoder in one line, for people.</summary>
    [JsonIgnore]
    public abstract string Encoder { get; }

    /// <summary>The prefix of the language model's layers in the checkpoint's keys.</summary>
    [JsonIgnore]
    public virtual string DecoderKey => "model";

    /// <summary>The special token that ends an answer.</summary>
    [JsonIgnore]
    public abstract string AnswerEnd { get; }

    /// <summary>The special tokens that prompts are made of.</summary>
    [JsonIgnore]
    public abstract IReadOnlyList<string> PromptTokens { get; }

    /// <summary>Reads config.json of a model folder, whatever the family. Without one it is OpenMU's.</summary>
    /// <exception cref="JsonException">The text is no configuration: broken, or with an unknown key.</exception>
    /// <exception cref="ArgumentException">The sizes contradict each other, or the family is unknown.</exception>
    public static ModelConfig FromJson(string json)
    {
        var name = OpenMuConfig.Name;
        using (var document = JsonDocument.Parse(json))
        {
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                throw new JsonException("The configuration is no JSON object.");
            if (document.RootElement.TryGetProperty("family", out var family))
                name = family.ValueKind == JsonValueKind.String ? family.GetString()! : family.GetRawText();
        }
        if (!Families.TryGetValue(name, out var type))
        {
            throw new ArgumentException(
                $"The family '{ForeignConfig.Escape(name)}' is unknown; known: {string.Join(", ", Families.Keys)}.");
        }
        var config = (ModelConfig?)JsonSerializer.Deserialize(json, type, Json)
            ?? throw new JsonException("The configuration is empty.");
        config.Validate();
        return config;
    }

    public string ToJson() => JsonSerializer.Serialize(this, GetType(), Json);

    /// <summary>
    /// Checks that the sizes agree and are within bounds: memory is allocated by them, and a
    /// configuration may be hostile.
    /// </summary>
    /// <exception cref="ArgumentException">They do not.</exception>
    public virtual void Validate()
    {
        RequireBounds(
            ("hidden_size", Llama.HiddenSize, 65536), ("intermediate_size", Llama.IntermediateSize, 1 << 19),
            ("num_hidden_layers", Llama.NumHiddenLayers, 1024),
            ("num_attention_heads", Llama.NumAttentionHeads, 65536),
            ("num_key_value_heads", Llama.NumKeyValueHeads, 65536),
            ("vocab_size", Llama.VocabSize, 1 << 22), ("max_position_embeddings", Llama.MaxPositionEmbeddings, 1 << 18),
            ("max_length", MaxLength, 1 << 18), ("head_dim", Llama.HeadDim, 65536), ("lora r", Lora?.R ?? 1, 65536));
        if (Llama.OwnHeadDim is null)
            RequireMultiple(Llama.HiddenSize, 2 * Llama.NumAttentionHeads, "hidden_size", "twice num_attention_heads");
        RequireMultiple(Llama.HeadDim, 2, "head_dim", "2");
        RequireMultiple(
            Llama.NumAttentionHeads, Llama.NumKeyValueHeads, "num_attention_heads", "num_key_value_heads");
        if (Llama.RopeScaling is { IsSound: false })
        {
            throw new ArgumentException(
                "rope_scaling must have positive numbers, high_freq_factor above low_freq_factor.");
        }
        if (TrainedFor?.FirstOrDefault(name => name != Anything && !Enum.GetNames<QuestionTopic>().Contains(
            name, StringComparer.OrdinalIgnoreCase)) is { } unknown)
        {
            throw new ArgumentException($"trained_for names '{ForeignConfig.Escape(unknown)}'; known: {Anything}, "
                + $"{string.Join(", ", Enum.GetNames<QuestionTopic>()).ToLowerInvariant()}.");
        }
        if (Windows < 0) throw new ArgumentException($"windows must not be negative, as {Windows} is.");
        if (Licence is not ("open" or "non-commercial" or "proprietary"))
            throw new ArgumentException($"licence must be open, non-commercial or proprietary, not '{Licence}'.");
        if (!(Llama.RmsNormEps > 0 && Llama.RopeTheta > 0))
            throw new ArgumentException("rms_norm_eps and rope_theta must be positive.");
    }

    /// <summary>Builds the family's model.</summary>
    /// <exception cref="InvalidDataException">A tensor is missing or misshapen.</exception>
    internal abstract ModelFamily Build(WeightSource weights);

    /// <summary>Which part of the model the tensor of this key belongs to, for reports.</summary>
    internal abstract string PartOf(string key);

    /// <exception cref="ArgumentException">A value is not between 1 and its bound.</exception>
    private protected static void RequireBounds(params (string Name, long Value, long Most)[] sizes)
    {
        foreach (var (name, value, most) in sizes)
        {
            if (value < 1 || value > most) throw new ArgumentException($"{name} must be 1 to {most}, not {value}.");
        }
    }

    /// <exception cref="ArgumentException">An id is outside the language model's vocabulary.</exception>
    private protected void RequireTokens(params (string Name, int Id)[] tokens)
    {
        foreach (var (name, id) in tokens)
        {
            if (id < 0 || id >= Llama.VocabSize)
                throw new ArgumentException($"{name} must be 0 to {Llama.VocabSize - 1}, not {id}.");
        }
    }

    private protected static void RequireMultiple(int whole, int part, string wholeName, string partName)
    {
        if (part <= 0 || whole <= 0 || whole % part != 0)
            throw new ArgumentException($"{wholeName} ({whole}) must be a positive multiple of {partName} ({part}).");
    }
}
