using OpenMU.Model;
using OpenMU.Model.Families;
using OpenMU.Model.Text;
using OpenMU.Model.Weights;
using OpenMU.Training.Pretraining;
using static TorchSharp.torch;

namespace OpenMU.Testing;

/// <summary>
/// Writes a model folder of the real classes with random weights, small enough to open and to listen in milliseconds.
/// What it says makes no sense.
/// </summary>
public static class SmallRandomModel
{
    private static readonly OpenMuConfig Config = OpenMuConfig.Tiny with
    {
        Audio = new()
        {
            EmbedDim = 16,
            Depth = 2,
            NumHeads = 2,
            ContextualBlocks = [1],
            ChunkFrames = 64,
            MelBins = 32,
            NumChunks = 2,
            Pooling = 4
        },
        Llama = new()
        {
            HiddenSize = 32,
            IntermediateSize = 48,
            NumHiddenLayers = 2,
            NumAttentionHeads = 4,
            NumKeyValueHeads = 2,
            VocabSize = 300,
            MaxPositionEmbeddings = 1024,
            BosTokenId = 1,
            StopTokenIds = [2],
        },
        MaxLength = 1024,
    };

    /// <summary>One folder for each seed, under <paramref name="root"/>.</summary>
    /// <param name="root">The folder above it.</param>
    /// <param name="seed">Of the weights.</param>
    /// <param name="trainedFor">What it may be asked; null for what its family may.</param>
    public static string Write(string root, long seed = 1, IReadOnlyList<string>? trainedFor = null)
    {
        var folder = Path.Combine(root, $"random-{seed}");
        var tokenizer = BpeTrainer.Train(
            ["music with drums and bass", "music with piano"], Config.Llama.VocabSize,
            ["<|pad|>", Tokenizer.BeginOfText, Config.Prompt.EndOfAnswer]);
        using var scope = NewDisposeScope();
        using var model = new OpenMu(Config, WeightSource.Random(seed));
        using var tags = new TagHead(
            Config.Audio.EmbedDim, [new() { Group = "genre", Exclusive = true, Labels = ["rock", "jazz"] },
                new() { Group = "instrument", Labels = ["piano"], Thresholds = [0] }], WeightSource.Random(seed));
        ModelFolder.Save(
            folder, Config with { TrainedFor = trainedFor }, model, adapter: null, tokenizer, tags, float32);
        return folder;
    }
}
