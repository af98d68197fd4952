using System.Collections.Concurrent;
using System.Globalization;
using Azure.Storage.Queues;
using Azure.Storage.Queues.Models;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Storage;
using OpenMU.Mir.Audio;
using OpenMU.Testing;

namespace OpenMU.Worker.Tests;

public sealed class WorkerLoopTests(Emulator emulator)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_queue_is_drained_a_few_tracks_at_a_time_and_never_more()
    {
        await using var stage = await Stage.SetAsync(emulator);
        for (byte i = 0; i < 10; i++) await EnqueueAsync(stage, i);
        var (working, most) = (0, 0);
        var together = new TaskCompletionSource();
        await RunAsync(stage, async (_, cancel) =>
        {
            var now = Interlocked.Increment(ref working);
            InterlockedMax(ref most, now);
            // The first waits for a second one, however slow the machine is; a third would have its time beside any
            // two.
            if (now == 2) together.TrySetResult();
            await together.Task.WaitAsync(TimeSpan.FromMinutes(1), cancel);
            await Task.Delay(20, cancel);
            Interlocked.Decrement(ref working);
        });

        (await stage.JobsAsync()).Should().HaveCount(10)
            .And.OnlyContain(job => job.State == JobState.Ready && job.Fence == 1);
        most.Should().Be(2, "that is the parallelism");
        (await Stage.CountAsync(stage.Storage.Analysis)).Should().Be(0);
        Directory.GetFileSystemEntries(TestWorker.Work(stage)).Should().BeEmpty();
    }

    [Fact]
    public async Task While_the_model_has_tracks_as_many_others_are_decoded_and_never_more()
    {
        await using var stage = await Stage.SetAsync(emulator);
        for (byte i = 0; i < 10; i++) await EnqueueAsync(stage, i);
        var (working, most) = (0, 0);
        var together = new TaskCompletionSource();
        var analyser = new ScriptedAnalyser(async (_, progress, cancel) =>
        {
            var now = Interlocked.Increment(ref working);
            InterlockedMax(ref most, now);
            if (now == 4) together.TrySetResult();
            progress.HandOver();
            await together.Task.WaitAsync(TimeSpan.FromMinutes(1), cancel);
            await Task.Delay(20, cancel);
            Interlocked.Decrement(ref working);
        });

        await TestWorker.On(stage, analyser).RunAsync(Cancel);

        (await stage.JobsAsync()).Should().HaveCount(10)
            .And.OnlyContain(job => job.State == JobState.Ready && job.Fence == 1);
        most.Should().Be(4, "two may be decoded while the model has two");
    }

    [Fact]
    public async Task A_track_that_fails_five_times_ends_on_the_poison_queue_and_keeps_no_other_back()
    {
        await using var stage = await Stage.SetAsync(emulator);
        var guilty = await EnqueueAsync(stage, 1);
        var innocent = await EnqueueAsync(stage, 2);
        var tries = 0;
        await RunAsync(stage, async (path, cancel) =>
        {
            if ((await File.ReadAllBytesAsync(path, cancel))[0] == 1)
                throw new IOException($"Try {Interlocked.Increment(ref tries)} broke.");
        });

        tries.Should().Be(JobLedger.MaxAttempts);
        (await stage.JobAsync(guilty))
            .Should().BeEquivalentTo(new { State = JobState.Queued, Reason = "Try 5 broke.", Attempts = 5 });
        (await stage.JobAsync(innocent)).Should().BeEquivalentTo(new { State = JobState.Ready, Attempts = 1 });
        (await Stage.CountAsync(stage.Storage.Analysis)).Should().Be(0);
        (await Stage.CountAsync(stage.Storage.AnalysisPoison)).Should().Be(1);
        QueueMessage poison = await stage.Storage.AnalysisPoison.ReceiveMessageAsync(cancellationToken: Cancel);
        JobQueue.Read(poison.Body.ToString()).Should().Be(new JobMessage(guilty));
        poison.ExpiresOn.Should().BeAfter(TimeProvider.System.GetUtcNow().AddYears(1));
    }

    [Fact]
    public async Task Stopped_in_the_middle_it_gives_back_all_it_holds()
    {
        await using var stage = await Stage.SetAsync(emulator);
        for (byte i = 0; i < 3; i++) await EnqueueAsync(stage, i);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        using var begun = new CountdownEvent(2);
        var running = RunAsync(stage, async (_, cancel) =>
        {
            begun.Signal();
            await Task.Delay(Timeout.Infinite, cancel);
        }, stop.Token);
        await Task.Run(() => begun.Wait(Cancel), Cancel);
        await stop.CancelAsync();
        await running;

        (await stage.JobsAsync()).Should().HaveCount(3)
            .And.OnlyContain(job => job.State == JobState.Queued && job.Attempts == 0);
        (await stage.Storage.Analysis.PeekMessagesAsync(32, Cancel)).Value
            .Should().HaveCount(3, "others can have them at once");
        Directory.GetFileSystemEntries(TestWorker.Work(stage)).Should().BeEmpty();
    }

    [Fact]
    public async Task Messages_that_nobody_can_read_go_to_the_poison_queue_and_those_behind_them_are_worked_off()
    {
        await using var stage = await Stage.SetAsync(emulator);
        var plain = new QueueClient(
            stage.ConnectionString, StorageNames.Analysis,
            new QueueClientOptions { MessageEncoding = QueueMessageEncoding.None });
        await plain.SendMessageAsync("{not Base64}", Cancel);
        await stage.Storage.Analysis.SendMessageAsync("no job", Cancel);
        var job = await EnqueueAsync(stage, 1);
        await RunAsync(stage, (_, _) => Task.CompletedTask);

        (await stage.JobAsync(job)).State.Should().Be(JobState.Ready);
        (await Stage.CountAsync(stage.Storage.Analysis)).Should().Be(0);
        QueueMessage[] poison = await stage.Storage.AnalysisPoison.ReceiveMessagesAsync(32, cancellationToken: Cancel);
        poison.Select(message => message.Body.ToString()).Should().BeEquivalentTo("{not Base64}", "no job");
    }

    [Fact]
    public async Task Jobs_that_a_worker_ended_with_are_tried_one_at_a_time_and_lose_no_try()
    {
        await using var stage = await Stage.SetAsync(emulator);
        var suspects = new List<long>();
        for (byte i = 0; i < 6; i++) suspects.Add(await EnqueueAsync(stage, i));
        // As a worker leaves them that ended with all of them: claimed, and their leases over.
        foreach (var job in suspects) await stage.Ledger.ClaimAsync(job, TimeSpan.Zero, Cancel);
        for (byte i = 6; i < 12; i++) await EnqueueAsync(stage, i);
        var working = new ConcurrentDictionary<long, bool>();
        var beside = 0;
        await RunAsync(stage, async (path, cancel) =>
        {
            var job = long.Parse(Path.GetFileName(path).Split('-')[0], CultureInfo.InvariantCulture);
            working[job] = true;
            for (var i = 0; i < 5; i++)
            {
                await Task.Delay(10, cancel);
                if (suspects.Contains(job) && working.Count > 1) Interlocked.Increment(ref beside);
            }

            working.TryRemove(job, out _);
        });

        beside.Should().Be(0, "a suspect has nothing beside it");
        (await stage.JobsAsync()).Should().HaveCount(12)
            .And.OnlyContain(job => job.State == JobState.Ready && job.Attempts == 1);
        (await stage.JobsAsync()).Where(job => job.IsSuspect).Select(job => job.Id).Should().Equal(suspects);
    }

    [Fact]
    public async Task A_work_folder_that_was_deleted_under_the_worker_is_made_again()
    {
        await using var stage = await Stage.SetAsync(emulator);
        var jobs = new[] { await EnqueueAsync(stage, 1), await EnqueueAsync(stage, 2), await EnqueueAsync(stage, 3) };
        var isDeleted = 0;
        await RunAsync(stage, (path, _) =>
        {
            if (Interlocked.Exchange(ref isDeleted, 1) == 0)
                Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);
            return Task.CompletedTask;
        });

        foreach (var job in jobs) (await stage.JobAsync(job)).State.Should().Be(JobState.Ready);
    }

    [Fact]
    public async Task Without_a_decoder_no_message_is_taken_and_when_it_is_back_all_are_worked_off_at_their_first_try()
    {
        await using var stage = await Stage.SetAsync(emulator);
        var job = await EnqueueAsync(stage, 1);
        var programs = Directory.CreateDirectory(Path.Combine(stage.Folder, "programs")).FullName;
        var limits = new DecodeLimits { ProgramFolder = programs };
        using var machine = TestWorker.Machine(stage, limits);
        var loop = RunAsync(stage, (_, _) => Task.CompletedTask, machine: machine);
        while (await IsHealthyAsync(machine)) await Task.Delay(20, Cancel);
        (await stage.JobAsync(job)).Should().BeEquivalentTo(new { State = JobState.Queued, Attempts = 0 });

        foreach (var program in (string[])["ffmpeg", "ffprobe"])
            File.CreateSymbolicLink(Path.Combine(programs, program), TestPrograms.Find(program));
        await loop;

        (await stage.JobAsync(job)).Should().BeEquivalentTo(new { State = JobState.Ready, Attempts = 1 });
        (await IsHealthyAsync(machine)).Should().BeTrue();
    }

    private static async Task<bool> IsHealthyAsync(MachineHealth machine) =>
        (await machine.CheckHealthAsync(new HealthCheckContext(), Cancel)).Status == HealthStatus.Healthy;

    private static async Task<long> EnqueueAsync(Stage stage, byte content)
    {
        var job = await stage.AddTrackAsync($"home/{content}.wav", [content]);
        await stage.Messages.EnqueueAsync(job, Cancel);
        return job;
    }

    private static Task RunAsync(
        Stage stage, Func<string, CancellationToken, Task> work, CancellationToken? stop = null,
        MachineHealth? machine = null) =>
        TestWorker.On(stage, new ScriptedAnalyser(work), machine).RunAsync(stop ?? Cancel);

    private static void InterlockedMax(ref int target, int value)
    {
        for (var seen = target; value > seen; seen = target) Interlocked.CompareExchange(ref target, value, seen);
    }
}
