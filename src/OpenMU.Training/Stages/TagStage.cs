// TagStage.cs - the tower learns what tags name, through a linear head on its mean token. B chunks, L
// labels, A width, N clips.
using OpenMU.Model;
using OpenMU.Model.Encoders;
using OpenMU.Model.Families;
using OpenMU.Model.Kernels;
using OpenMU.Training.Data;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace OpenMU.Training.Stages;

/// <summary>
/// Fine-tuning of the audio tower with the tag head. Groove families that are not trained on choose the best weights
/// and calibrate the tags.
/// </summary>
/// <param name="context">The run.</param>
/// <param name="features">Frames of the clips, in the same order.</param>
/// <param name="clips">The clips with their labels, noise among them.</param>
internal sealed class TagStage(TrainingContext context, FeatureCache features, IReadOnlyList<ClipTruth> clips)
{
    public const string TowerPrefix = "tower.", HeadPrefix = "head.";
    private const int ValidationBatch = 32;

    /// <summary>Trains tower and head and writes the calibrated groups, unless that was done before.</summary>
    /// <param name="makeTower">The tower to train, of these sizes.</param>
    /// <param name="makeHead">The head to train, with these labels.</param>
    /// <param name="cancel">Stops after the current step.</param>
    public void Train(
        Func<AudioMaeConfig, AudioMae> makeTower, Func<IReadOnlyList<TagGroup>, TagHead> makeHead,
        CancellationToken cancel)
    {
        if (context.Files.IsFinished(TrainingStage.Tags)) return;
        var (preset, config) = (context.Preset, context.Config.Audio);
        var labels = new TagLabels(clips);
        var apart = labels.ValidationClips(preset.Tags.Seed);
        using var crops = new RandomCrops(
            features, labels.TrainingClips(apart), config.ChunkFrames, preset.Tags.Batch, preset.Tags.Seed);
        var options = preset.Tags.For(crops.Count);
        var augmentation = new Augmentation(preset.Augmentation);
        using var smoothTargets = OfClips(labels.Targets(preset.LabelSmoothing));                              // (N, L)
        using var hardTargets = OfClips(labels.Targets(0));                                                    // (N, L)

        using var tower = makeTower(config with { DropPath = preset.DropPath });
        using var head = makeHead(labels.Groups);
        (string Name, Parameter Parameter)[] parameters = [.. Parameters(tower, head)];
        var validation = new TagValidation(
            context, features, tower, head, hardTargets, [.. apart.Order()], ValidationBatch);

        using var best = new BestCheckpoint(parameters);
        // The weights at the start count too, so that a finished tower never gets worse. A checkpoint is read after
        // this and replaces them.
        if (!validation.IsEmpty && options.Evaluations > 0) best.Update(ValidationLoss());

        using var trainer = context.Trainer(
            TrainingStage.Tags, options, LayerDecay(parameters, options), validation.IsEmpty ? null : best);
        foreach (var batch in trainer.Batches(cancel))
        {
            using var scope = NewDisposeScope();
            tower.train();
            var (clip, spectrograms) = crops.Batch(batch);
            var (mixed, own) = augmentation.Mix(augmentation.Apply(spectrograms));
            var targets = smoothTargets.index_select(0, clip);
            targets = (targets * own).add_tensor(targets.roll(1, 0) * (-own).add_scalar(1));
            var logits = head.call(tower.Context(mixed.to(context.Type))[.., 1..].to(float32).mean([1]));    // (B, L)
            trainer.Backward(Loss(head, logits, targets));
            trainer.Step();
            if (trainer.ValidationIsDue) trainer.Validated(ValidationLoss());
        }
        if (!validation.IsEmpty) Calibrate(best, parameters, validation, head);
        Finish(tower, head);

        double ValidationLoss()
        {
            using var _ = no_grad();
            using var scope = NewDisposeScope();
            var (logits, targets) = validation.Logits();
            return Loss(head, logits, targets).item<float>();
        }
    }

    private Tensor OfClips(float[] values)
        => tensor(values, device: context.Device).view(clips.Count, -1).DetachFromDisposeScope();

    private static IEnumerable<(string Name, Parameter Parameter)> Parameters(AudioMae tower, TagHead head)
        => ParameterGroup.Trainable(tower).Where(p => !p.Name.StartsWith("head.", StringComparison.Ordinal))
            .Select(p => (TowerPrefix + p.Name, p.Parameter))
            .Concat(head.named_parameters().Select(p => (HeadPrefix + p.name, p.parameter)));

    /// <summary>The nearer a block is to the sound, the lower its learning rate (AudioMAE's layer decay).</summary>
    private List<ParameterGroup> LayerDecay(
        IEnumerable<(string Name, Parameter Parameter)> parameters, StageOptions options)
    {
        var depth = context.Config.Audio.Depth;
        int LayerOf(string name)
            => name.StartsWith($"{TowerPrefix}blocks.", StringComparison.Ordinal) ? int.Parse(name.Split('.')[2]) + 1
                : name.StartsWith(HeadPrefix, StringComparison.Ordinal)
                    || name.Contains("fc_norm", StringComparison.Ordinal)
                    ? depth + 1
                : 0;
        return [.. parameters.GroupBy(p => LayerOf(p.Name)).OrderBy(layer => layer.Key)
            .SelectMany(layer => ParameterGroup.Decaying(
                layer, options.LearningRate * Math.Pow(context.Preset.LayerDecay, depth + 1 - layer.Key),
                options.WeightDecay))];
    }

    /// <summary>
    /// Cross-entropy of exclusive groups and a share of the summed binary cross-entropy of the others, so that no
    /// group outweighs the rest.
    /// </summary>
    private Tensor Loss(TagHead head, Tensor logits, Tensor targets)
    {
        var loss = zeros(1, device: logits.device);
        foreach (var ((group, rows), truth) in head.Groups.Zip(head.Split(logits)).Zip(head.Split(targets)))
        {
            loss = loss.add_tensor(group.Exclusive
                ? -(functional.log_softmax(rows, 1) * truth).sum(1).mean()
                : functional.binary_cross_entropy_with_logits(rows, truth, reduction: Reduction.Sum)
                    * Scalars.Of(context.Preset.TagShare / rows.shape[0]));
        }
        return loss.squeeze();
    }

    /// <summary>Restores the best weights and fits temperatures and thresholds on the validation clips.</summary>
    private void Calibrate(
        BestCheckpoint best, (string Name, Parameter Parameter)[] parameters, TagValidation validation, TagHead head)
    {
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        foreach (var ((_, kept), (_, parameter)) in best.Weights().Zip(parameters)) parameter.copy_(kept);
        var (logits, truth) = validation.Logits();
        var report = TagReport.Of(head.Groups, head.Split(logits), head.Split(truth));
        head.Calibrate([.. report.Select(row => row.Calibrated)]);
        File.WriteAllText(context.Files.TagReport, TagReport.ToJson(report));
    }

    private void Finish(AudioMae tower, TagHead head)
    {
        File.WriteAllText(context.Files.TagGroups, TagGroup.ToJson(head.Groups));
        var weights = tower.state_dict()
            .Select(entry => (TowerPrefix + entry.Key, entry.Value))
            .Concat(head.state_dict().Select(entry => (HeadPrefix + entry.Key, entry.Value)));
        context.Files.Finish(TrainingStage.Tags, weights);
    }
}

/// <summary>What tower and head say of the validation clips.</summary>
/// <param name="context">The run.</param>
/// <param name="features">Frames of all clips.</param>
/// <param name="tower">The tower.</param>
/// <param name="head">The head.</param>
/// <param name="targets">1 where a label holds, of all clips (N, L).</param>
/// <param name="clips">Indices of the validation clips.</param>
/// <param name="batch">Clips at a time.</param>
internal sealed class TagValidation(
    TrainingContext context, FeatureCache features, AudioMae tower, TagHead head, Tensor targets,
    int[] clips, int batch)
{
    public bool IsEmpty => clips.Length == 0;

    /// <summary>
    /// Logits and truth (V, L) of the V validation clips, from the mean over all music tokens of the whole input, as
    /// the model will hear it.
    /// </summary>
    public (Tensor Logits, Tensor Truth) Logits()
    {
        tower.eval();
        List<Tensor> rows = [];
        foreach (var part in clips.Chunk(batch))
        {
            using var scope = NewDisposeScope();
            var inputs = features.Inputs(Indices(part), context.Config.Audio).to(context.Type);
            rows.Add(head.call(tower.call(inputs).to(float32).mean([1])).MoveToOuterDisposeScope());
        }
        return (cat(rows, 0), targets.index_select(0, Indices(clips)));
    }

    private Tensor Indices(int[] chosen)
        => tensor(Array.ConvertAll(chosen, clip => (long)clip), device: context.Device);
}
