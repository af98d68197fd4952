// TagStage.cs - the tower learns what tags name, from a linear head on its mean token. B chunks, L labels, A width.
using OpenMU.Model;
using OpenMU.Model.Encoders;
using OpenMU.Model.Families;
using OpenMU.Model.Kernels;
using OpenMU.Training.Data;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace OpenMU.Training.Stages;

/// <summary>Fine-tuning of the audio tower with the tag head, stopped and calibrated by groove families that are held out.</summary>
internal sealed class TagStage : IDisposable
{
    public const string Name = "tags", TowerPrefix = "tower.", HeadPrefix = "head.";
    private const int HeldOutBatch = 32;

    private readonly TrainingContext context;
    private readonly FeatureCache cache;
    private readonly TagLabels labels;
    private readonly StageOptions options;
    private readonly ClipWindows windows;
    private readonly AudioMae tower;
    private readonly TagHead head;
    private readonly Augmentation augmentation;
    private readonly Tensor targets, hardTargets;       // (clips, L)
    private readonly int[] heldOut;
    private readonly BestCheckpoint best;

    /// <param name="context">The run.</param>
    /// <param name="cache">Frames of the clips, in the same order.</param>
    /// <param name="clips">The clips with their labels, noise among them.</param>
    /// <param name="towerOf">The tower to train, of these sizes. It becomes the stage's.</param>
    /// <param name="headOf">The head to train, with these labels. It becomes the stage's.</param>
    public TagStage(TrainingContext context, FeatureCache cache, IReadOnlyList<ClipFacts> clips, Func<AudioMaeConfig, AudioMae> towerOf, Func<IReadOnlyList<TagGroup>, TagHead> headOf)
    {
        (this.context, this.cache) = (context, cache);
        var (preset, config) = (context.Preset, context.Config.Audio);
        labels = new(clips);
        var apart = labels.HeldOut(preset.Tags.Seed);
        heldOut = [.. apart.Order()];
        windows = new(cache, labels.TrainedOn(apart), config.ChunkFrames, preset.Tags.Batch, preset.Tags.Seed);
        options = preset.Tags.For(windows.Count);
        augmentation = new(preset.Augmentation);
        tower = towerOf(config with { DropPath = preset.DropPath });
        head = headOf(labels.Groups);
        Tensor OfClips(float[] values) => tensor(values, device: context.Device).view(clips.Count, -1).DetachFromDisposeScope();
        (targets, hardTargets) = (OfClips(labels.Targets(preset.LabelSmoothing)), OfClips(labels.Targets(0)));
        best = new([.. Parameters()], HeldOutLoss);
    }

    /// <summary>Trains; returns the file with tower and head. The calibrated groups are beside it, in tags.json.</summary>
    public string Train(CancellationToken cancel) => context.Finish(Name, options, Begin, Result, cancel);

    public void Dispose()
    {
        windows.Dispose();
        tower.Dispose();
        head.Dispose();
        best.Dispose();
        targets.Dispose();
        hardTargets.Dispose();
    }

    private Stage Begin()
    {
        // What it begins with counts too, so that a finished tower never gets worse; a checkpoint knows better and is read after this.
        if (heldOut.Length > 0 && options.Evaluations > 0) best.Look();
        return new(Name, Groups(), Loss) { HeldOut = heldOut.Length == 0 ? null : best.Look, Kept = best.Kept };
    }

    private IEnumerable<(string Name, TorchSharp.Modules.Parameter Parameter)> Parameters()
        => StageWeights.Trainable(tower).Where(p => !p.Name.StartsWith("head.", StringComparison.Ordinal)).Select(p => (TowerPrefix + p.Name, p.Parameter))
            .Concat(head.named_parameters().Select(p => (HeadPrefix + p.name, p.parameter)));

    /// <summary>The nearer a block is to the sound, the less it is changed (AudioMAE's layer decay).</summary>
    private List<ParameterGroup> Groups()
    {
        var depth = context.Config.Audio.Depth;
        int LayerOf(string name) => name.StartsWith($"{TowerPrefix}blocks.", StringComparison.Ordinal) ? int.Parse(name.Split('.')[2]) + 1
            : name.StartsWith(HeadPrefix, StringComparison.Ordinal) || name.Contains("fc_norm", StringComparison.Ordinal) ? depth + 1 : 0;
        return [.. Parameters().GroupBy(p => LayerOf(p.Name)).OrderBy(layer => layer.Key)
            .SelectMany(layer => ParameterGroup.Decaying(layer, options.Rate * Math.Pow(context.Preset.LayerDecay, depth + 1 - layer.Key), options.WeightDecay))];
    }

    private Tensor Loss(long number)
    {
        tower.train();
        var (clips, pictures) = windows.Batch(number);
        var (mixed, own) = augmentation.Mix(augmentation.Change(pictures));
        var wanted = targets.index_select(0, clips);
        return Loss(Logits(mixed), (wanted * own).Plus(wanted.roll(1, 0) * (-own).Plus(Scalars.One)));
    }

    /// <summary>Chunks (B, 1, T, M) -> logits (B, L) in float32.</summary>
    private Tensor Logits(Tensor pictures) => head.call(tower.Context(pictures.to(context.Type))[.., 1..].to(float32).mean([1]));

    /// <summary>Cross-entropy of exclusive groups and a share of the summed binary cross-entropy of the others, so that no group outweighs the rest.</summary>
    private Tensor Loss(Tensor logits, Tensor wanted)
    {
        var loss = zeros(1, device: logits.device);
        foreach (var ((group, rows), truth) in head.Groups.Zip(head.Split(logits)).Zip(head.Split(wanted)))
        {
            loss = loss.Plus(group.Exclusive
                ? -(functional.log_softmax(rows, 1) * truth).sum(1).mean()
                : functional.binary_cross_entropy_with_logits(rows, truth, reduction: Reduction.Sum) * Scalars.Of(context.Preset.TagShare / rows.shape[0]));
        }
        return loss.squeeze();
    }

    private double HeldOutLoss()
    {
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        var (logits, truth) = HeldOutLogits();
        return Loss(logits, truth).item<float>();
    }

    /// <summary>One row for each held-out clip: the mean over all music tokens of the input as the model will hear it.</summary>
    private (Tensor Logits, Tensor Truth) HeldOutLogits()
    {
        tower.eval();
        List<Tensor> rows = [];
        foreach (var batch in heldOut.Chunk(HeldOutBatch))
        {
            using var scope = NewDisposeScope();
            var inputs = cache.Inputs(Indices(batch), context.Config.Audio).to(context.Type);
            rows.Add(head.call(tower.call(inputs).to(float32).mean([1])).MoveToOuterDisposeScope());
        }
        return (cat(rows, 0), hardTargets.index_select(0, Indices(heldOut)));
    }

    private Tensor Indices(int[] clips) => tensor(Array.ConvertAll(clips, clip => (long)clip), device: context.Device);

    /// <summary>Takes the best weights back, calibrates on the held-out clips and writes the groups.</summary>
    private IEnumerable<(string Name, Tensor Tensor)> Result()
    {
        using var _ = no_grad();
        if (heldOut.Length > 0)
        {
            foreach (var ((_, kept), (_, parameter)) in best.Weights().Zip(Parameters())) parameter.copy_(kept);
            using var scope = NewDisposeScope();
            var (logits, truth) = HeldOutLogits();
            var report = new TagReport(head.Groups, head.Split(logits), head.Split(truth));
            head.Calibrate(report.Calibrated);
            File.WriteAllText(Path.Combine(context.FolderOf(Name), "held_out.json"), report.ToJson());
        }
        File.WriteAllText(Path.Combine(context.FolderOf(Name), "tags.json"), TagGroup.ToJson(head.Groups));
        return tower.state_dict().Select(entry => (TowerPrefix + entry.Key, entry.Value)).Concat(head.state_dict().Select(entry => (HeadPrefix + entry.Key, entry.Value)));
    }
}
