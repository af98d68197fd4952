using OpenMU.Training.Stages;

namespace OpenMU.Training;

/// <summary>
/// Learning rate over a run: linear from 0 through the warm-up, then half a cosine down to 0
/// (transformers' cosine schedule).
/// </summary>
public static class CosineSchedule
{
    /// <summary>Steps of warm-up: a share of the run, rounded up.</summary>
    public static double Warmup(double share, double length) => Math.Ceiling(share * length);

    /// <summary>The factor by which the learning rate is multiplied.</summary>
    /// <param name="position">Where the run is: steps or seconds from its start.</param>
    /// <param name="length">All of it, in the same unit.</param>
    /// <param name="warmup">The part that is warm-up, in the same unit.</param>
    public static double Factor(double position, double length, double warmup)
    {
        if (position < warmup) return position / warmup;
        var done = (position - warmup) / Math.Max(length - warmup, 1e-9);
        return 0.5 * (1 + Math.Cos(Math.PI * Math.Clamp(done, 0, 1)));
    }
}

/// <summary>
/// Where a stage's run is, in steps and in seconds over all starts of the program, and what is due there.
/// </summary>
internal sealed class TrainingClock(StageOptions options, StagePosition start, TimeProvider time)
{
    private readonly long begun = time.GetTimestamp();
    private long reportedStep = start.Step;
    private double reportedSeconds = start.Seconds, checkpointSeconds = start.Seconds;
    private int evaluations = options.Evaluations == 0 ? 0 : (int)(Share(options, start) * options.Evaluations);

    public long Step { get; private set; } = start.Step;

    public double Seconds => start.Seconds + time.GetElapsedTime(begun).TotalSeconds;

    public StagePosition Position => new(Step, Seconds);

    /// <summary>Share of the run that is done; 1 and more at its end.</summary>
    public double Done => Share(options, Position);

    /// <summary>Steps since the last line of the log.</summary>
    public long Unreported => Step - reportedStep;

    /// <summary>The schedule's factor of the learning rate.</summary>
    public double LearningRateFactor
    {
        get
        {
            var (position, length) = options.Steps is { } steps
                ? (Step, (double)steps)
                : (Seconds, options.Minutes!.Value * 60);
            var warmup = options.Steps is null
                ? options.Warmup * length
                : CosineSchedule.Warmup(options.Warmup, length);
            return CosineSchedule.Factor(position, length, warmup);
        }
    }

    public void Advance() => Step++;

    /// <summary>True once for each of the evaluations, which are spread evenly over the run.</summary>
    public bool ValidationIsDue()
    {
        if (options.Evaluations == 0) return false;
        var due = (int)(Math.Min(1, Done) * options.Evaluations);
        if (due <= evaluations) return false;
        evaluations = due;
        return true;
    }

    public bool CheckpointIsDue()
    {
        var due = options.CheckpointEvery > 0
            ? Step % options.CheckpointEvery == 0
            : Seconds - checkpointSeconds >= options.CheckpointSeconds;
        if (due) checkpointSeconds = Seconds;
        return due;
    }

    /// <summary>A line of the log, which ends the interval that the next one is about.</summary>
    public StageProgress Line(string stage, double loss, double? validationLoss)
    {
        var (seconds, done) = (Seconds, Math.Min(1, Done));
        var speed = Unreported * (double)options.Batch * options.Accumulate / Math.Max(1e-9, seconds - reportedSeconds);
        (reportedStep, reportedSeconds) = (Step, seconds);
        return new(
            stage, Step, done, loss, LearningRateFactor, speed,
            done > 0 ? seconds / done * (1 - done) : 0, validationLoss);
    }

    private static double Share(StageOptions options, StagePosition position)
        => options.Steps is { } steps
            ? (double)position.Step / steps
            : position.Seconds / (options.Minutes!.Value * 60);
}
