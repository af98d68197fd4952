using System.Reflection;
using System.Runtime.InteropServices;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging.Abstractions;
using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Tracks;
using OpenMU.Mir.Audio;
using OpenMU.Testing;

namespace OpenMU.Worker.Tests;

/// <summary>A device that fails, told from a model that fails on a track.</summary>
public sealed class DeviceFaultTests(Emulator emulator)
{
    private const string Sticky = "CUDA error: an illegal memory access was encountered\nCUDA kernel errors might be...";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("CUDA error: device-side assert triggered", true)]
    [InlineData("CUDA error: unspecified launch failure\nSearch for `cudaErrorLaunchFailure'", true)]
    [InlineData("CUDA error: CUBLAS_STATUS_EXECUTION_FAILED when calling `cublasGemmEx(...)`", true)]
    [InlineData("cuDNN error: CUDNN_STATUS_NOT_INITIALIZED", true)]
    [InlineData("CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has a total capacity of 15.77 GiB", true)]
    [InlineData("CUDA error: no kernel image is available for execution on the device", true)]
    [InlineData("Found no NVIDIA driver on your system.", true)]
    [InlineData("[enforce fail at alloc_cpu.cpp:118] err == 0. DefaultCPUAllocator: can't allocate memory", true)]
    [InlineData("std::bad_alloc", true)]
    [InlineData("HIP error: invalid device function", true)]
    [InlineData("mat1 and mat2 shapes cannot be multiplied (3x4 and 5x6)", false)]
    [InlineData("The logits are not finite.", false)]
    [InlineData("index 12 is out of bounds for dimension 0 with size 12", false)]
    [InlineData("probability tensor contains either `inf`, `nan` or element < 0", false)]
    public void What_libtorch_says_tells_whose_fault_it_is(string message, bool isDevice)
    {
        var thrown = new LibtorchException(message);

        DeviceFault.Is(thrown).Should().Be(isDevice);
        DeviceFault.Is(new ModelFailedException(new Analysis { Codec = "" }, thrown)).Should().Be(isDevice);
        DeviceFault.Is(new AggregateException(new IOException("No."), new TargetInvocationException(thrown)))
            .Should().Be(isDevice);
    }

    [Fact]
    public void Memory_or_libraries_that_cannot_be_had_are_the_machines_and_what_strangers_wrote_is_not_looked_at()
    {
        DeviceFault.Is(new InsufficientMemoryException()).Should().BeTrue();
        DeviceFault.Is(new InvalidOperationException("No text.", new DllNotFoundException("cudart"))).Should().BeTrue();
        DeviceFault.Is(new ArgumentException("'CUDA error: out of memory' is too long.")).Should().BeFalse();
        DeviceFault.Is(new UnreadableAudioException("CUDA out of memory.mp3 is no music.")).Should().BeFalse();
        DeviceFault.Is(new OperationCanceledException()).Should().BeFalse();
    }

    [Fact]
    public async Task A_sick_device_costs_no_try_draws_no_further_message_and_ends_the_worker()
    {
        await using var stage = await Stage.SetAsync(emulator);
        var jobs = new List<long>();
        for (byte i = 0; i < 6; i++)
        {
            jobs.Add(await stage.AddTrackAsync($"home/{i}.wav", [i]));
            await stage.Messages.EnqueueAsync(jobs[^1], Cancel);
        }

        // One has a single try left: it must not become Ready without words.
        await using (var db = stage.Catalogue.CreateDbContext())
            await db.Jobs.ExecuteUpdateAsync(set => set.SetProperty(job => job.Attempts, 4), Cancel);
        using var process = new ProcessHealth(NullLogger.Instance);
        var begun = 0;
        var worker = TestWorker.On(
            stage,
            new ScriptedAnalyser(async (_, cancel) =>
            {
                if (Interlocked.Increment(ref begun) == 1) await Task.Delay(Timeout.Infinite, cancel);
                throw new ModelFailedException(new Analysis { Codec = "" }, new LibtorchException(Sticky));
            }),
            process: process);

        (await worker.Awaiting(loop => loop.RunAsync(Cancel)).Should().ThrowAsync<ProcessBrokenException>())
            .WithMessage("The model's device failed: *CUDA error: an illegal memory access was encountered");

        begun.Should().Be(2, "nothing is drawn after the first failure");
        (await stage.JobsAsync()).Should().HaveCount(6)
            .And.OnlyContain(job => job.State == JobState.Queued && job.Attempts == 4 && job.Analysis == null);
        (await stage.JobsAsync()).Count(job => job.IsSuspect).Should().Be(2, "each may have made the device fail");
        (await stage.Storage.Analysis.PeekMessagesAsync(32, Cancel)).Value.Should().HaveCount(6);
        (await process.CheckHealthAsync(new HealthCheckContext(), Cancel)).Status.Should().Be(HealthStatus.Unhealthy);
    }

    [Theory]
    [InlineData(true, 1)]
    [InlineData(false, 0)]
    public async Task Only_a_job_that_a_proved_device_fails_on_alone_has_failed_a_try(bool isProved, int tries)
    {
        await using var stage = await Stage.SetAsync(emulator);
        var job = await stage.AddTrackAsync("home/a.wav", [1]);
        await stage.Messages.EnqueueAsync(job, Cancel);
        await stage.Ledger.ClaimAsync(job, TimeSpan.Zero, Cancel);
        using var process = new ProcessHealth(NullLogger.Instance) { IsDeviceProved = isProved };
        var worker = TestWorker.On(
            stage, new ScriptedAnalyser((_, _) => throw new LibtorchException(Sticky)), process: process);

        await worker.Awaiting(loop => loop.RunAsync(Cancel)).Should().ThrowAsync<ProcessBrokenException>();

        (await stage.JobAsync(job)).Should().BeEquivalentTo(
            new { State = JobState.Queued, Attempts = tries, IsSuspect = true });
    }

    [Fact]
    public async Task A_model_that_computes_is_proved_with_a_sound_of_our_own_making()
    {
        await using var stage = await Stage.SetAsync(emulator);
        using var listener = ModelSession.Open(
            new WorkerOptions { ModelFolder = SmallRandomModel.Write(stage.Folder), ModelThreads = 1 });
        using var process = new ProcessHealth(NullLogger.Instance);

        await TestWorker.On(
            stage, new TrackAnalyser(DecodeLimits.Default, TimeProvider.System, listener), process: process)
            .RunAsync(Cancel);

        process.IsDeviceProved.Should().BeTrue();
    }

    /// <summary>As TorchSharp throws, whose own type only the runtime may make.</summary>
    private sealed class LibtorchException(string message) : ExternalException(message);
}
