// Dasheng.cs - the Dasheng encoder (arXiv 2406.06992; XiaoMi/dasheng): a ViT over patches of 64 mels x 4 frames. It
// stands alone, and in MiDashengLM with another rule for the end of a clip.
// n samples, T = 1 + n/160 frames, P = T/4 patches, L patches of a chunk, C chunks, D width.
using OpenMU.Model.Audio;
using OpenMU.Model.Kernels;
using OpenMU.Model.Weights;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace OpenMU.Model.Encoders;

/// <summary>Dasheng's sizes. Names as in the published configurations.</summary>
public sealed record DashengConfig
{
    /// <summary>Frames of one patch.</summary>
    internal const int PatchFrames = 4;

    /// <summary>Mel bins, which are also the height of a patch.</summary>
    internal const int MelBins = 64;

    public int EmbedDim { get; init; } = 768;
    public int Depth { get; init; } = 12;
    public int NumHeads { get; init; } = 12;
    public int MlpRatio { get; init; } = 4;

    /// <summary>Frames of a chunk; each chunk is encoded by itself.</summary>
    public int TargetLength { get; init; } = 1008;
}

/// <summary>Batch normalisation over the mel axis with stored statistics: (M, T) -> (M, T).</summary>
internal sealed class MelBatchNorm : Module<Tensor, Tensor>
{
    private const double Eps = 1e-5;

    private readonly Parameter weight, bias, running_mean, running_var;

    public MelBatchNorm(WeightSource weights, int melBins) : base(nameof(MelBatchNorm))
    {
        weight = weights.Take("weight", Initializers.Ones, melBins);
        bias = weights.Take("bias", Initializers.Zeros, melBins);
        running_mean = weights.Take("running_mean", Initializers.Zeros, melBins);
        running_var = weights.Take("running_var", Initializers.Ones, melBins);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x)
    {
        var scale = weight * rsqrt(running_var.add_scalar(Eps));                        // (M)
        return ((x - running_mean.unsqueeze(1)) * scale.unsqueeze(1)).add_tensor(bias.unsqueeze(1));
    }
}

/// <summary>The encoder: sound -> 25 tokens a second.</summary>
public sealed class Dasheng : Module
{
    private const double LayerNormEps = 1e-6;
    internal const string WindowKey = "front_end.0.spectrogram.window", FiltersKey = "front_end.0.mel_scale.fb";

    private readonly MelBatchNorm init_bn;
    private readonly PatchEmbed patch_embed;
    private readonly Parameter time_pos_embed, freq_pos_embed;
    private readonly ModuleList<VitBlock> blocks;
    private readonly Norm norm;
    private readonly Parameter? window, filters;
    private readonly DashengConfig config;
    private readonly ScalarType type;
    private readonly Device device;
    private MelSpectrogram? spectrogram;

    /// <summary>Builds the encoder from the published keys.</summary>
    /// <param name="config">Its sizes.</param>
    /// <param name="weights">
    /// Where they have the front end's tables, as releases in bfloat16 do in rounded form, those are used.
    /// </param>
    /// <param name="batchNorm">The key of the batch normalisation: "init_bn.1" in a stand-alone checkpoint.</param>
    public Dasheng(DashengConfig config, WeightSource weights, string batchNorm = "init_bn") : base(nameof(Dasheng))
    {
        (this.config, type, device) = (config, weights.ComputeType, weights.Device);
        // The front end computes on the CPU, in full precision, wherever the blocks do.
        var exact = weights.On(CPU, float32);
        init_bn = new(exact.Under(batchNorm), DashengConfig.MelBins);
        if (weights.Has(WindowKey)) window = exact.Take(WindowKey, Initializers.Ones, 512);
        if (weights.Has(FiltersKey)) filters = exact.Take(FiltersKey, Initializers.Ones, 257, DashengConfig.MelBins);
        patch_embed = new(
            weights.Under("patch_embed"), config.EmbedDim, DashengConfig.MelBins, DashengConfig.PatchFrames);
        time_pos_embed = weights.Take(
            "time_pos_embed", Initializers.Normal(0.02),
            1, config.EmbedDim, 1, config.TargetLength / DashengConfig.PatchFrames);
        freq_pos_embed = weights.Take("freq_pos_embed", Initializers.Normal(0.02), 1, config.EmbedDim, 1, 1);
        blocks = new([.. Enumerable.Range(0, config.Depth).Select(i => new VitBlock(
            weights.Under($"blocks.{i}"), config.EmbedDim, config.NumHeads, config.MlpRatio, LayerNormEps))]);
        norm = new(weights.Under("norm"), config.EmbedDim, LayerNormEps);
        RegisterComponents();
    }

    /// <summary>
    /// The stand-alone encoder: chunks of <see cref="DashengConfig.TargetLength"/> frames, of which a short last one is
    /// filled with zeros if it isn't the only one. (tokens, D), without the tokens of that filling: the published code
    /// leaves all of them where a rest has 1 to 3 frames.
    /// </summary>
    /// <param name="samples">Mono at 16 kHz.</param>
    public Tensor Encode(ReadOnlySpan<float> samples)
    {
        using var scope = NewDisposeScope();
        var mel = Normalise(LogMel(samples));                                           // (M, T)
        var outputs = BlockOutputs(PatchEmbeddings(Chunks(mel))).Last();                                 // (C, L, D)
        var tokens = norm.call(outputs).flatten(0, 1);
        return tokens[..(int)(mel.shape[1] / DashengConfig.PatchFrames)].MoveToOuterDisposeScope();
    }

    /// <summary>What follows the last block: (.., D) -> (.., D).</summary>
    internal Tensor FinalNorm(Tensor x) => norm.call(x);

    /// <summary>
    /// As in MiDashengLM: chunks of whole patches, the last one as short as it is, and a last patch that reaches beyond
    /// the samples hidden from attention. (P, D), in the type of the model.
    /// </summary>
    /// <param name="samples">Mono at 16 kHz, perhaps with zeros behind.</param>
    /// <param name="length">How many of them are real.</param>
    public Tensor EncodeMasked(ReadOnlySpan<float> samples, int length)
    {
        using var scope = NewDisposeScope();
        return EncodeMasked(Normalise(LogMel(samples)).unsqueeze(0), length)[0].MoveToOuterDisposeScope();
    }

    /// <summary>Several clips: those of one length in one pass. (P, D) for each.</summary>
    /// <param name="clips">Mono at 16 kHz, all of it real.</param>
    public IReadOnlyList<Tensor> EncodeMasked(IReadOnlyList<float[]> clips)
    {
        using var scope = NewDisposeScope();
        var encoded = new Tensor[clips.Count];
        foreach (var alike in clips.Index().GroupBy(clip => clip.Item.Length))
        {
            var outputs = EncodeMasked(stack(alike.Select(clip => Normalise(LogMel(clip.Item)))), alike.Key);
            foreach (var (place, (clip, _)) in alike.Index())
                encoded[clip] = outputs[place].clone().MoveToOuterDisposeScope();
        }
        return encoded;
    }

    /// <summary>(N, M, T) of so many real samples -> (N, P, D).</summary>
    private Tensor EncodeMasked(Tensor mels, int length)
    {
        var patches = PatchEmbeddings(mels);                                                            // (N, P, D)
        return norm.call(MaskedBlockOutputs(patches, Allowed((int)patches.shape[1], length)).Last());
    }

    /// <summary>Mono at 16 kHz -> decibels (M, T), on the CPU.</summary>
    internal Tensor LogMel(ReadOnlySpan<float> samples)
    {
        spectrogram ??= new(
            window ?? MelSpectrogram.Hann(512), filters ?? MelSpectrogram.HtkFilters(DashengConfig.MelBins, 257));
        return spectrogram.Decibels(samples);
    }

    /// <summary>Batch normalisation of decibels (M, T).</summary>
    internal Tensor Normalise(Tensor decibels) => init_bn.call(decibels);

    /// <summary>
    /// (M, T) -> (C, M, TargetLength), filled with zeros; a recording of less than a chunk stays as it is: (1, M, T).
    /// </summary>
    internal Tensor Chunks(Tensor mel)
    {
        var (L, T) = (config.TargetLength, mel.shape[1]);
        if (T <= L) return mel.unsqueeze(0);
        var padded = functional.pad(mel, [0, (L - T % L) % L]);
        return stack(padded.split(L, 1));
    }

    /// <summary>
    /// (N, M, T) -> patch embeddings without positions (N, T/4, D). Frames that fill no patch are dropped.
    /// </summary>
    internal Tensor PatchEmbeddings(Tensor mel)
    {
        var whole = mel.shape[2] / DashengConfig.PatchFrames * DashengConfig.PatchFrames;
        return patch_embed.call(mel.narrow(2, 0, whole).unsqueeze(1).to(type, device));
    }

    /// <summary>
    /// Which of P patches attention may see (P): those whose samples are all real. A clip's last patch often is not.
    /// </summary>
    internal Tensor Allowed(int patches, int length)
        => Scalars.arange(patches, device: device)
            .lt(Scalars.Of((long)length / (MelSpectrogram.Hop * DashengConfig.PatchFrames)));

    /// <summary>Patch embeddings (N, P, D) of whole clips -> the output (N, P, D) of each block in turn.</summary>
    /// <param name="patches">Of clips of one length.</param>
    /// <param name="allowed">(P), see <see cref="Allowed"/>.</param>
    internal IEnumerable<Tensor> MaskedBlockOutputs(Tensor patches, Tensor allowed)
    {
        var L = config.TargetLength / DashengConfig.PatchFrames;
        var (N, P) = (patches.shape[0], (int)patches.shape[1]);
        var whole = P / L * L;
        var chunks = new List<IEnumerator<Tensor>>();
        if (whole > 0) chunks.Add(Outputs(patches[.., ..whole], allowed[..whole], L));
        if (whole < P) chunks.Add(Outputs(patches[.., whole..], allowed[whole..], P - whole));
        for (var block = 0; block < config.Depth; block++)
        {
            chunks.ForEach(chunk => chunk.MoveNext());
            yield return cat([.. chunks.Select(chunk => chunk.Current.reshape(N, -1, config.EmbedDim))], 1);
        }
        IEnumerator<Tensor> Outputs(Tensor part, Tensor seen, long length) => BlockOutputs(
            part.reshape(-1, length, config.EmbedDim), seen.repeat(N).view(-1, 1, 1, length)).GetEnumerator();
    }

    /// <summary>The output (N, P, D) of each block in turn; positions begin anew in each chunk.</summary>
    /// <param name="x">Patch embeddings without positions (N, P, D).</param>
    /// <param name="allowed">(N, 1, 1, P), the patches that attention may see; null for all.</param>
    internal IEnumerable<Tensor> BlockOutputs(Tensor x, Tensor? allowed = null)
    {
        var positions = time_pos_embed.add_tensor(freq_pos_embed)[0, .., 0].t();        // (L, D)
        x = x.add_tensor(positions[..(int)x.shape[1]]);
        foreach (var block in blocks) yield return x = block.Apply(x, allowed);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) spectrogram?.Dispose();
        base.Dispose(disposing);
    }
}
