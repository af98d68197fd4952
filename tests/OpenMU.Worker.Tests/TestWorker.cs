using Microsoft.Extensions.Logging.Abstractions;
using OpenMU.Mir.Audio;
using OpenMU.Testing;

namespace OpenMU.Worker.Tests;

/// <summary>A worker for two tracks at a time on a stage, which ends when the queues are empty.</summary>
internal static class TestWorker
{
    public static WorkerLoop On(
        Stage stage, TrackAnalyser analyser, DecoderHealth? decoder = null, ProcessHealth? process = null) => new(
            stage.Catalogue, stage.Storage, stage.Jobs, analyser,
            decoder ?? new DecoderHealth(DecodeLimits.Default, TimeProvider.System, NullLogger.Instance),
            process ?? new ProcessHealth(NullLogger.Instance), Options(stage), TimeProvider.System,
            NullLogger<WorkerLoop>.Instance);

    /// <summary>Where its downloads lie.</summary>
    public static string Work(Stage stage) => Path.Combine(stage.Folder, "work");

    private static WorkerOptions Options(Stage stage) => new()
    {
        Parallelism = 2,
        PollInterval = TimeSpan.FromMilliseconds(50),
        RetryDelay = TimeSpan.Zero,
        ExitWhenEmptyFor = TimeSpan.Zero,
        TempFolder = Work(stage),
    };
}
