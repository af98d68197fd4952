using OpenMU.Model;
using OpenMU.Model.Encoders;
using OpenMU.Model.Families;
using OpenMU.Model.Weights;
using OpenMU.Training.Data;
using OpenMU.Training.Evaluation;
using static TorchSharp.torch;

namespace OpenMU.Training.Stages;

/// <summary>Stage 2 once more, from a finished model: its tokenizer stays what it is, and so do its tower and tags unless they are to learn on.</summary>
internal static class FineTuning
{
    /// <summary>Trains and writes the run's model folder.</summary>
    /// <param name="context">The run; sizes are the model's.</param>
    /// <param name="source">Folder of the model to start from.</param>
    /// <param name="tower">Train tower and tags before stage 2.</param>
    /// <param name="cache">What was heard.</param>
    /// <param name="clips">What is known of the clips at its beginning.</param>
    /// <param name="records">The records of a pass.</param>
    /// <param name="heldOut">Ids of the clips that are not trained on.</param>
    /// <param name="say">Told what was made.</param>
    /// <param name="cancel">Ends the work between two steps.</param>
    /// <exception cref="InvalidDataException">The model has adapters that are not merged, or its tags are not those of the clips and are to learn on.</exception>
    public static string Run(
        TrainingContext context, string source, bool tower, FeatureCache cache, IReadOnlyList<ClipFacts> clips, Func<int, IReadOnlyList<BenchRecord>> records, IReadOnlySet<string> heldOut, Action<string> say, CancellationToken cancel)
    {
        using var finished = ModelFolder.Open(source);
        if (finished.Adapter is not null) throw new InvalidDataException($"{source} has adapters: merge them first (openmu convert --merge).");
        var run = context with { Config = finished.Config };
        var tags = tower ? Tags(run, source, finished, cache, clips, cancel) : null;
        using var head = tags is null ? null : ModelAssembly.TagHead(run, tags);
        using var model = Trainable(finished.Model, run, tags);
        using var music = MusicFeatures.Open(Path.Combine(run.FolderOf("features"), "music.safetensors"), run, model.AudioTower, cache, clips.Count, run.Preset.Views, run.Preset.Align.Seed, cancel);
        var stage = new MusicTextStage(run, model, music, cache, finished.Tokenizer, heldOut);
        return ModelAssembly.Answers(run, stage, model, head ?? finished.TagHead, finished.Tokenizer, records, say, cancel);
    }

    /// <summary>The tags stage, from the model's own tower and head; returns the file with both.</summary>
    private static string Tags(TrainingContext run, string source, ModelFolder finished, FeatureCache cache, IReadOnlyList<ClipFacts> clips, CancellationToken cancel)
    {
        using var stage = new TagStage(run, cache, clips, TowerOf, HeadOf);
        return stage.Train(cancel);

        AudioMae TowerOf(AudioMaeConfig config)
        {
            using var scope = NewDisposeScope();
            return new(config, WeightSource.From(Copies(finished.Model.NamedWeights(), ModelAssembly.TowerPrefix)).On(run.Device, run.Type));
        }

        TagHead HeadOf(IReadOnlyList<TagGroup> groups)
        {
            var head = finished.TagHead ?? throw new InvalidDataException($"{source} has no tags to train.");
            if (!head.HasLabelsOf(groups)) throw new InvalidDataException($"{source} has other tags than the clips: train on clips of all its genres and instruments.");
            using var scope = NewDisposeScope();
            return new(run.Config.Audio.EmbedDim, groups, WeightSource.From(Copies(head.state_dict().Select(entry => (entry.Key, entry.Value)), "")).On(run.Device, float32));
        }
    }

    /// <summary>The model with parameters of its own in float32, on the run's device; its tower may come from a tags stage.</summary>
    private static OpenMu Trainable(OpenMu model, TrainingContext context, string? tags)
    {
        using var scope = NewDisposeScope();
        var weights = Copies(model.NamedWeights(), "");
        if (tags is not null)
        {
            foreach (var (key, tensor) in ModelAssembly.Tower(tags)) weights[key] = tensor;
        }
        return new(context.Config, WeightSource.From(weights).On(context.Device, context.Type).StoringMatricesAs(float32));
    }

    /// <summary>The tensors whose names begin so, as float32 and without that beginning.</summary>
    private static Dictionary<string, Tensor> Copies(IEnumerable<(string Key, Tensor Tensor)> tensors, string prefix)
        => tensors.Where(entry => entry.Key.StartsWith(prefix, StringComparison.Ordinal)).ToDictionary(entry => entry.Key[prefix.Length..], entry => entry.Tensor.detach().to(float32).clone(), StringComparer.Ordinal);
}
