// MaskedAutoencoder.cs - AudioMAE's pre-training with the plain decoder (decoder_mode 0 of facebookresearch/AudioMAE).
// N spectrograms, P patches, K kept patches, D encoder width, E decoder width, p = patch size squared.
using OpenMU.Model.Encoders;
using OpenMU.Model.Families;
using OpenMU.Model.Kernels;
using OpenMU.Model.Weights;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace OpenMU.Training.Pretraining;

/// <summary>The decoder's sizes. It is thrown away after pre-training.</summary>
public sealed record MaskedAutoencoderConfig
{
    public int EmbedDim { get; init; } = 512;
    public int Depth { get; init; } = 8;
    public int NumHeads { get; init; } = 16;

    /// <summary>Each patch is compared after removing its mean and dividing by its deviation.</summary>
    public bool NormPixLoss { get; init; } = true;
}

/// <summary>Which patches the encoder sees. Indices are patches in the order time x mel.</summary>
/// <param name="Keep">Indices of the kept patches, in the order in which the encoder reads them (N, K).</param>
/// <param name="Restore">Where each patch went in the order kept, then removed (N, P).</param>
/// <param name="Removed">1 where the patch is hidden, 0 where it is kept (N, P).</param>
public sealed record PatchMask(Tensor Keep, Tensor Restore, Tensor Removed)
{
    /// <summary>Keeps the patches with the least noise (N, P): int(P * (1 - ratio)) of them.</summary>
    public static PatchMask Random(Tensor noise, double ratio) => Of(noise, (int)(noise.shape[1] * (1 - ratio)));

    /// <summary>
    /// Hides whole times and whole frequencies: the rows and columns with the least noise stay, (N, time) and (N, mel).
    /// </summary>
    public static PatchMask TimeAndFrequency(Tensor timeNoise, Tensor melNoise, double timeRatio, double melRatio)
    {
        var (times, mels) = (timeNoise.shape[1], melNoise.shape[1]);
        var (keptTimes, keptMels) = ((int)(times * (1 - timeRatio)), (int)(mels * (1 - melRatio)));
        var hiddenTime = Of(timeNoise, keptTimes).Removed;                              // (N, time)
        var hiddenMel = Of(melNoise, keptMels).Removed;                                 // (N, mel)
        var hidden = hiddenTime.unsqueeze(2).add_tensor(hiddenMel.unsqueeze(1))
            - hiddenTime.unsqueeze(2) * hiddenMel.unsqueeze(1);   // (N, time, mel)
        // The hidden ones go last and the order within each group stays.
        return Of((hidden.flatten(1) * Scalars.Of(times * mels)).add_tensor(
            Scalars.arange(times * mels, device: hidden.device)), keptTimes * keptMels);
    }

    private static PatchMask Of(Tensor noise, int kept)
    {
        var order = noise.argsort(1);
        var restore = order.argsort(1);
        return new(order[.., ..kept], restore, (restore >= Scalars.Of(kept)).to(float32));
    }
}

/// <summary>Hides most of a spectrogram, encodes the rest and predicts what was hidden.</summary>
public sealed class MaskedAutoencoder : Module<Tensor, PatchMask, (Tensor Loss, Tensor Prediction)>
{
    private readonly Parameter cls_token, pos_embed, mask_token, decoder_pos_embed;
    private readonly PatchEmbed patch_embed;
    private readonly ModuleList<VitBlock> blocks, decoder_blocks;
    private readonly Norm norm, decoder_norm;
    private readonly Dense decoder_embed, decoder_pred;
    private readonly AudioMaeConfig encoder;
    private readonly MaskedAutoencoderConfig decoder;

    public MaskedAutoencoder(AudioMaeConfig encoder, MaskedAutoencoderConfig decoder, WeightSource weights)
        : base(nameof(MaskedAutoencoder))
    {
        (this.encoder, this.decoder) = (encoder, decoder);
        var (width, decoderWidth) = (encoder.EmbedDim, decoder.EmbedDim);
        cls_token = weights.Take("cls_token", Initializers.Normal(0.02), 1, 1, width);
        mask_token = weights.Take("mask_token", Initializers.Normal(0.02), 1, 1, decoderWidth);
        pos_embed = weights.Take("pos_embed", (_, _) => Positions(width), 1, encoder.Patches + 1, width);
        decoder_pos_embed =
            weights.Take("decoder_pos_embed", (_, _) => Positions(decoderWidth), 1, encoder.Patches + 1, decoderWidth);
        patch_embed = new(weights.Under("patch_embed"), width, encoder.PatchSize);
        blocks = Blocks(weights.Under("blocks"), encoder.Depth, width, encoder.NumHeads);
        norm = new(weights.Under("norm"), width, encoder.LayerNormEps);
        decoder_embed = new(weights.Under("decoder_embed"), width, decoderWidth);
        decoder_blocks = Blocks(weights.Under("decoder_blocks"), decoder.Depth, decoderWidth, decoder.NumHeads);
        decoder_norm = new(weights.Under("decoder_norm"), decoderWidth, encoder.LayerNormEps);
        decoder_pred = new(weights.Under("decoder_pred"), decoderWidth, encoder.PatchSize * encoder.PatchSize);
        RegisterComponents();
    }

    /// <summary>
    /// Spectrograms (N, 1, 1024, 128) -> the mean squared error over the hidden patches, and the prediction of
    /// all patches (N, P, p).
    /// </summary>
    public override (Tensor Loss, Tensor Prediction) forward(Tensor spectrograms, PatchMask mask)
    {
        Shape.Require(spectrograms, "The spectrograms", -1, 1, encoder.ChunkFrames, encoder.MelBins);
        var prediction = Decode(Encode(spectrograms, mask), mask);
        return (Loss(spectrograms, prediction, mask, decoder.NormPixLoss), prediction);
    }

    /// <summary>
    /// (N, 1, 1024, 128) -> (N, 1 + K, D): cls and the kept patches after all blocks and the final norm.
    /// </summary>
    internal Tensor Encode(Tensor spectrograms, PatchMask mask)
    {
        var cls = cls_token.add_tensor(pos_embed[.., ..1]).expand(spectrograms.shape[0], 1, -1);
        var x = cat([cls, KeptPatches(spectrograms, mask)], 1);
        foreach (var block in blocks) x = block.call(x);
        return norm.call(x);
    }

    /// <summary>Embedded patches with their positions, kept ones only: (N, K, D).</summary>
    internal Tensor KeptPatches(Tensor spectrograms, PatchMask mask)
    {
        var patches = patch_embed.call(spectrograms).add_tensor(pos_embed[.., 1..]);    // (N, P, D)
        return patches.gather(1, mask.Keep.unsqueeze(2).expand(-1, -1, patches.shape[2]));    // (N, K, D)
    }

    /// <summary>(N, 1 + K, D) -> (N, P, p): mask tokens stand where patches were hidden.</summary>
    internal Tensor Decode(Tensor latent, PatchMask mask)
    {
        var seen = decoder_embed.call(latent);                                                          // (N, 1 + K, E)
        var hidden = mask_token.expand(seen.shape[0], mask.Restore.shape[1] - mask.Keep.shape[1], -1);  // (N, P - K, E)
        var patches =
            cat([seen[.., 1..], hidden], 1).gather(1, mask.Restore.unsqueeze(2).expand(-1, -1, seen.shape[2]));
        var x = cat([seen[.., ..1], patches], 1).add_tensor(decoder_pos_embed);    // (N, 1 + P, E)
        foreach (var block in decoder_blocks) x = block.call(x);
        return decoder_pred.call(decoder_norm.call(x))[.., 1..];
    }

    internal Tensor Loss(Tensor spectrograms, Tensor prediction, PatchMask mask, bool normalise)
    {
        var target = Patchify(spectrograms).to(float32);
        if (normalise)
        {
            target = (target - target.mean([2], keepdim: true))
                / target.var(2, unbiased: true, keepdim: true).add_scalar(1e-6).sqrt();
        }
        var errors = (prediction.to(float32) - target).pow2().mean([2]);    // (N, P)
        return (errors * mask.Removed).sum() / mask.Removed.sum();
    }

    /// <summary>(N, 1, 1024, 128) -> (N, P, p): the pixels of patch t*8+f, row by row.</summary>
    internal Tensor Patchify(Tensor spectrograms)
    {
        var (times, mels, size) = (encoder.TimePatches, encoder.MelPatches, encoder.PatchSize);
        return spectrograms.view(-1, times, size, mels, size)
            .permute(0, 1, 3, 2, 4).reshape(-1, times * mels, size * size);
    }

    private Tensor Positions(int width)
        => AudioMae.SinCosPositions(width, encoder.TimePatches, encoder.MelPatches).unsqueeze(0);

    private ModuleList<VitBlock> Blocks(WeightSource weights, int depth, int width, int heads)
        => new([.. Enumerable.Range(0, depth)
            .Select(i => new VitBlock(weights.Under($"{i}"), width, heads, encoder.MlpRatio, encoder.LayerNormEps))]);
}
