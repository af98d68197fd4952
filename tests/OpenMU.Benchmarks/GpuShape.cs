using OpenMU.Model.Families;
using OpenMU.Model.Weights;
using OpenMU.Testing;

namespace OpenMU.Benchmarks;

/// <summary>A vision transformer as wide and as deep as an encoder, over as many patches: for the peer.</summary>
internal sealed record GpuPeerEncoder(
    int Width, int Depth, int Heads, int[] Image, int[] Patch, int Chunks, int PatchesPerToken);

/// <summary>A model whose speed on a GPU is measured with random weights.</summary>
/// <param name="Name">For the table.</param>
/// <param name="Config">All sizes.</param>
/// <param name="Encoder">What the peer has in place of the encoder for 30 s of music.</param>
internal sealed record GpuShape(string Name, ModelConfig Config, GpuPeerEncoder Encoder)
{
    /// <summary>The published sizes.</summary>
    public static IReadOnlyList<GpuShape> Full { get; } =
    [
        Of("openmu-8b", (OpenMuConfig)RandomWeights.Shapes["8b"]), Of("midashenglm-7b", MiDashengLmConfig.Full),
        Of("moss-music-8b", MossMusicConfig.Full)
    ];

    /// <summary>The same code in a few seconds on a CPU: its figures say nothing.</summary>
    public static IReadOnlyList<GpuShape> Tiny { get; } =
    [
        Of("openmu-tiny", TinyFamilies.OpenMu), Of("midashenglm-tiny", TinyFamilies.MiDashengLm),
        Of("moss-music-tiny", TinyFamilies.MossMusic)
    ];

    /// <summary>The shapes of a device: on a CPU the tiny ones.</summary>
    public static IReadOnlyList<GpuShape> For(bool cpu) => cpu ? Tiny : Full;

    private static GpuShape Of(string name, OpenMuConfig config) => new(
        name, config, new(
            config.Audio.EmbedDim, config.Audio.Depth, config.Audio.NumHeads,
            [config.Audio.ChunkFrames, config.Audio.MelBins], [config.Audio.PatchSize, config.Audio.PatchSize],
            config.Audio.NumChunks, config.Audio.Pooling));

    private static GpuShape Of(string name, MiDashengLmConfig config) => new(
        name, config, new(
            config.Audio.EmbedDim, config.Audio.Depth, config.Audio.NumHeads, [64, config.Audio.TargetLength], [64, 4],
            Chunks: 3, config.SubsampleFactor));

    // Fifty positions for each four seconds. The peer has neither the convolutions before them nor DeepStack.
    private static GpuShape Of(string name, MossMusicConfig config) => new(
        name, config, new(
            config.Audio.DModel, config.Audio.EncoderLayers, config.Audio.EncoderAttentionHeads, [128, 50], [128, 1],
            Chunks: 8, PatchesPerToken: 1));
}
