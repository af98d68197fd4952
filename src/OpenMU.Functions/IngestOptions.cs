using OpenMU.Catalogue.Jobs;

namespace OpenMU.Functions;

/// <summary>What is taken in: the section <c>Ingest</c> of a program's configuration.</summary>
public sealed class IngestOptions
{
    /// <summary>Larger files are Rejected without reading a byte.</summary>
    public long MaxBytes { get; init; } = 2L << 30;

    /// <summary>Why a file of this size is not taken, in one sentence for people; null if it is.</summary>
    public string? TooLarge(long sizeBytes) => sizeBytes > MaxBytes ? $"The file is larger than {MaxBytes / (double)(1 << 30):0.##} GiB." : null;

    /// <summary>The model that jobs ask for, which must be the workers'; <c>none</c> where tracks are only measured. After a change every track is analysed anew.</summary>
    public string ModelVersion { get; init; } = Job.NoModel;

    /// <summary>How old a job without a message must be before <see cref="SweepUploads"/> sends one, so that it does not race with <see cref="IngestTrack"/>.</summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromMinutes(2);
}
