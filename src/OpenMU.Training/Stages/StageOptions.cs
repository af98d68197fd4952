namespace OpenMU.Training.Stages;

/// <summary>How a stage trains. Its length is steps or minutes; the schedule follows whichever is given.</summary>
public sealed record StageOptions
{
    /// <summary>Examples of one micro-batch.</summary>
    public int Batch { get; init; } = 16;

    /// <summary>Micro-batches whose gradients are averaged before a step.</summary>
    public int Accumulate { get; init; } = 1;

    /// <summary>Steps; null where <see cref="Minutes"/> or <see cref="Epochs"/> says how long.</summary>
    public long? Steps { get; init; }

    /// <summary>Minutes of training, over all starts of the program.</summary>
    public double? Minutes { get; init; }

    /// <summary>Passes over the data.</summary>
    public double? Epochs { get; init; }

    public double Rate { get; init; } = 1e-3;

    /// <summary>Rate of the projector where it differs from <see cref="Rate"/>.</summary>
    public double? ProjectorRate { get; init; }

    public double WeightDecay { get; init; }

    public double Beta1 { get; init; } = 0.9;

    public double Beta2 { get; init; } = 0.999;

    /// <summary>The largest norm of all gradients together; null for none.</summary>
    public double? Clip { get; init; }

    /// <summary>Share of the run that is warm-up.</summary>
    public double Warmup { get; init; } = 0.03;

    public long Seed { get; init; } = 42;

    /// <summary>Steps between two lines of the log. Only then do numbers leave the device.</summary>
    public int LogEvery { get; init; } = 20;

    /// <summary>Steps between two checkpoints, a multiple of <see cref="LogEvery"/>; 0 goes by <see cref="CheckpointSeconds"/>.</summary>
    public int CheckpointEvery { get; init; }

    public double CheckpointSeconds { get; init; } = 60;

    /// <summary>How often held-out data is looked at in the whole run.</summary>
    public int Evaluations { get; init; } = 20;

    /// <summary>The same options with a length in steps, where epochs give one for so many examples.</summary>
    public StageOptions For(long examples)
        => Steps is null && Minutes is null && Epochs is { } epochs ? this with { Steps = Math.Max(1, (long)Math.Ceiling(epochs * examples / ((double)Batch * Accumulate))) } : this;
}

/// <summary>A line of a stage's log.</summary>
/// <param name="Stage">Its name.</param>
/// <param name="Step">Steps done.</param>
/// <param name="Done">Share of the run that is done, 0 to 1.</param>
/// <param name="Loss">Mean over the steps since the last line.</param>
/// <param name="Rate">The schedule's factor.</param>
/// <param name="ExamplesPerSecond">Speed since the last line.</param>
/// <param name="SecondsLeft">An estimate.</param>
/// <param name="HeldOut">The last value on held-out data, if the stage looks at some.</param>
public sealed record StageProgress(string Stage, long Step, double Done, double Loss, double Rate, double ExamplesPerSecond, double SecondsLeft, double? HeldOut);
