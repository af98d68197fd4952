// TaggerHeads.cs - the two layers behind a body that stays as it is. N clips, E channels of the last convolution, L
// labels, K kinds of sound.
using OpenMU.Model;
using OpenMU.Model.Kernels;
using OpenMU.Music;
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

    // So much of the music may be called none.
    private const double Refused = 0.02;

    private const int Steps = 150;
    private const double Rate = 0.02, Decay = 2e-2;

    private readonly TaggerClips clips;
    private readonly IReadOnlyList<TagGroup> groups;
    private readonly Tensor features, values, weights, kinds;

    /// <summary>Hears the clips.</summary>
    /// <param name="clips">Of all labels and kinds.</param>
    /// <param name="groups">The labels to learn.</param>
    /// <param name="body">Whose convolutions hear; its own labels do not matter.</param>
    /// <param name="heard">Receives the number of clips heard.</param>
    /// <param name="cancel">Ends the hearing.</param>
    public TaggerHeads(
        TaggerClips clips, IReadOnlyList<TagGroup> groups, Tagger body, Action<int> heard, CancellationToken cancel)
    {
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        (this.clips, this.groups) = (clips, groups);
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
            [.. groups.SelectMany(group => group.Labels.Select(label => (group.Group, label)))]);
        kinds = tensor(clips.Kinds().Select(kind => (long)kind).ToArray());                 // (N)
        foreach (var kept in new[] { values, weights, kinds }) kept.DetachFromDisposeScope();
    }

    /// <summary>
    /// The layers by the keys of <see cref="Tagger"/>, and the groups with thresholds: fitted on packages that a first
    /// pair of layers was not shown; the layers themselves learn from all.
    /// </summary>
    /// <param name="head">What the model's tag head says of a clip; null where the model has none.</param>
    /// <param name="share">How much it counts, as <see cref="TaggerConfig.HeadShare"/>.</param>
    public (IReadOnlyList<TagGroup> Groups, IReadOnlyDictionary<string, Tensor> Layers,
        IReadOnlyList<HeardRecording> HeldOut) Fit(
        Func<LabelledRecording, IReadOnlyList<TagScore>>? head = null, double share = 0)
    {
        var first = Layers([.. Rows(heldOut: false)]);
        var heldOut = HeldOut(first, head, share);
        var layers = Layers([.. Enumerable.Range(0, clips.Clips.Count).Select(row => (long)row)]);
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        using var music = tensor(new float[] { Line(first), 0, 0, 0 });
        layers["sound.bias"].add_(music, Scalars.Of(-1));
        return (TaggerTraining.Fitted(groups, heldOut), layers, heldOut);
    }

    public void Dispose()
    {
        foreach (var tensor in new[] { features, values, weights, kinds }) tensor.Dispose();
    }

    // The log odds of music above which all but a few recordings with music lie, of packages that the layers were not
    // shown; what was made for the training has no say. 0 where there is none.
    private float Line(Dictionary<string, Tensor> layers)
    {
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        var logits = functional.linear(features, layers["sound.weight"], layers["sound.bias"]);     // (N, K)
        var odds = (logits[.., 0] - logits[.., 1..].logsumexp(1)).data<float>().ToArray();
        var recorded = Rows(heldOut: true).Select(row => (int)row)
            .Where(row => clips.Clips[row].Holds("sound", SoundHead.Kinds[0]) == true
                && clips.Clips[row].Labels.Values.Any(label => label is > 0 and < 1))
            .Select(row => odds[row]).Order().ToList();
        return recorded.Count == 0 ? 0 : Math.Min(0, recorded[(int)(Refused * recorded.Count)]);
    }

    private IEnumerable<long> Rows(bool heldOut) => Enumerable.Range(0, clips.Clips.Count)
        .Where(row => TaggerTraining.IsHeldOut(clips.Clips[row].Package) == heldOut).Select(row => (long)row);

    private List<HeardRecording> HeldOut(
        Dictionary<string, Tensor> layers, Func<LabelledRecording, IReadOnlyList<TagScore>>? head, double share)
    {
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        var logits = functional.linear(features, layers["tags.weight"], layers["tags.bias"]).to(float64);   // (N, L)
        return [.. Rows(heldOut: true).Select(row => HeardRecording.Of(
            clips.Clips[(int)row], TagGroup.Confidences(logits[row], groups), head, share))];
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
