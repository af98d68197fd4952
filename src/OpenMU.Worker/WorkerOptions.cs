namespace OpenMU.Worker;

/// <summary>How a worker works: the section <c>Worker</c> of a program's configuration.</summary>
public sealed class WorkerOptions
{
    /// <summary>Tracks at a time.</summary>
    public int Parallelism { get; init; } = Environment.ProcessorCount;

    /// <summary>How long a message stays hidden and a lease valid without renewal; both are renewed after a third of it. At least a second.</summary>
    public TimeSpan Visibility { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Pause before an empty queue is asked again.</summary>
    public TimeSpan PollInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Pause after the first failed try; it doubles with each further one.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>End when the queue has been empty for so long; null to wait for ever.</summary>
    public TimeSpan? ExitWhenEmptyFor { get; init; }

    /// <summary>Where downloads lie while they are analysed. Several workers may share it; what killed ones left behind is deleted.</summary>
    public string TempFolder { get; init; } = Path.Combine(Path.GetTempPath(), "openmu-worker");
}
