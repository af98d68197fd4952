using System.Diagnostics;
using System.Diagnostics.Metrics;
using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Tracks;
using OpenMU.Music.Questions;

namespace OpenMU.Catalogue;

/// <summary>
/// The one source of activities and the one meter of the whole system, with every instrument that it declares;
/// docs/telemetry.md lists them for operators. Where nothing listens, nothing is measured.
/// </summary>
public static class Telemetry
{
    /// <summary>Name of the activity source and of the meter.</summary>
    public const string Name = "OpenMU";

    /// <summary>Begins every activity of the system.</summary>
    public static readonly ActivitySource Activities = new(Name);

    // From the blink of a download to an hour-long track on a slow processor.
    private static readonly InstrumentAdvice<double> Seconds =
        new() { HistogramBucketBoundaries = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800, 3600] };

    // From slower than the music to a thousand times as fast.
    private static readonly InstrumentAdvice<double> Factors =
        new() { HistogramBucketBoundaries = [0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000] };

    private static readonly InstrumentAdvice<int> Counts = new() { HistogramBucketBoundaries = [1, 2, 3, 4, 5] };

    private static readonly Meter Meter = new(Name);

    // Each job's own, wherever its work goes on.
    private static readonly AsyncLocal<StageSeconds?> Collected = new();

    private static readonly Counter<long> Jobs = Meter.CreateCounter<long>(
        "openmu.jobs", "{job}",
        "Moves of jobs, by kind and outcome: ready, rejected, failed, postponed (a try failed) "
            + "or released (a worker stopped).");

    private static readonly Histogram<int> Tries = Meter.CreateHistogram(
        "openmu.job.tries", "{try}", "Tries that a job took until it ended, by kind and outcome.", null, Counts);

    private static readonly Histogram<double> Waits = Meter.CreateHistogram(
        "openmu.job.wait", "s", "From a job's message on the queue to its claim by a worker, by kind.", null, Seconds);

    private static readonly Histogram<double> Stages = Meter.CreateHistogram(
        "openmu.stage.duration", "s",
        "Time in a stage of a job: download, decode, measure, encode, generate or store.", null, Seconds);

    private static readonly Gauge<double> QueueAges = Meter.CreateGauge<double>(
        "openmu.queue.age", "s",
        "Age of the oldest job that has not ended, by kind, as each sweep finds it; 0 where there is none.");

    private static readonly Histogram<double> RealTimeFactors = Meter.CreateHistogram(
        "openmu.analysis.realtime_factor", "1",
        "Seconds of sound for each second of work on a track, from its claim to its result.", null, Factors);

    private static readonly Counter<long> Tokens =
        Meter.CreateCounter<long>("openmu.tokens", "{token}", "Tokens that the model wrote.");

    private static readonly Histogram<double> TokenRates = Meter.CreateHistogram(
        "openmu.tokens.rate", "{token}/s",
        "Tokens for each second of writing, all texts of a track together.", null, Factors);

    private static readonly Counter<long> Answers = Meter.CreateCounter<long>(
        "openmu.answers", "{answer}", "Answers to questions, by outcome: answered, notsure or refused.");

    private static readonly Counter<long> WithoutWords = Meter.CreateCounter<long>(
        "openmu.tracks.without_words", "{track}",
        "Tracks that became Ready without the model's words although a model was asked.");

    // Kept here, or it would be collected.
    private static readonly ObservableGauge<long> DeviceMemory = Meter.CreateObservableGauge(
        "openmu.device.memory", ReadDeviceMemory, "By",
        "Memory of the GPU, by device and state: used or total. None without a GPU.");

    /// <summary>
    /// Tells the memory of the devices that this process computes on; a program with such devices sets it.
    /// </summary>
    public static Func<IEnumerable<DeviceMemoryReading>>? Devices { get; set; }

    /// <summary>
    /// The present activity, as it is written into messages and metadata (W3C Trace Context,
    /// <c>traceparent</c>); null without one.
    /// </summary>
    public static string? TraceParent =>
        Activity.Current is { IdFormat: ActivityIdFormat.W3C } current ? current.Id : null;

    /// <summary>Begins what another program caused, in its trace. What is current here is linked.</summary>
    /// <param name="name">Of the activity.</param>
    /// <param name="traceParent">As <see cref="TraceParent"/> wrote it; anything else, and null, begins no
    /// foreign trace.</param>
    public static Activity? Continue(string name, string? traceParent)
    {
        if (!ActivityContext.TryParse(traceParent, null, isRemote: true, out var cause))
            return Activities.StartActivity(name, ActivityKind.Consumer);
        ActivityLink[] links = Activity.Current is { } current ? [new(current.Context)] : [];
        return Activities.StartActivity(name, ActivityKind.Consumer, cause, links: links);
    }

    /// <summary>Begins a stage; its disposal ends and measures it.</summary>
    public static StageTimer Begin(JobStage stage) => new(stage);

    /// <summary>Sums up the stages of the work that begins here, for as long as its caller's method runs.</summary>
    public static StageSeconds Collect()
    {
        var seconds = new StageSeconds();
        Collected.Value = seconds;
        return seconds;
    }

    /// <summary>Notes a stage whose time was taken elsewhere.</summary>
    public static void Took(JobStage stage, TimeSpan time)
    {
        Stages.Record(time.TotalSeconds, Tag("stage", stage.ToString().ToLowerInvariant()));
        Collected.Value?.Add(stage, time);
    }

    /// <summary>Notes that a job moved.</summary>
    /// <param name="kind">The job's.</param>
    /// <param name="outcome">Where it went.</param>
    /// <param name="tries">Where it ended: after how many tries.</param>
    /// <param name="jobs">How many did.</param>
    public static void Moved(JobKind kind, JobOutcome outcome, int? tries = null, int jobs = 1)
    {
        var tags = new TagList { Tag("kind", Kind(kind)), Tag("outcome", outcome.ToString().ToLowerInvariant()) };
        Jobs.Add(jobs, tags);
        if (tries is { } number) Tries.Record(number, tags);
    }

    /// <summary>Notes how long a job waited for a worker.</summary>
    public static void Waited(JobKind kind, TimeSpan time) =>
        Waits.Record(Math.Max(0, time.TotalSeconds), Tag("kind", Kind(kind)));

    /// <summary>Notes how long the oldest job of a kind has been waiting.</summary>
    public static void Oldest(JobKind kind, TimeSpan age) =>
        QueueAges.Record(Math.Max(0, age.TotalSeconds), Tag("kind", Kind(kind)));

    /// <summary>Notes a stored analysis.</summary>
    /// <param name="analysis">What was stored.</param>
    /// <param name="work">Time from the claim to the result.</param>
    public static void Analysed(Analysis analysis, TimeSpan work)
    {
        RealTimeFactors.Record(analysis.DurationSeconds / work.TotalSeconds);
        if (analysis.ModelProblem is not null) WithoutWords.Add(1);
    }

    /// <summary>Notes an answer to a question.</summary>
    public static void Answered(AnswerOutcome outcome) =>
        Answers.Add(1, Tag("outcome", outcome.ToString().ToLowerInvariant()));

    /// <summary>Notes what the model wrote in one go.</summary>
    public static void Wrote(long tokens, TimeSpan time)
    {
        if (tokens == 0) return;
        Tokens.Add(tokens);
        TokenRates.Record(tokens / time.TotalSeconds);
    }

    private static IEnumerable<Measurement<long>> ReadDeviceMemory() => (Devices?.Invoke() ?? []).SelectMany(
        reading => (Measurement<long>[])
        [
            new(reading.UsedBytes, Tag("device", reading.Device), Tag("state", "used")),
            new(reading.TotalBytes, Tag("device", reading.Device), Tag("state", "total")),
        ]);

    private static KeyValuePair<string, object?> Tag(string name, object? value) => new(name, value);

    private static string Kind(JobKind kind) => kind.ToString().ToLowerInvariant();
}

/// <summary>A part of a job's work.</summary>
public enum JobStage
{
    /// <summary>The track comes from storage onto the disk.</summary>
    Download,

    /// <summary>Waiting for the decoder's samples.</summary>
    Decode,

    /// <summary>The measuring tools compute.</summary>
    Measure,

    /// <summary>The model hears the track and tags it.</summary>
    Encode,

    /// <summary>The model writes.</summary>
    Generate,

    /// <summary>The result is committed.</summary>
    Store,
}

/// <summary>Where a try led.</summary>
public enum JobOutcome
{
    /// <summary>The result is committed.</summary>
    Ready,

    /// <summary>The input cannot be used.</summary>
    Rejected,

    /// <summary>All tries are used up.</summary>
    Failed,

    /// <summary>The try failed and another follows.</summary>
    Postponed,

    /// <summary>The worker had to stop; the try does not count.</summary>
    Released,
}

/// <summary>Memory of a device.</summary>
/// <param name="Device">Its number, from 0.</param>
/// <param name="UsedBytes">By all processes.</param>
/// <param name="TotalBytes">All it has.</param>
public sealed record DeviceMemoryReading(int Device, long UsedBytes, long TotalBytes);

/// <summary>A stage that runs: an activity, and a time when it is disposed.</summary>
public sealed class StageTimer : IDisposable
{
    private readonly JobStage stage;
    private readonly Activity? activity;
    private readonly long began = Stopwatch.GetTimestamp();

    internal StageTimer(JobStage stage)
    {
        this.stage = stage;
        activity = Telemetry.Activities.StartActivity(stage.ToString().ToLowerInvariant());
    }

    /// <summary>Time since it began.</summary>
    public TimeSpan Elapsed => Stopwatch.GetElapsedTime(began);

    public void Dispose()
    {
        Telemetry.Took(stage, Elapsed);
        activity?.Dispose();
    }
}
