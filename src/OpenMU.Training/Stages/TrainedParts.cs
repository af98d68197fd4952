using OpenMU.Model;
using OpenMU.Model.Families;
using OpenMU.Model.Weights;
using static TorchSharp.torch;

namespace OpenMU.Training.Stages;

/// <summary>Reads what finished stages left, in the names of a whole model.</summary>
internal static class TrainedParts
{
    /// <summary>Before the names of a model's tower.</summary>
    public const string TowerPrefix = "model.vision_tower.mae.";

    /// <summary>The calibrated head that the tags stage left.</summary>
    public static TagHead TagHead(TrainingContext context)
    {
        using var scope = NewDisposeScope();
        var weights = context.Files.Load(TrainingStage.Tags, TagStage.HeadPrefix);
        return new(
            context.Config.Audio.EmbedDim, TagGroup.FromJson(File.ReadAllText(context.Files.TagGroups)),
            WeightSource.From(weights));
    }

    /// <summary>The tower that the tags stage left, by a model's names.</summary>
    public static IEnumerable<(string Name, Tensor Tensor)> Tower(TrainingContext context)
        => context.Files.Load(TrainingStage.Tags, TagStage.TowerPrefix)
            .Select(entry => (TowerPrefix + entry.Key, entry.Value));

    /// <summary>
    /// The trained tower and language model with a new projector between them, whose matrices train in float32.
    /// </summary>
    public static OpenMu Model(TrainingContext context)
    {
        using var scope = NewDisposeScope();
        var weights = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        foreach (var (key, tensor) in context.Files.Load(TrainingStage.Language)) weights[key] = tensor;
        foreach (var (key, tensor) in Tower(context)) weights[key] = tensor;
        using var projector = new Projector(
            WeightSource.Random(context.Preset.Align.Seed), context.Config.Audio.EmbedDim,
            context.Config.Llama.HiddenSize);
        foreach (var (key, tensor) in projector.state_dict())
            weights[key.Replace("layers.", "model.mm_projector.", StringComparison.Ordinal)] = tensor.detach().clone();
        return Trainable(context, weights);
    }

    /// <summary>A finished model with parameters of its own in float32, on the run's device.</summary>
    /// <param name="context">The run.</param>
    /// <param name="model">The finished model.</param>
    /// <param name="withTower">Takes the tower of the run's tags stage in place of the model's.</param>
    public static OpenMu Copy(TrainingContext context, OpenMu model, bool withTower)
    {
        using var scope = NewDisposeScope();
        var weights = Copies(model.NamedWeights());
        if (!withTower) return Trainable(context, weights);
        foreach (var (key, tensor) in Tower(context)) weights[key] = tensor;
        return Trainable(context, weights);
    }

    /// <summary>The tensors whose names begin with a prefix, as float32 and without it.</summary>
    public static Dictionary<string, Tensor> Copies(
        IEnumerable<(string Key, Tensor Tensor)> tensors, string prefix = "")
        => tensors.Where(entry => entry.Key.StartsWith(prefix, StringComparison.Ordinal))
            .ToDictionary(
                entry => entry.Key[prefix.Length..], entry => entry.Tensor.detach().to(float32).clone(),
                StringComparer.Ordinal);

    private static OpenMu Trainable(TrainingContext context, Dictionary<string, Tensor> weights)
        => new(context.Config, WeightSource.From(weights).On(context.Device, context.Type).StoringMatricesAs(float32));
}
