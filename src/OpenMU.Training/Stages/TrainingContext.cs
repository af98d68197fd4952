using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using OpenMU.Model.Families;
using static TorchSharp.torch;

namespace OpenMU.Training.Stages;

/// <summary>What all stages of a run have in common.</summary>
/// <param name="Folder">The run's folder.</param>
/// <param name="Config">Sizes of the model.</param>
/// <param name="Preset">How the stages train.</param>
/// <param name="Device">Where they train.</param>
/// <param name="Type">The type of activations and gradients; the optimiser keeps weights in float32.</param>
public sealed record TrainingContext(
    string Folder, OpenMuConfig Config, TrainingPreset Preset, Device Device, ScalarType Type)
{
    /// <summary>The files of the run.</summary>
    public RunFolder Files => new(Folder);

    /// <summary>Threads that read and transform sound.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;

    /// <summary>Receives a report every <see cref="StageOptions.LogEvery"/> steps.</summary>
    public IProgress<StageProgress>? Progress { get; init; }

    /// <summary>Receives what was read and written.</summary>
    public ILogger Log { get; init; } = NullLogger.Instance;

    /// <summary>A trainer for a stage, which goes on from the stage's checkpoint where there is one.</summary>
    internal Trainer Trainer(
        TrainingStage stage, StageOptions options, IReadOnlyList<ParameterGroup> groups, BestCheckpoint? best = null)
        => new(Files.Of(stage), stage.Name(), options, groups, best, Progress);
}
