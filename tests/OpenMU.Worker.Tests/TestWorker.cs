using Microsoft.Extensions.Logging.Abstractions;
using OpenMU.Mir.Audio;
using OpenMU.Testing;

namespace OpenMU.Worker.Tests;

/// <summary>A worker for two tracks at a time on a stage, which ends when the queues are empty.</summary>
internal static class TestWorker
{
    public static WorkerLoop On(
        Stage stage, TrackAnalyser analyser, MachineHealth? machine = null, ProcessHealth? process = null,
        WorkerOptions? options = null) => new(
            stage.Catalogue, stage.Storage, stage.Jobs, analyser, machine ?? Machine(stage, options: options),
            process ?? new ProcessHealth(NullLogger.Instance), options ?? Options(stage), TimeProvider.System,
            NullLogger<WorkerLoop>.Instance);

    public static MachineHealth Machine(Stage stage, DecodeLimits? limits = null, WorkerOptions? options = null) => new(
        limits ?? DecodeLimits.Default, stage.Catalogue, stage.Storage, options ?? Options(stage), TimeProvider.System,
        NullLogger.Instance);

    /// <summary>Where its downloads lie.</summary>
    public static string Work(Stage stage) => Path.Combine(stage.Folder, "work");

    public static WorkerOptions Options(Stage stage) => new()
    {
        Parallelism = 2,
        PollInterval = TimeSpan.FromMilliseconds(50),
        RetryDelay = TimeSpan.Zero,
        ExitWhenEmptyFor = TimeSpan.Zero,
        TempFolder = Work(stage),
    };
}
