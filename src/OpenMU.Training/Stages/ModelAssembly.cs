using OpenMU.Model;
using OpenMU.Model.Decoder;
using OpenMU.Model.Families;
using OpenMU.Model.Text;
using OpenMU.Model.Weights;
using OpenMU.Training.Data;
using OpenMU.Training.Evaluation;
using static TorchSharp.torch;

namespace OpenMU.Training.Stages;

/// <summary>Puts tower and language model together, trains stages 1 and 2 and writes the model folder.</summary>
/// <param name="context">The run, its sizes fitted to the tokenizer.</param>
/// <param name="tokenizer">Of the language model.</param>
/// <param name="tags">Weights of tower and tag head.</param>
/// <param name="language">Weights of the language model.</param>
/// <param name="heldOut">Ids of the clips that the tags were stopped and calibrated by; stage 2 is stopped by them too.</param>
internal sealed class ModelAssembly(TrainingContext context, Tokenizer tokenizer, string tags, string language, IReadOnlySet<string> heldOut)
{
    /// <summary>Before the names of a model's tower.</summary>
    internal const string TowerPrefix = "model.vision_tower.mae.";

    /// <summary>Trains up to the last stage asked for.</summary>
    /// <param name="cache">What was heard.</param>
    /// <param name="clips">So many at its beginning are what the records are about.</param>
    /// <param name="records">Instructions and answers.</param>
    /// <param name="last">The last stage.</param>
    /// <param name="say">Told what was made.</param>
    /// <param name="cancel">Ends the work between two steps.</param>
    /// <returns>The model folder, if stage 2 was asked for.</returns>
    public string? Train(FeatureCache cache, int clips, Func<int, IReadOnlyList<BenchRecord>> records, string last, Action<string> say, CancellationToken cancel)
    {
        var preset = context.Preset;
        using var head = TagHead(context, tags);
        using var model = Model();
        using var music = MusicFeatures.Open(Path.Combine(context.FolderOf("features"), "music.safetensors"), context, model.AudioTower, cache, clips, preset.Views, preset.Align.Seed, cancel);
        var stage = new MusicTextStage(context, model, music, cache, tokenizer, heldOut);
        stage.TrainProjector(records, cancel);
        if (last == MusicTextStage.Align) return null;
        return Answers(context, stage, model, head, tokenizer, records, say, cancel);
    }

    /// <summary>Stage 2 and the model folder.</summary>
    internal static string Answers(TrainingContext context, MusicTextStage stage, OpenMu model, TagHead? head, Tokenizer tokenizer, Func<int, IReadOnlyList<BenchRecord>> records, Action<string> say, CancellationToken cancel)
    {
        var preset = context.Preset;
        using var lora = preset.Lora is null ? null : new Lora(context.Config.Llama, preset.Lora, WeightSource.Fresh(preset.Instruct.Seed).On(context.Device, context.Type));
        stage.TrainAnswers(records, lora, cancel);
        if (lora is not null && preset.Merge) model.Llama.Absorb();
        var folder = Path.Combine(context.Folder, "model");
        ModelFolder.Save(folder, context.Config, model, preset.Merge ? null : lora, tokenizer, head, bfloat16);
        say($"{model.parameters().Sum(p => p.numel()) + (head?.parameters().Sum(p => p.numel()) ?? 0):N0} parameters in {folder}");
        return folder;
    }

    /// <summary>The calibrated head that the tags stage left.</summary>
    internal static TagHead TagHead(TrainingContext context, string tags)
    {
        using var scope = NewDisposeScope();
        var weights = StageWeights.Read(tags).Where(entry => entry.Key.StartsWith(TagStage.HeadPrefix, StringComparison.Ordinal)).ToDictionary(entry => entry.Key[TagStage.HeadPrefix.Length..], entry => entry.Value);
        return new(context.Config.Audio.EmbedDim, TagGroup.FromJson(File.ReadAllText(Path.Combine(context.FolderOf(TagStage.Name), "tags.json"))), WeightSource.From(weights));
    }

    /// <summary>The tower that the tags stage left, by a model's names.</summary>
    internal static IEnumerable<(string Name, Tensor Tensor)> Tower(string tags)
        => StageWeights.Read(tags).Where(entry => entry.Key.StartsWith(TagStage.TowerPrefix, StringComparison.Ordinal)).Select(entry => (TowerPrefix + entry.Key[TagStage.TowerPrefix.Length..], entry.Value));

    /// <summary>The trained tower and language model with a fresh projector between.</summary>
    private OpenMu Model()
    {
        using var scope = NewDisposeScope();
        var weights = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        foreach (var (key, tensor) in StageWeights.Read(language)) weights[key] = tensor;
        foreach (var (key, tensor) in Tower(tags)) weights[key] = tensor;
        using var projector = new Projector(WeightSource.Fresh(context.Preset.Align.Seed), context.Config.Audio.EmbedDim, context.Config.Llama.HiddenSize);
        foreach (var (key, tensor) in projector.state_dict()) weights[key.Replace("layers.", "model.mm_projector.", StringComparison.Ordinal)] = tensor.detach().clone();
        return new(context.Config, WeightSource.From(weights).On(context.Device, context.Type).StoringMatricesAs(float32));
    }
}
