// OpenMu.cs - OpenMU (arXiv 2410.15573) on one page: encode the music and project it; ModelFamily splices it into the
// prompt. B tracks, M music tokens of a track (192), A audio width, D width of the language model.
using OpenMU.Model.Audio;
using OpenMU.Model.Decoder;
using OpenMU.Model.Encoders;
using OpenMU.Model.Kernels;
using OpenMU.Model.Text;
using OpenMU.Model.Weights;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace OpenMU.Model.Families;

/// <summary>
/// Two linear layers with an exact (erf) GELU between: (.., A) -> (.., D). Upstream: mm_projector, "mlp2x_gelu".
/// </summary>
internal sealed class Projector : Module<Tensor, Tensor>
{
    private readonly Sequential layers;

    public Projector(WeightSource weights, int audioWidth, int width) : base(nameof(Projector))
    {
        layers = Sequential(
            ("0", new Dense(weights.Under("0"), audioWidth, width, Initializers.FanIn)),
            ("1", GELU()),
            ("2", new Dense(weights.Under("2"), width, width, Initializers.FanIn)));
        RegisterComponents();
    }

    public override Tensor forward(Tensor x) => layers.call(x);
}

/// <summary>AudioMAE -> projector -> Llama.</summary>
public sealed class OpenMu : ModelFamily
{
    private readonly AudioMae vision_tower;     // upstream's name for the audio tower
    private readonly Projector mm_projector;
    private readonly Llama llama;
    private AudioPreprocessor? preprocessor;

    /// <summary>
    /// Builds the model from the published keys: "model.vision_tower.mae.", "model.mm_projector.", and
    /// the language model's own.
    /// </summary>
    /// <exception cref="ArgumentException">The sizes contradict each other.</exception>
    /// <exception cref="InvalidDataException">A tensor is missing or misshapen.</exception>
    public OpenMu(OpenMuConfig config, WeightSource weights) : base(nameof(OpenMu))
    {
        config.Validate();
        Config = config;
        vision_tower = new(config.Audio, weights.Under("model.vision_tower.mae"));
        mm_projector = new(weights.Under("model.mm_projector"), config.Audio.EmbedDim, config.Llama.HiddenSize);
        llama = new(config.Llama, weights);
        RegisterComponents();
        eval();
    }

    public override OpenMuConfig Config { get; }

    public AudioMae AudioTower => vision_tower;

    public override Llama Llama => llama;

    public override int WindowSamples => AudioPreprocessor.SamplesOf(Config.Audio);

    private AudioPreprocessor Preprocessor => preprocessor ??= new(Config.Audio);

    /// <summary>
    /// Log-mel spectrograms (B, 1, 3072, 128) -> music tokens (B, M, A), which serve any number of prompts.
    /// </summary>
    public Tensor Encode(Tensor spectrograms) => vision_tower.call(spectrograms);

    /// <summary>Music tokens (.., M, A) -> embeddings of the language model (.., M, D).</summary>
    public override Tensor Project(Tensor music) => mm_projector.call(music.to(llama.ComputeType));

    public override int PositionsOfMusic(Tensor music) => Config.Audio.MusicTokens;

    public override IReadOnlyList<EncodedWindow> EncodeTogether(IReadOnlyList<SoundWindow> windows)
    {
        using var scope = NewDisposeScope();
        var spectrograms = stack(windows.Select(window => Preprocessor.Spectrogram(SamplesOf(window), window.Mean)));
        var music = Encode(spectrograms.to(llama.ComputeType, llama.Device));                       // (B, M, A)
        return [.. windows.Select((window, i) => new EncodedWindow(
            music[i].clone().MoveToOuterDisposeScope(),
            music[i][..AudibleTokens(window.Recording.Length)].to(float32).mean([0]).MoveToOuterDisposeScope()))];
    }

    public override int[] PromptFor(Tokenizer tokenizer, string instruction, int tracks = 1)
        => new Prompt(Config.Prompt, tokenizer).ForGeneration(instruction, tracks);

    private protected override string PublishedKey(string key)
        => key.StartsWith("vision_tower.", StringComparison.Ordinal)
            ? "model.vision_tower.mae." + key["vision_tower.".Length..]
            : key.StartsWith("mm_projector.layers.", StringComparison.Ordinal)
                ? "model.mm_projector." + key["mm_projector.layers.".Length..]
            : key["llama.".Length..];

    private protected override void RequireMusic(Tensor music)
        => Shape.Require(music, "A track's music", Config.Audio.MusicTokens, Config.Audio.EmbedDim);

    protected override void Dispose(bool disposing)
    {
        if (disposing) preprocessor?.Dispose();
        base.Dispose(disposing);
    }

    /// <summary>
    /// How many of a window's music tokens come from chunks with audio in them. The rest is padding, which is
    /// louder than average music after normalisation and would dominate the mean. All tokens count where short
    /// recordings are repeated.
    /// </summary>
    private int AudibleTokens(int samples)
    {
        var audio = Config.Audio;
        if (audio.RepeatsShort) return audio.MusicTokens;
        var frames = 1 + (Math.Min(samples, WindowSamples) - Fbank.FrameSamples) / Fbank.ShiftSamples;
        return (frames + audio.ChunkFrames - 1) / audio.ChunkFrames * (audio.MusicTokens / audio.NumChunks);
    }
}
