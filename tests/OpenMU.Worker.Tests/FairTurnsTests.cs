using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using OpenMU.Catalogue.Jobs;
using OpenMU.Testing;

namespace OpenMU.Worker.Tests;

public sealed class FairTurnsTests(Emulator emulator)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_one_track_of_a_tenant_is_worked_on_before_the_many_that_came_before_it()
    {
        await using var stage = await Stage.SetAsync(emulator);
        for (byte i = 0; i < 30; i++) await stage.AddTrackAsync($"large/{i}.wav", [i], "large");
        var jobs = Jobs(stage, window: 4);
        (await jobs.Analyses.RefillAsync(Cancel)).Should().Be(4);
        var small = await stage.AddTrackAsync("small/a.wav", [1], "small");
        (await jobs.Analyses.EnqueueAsync(small, Cancel)).Should().BeTrue();

        var order = new ConcurrentQueue<string>();
        await Worker(stage, jobs, parallelism: 1, path =>
        {
            order.Enqueue(path);
            return Task.CompletedTask;
        }).RunAsync(Cancel);

        (await stage.JobsAsync()).Should().HaveCount(31)
            .And.OnlyContain(job => job.State == JobState.Ready && job.Fence == 1);
        order.ToList().FindIndex(path => Path.GetFileName(path).StartsWith($"{small}-", StringComparison.Ordinal))
            .Should().BeLessThanOrEqualTo(4, "no more than the window was there before it");
        (await Stage.CountAsync(stage.Storage.Analysis)).Should().Be(0);
    }

    [Fact]
    public async Task Workers_send_what_waits_themselves_and_never_more_than_the_window()
    {
        await using var stage = await Stage.SetAsync(emulator);
        string[] tenants = ["a", "b", "c"];
        for (byte i = 0; i < 30; i++) await stage.AddTrackAsync($"{tenants[i % 3]}/{i}.wav", [i], tenants[i % 3]);
        var jobs = Jobs(stage, window: 6);
        var most = 0;

        // Nobody has sent a single message: an idle worker finds what waits.
        await Worker(stage, jobs, parallelism: 2, async _ =>
        {
            await using var db = stage.Catalogue.CreateDbContext();
            most = Math.Max(most, await db.TenantQueues.MaxAsync(queue => queue.Sent, Cancel));
        }).RunAsync(Cancel);

        (await stage.JobsAsync()).Should().HaveCount(30)
            .And.OnlyContain(job => job.State == JobState.Ready && job.Fence == 1);
        most.Should().BeInRange(1, 6);
        await using var catalogue = stage.Catalogue.CreateDbContext();
        (await catalogue.TenantQueues.ToListAsync(Cancel))
            .Should().OnlyContain(queue => queue.Waiting == 0 && queue.Sent == 0 && queue.Turns == 10);
    }

    private static JobQueues Jobs(Stage stage, int window) =>
        new(stage.Catalogue, stage.Storage, TimeProvider.System, new QueueSettings { Window = window });

    private static WorkerLoop Worker(Stage stage, JobQueues jobs, int parallelism, Func<string, Task> work)
    {
        var options = TestWorker.Options(stage);
        options.Parallelism = parallelism;
        return new WorkerLoop(
            stage.Catalogue, stage.Storage, jobs, new ScriptedAnalyser((path, _) => work(path)),
            TestWorker.Machine(stage, options: options), new ProcessHealth(NullLogger.Instance), options,
            TimeProvider.System, NullLogger<WorkerLoop>.Instance);
    }
}
