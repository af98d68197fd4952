using System.ComponentModel.DataAnnotations;
using System.Text.RegularExpressions;
using OpenMU.Catalogue.Settings;
using OpenMU.Catalogue.Storage;

namespace OpenMU.Worker;

/// <summary>How a worker works: the section <c>Worker</c> of a program's configuration.</summary>
public sealed partial class WorkerOptions : IValidatableObject
{
    private const int MostAtOnce = 1024;

    /// <summary>Tracks decoded and measured at a time; the model may have as many besides.</summary>
    [Range(1, MostAtOnce, ErrorMessage = StrictOptions.Between)]
    public int Parallelism { get; set; } = Environment.ProcessorCount;

    /// <summary>
    /// Questions at a time. Those about one track are answered behind one reading of its music.
    /// </summary>
    [Range(1, MostAtOnce, ErrorMessage = StrictOptions.Between)]
    public int QuestionsAtOnce { get; set; } = StorageNames.MaxReceivedMessages;

    /// <summary>
    /// The folder of the model that listens; null to measure only, or where <see cref="Model"/> is fetched.
    /// </summary>
    public string? ModelFolder { get; set; }

    /// <summary>A model in the container of models, to be fetched at the start; null for none.</summary>
    public string? Model { get; set; }

    /// <summary>Digest of that model's list of files: <c>sha256:</c> and 64 hex digits.</summary>
    public string? ModelDigest { get; set; }

    /// <summary>Where fetched models lie. What a worker before this one left there is used.</summary>
    [Required(ErrorMessage = StrictOptions.Needed)]
    public string ModelCache { get; set; } = Path.Combine(Path.GetTempPath(), "openmu-models");

    /// <summary>
    /// Threads that compute for the model; null leaves it to the libraries, which take every processor.
    /// </summary>
    [Range(1, MostAtOnce, ErrorMessage = StrictOptions.Between)]
    public int? ModelThreads { get; set; }

    /// <summary>
    /// The type of the model's weights in memory: bf16, fp16, fp32 or int8; null leaves it to the device.
    /// </summary>
    public string? ModelType { get; set; }

    /// <summary>So much of a track's beginning is kept for the model, at 64 kB a second.</summary>
    [Range(ModelSession.MinSeconds, 36_000, ErrorMessage = StrictOptions.Between)]
    public double MaxSecondsHeard { get; set; } = 600;

    /// <summary>
    /// Has a model that was made for it write down what is sung, with times, where the file's tags do not say it. Takes
    /// minutes a track.
    /// </summary>
    public bool TranscribeLyrics { get; set; }

    /// <summary>
    /// How long a message stays hidden and a lease valid without renewal; both are renewed after a third of
    /// it. At least a second.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "7.00:00:00", ErrorMessage = StrictOptions.Between)]
    public TimeSpan Visibility { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>
    /// A job that makes no progress for so long is ended, which counts as a failed try. One that cannot be ended makes
    /// the worker end.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00", ErrorMessage = StrictOptions.Between)]
    public TimeSpan StallAfter { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>
    /// How long a job may work, whatever its progress, beside <see cref="DeadlinePerSecond"/>. Waiting for other jobs does
    /// not count.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "7.00:00:00", ErrorMessage = StrictOptions.Between)]
    public TimeSpan Deadline { get; set; } = TimeSpan.FromHours(1);

    /// <summary>Seconds that a job may work for each second of its sound, more than <see cref="Deadline"/>.</summary>
    [Range(0d, 1000d, ErrorMessage = StrictOptions.Between)]
    public double DeadlinePerSecond { get; set; } = 3;

    /// <summary>Pause before an empty queue is asked again.</summary>
    [Range(typeof(TimeSpan), "00:00:00.0010000", "01:00:00", ErrorMessage = StrictOptions.Between)]
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Pause after the first failed try; it doubles with each further one.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00", ErrorMessage = StrictOptions.Between)]
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>End when the queue has been empty for so long; null to wait for ever.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00", ErrorMessage = StrictOptions.Between)]
    public TimeSpan? ExitWhenEmptyFor { get; set; }

    /// <summary>
    /// Where downloads lie while they are analysed. Several workers may share it; what killed ones
    /// left behind is deleted.
    /// </summary>
    [Required(ErrorMessage = StrictOptions.Needed)]
    public string TempFolder { get; set; } = Path.Combine(Path.GetTempPath(), "openmu-worker");

    /// <summary>
    /// Bytes of all downloads that lie there at a time: one that would be too many waits. A larger file goes alone.
    /// Null for as much as the disk has room for.
    /// </summary>
    [Range(1, long.MaxValue, ErrorMessage = "must be at least {1}")]
    public long? DownloadBytes { get; set; }

    /// <summary>
    /// Port on which probes ask for health (<c>/healthz</c>, <c>/healthz/live</c>,
    /// <c>/healthz/ready</c>); null for none.
    /// </summary>
    [Range(1, 65_535, ErrorMessage = StrictOptions.Between)]
    public int? HealthPort { get; set; }

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (!string.IsNullOrEmpty(ModelFolder)
            && !File.Exists(Path.Combine(ModelFolder, OpenMU.Model.Weights.ModelFolder.ConfigFile)))
        {
            yield return new(
                $"must name a model's folder, with a {OpenMU.Model.Weights.ModelFolder.ConfigFile} in it",
                [nameof(ModelFolder)]);
        }

        if (!string.IsNullOrEmpty(Model))
        {
            if (!string.IsNullOrEmpty(ModelFolder))
                yield return new("cannot be set beside Worker__modelFolder", [nameof(Model)]);
            if (!ModelName().IsMatch(Model))
                yield return new("must be a name of letters, digits, dots and hyphens", [nameof(Model)]);
            if (!DigestForm().IsMatch(ModelDigest ?? ""))
                yield return new("must be sha256: and 64 hex digits, those of the model's SHA256SUMS", [nameof(ModelDigest)]);
        }

        var types = OpenMU.Model.Weights.WeightTypes.ByName;
        if (!string.IsNullOrEmpty(ModelType) && !types.ContainsKey(ModelType))
            yield return new($"must be one of {string.Join(", ", types.Keys)}", [nameof(ModelType)]);
    }

    [GeneratedRegex("^[A-Za-z0-9][A-Za-z0-9._-]{0,50}$")]
    private static partial Regex ModelName();

    [GeneratedRegex("^sha256:[0-9a-f]{64}$")]
    private static partial Regex DigestForm();
}
