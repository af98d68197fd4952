// TaggerHeads.cs - the two layers behind a body that stays as it is. N clips, E channels of the last convolution, L
// labels, K kinds of sound.
using OpenMU.Model;
using OpenMU.Model.Kernels;
using OpenMU.Training.Data;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace OpenMU.Training.Stages;

/// <summary>
/// Fits tags and sounds of a <see cref="Tagger"/> on clips whose labels are known, on what its convolutions make of
/// them: seconds, once the clips are heard. There is no randomness in it.
/// </summary>
public sealed class TaggerHeads : IDisposable
{
    // One patch in four: every 1.9 s.
    private const int PatchStep = 4;

    private const int Steps = 150;
    private const double Rate = 0.02, Decay = 2e-2;

    private readonly TaggerClips clips;
    private readonly TaggerConfig config;
    private readonly Tensor features, values, weights, kinds;

    /// <summary>Hears the clips.</summary>
    /// <param name="clips">Of all labels and kinds.</param>
    /// <param name="config">Its shape, and the labels to learn.</param>
    /// <param name="body">Whose convolutions hear; its own labels do not matter.</param>
    /// <param name="heard">Receives the number of clips heard.</param>
    /// <param name="cancel">Ends the hearing.</param>
    public TaggerHeads(
        TaggerClips clips, TaggerConfig config, Tagger body, Action<int> heard, CancellationToken cancel)
    {
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        (this.clips, this.config) = (clips, config);
        var means = new List<Tensor>();
        for (var clip = 0; clip < clips.Clips.Count; clip++)
        {
            cancel.ThrowIfCancellationRequested();
            using var step = NewDisposeScope();
            int[] patches = [.. Enumerable.Range(0, (clips.Patches[clip] + PatchStep - 1) / PatchStep)
                .Select(patch => patch * PatchStep)];
            means.Add(body.call(clips.PatchesOf([.. patches.Select(patch => (clip, patch))])).mean([0])
                .MoveToOuterDisposeScope());
            if ((clip + 1) % 200 == 0) heard(clip + 1);
        }
        features = stack(means).DetachFromDisposeScope();                                   // (N, E)
        (values, weights) = clips.Labels(
            [.. config.Groups.SelectMany(group => group.Labels.Select(label => (group.Group, label)))]);
        kinds = tensor(clips.Kinds().Select(kind => (long)kind).ToArray());                 // (N)
        foreach (var kept in new[] { values, weights, kinds }) kept.DetachFromDisposeScope();
    }

    /// <summary>
    /// The layers by the keys of <see cref="Tagger"/>, and the groups with thresholds: fitted on packages that a first
    /// pair of layers was not shown; the layers themselves learn from all.
    /// </summary>
    /// <param name="head">What the model's tag head says of a clip; null where the model has none.</param>
    public (TaggerConfig Config, IReadOnlyDictionary<string, Tensor> Layers, IReadOnlyList<HeardRecording> HeldOut)
        Fit(Func<LabelledRecording, HeardTags>? head = null)
    {
        var heard = HeldOut(Layers([.. Rows(heldOut: false)]), head);
        var layers = Layers([.. Enumerable.Range(0, clips.Clips.Count).Select(row => (long)row)]);
        var (fitted, heldOut) = TaggerCalibration.Apply(layers, config, heard);
        return (fitted, layers, heldOut);
    }

    public void Dispose()
    {
        foreach (var tensor in new[] { features, values, weights, kinds }) tensor.Dispose();
    }

    private IEnumerable<long> Rows(bool heldOut) => Enumerable.Range(0, clips.Clips.Count)
        .Where(row => TaggerTraining.IsHeldOut(clips.Clips[row].Package) == heldOut).Select(row => (long)row);

    private List<HeldOutClip> HeldOut(Dictionary<string, Tensor> layers, Func<LabelledRecording, HeardTags>? head)
    {
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        var logits = functional.linear(features, layers["tags.weight"], layers["tags.bias"]).to(float64);   // (N, L)
        var sound = functional.linear(features, layers["sound.weight"], layers["sound.bias"]).to(float64);  // (N, K)
        return [.. Rows(heldOut: true).Select(row => new HeldOutClip(
            clips.Clips[(int)row], logits[row].data<double>().ToArray(), sound[row].data<double>().ToArray(),
            head?.Invoke(clips.Clips[(int)row])))];
    }

    private Dictionary<string, Tensor> Layers(long[] rows)
    {
        using var scope = NewDisposeScope();
        var chosen = tensor(rows);
        var x = features.index_select(0, chosen);                                           // (n, E)
        var (mean, deviation) = (x.mean([0]), x.std(0, unbiased: false).clamp_min(Scalars.Of(1e-3)));
        x = (x - mean) / deviation;
        var (y, known, kind) = (
            values.index_select(0, chosen), weights.index_select(0, chosen), kinds.index_select(0, chosen));
        // Music weighs as much as all other kinds together, and these as much as each other.
        var counts = kind.data<long>().ToArray().CountBy(one => one).ToDictionary();
        float ShareOf(long one) => one < 0 ? 0 : one == 0 ? 0.5f / counts[0] : 0.5f / 3 / counts[one];
        var share = tensor(kind.data<long>().ToArray().Select(ShareOf).ToArray());          // (n)
        var (labels, width) = (values.shape[1], features.shape[1]);
        Parameter[] layers =
        [
            new(zeros(labels, width)), new(zeros(labels)), new(zeros(SoundHead.Kinds.Count, width)),
            new(zeros(SoundHead.Kinds.Count)),
        ];
        string[] names = ["tags.weight", "tags.bias", "sound.weight", "sound.bias"];
        using var optimiser = new AdamW([new([.. names.Zip(layers)], Rate)]);
        for (var step = 0; step < Steps; step++)
        {
            using var _ = NewDisposeScope();
            var tagLoss = functional.binary_cross_entropy_with_logits(
                functional.linear(x, layers[0], layers[1]), y, reduction: Reduction.None);
            var soundLoss = functional.cross_entropy(
                functional.linear(x, layers[2], layers[3]), kind.clamp_min(Scalars.Of(0)), reduction: Reduction.None);
            var size = layers[0].pow2().sum().add_tensor(layers[2].pow2().sum());
            // Each label's loss is a mean over the clips in which it is known.
            ((tagLoss * known).sum([0]) / known.sum([0]).clamp_min(Scalars.One)).sum()
                .add_tensor((soundLoss * share).sum()).add_tensor(size.mul_scalar(Decay)).backward();
            optimiser.Step(CosineSchedule.Factor(step, Steps, warmup: 10));
        }

        // Means and deviations become part of the layers.
        using var frozen = no_grad();
        var folded = new Dictionary<string, Tensor>();
        for (var i = 0; i < 4; i += 2)
        {
            var scaled = layers[i].detach() / deviation;
            folded[names[i + 1]] = (layers[i + 1].detach() - scaled.matmul(mean)).DetachFromDisposeScope();
            folded[names[i]] = scaled.DetachFromDisposeScope();
        }
        return folded;
    }
}
