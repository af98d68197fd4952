using OpenMU.Model.Families;
using OpenMU.Model.Weights;
using static TorchSharp.torch;

namespace OpenMU.Testing;

/// <summary>A configuration of each family that a test runs in milliseconds; its weights are random.</summary>
public static class TinyFamilies
{
    public static OpenMuConfig OpenMu { get; } = OpenMuConfig.Tiny with
    {
        Audio = OpenMuConfig.Tiny.Audio with { EmbedDim = 64, Depth = 2, NumHeads = 2, ContextualBlocks = [0, 1] },
        Llama = Small(OpenMuConfig.Full.Llama) with { MaxPositionEmbeddings = 8192 },
    };

    public static MiDashengLmConfig MiDashengLm { get; } = MiDashengLmConfig.Full with
    {
        Audio = new() { EmbedDim = 64, Depth = 2, NumHeads = 2 },
        Llama = Small(MiDashengLmConfig.Full.Llama),
        AudioStartTokenId = 300,
        AudioEndTokenId = 301,
    };

    public static MossMusicConfig MossMusic { get; } = MossMusicConfig.Full with
    {
        Audio = new()
        {
            DModel = 64,
            EncoderLayers = 3,
            EncoderAttentionHeads = 2,
            EncoderFfnDim = 128,
            DownsampleHiddenSize = 8,
            DeepstackEncoderLayerIndexes = [0, 1],
        },
        Llama = Small(MossMusicConfig.Full.Llama),
        AdapterHiddenSize = 128,
        AudioStartTokenId = 300,
        AudioEndTokenId = 301,
    };

    /// <summary>By the name of the family.</summary>
    public static ModelConfig Of(string family) => family switch
    {
        MiDashengLmConfig.Name => MiDashengLm,
        MossMusicConfig.Name => MossMusic,
        _ => OpenMu,
    };

    /// <summary>Writes a model folder with a tokenizer of single bytes.</summary>
    public static string Write(string folder, string family)
    {
        RandomWeights.Write(folder, Of(family), seed: 1, float32);
        return folder;
    }

    private static LlamaConfig Small(LlamaConfig config) => config with
    {
        HiddenSize = 64,
        IntermediateSize = 128,
        NumHiddenLayers = 2,
        NumAttentionHeads = 4,
        NumKeyValueHeads = 2,
        OwnHeadDim = config.OwnHeadDim is null ? null : 16,
        VocabSize = 512,
        BosTokenId = 303,
        StopTokenIds = [304, 303],
    };
}
