using System.Globalization;

namespace OpenMU.Training.Stages;

/// <summary>How a stage trains. Its length is steps or minutes; the schedule follows whichever is given.</summary>
public sealed record StageOptions
{
    /// <summary>Examples of one micro-batch.</summary>
    public int Batch { get; init; } = 16;

    /// <summary>Micro-batches whose gradients are averaged before a step (gradient accumulation).</summary>
    public int Accumulate { get; init; } = 1;

    /// <summary>Steps; null where <see cref="Minutes"/> or <see cref="Epochs"/> says how long.</summary>
    public long? Steps { get; init; }

    /// <summary>Minutes of training, over all starts of the program.</summary>
    public double? Minutes { get; init; }

    /// <summary>Passes over the data.</summary>
    public double? Epochs { get; init; }

    /// <summary>The highest learning rate of the schedule.</summary>
    public double LearningRate { get; init; } = 1e-3;

    /// <summary>The projector's learning rate where it differs from <see cref="LearningRate"/>.</summary>
    public double? ProjectorLearningRate { get; init; }

    public double WeightDecay { get; init; }

    public double Beta1 { get; init; } = 0.9;

    public double Beta2 { get; init; } = 0.999;

    /// <summary>The largest norm of all gradients together; null does not clip.</summary>
    public double? ClipNorm { get; init; }

    /// <summary>Share of the run that is warm-up.</summary>
    public double Warmup { get; init; } = 0.03;

    public long Seed { get; init; } = 42;

    /// <summary>Steps between two lines of the log. Only then do numbers leave the device.</summary>
    public int LogEvery { get; init; } = 20;

    /// <summary>
    /// Steps between two checkpoints, a multiple of <see cref="LogEvery"/>; 0 goes by <see cref="CheckpointSeconds"/>.
    /// </summary>
    public int CheckpointEvery { get; init; }

    public double CheckpointSeconds { get; init; } = 60;

    /// <summary>How often the validation loss is measured in the whole run.</summary>
    public int Evaluations { get; init; } = 20;

    /// <summary>The same options with a length in steps, where epochs give one for this number of examples.</summary>
    public StageOptions For(long examples)
        => Steps is null && Minutes is null && Epochs is { } epochs
            ? this with { Steps = Math.Max(1, (long)Math.Ceiling(epochs * examples / ((double)Batch * Accumulate))) }
            : this;

    /// <summary>
    /// The same options with a length as the command line gives it: <c>500</c> steps, <c>3e</c> epochs,
    /// <c>90s</c>, <c>5m</c>, <c>2h</c>.
    /// </summary>
    /// <exception cref="FormatException">The text is no length.</exception>
    public StageOptions WithLength(string text)
    {
        var none = this with { Steps = null, Minutes = null, Epochs = null };
        var (digits, unit) = text.Length > 0 && char.IsAsciiLetter(text[^1]) ? (text[..^1], text[^1]) : (text, ' ');
        FormatException unreadable = new(
            $"'{text}' is no length: 500 (steps), 3e (passes over the data), 90s, 5m or 2h.");
        if (!double.TryParse(digits, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var amount))
            throw unreadable;
        return unit switch
        {
            ' ' when amount == Math.Floor(amount) => none with { Steps = (long)amount },
            'e' => none with { Epochs = amount },
            's' => none with { Minutes = amount / 60 },
            'm' => none with { Minutes = amount },
            'h' => none with { Minutes = amount * 60 },
            _ => throw unreadable,
        };
    }
}

/// <summary>A line of a stage's log.</summary>
/// <param name="Stage">Its name.</param>
/// <param name="Step">Steps done.</param>
/// <param name="Done">Share of the run that is done, 0 to 1.</param>
/// <param name="Loss">Mean over the steps since the last line.</param>
/// <param name="LearningRateFactor">The schedule's factor.</param>
/// <param name="ExamplesPerSecond">Speed since the last line.</param>
/// <param name="SecondsLeft">An estimate.</param>
/// <param name="ValidationLoss">The last one that was measured, if the stage measures it.</param>
public sealed record StageProgress(
    string Stage, long Step, double Done, double Loss, double LearningRateFactor, double ExamplesPerSecond,
    double SecondsLeft, double? ValidationLoss);
