// Trainer.cs - the loop that all stages share: steps along a schedule, a log, checkpoints, and going on where a killed
// run stopped. A stage is written as
//     foreach (var batch in trainer.Batches(cancel))
//     {
//         trainer.Backward(loss of the batch);
//         trainer.Step();
//         if (trainer.ValidationIsDue) trainer.Validated(validation loss);
//     }
using OpenMU.Model.Kernels;
using OpenMU.Training.Stages;
using static TorchSharp.torch;

namespace OpenMU.Training;

/// <summary>
/// Trains parameters in a folder: <c>log.csv</c>, <c>loss.svg</c>, and <c>checkpoint.safetensors</c>, which is to be
/// deleted when the result is on disk.
/// </summary>
public sealed class Trainer : IDisposable
{
    internal const string CheckpointFile = "checkpoint.safetensors";

    private readonly StageOptions options;
    private readonly string name, checkpoint;
    private readonly BestCheckpoint? best;
    private readonly IProgress<StageProgress>? progress;
    private readonly AdamW optimizer;
    private readonly (string Name, Tensor Tensor)[] state;
    private readonly TrainingLog log;
    private readonly TrainingClock clock;
    private readonly Tensor lossSum;
    private int accumulated;

    /// <summary>Continues from the folder's checkpoint, if there is one.</summary>
    /// <param name="folder">The stage's folder.</param>
    /// <param name="name">The stage's name in the log.</param>
    /// <param name="options">Length, schedule and optimiser.</param>
    /// <param name="groups">The parameters.</param>
    /// <param name="best">Keeps the best weights by validation loss; null trains without validation.</param>
    /// <param name="progress">Receives each line of the log.</param>
    /// <param name="time">Measures minutes of training.</param>
    /// <exception cref="InvalidDataException">The checkpoint belongs to a run with other tensors.</exception>
    internal Trainer(
        string folder, string name, StageOptions options, IReadOnlyList<ParameterGroup> groups,
        BestCheckpoint? best = null, IProgress<StageProgress>? progress = null, TimeProvider? time = null)
    {
        if (options.Steps is null && options.Minutes is null)
            throw new ArgumentException("A stage needs steps or minutes.", nameof(options));
        (this.options, this.name, this.best, this.progress) = (options, name, best, progress);
        checkpoint = Path.Combine(Directory.CreateDirectory(folder).FullName, CheckpointFile);
        optimizer = new AdamW(groups, options.Beta1, options.Beta2, clipNorm: options.ClipNorm);
        state = [.. optimizer.State(), .. best?.State ?? []];
        var position = TrainerState.Read(checkpoint, state) ?? new(0, 0);
        optimizer.TakeOverState();
        log = new TrainingLog(folder, name, position.Step);
        clock = new TrainingClock(options, position, time ?? TimeProvider.System);
        lossSum = zeros(1, device: groups[0].Parameters[0].Parameter.device).DetachFromDisposeScope();
    }

    /// <summary>The validation loss is to be measured now, after this step.</summary>
    public bool ValidationIsDue { get; private set; }

    /// <summary>The last validation loss.</summary>
    public double? ValidationLoss { get; private set; }

    /// <summary>
    /// Numbers of the micro-batches that are left, counted from 0 over the whole run. Before each one
    /// torch's generators are seeded by the run's seed and that number, so a run that was stopped has the
    /// losses of an unbroken one.
    /// </summary>
    /// <param name="cancel">Stops after the current step: the state is on disk then, and a new trainer in the same
    /// folder goes on from it.</param>
    /// <exception cref="InvalidOperationException">The loss is no longer a number.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public IEnumerable<long> Batches(CancellationToken cancel = default)
    {
        while (clock.Done < 1)
        {
            var step = clock.Step;
            for (var micro = 0; micro < options.Accumulate; micro++)
            {
                var number = step * options.Accumulate + micro;
                manual_seed(Seeds.Mix(options.Seed, number));
                ValidationIsDue = false;
                yield return number;
            }
            if (clock.Step == step) throw new InvalidOperationException("Step was not called for each batch.");
            Save(cancel);
        }
        log.Plot();
    }

    /// <summary>Adds the gradients of a micro-batch's mean loss, a scalar on the device.</summary>
    public void Backward(Tensor loss)
    {
        var share = loss * Scalars.Of(1.0 / options.Accumulate);
        share.backward();
        Add(share.detach());
    }

    /// <summary>The same for a loss that computes its own gradients, as gradient checkpointing does.</summary>
    /// <param name="lossAndGradients">Adds the gradients times a factor and returns the loss without it.</param>
    public void Backward(Func<double, Tensor> lossAndGradients)
    {
        var factor = 1.0 / options.Accumulate;
        Add(lossAndGradients(factor) * Scalars.Of(factor));
    }

    /// <summary>
    /// Takes an optimiser step once the gradients of <see cref="StageOptions.Accumulate"/> micro-batches are there.
    /// </summary>
    public void Step()
    {
        if (++accumulated < options.Accumulate) return;
        accumulated = 0;
        optimizer.Step(clock.LearningRateFactor);
        clock.Advance();
        ValidationIsDue = best is not null && clock.ValidationIsDue();
    }

    /// <summary>Records a validation loss; the weights are kept if they are the best so far.</summary>
    public void Validated(double loss)
    {
        ValidationLoss = loss;
        best?.Update(loss);
    }

    public void Dispose()
    {
        log.Dispose();
        lossSum.Dispose();
        optimizer.Dispose();
    }

    private void Add(Tensor share)
    {
        using var _ = no_grad();
        lossSum.add_(share, Scalars.One);
    }

    /// <summary>Log and checkpoint, where they are due after a step.</summary>
    private void Save(CancellationToken cancel)
    {
        var logs = clock.Step % options.LogEvery == 0;
        if (logs || clock.Done >= 1) Report();
        var stop = cancel.IsCancellationRequested;
        if ((logs && clock.CheckpointIsDue()) || stop)
        {
            if (clock.Unreported > 0) Report();
            TrainerState.Write(checkpoint, clock.Position, state);
        }
        if (stop) throw new OperationCanceledException(cancel);
    }

    private void Report()
    {
        var loss = lossSum.item<float>() / clock.Unreported;
        lossSum.zero_();
        if (!float.IsFinite(loss))
        {
            throw new InvalidOperationException(
                $"The loss of '{name}' is {loss} at step {clock.Step}: the learning rate may be too high.");
        }
        var line = clock.Line(name, loss, ValidationLoss);
        log.Add(line);
        progress?.Report(line);
    }
}
