namespace OpenMU.Worker;

/// <summary>How a worker works: the section <c>Worker</c> of a program's configuration.</summary>
public sealed class WorkerOptions
{
    /// <summary>Tracks at a time.</summary>
    public int Parallelism { get; init; } = Environment.ProcessorCount;

    /// <summary>Questions at a time. Those about one track are answered together; one after the other, they wait for the model.</summary>
    public int QuestionsAtOnce { get; init; } = 32;

    /// <summary>The folder of the model that listens; null to measure only.</summary>
    public string? ModelFolder { get; init; }

    /// <summary>Threads that compute for the model; null leaves it to the libraries, which take every processor.</summary>
    public int? ModelThreads { get; init; }

    /// <summary>So much of a track's beginning is kept for the model, at 64 kB a second.</summary>
    public double MaxSecondsHeard { get; init; } = 600;

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
