using OpenMU.Model.Weights;
using static TorchSharp.torch;

namespace OpenMU.Training.Stages;

/// <summary>The files of a training run. This is the one place that names them.</summary>
/// <param name="Root">The run's folder; each stage has a folder below it.</param>
public sealed record RunFolder(string Root)
{
    private const string WeightsFile = "weights.safetensors";

    /// <summary>Log-mel frames of all recordings; their list lies beside it as .json.</summary>
    public string LogMel => Feature("log_mel.safetensors");

    /// <summary>Music tokens of all clips, from the frozen tower.</summary>
    public string MusicTokens => Feature("music.safetensors");

    /// <summary>The groups of tags, calibrated.</summary>
    public string TagGroups => In(TrainingStage.Tags, "tags.json");

    /// <summary>Accuracy, F1 and calibration of the tags on the validation clips.</summary>
    public string TagReport => In(TrainingStage.Tags, "validation.json");

    /// <summary>The model folder that the last stage writes.</summary>
    public string Model => Path.Combine(Root, "model");

    /// <summary>The weights that a finished stage leaves: they are there exactly when it is finished.</summary>
    public string Weights(TrainingStage stage) => In(stage, WeightsFile);

    /// <summary>The state of a stage that is not finished.</summary>
    public string Checkpoint(TrainingStage stage) => In(stage, Trainer.CheckpointFile);

    /// <summary>A stage's folder, which is made if it is not there.</summary>
    public string Of(TrainingStage stage) => Directory.CreateDirectory(Path.Combine(Root, stage.Name())).FullName;

    public bool IsFinished(TrainingStage stage) => File.Exists(Weights(stage));

    /// <summary>Writes a stage's weights, which finishes it; its checkpoint is of no use any more.</summary>
    public void Finish(TrainingStage stage, IEnumerable<(string Name, Tensor Tensor)> weights)
    {
        Write(Path.Combine(Of(stage), WeightsFile), weights);
        File.Delete(Checkpoint(stage));
    }

    /// <summary>
    /// The weights of a finished stage, copied; with a prefix only those whose names begin so, without it.
    /// </summary>
    public Dictionary<string, Tensor> Load(TrainingStage stage, string prefix = "")
    {
        using var file = SafeTensors.Open(Weights(stage));
        return file.Entries.Keys.Where(name => name.StartsWith(prefix, StringComparison.Ordinal))
            .ToDictionary(name => name[prefix.Length..], file.Read, StringComparer.Ordinal);
    }

    /// <summary>Writes tensors so that the file is there as a whole or not at all.</summary>
    internal static void Write(string path, IEnumerable<(string Name, Tensor Tensor)> tensors)
    {
        var temporary = path + ".new";
        SafeTensorsWriter.Write(
            temporary, [.. tensors.Select(entry => NamedTensor.Of(entry.Name, entry.Tensor.detach()))]);
        File.Move(temporary, path, overwrite: true);
    }

    private string Feature(string name)
        => Path.Combine(Directory.CreateDirectory(Path.Combine(Root, "features")).FullName, name);

    private string In(TrainingStage stage, string name) => Path.Combine(Root, stage.Name(), name);
}
