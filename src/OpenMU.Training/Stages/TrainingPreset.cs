using OpenMU.Model.Families;
using OpenMU.Training.Data;
using OpenMU.Training.Pretraining;

namespace OpenMU.Training.Stages;

/// <summary>
/// How all stages train, by name: the reference's own settings for its size, and ours for the small model.
/// </summary>
public sealed record TrainingPreset
{
    /// <summary>
    /// Masked pre-training. Reference: 33 epochs, learning rate 2e-4 for each 256 of the batch, betas
    /// 0.9 and 0.95, decay 1e-4.
    /// </summary>
    public StageOptions Encoder { get; init; } =
        new() { Batch = 512, Epochs = 33, LearningRate = 4e-4, Beta2 = 0.95, WeightDecay = 1e-4, Warmup = 3.0 / 33 };

    /// <summary>The decoder of pre-training.</summary>
    public MaskedAutoencoderConfig Decoder { get; init; } = new();

    /// <summary>Share of the patches that are hidden.</summary>
    public double MaskRatio { get; init; } = 0.8;

    public StageOptions Tags { get; init; } =
        new() { Batch = 64, Epochs = 100, LearningRate = 2e-4, WeightDecay = 1e-4, Warmup = 0.05 };

    public AugmentationOptions Augmentation { get; init; } = new();

    /// <summary>Each block learns at this share of the learning rate of the one above it.</summary>
    public double LayerDecay { get; init; } = 0.75;

    public double DropPath { get; init; } = 0.1;

    public double LabelSmoothing { get; init; } = 0.1;

    /// <summary>Weight of one label's binary cross-entropy beside an exclusive group's cross-entropy.</summary>
    public double TagShare { get; init; } = 0.25;

    /// <summary>Pre-training of a small language model on texts alone; the reference starts from Llama 3.</summary>
    public StageOptions Language { get; init; } =
        new() { Batch = 64, Epochs = 10, LearningRate = 1e-3, Beta2 = 0.95, WeightDecay = 0.1, ClipNorm = 1 };

    /// <summary>How many passes of records the language model is trained on, each once.</summary>
    public int TextPasses { get; init; } = 1;

    /// <summary>Tokens of a block of text.</summary>
    public int BlockTokens { get; init; } = 256;

    /// <summary>Stage 1: the projector alone, on captions.</summary>
    public StageOptions Align { get; init; } = ReferenceStageOne;

    /// <summary>Stage 2: adapters and projector, on all tasks.</summary>
    public StageOptions Instruct { get; init; } = ReferenceStageTwo;

    /// <summary>
    /// Adapters of stage 2; null trains the whole language model instead, which is affordable for a small
    /// one and makes it better.
    /// </summary>
    public LoraConfig? Lora { get; init; } = new();

    /// <summary>Adds the adapters to the matrices at the end.</summary>
    public bool Merge { get; init; }

    /// <summary>
    /// Stages 1 and 2 compute the inside of each block twice, to keep only its input (gradient checkpointing).
    /// </summary>
    public bool GradientCheckpointing { get; init; }

    /// <summary>How often each clip is encoded for stages 1 and 2, each time a little differently.</summary>
    public int Views { get; init; } = 1;

    /// <summary>Share of the records of stage 2 whose music is replaced by noise and whose answer says so.</summary>
    public double NoiseShare { get; init; }

    /// <summary>Sounds of noise and silence among the clips.</summary>
    public int NoiseSounds { get; init; }

    /// <summary>
    /// sony/openmu scripts: projector 1e-3, 15 epochs, batch 1, cosine with 3 % warm-up, no decay;
    /// ZeRO-2 without clipping.
    /// </summary>
    public static StageOptions ReferenceStageOne { get; } = new() { Batch = 1, Epochs = 15, LearningRate = 1e-3 };

    /// <summary>
    /// sony/openmu scripts: adapters and projector 2e-5, 10 epochs, batch 1, cosine with 3 % warm-up.
    /// </summary>
    public static StageOptions ReferenceStageTwo { get; } =
        new() { Batch = 1, Epochs = 10, LearningRate = 2e-5, ProjectorLearningRate = 2e-5 };

    /// <summary>The published size with the published settings, gradient checkpointing included.</summary>
    public static TrainingPreset Reference { get; } = new() { GradientCheckpointing = true };

    /// <summary>The small model that ships.</summary>
    public static TrainingPreset Tiny { get; } = new()
    {
        Encoder = new()
        {
            Batch = 256,
            Epochs = 30,
            LearningRate = 1e-3,
            Beta2 = 0.95,
            WeightDecay = 0.05,
            Warmup = 0.05,
            ClipNorm = 1
        },
        Decoder = new() { EmbedDim = 128, Depth = 3, NumHeads = 4 },
        Tags =
            new() { Batch = 128, Epochs = 30, LearningRate = 1.5e-3, WeightDecay = 0.05, Warmup = 0.05, ClipNorm = 1 },
        LayerDecay = 0.85,
        TextPasses = 4,
        Language = new() { Batch = 64, Epochs = 1, LearningRate = 2e-3, Beta2 = 0.95, WeightDecay = 0.1, ClipNorm = 1 },
        Align = new() { Batch = 64, Epochs = 2, LearningRate = 2e-3, ClipNorm = 1 },
        Instruct = new()
        {
            Batch = 64,
            Epochs = 4,
            LearningRate = 6e-4,
            ProjectorLearningRate = 6e-4,
            Beta2 = 0.98,
            WeightDecay = 0.05,
            ClipNorm = 1,
            Evaluations = 10
        },
        Lora = null,
        Views = 4,
        NoiseShare = 0.08,
        NoiseSounds = 64,
    };

    /// <summary>The preset with other options for one stage.</summary>
    public TrainingPreset For(TrainingStage stage, Func<StageOptions, StageOptions> change) => stage switch
    {
        TrainingStage.Encoder => this with { Encoder = change(Encoder) },
        TrainingStage.Tags => this with { Tags = change(Tags) },
        TrainingStage.Language => this with { Language = change(Language) },
        TrainingStage.Align => this with { Align = change(Align) },
        TrainingStage.Instruct => this with { Instruct = change(Instruct) },
        _ => throw new ArgumentOutOfRangeException(nameof(stage)),
    };

    /// <summary>The preset with other options for every stage.</summary>
    public TrainingPreset ForEach(Func<TrainingStage, StageOptions, StageOptions> change)
        => TrainingStages.All.Aggregate(this, (preset, stage) => preset.For(stage, options => change(stage, options)));

    /// <summary>The presets by the names of the command line.</summary>
    public static IReadOnlyDictionary<string, TrainingPreset> All { get; } =
        new Dictionary<string, TrainingPreset>(StringComparer.Ordinal)
        {
            ["tiny"] = Tiny,
            ["tiny-lora"] = Tiny with
            {
                Lora = new() { R = 16, Alpha = 32 },
                Merge = true,
                Instruct = Tiny.Instruct with { LearningRate = 2e-3 }
            },
            ["reference"] = Reference,
        };
}
