using OpenMU.Model.Kernels;
using OpenMU.Testing;
using OpenMU.Training.Stages;
using static TorchSharp.torch;
using AdamW = OpenMU.Training.AdamW;
using Parameter = TorchSharp.Modules.Parameter;

namespace OpenMU.Training.Tests;

[Collection(OneGenerator.Name)]
public sealed class TrainerTests : IDisposable
{
    private static readonly StageOptions Options = new()
    {
        Batch = 8,
        Steps = 60,
        LearningRate = 0.05,
        WeightDecay = 0.01,
        ClipNorm = 1,
        LogEvery = 5,
        CheckpointEvery = 10,
        Accumulate = 2,
        Seed = 3
    };
    private readonly string folder = Directory.CreateTempSubdirectory("openmu-train-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData(7)]
    [InlineData(23)]
    [InlineData(50)]
    public void A_run_killed_at_any_step_and_started_again_ends_as_an_unbroken_one(int killedAt)
    {
        var unbroken = Train("unbroken", killedAt: null);
        FluentActions.Invoking(() => Train("broken", killedAt)).Should().Throw<KilledException>();
        var broken = Train("broken", killedAt: null);
        broken.ShouldBeCloseTo(unbroken, 1e-6);
        Losses("broken").Should().Equal(Losses("unbroken"), "the log too is that of one run");
    }

    [Fact]
    public void A_cancelled_run_loses_no_step()
    {
        var unbroken = Train("unbroken", killedAt: null);
        using var cancel = new CancellationTokenSource();
        FluentActions.Invoking(() =>
            Train("broken", killedAt: null, step => { if (step == 2 * 13) cancel.Cancel(); }, cancel.Token))
            .Should().Throw<OperationCanceledException>();
        var firstStep = long.MaxValue;
        Train("broken", killedAt: null, step => firstStep = Math.Min(firstStep, step)).ShouldBeCloseTo(unbroken, 1e-6);
        firstStep.Should().Be(2 * 14);
    }

    [Fact]
    public void The_loss_falls_and_is_logged_and_drawn()
    {
        Train("run", killedAt: null);
        var losses = Losses("run");
        losses.Should().HaveCount(12);
        losses[^1].Should().BeLessThan(losses[0] / 4);
        File.ReadAllText(Path.Combine(folder, "run", "loss.svg")).Should().StartWith("<svg").And.Contain("polyline");
    }

    [Fact]
    public void A_loss_that_is_no_number_stops_the_run()
    {
        var parameter = new Parameter(ones(2));
        FluentActions.Invoking(() => Run(
            new Trainer(Path.Combine(folder, "nan"), "toy", Options, [new([("p", parameter)], 1)]),
            _ => (parameter * Scalars.Of(double.NaN)).sum()))
            .Should().Throw<InvalidOperationException>().WithMessage("*'toy'*step 5*");
    }

    [Fact]
    public void A_checkpoint_of_other_sizes_is_refused()
    {
        FluentActions.Invoking(() => Train("run", killedAt: 15)).Should().Throw<KilledException>();
        var other = new Parameter(ones(7));
        FluentActions.Invoking(() =>
            Run(new Trainer(Path.Combine(folder, "run"), "toy", Options, [new([("w", other)], 1)]), _ => other.sum()))
            .Should().Throw<InvalidDataException>();
    }

    [Fact]
    public void A_stage_that_forgets_to_step_does_not_run_for_ever()
    {
        var parameter = new Parameter(ones(2));
        using var trainer = new Trainer(
            Path.Combine(folder, "forgetful"), "toy", Options, [new([("p", parameter)], 1)]);
        FluentActions.Invoking(() => trainer.Batches().Count())
            .Should().Throw<InvalidOperationException>().WithMessage("*Step*");
    }

    [Fact]
    public void The_best_weights_by_validation_loss_survive_a_restart()
    {
        var parameter = new Parameter(zeros(1));
        double[] validation = [3, 1, 2, 5];
        float? atBest = null;
        using (var best = new BestCheckpoint([("p", parameter)]))
        {
            using var cancel = new CancellationTokenSource();
            FluentActions.Invoking(() =>
                Validate(best, cancel.Token, measured => { if (measured == 3) cancel.Cancel(); }))
                .Should().Throw<OperationCanceledException>();
        }
        using var resumed = new BestCheckpoint([("p", parameter)]);
        Validate(resumed, CancellationToken.None, _ => { });
        resumed.Weights().Single().Tensor.item<float>().Should().Be(atBest);

        void Validate(BestCheckpoint best, CancellationToken cancel, Action<int> each)
        {
            var options =
                Options with { Steps = 20, Evaluations = 4, Accumulate = 1, LogEvery = 5, CheckpointEvery = 5 };
            using var trainer = new Trainer(
                Path.Combine(folder, "best"), "toy", options, [new([("p", parameter)], 0.1)], best);
            foreach (var batch in trainer.Batches(cancel))
            {
                using var scope = NewDisposeScope();
                trainer.Backward((parameter - Scalars.One).pow2().sum());
                trainer.Step();
                if (!trainer.ValidationIsDue) continue;
                var measured = (int)(batch / 5);
                if (measured == 1) atBest = parameter.item<float>();
                trainer.Validated(validation[measured]);
                each(measured + 1);
            }
        }
    }

    [Fact]
    public void Minutes_bound_a_run_whatever_its_speed()
    {
        var clock = new StepClock();
        var parameter = new Parameter(ones(2));
        var lines = new List<StageProgress>();
        var steps = 0;
        Tensor Loss(long _)
        {
            steps++;
            clock.Seconds += 3;
            return parameter.pow2().sum();
        }
        Run(new Trainer(
            Path.Combine(folder, "timed"), "timed", Options with { Steps = null, Minutes = 2, Accumulate = 1 },
            [new([("p", parameter)], 0.1)], progress: new Listed(lines), time: clock), Loss);
        steps.Should().Be(40);
        lines[^1].Done.Should().Be(1);
        lines.Select(line => line.LearningRateFactor).Skip(1)
            .Should().BeInDescendingOrder("the schedule follows the clock");
    }

    [Fact]
    public void Narrow_parameters_learn_by_steps_smaller_than_their_own_precision()
    {
        var parameter = new Parameter(full(4, Scalars.Of(100), dtype: bfloat16));
        using var optimiser = new AdamW([new([("p", parameter)], 0.01)]);
        for (var i = 0; i < 100; i++)
        {
            using var scope = NewDisposeScope();
            parameter.sum().backward();
            optimiser.Step(1);
        }
        // At 100 neighbouring bfloat16 numbers lie 0.5 apart: a hundred steps of 0.01 reach the next one
        // only through a wider copy.
        parameter.to(float32).max().item<float>().Should().Be(99);
    }

    private Tensor Train(string name, int? killedAt, Action<long>? each = null, CancellationToken cancel = default)
    {
        var wanted = tensor([1f, -2, 3, 0.5f]);
        var weight = new Parameter(zeros(4));
        var bias = new Parameter(zeros(1));
        Tensor Loss(long number)
        {
            if (number / 2 == killedAt) throw new KilledException();
            each?.Invoke(number);
            var x = randn(8, 4);
            return (x.mv(weight).add_tensor(bias) - x.mv(wanted) - Scalars.One).pow2().mean();
        }
        Run(new Trainer(Path.Combine(folder, name), "toy", Options, [new([("w", weight)], Options.LearningRate, 0.01),
            new([("b", bias)], Options.LearningRate)]), Loss, cancel);
        return cat([weight.detach(), bias.detach()]);
    }

    private static void Run(Trainer trainer, Func<long, Tensor> loss, CancellationToken cancel = default)
    {
        using var _ = trainer;
        foreach (var batch in trainer.Batches(cancel))
        {
            using var scope = NewDisposeScope();
            trainer.Backward(loss(batch));
            trainer.Step();
        }
    }

    private double[] Losses(string name) => [.. File.ReadLines(Path.Combine(folder, name, "log.csv")).Skip(1)
        .Select(line => double.Parse(line.Split(',')[1]))];

    private sealed class KilledException : Exception;

    private sealed class Listed(List<StageProgress> lines) : IProgress<StageProgress>
    {
        public void Report(StageProgress value) => lines.Add(value);
    }

    private sealed class StepClock : TimeProvider
    {
        public double Seconds { get; set; }

        public override long TimestampFrequency => 1000;

        public override long GetTimestamp() => (long)(Seconds * 1000);
    }
}
