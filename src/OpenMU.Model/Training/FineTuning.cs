using OpenMU.Model.Bench;
using OpenMU.Model.Weights;
using static TorchSharp.torch;

namespace OpenMU.Model.Training;

/// <summary>Stage 2 once more, from a finished model: its tower, tags and tokenizer stay what they are.</summary>
internal static class FineTuning
{
    /// <summary>Trains and writes the run's model folder.</summary>
    /// <param name="context">The run; sizes are the model's.</param>
    /// <param name="source">Folder of the model to start from.</param>
    /// <param name="cache">What was heard.</param>
    /// <param name="clips">So many at its beginning are what the records are about.</param>
    /// <param name="records">The records of a pass.</param>
    /// <param name="heldOut">Ids of the clips that are not trained on.</param>
    /// <param name="say">Told what was made.</param>
    /// <param name="cancel">Ends the work between two steps.</param>
    /// <exception cref="InvalidDataException">The model has adapters that are not merged.</exception>
    public static string Run(
        TrainingContext context, string source, FeatureCache cache, int clips, Func<int, IReadOnlyList<BenchRecord>> records, IReadOnlySet<string> heldOut, Action<string> say, CancellationToken cancel)
    {
        using var finished = ModelFolder.Open(source);
        if (finished.Adapter is not null) throw new InvalidDataException($"{source} has adapters: merge them first (openmu convert --merge).");
        var run = context with { Config = finished.Config };
        using var model = Trainable(finished.Model, run);
        using var music = MusicFeatures.Open(Path.Combine(run.FolderOf("features"), "music.safetensors"), run, model.AudioTower, cache, clips, run.Preset.Views, run.Preset.Align.Seed, cancel);
        var stage = new MusicTextStage(run, model, music, cache, finished.Tokenizer, heldOut);
        return ModelAssembly.Answers(run, stage, model, finished.TagHead, finished.Tokenizer, records, say, cancel);
    }

    /// <summary>The model with parameters of its own in float32, on the run's device.</summary>
    private static OpenMuModel Trainable(OpenMuModel model, TrainingContext context)
    {
        using var scope = NewDisposeScope();
        var weights = model.NamedWeights().ToDictionary(entry => entry.Key, entry => entry.Tensor.detach().to(float32).clone(), StringComparer.Ordinal);
        return new(context.Config, WeightSource.From(weights).On(context.Device, context.Type).StoringMatricesAs(float32));
    }
}
