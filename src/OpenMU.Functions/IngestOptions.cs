using System.ComponentModel.DataAnnotations;
using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Settings;
using OpenMU.Catalogue.Storage;

namespace OpenMU.Functions;

/// <summary>What is taken in: the section <c>Ingest</c> of a program's configuration.</summary>
public sealed class IngestOptions
{
    /// <summary>Larger files are Rejected without reading a byte.</summary>
    [Range(1, long.MaxValue, ErrorMessage = "must be at least {1}")]
    public long MaxBytes { get; set; } = TrackBlob.MaxBytes;

    /// <summary>
    /// The model that jobs ask for, which must be the workers'. After a change every track is analysed by the new one.
    /// <c>none</c> where tracks are only measured: those that a model has listened to stay as they are.
    /// </summary>
    [Required(ErrorMessage = StrictOptions.Needed)]
    [MaxLength(Job.MaxModelVersionLength, ErrorMessage = "must have at most {1} characters")]
    public string ModelVersion { get; set; } = Job.NoModel;

    /// <summary>
    /// A new model's analysis of a content that has one stands beside it, unseen, until somebody publishes it; without
    /// this it is shown as soon as it is Ready.
    /// </summary>
    public bool HoldNewAnalyses { get; set; }

    /// <summary>
    /// How old the last sign of a job's message must be before <see cref="SweepUploads"/> takes it for lost, so that it
    /// does not race with whoever sends or receives it.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00", ErrorMessage = StrictOptions.Between)]
    public TimeSpan Grace { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>
    /// How long a track whose file is gone is kept: if the file comes back by then, all is as before.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "3650.00:00:00", ErrorMessage = StrictOptions.Between)]
    public TimeSpan KeepMissing { get; set; } = TimeSpan.FromDays(30);

    /// <summary>
    /// A file that is deleted within this time after a copy of it came was renamed: the copy carries on its track.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00", ErrorMessage = StrictOptions.Between)]
    public TimeSpan RenameWithin { get; set; } = TimeSpan.FromHours(1);

    /// <summary>
    /// Tenants that have queues of their own to ask on, with commas between them: <see cref="PartnerQueues"/>.
    /// </summary>
    public string Partners { get; set; } = "";

    /// <summary>Tracks are only measured.</summary>
    internal bool IsWithoutModel => ModelVersion == Job.NoModel;

    /// <summary>Why a file of this size is not taken, in one sentence for people; null if it is.</summary>
    public string? TooLarge(long sizeBytes) =>
        sizeBytes > MaxBytes ? $"The file is larger than {MaxBytes / (double)(1 << 30):0.##} GiB." : null;
}
