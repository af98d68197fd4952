using OpenMU.Model.Families;
using static TorchSharp.torch;

namespace OpenMU.Training.Stages;

/// <summary>What all stages of a run share.</summary>
/// <param name="Folder">The run's folder; each stage has one below it.</param>
/// <param name="Config">Sizes of the model.</param>
/// <param name="Preset">How the stages train.</param>
/// <param name="Device">Where they train.</param>
/// <param name="Type">The type of activations and gradients; weights are kept in float32 by the optimiser.</param>
/// <param name="Progress">Told how it goes.</param>
public sealed record TrainingContext(string Folder, OpenMuConfig Config, TrainingPreset Preset, Device Device, ScalarType Type, IProgress<StageProgress>? Progress = null)
{
    public string FolderOf(string stage) => Directory.CreateDirectory(Path.Combine(Folder, stage)).FullName;

    internal Trainer Loop(string stage, StageOptions options) => new(FolderOf(stage), options, Progress);

    /// <summary>Trains a stage and leaves the module's tensors in <c>weights.safetensors</c>, unless that was done before.</summary>
    internal string Finish(string stage, StageOptions options, Func<Stage> build, Func<IEnumerable<(string Name, Tensor Tensor)>> result, CancellationToken cancel)
    {
        var path = Path.Combine(FolderOf(stage), "weights.safetensors");
        if (File.Exists(path)) return path;
        Loop(stage, options).Run(build(), cancel);
        StageWeights.Write(path, result());
        File.Delete(Path.Combine(FolderOf(stage), Trainer.CheckpointFile));
        return path;
    }
}
