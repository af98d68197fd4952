// Trainer.cs - what all stages share: steps along a schedule, a log, checkpoints, and going on where a killed run stopped.
using OpenMU.Model.Kernels;
using OpenMU.Training.Stages;
using static TorchSharp.torch;

namespace OpenMU.Training;

/// <summary>What a stage trains and how.</summary>
/// <param name="Name">Also the name of its folder.</param>
/// <param name="Groups">The parameters.</param>
/// <param name="Loss">The loss of a micro-batch (counted from 0 over the whole run), a scalar on the device. It may draw from torch's generators: they
/// are seeded by the run's seed and that number.</param>
public sealed record Stage(string Name, IReadOnlyList<ParameterGroup> Groups, Func<long, Tensor> Loss)
{
    /// <summary>In place of <see cref="Loss"/> and its backpropagation: adds the gradients times a factor itself and returns the loss.</summary>
    public Func<long, double, Tensor>? LossAndGradients { get; init; }

    /// <summary>Looks at held-out data; lower is better. What it finds best, it keeps in <see cref="Kept"/>.</summary>
    public Func<double>? HeldOut { get; init; }

    /// <summary>Further tensors that a checkpoint keeps.</summary>
    public IReadOnlyList<(string Name, Tensor Tensor)> Kept { get; init; } = [];
}

/// <summary>Trains a stage in a folder of its own: <c>log.csv</c>, <c>loss.svg</c> and <c>checkpoint.safetensors</c>, which is to be deleted when the result is on disk.</summary>
public sealed class Trainer(string folder, StageOptions options, IProgress<StageProgress>? progress = null, TimeProvider? clock = null)
{
    internal const string CheckpointFile = "checkpoint.safetensors";

    private readonly TimeProvider clock = clock ?? TimeProvider.System;
    private readonly string checkpoint = Path.Combine(folder, CheckpointFile);

    /// <summary>Runs to the end, or until it is cancelled: then the state is on disk and the same call goes on from it.</summary>
    /// <exception cref="InvalidOperationException">The loss is no longer a number.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public void Run(Stage stage, CancellationToken cancel = default)
    {
        if (options.Steps is null && options.Minutes is null) throw new ArgumentException("A stage needs steps or minutes.");
        Directory.CreateDirectory(folder);
        using var optimiser = new AdamW(stage.Groups, options.Beta1, options.Beta2, clip: options.Clip);
        (string, Tensor)[] state = [.. optimiser.State(), .. stage.Kept];
        var position = TrainerState.Read(checkpoint, state) ?? new(0, 0);
        optimiser.TakeOverState();
        using var log = new TrainingLog(folder, stage.Name, position.Step);
        var run = new Progression(options, stage, position, clock);
        using var sum = zeros(1, device: stage.Groups[0].Parameters[0].Parameter.device);
        while (run.Done < 1)
        {
            StepOnce(stage, optimiser, run, sum);
            if (run.Step % options.LogEvery == 0 || run.Done >= 1) Report(run, log, sum);
            var stop = cancel.IsCancellationRequested;
            if ((run.Step % options.LogEvery == 0 && run.CheckpointIsDue()) || stop)
            {
                if (run.Unreported > 0) Report(run, log, sum);
                TrainerState.Write(checkpoint, run.Position, state);
            }
            if (stop) throw new OperationCanceledException(cancel);
        }
        log.Plot();
    }

    private void StepOnce(Stage stage, AdamW optimiser, Progression run, Tensor sum)
    {
        using var scope = NewDisposeScope();
        for (var micro = 0; micro < options.Accumulate; micro++)
        {
            var number = run.Step * options.Accumulate + micro;
            manual_seed(Seeds.Mix(options.Seed, number));
            var loss = Backward(stage, number, 1.0 / options.Accumulate);
            using (no_grad()) sum.add_(loss, Scalars.One);
        }
        optimiser.Step(run.Factor);
        run.Advance();
        if (run.EvaluationIsDue()) run.HeldOut = stage.HeldOut!();
    }

    /// <summary>Adds the gradients of a micro-batch, times its share of the step; returns that share of the loss.</summary>
    private static Tensor Backward(Stage stage, long number, double share)
    {
        if (stage.LossAndGradients is { } recomputing) return recomputing(number, share) * Scalars.Of(share);
        var loss = stage.Loss(number) * Scalars.Of(share);
        loss.backward();
        return loss.detach();
    }

    private void Report(Progression run, TrainingLog log, Tensor sum)
    {
        var loss = sum.item<float>() / run.Unreported;
        sum.zero_();
        if (!float.IsFinite(loss)) throw new InvalidOperationException($"The loss of '{run.Stage}' is {loss} at step {run.Step}: the learning rate may be too high.");
        var line = run.Line(loss);
        log.Add(line);
        progress?.Report(line);
    }

    /// <summary>Where a run stands, in steps and in seconds.</summary>
    private sealed class Progression(StageOptions options, Stage stage, StagePosition start, TimeProvider clock)
    {
        private readonly long begun = clock.GetTimestamp();
        private long reportedStep = start.Step;
        private double reportedSeconds = start.Seconds, checkpointSeconds = start.Seconds;
        private int evaluations = options.Evaluations == 0 ? 0 : (int)(Share(options, start) * options.Evaluations);

        public string Stage => stage.Name;

        public long Step { get; private set; } = start.Step;

        public double? HeldOut { get; set; }

        public double Seconds => start.Seconds + clock.GetElapsedTime(begun).TotalSeconds;

        public StagePosition Position => new(Step, Seconds);

        public double Done => Share(options, Position);

        public long Unreported => Step - reportedStep;

        public double Factor
        {
            get
            {
                var (position, length) = options.Steps is { } steps ? (Step, (double)steps) : (Seconds, options.Minutes!.Value * 60);
                return Schedule.Factor(position, length, options.Steps is null ? options.Warmup * length : Schedule.Warmup(options.Warmup, length));
            }
        }

        public void Advance() => Step++;

        public bool EvaluationIsDue()
        {
            if (stage.HeldOut is null || options.Evaluations == 0) return false;
            var due = (int)(Math.Min(1, Done) * options.Evaluations);
            if (due <= evaluations) return false;
            evaluations = due;
            return true;
        }

        public bool CheckpointIsDue()
        {
            var due = options.CheckpointEvery > 0 ? Step % options.CheckpointEvery == 0 : Seconds - checkpointSeconds >= options.CheckpointSeconds;
            if (due) checkpointSeconds = Seconds;
            return due;
        }

        public StageProgress Line(double loss)
        {
            var (seconds, done) = (Seconds, Math.Min(1, Done));
            var speed = Unreported * (double)options.Batch * options.Accumulate / Math.Max(1e-9, seconds - reportedSeconds);
            (reportedStep, reportedSeconds) = (Step, seconds);
            return new(stage.Name, Step, done, loss, Factor, speed, done > 0 ? seconds / done * (1 - done) : 0, HeldOut);
        }

        private static double Share(StageOptions options, StagePosition position)
            => options.Steps is { } steps ? (double)position.Step / steps : position.Seconds / (options.Minutes!.Value * 60);
    }
}
