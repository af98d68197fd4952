using Azure.Storage.Queues.Models;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Storage;
using OpenMU.Catalogue.Tracks;
using OpenMU.Mir.Audio;
using OpenMU.Testing;

namespace OpenMU.Worker.Tests;

/// <summary>One message at a time, on real storage and a real catalogue.</summary>
public sealed class JobRunTests(Emulator emulator)
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    private static readonly ScriptedAnalyser AtOnce = new((_, _) => Task.CompletedTask);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_result_is_committed_the_message_deleted_and_the_download_gone()
    {
        await using var stage = await Stage.SetAsync(emulator);
        var job = await stage.AddTrackAsync("home/a.wav", [1, 2, 3]);
        byte[] seen = [];
        await RunAsync(
            stage, job,
            new ScriptedAnalyser(async (path, cancel) => seen = await File.ReadAllBytesAsync(path, cancel)));

        seen.Should().Equal(1, 2, 3);
        var settled = await stage.JobAsync(job);
        settled.Should().BeEquivalentTo(new
        {
            State = JobState.Ready,
            Reason = (string?)null,
            Attempts = 1,
            Fence = 1L,
            LeaseUntil = (DateTime?)null
        });
        settled.Analysis!.Codec.Should().Be("scripted");
        (await Stage.CountAsync(stage.Storage.Analysis)).Should().Be(0);
        Directory.GetFiles(stage.Folder, $"{job}-*").Should().BeEmpty();
    }

    [Fact]
    public async Task A_file_that_is_no_music_is_Rejected_at_the_first_try_with_its_reason()
    {
        await using var stage = await Stage.SetAsync(emulator);
        var job = await stage.AddTrackAsync("home/a.mp3", "This is not music."u8.ToArray());
        await RunAsync(stage, job, new TrackAnalyser(OpenMU.Mir.Audio.DecodeLimits.Default, TimeProvider.System));

        (await stage.JobAsync(job)).Should().BeEquivalentTo(
            new
            {
                State = JobState.Rejected,
                Reason = "This is not audio, or it is too damaged to be recognised.",
                Attempts = 1,
                Analysis = (Analysis?)null
            });
        (await Stage.CountAsync(stage.Storage.Analysis)).Should().Be(0);
        (await Stage.CountAsync(stage.Storage.AnalysisPoison)).Should().Be(0);
    }

    [Fact]
    public async Task A_decoder_that_is_missing_costs_a_track_no_try_and_its_message_comes_back()
    {
        await using var stage = await Stage.SetAsync(emulator);
        var job = await stage.AddTrackAsync("home/a.wav", TestSound.Tone(1, 440));
        var limits = new DecodeLimits { ProgramFolder = Path.Combine(stage.Folder, "no programs") };
        await RunAsync(stage, job, new TrackAnalyser(limits, TimeProvider.System), limits: limits);

        (await stage.JobAsync(job))
            .Should().BeEquivalentTo(new { State = JobState.Queued, Attempts = 0, LeaseUntil = (DateTime?)null });
        (await Stage.CountAsync(stage.Storage.Analysis)).Should().Be(1);
        (await Stage.CountAsync(stage.Storage.AnalysisPoison)).Should().Be(0);
    }

    [Fact]
    public async Task A_decoder_that_was_killed_on_a_sound_machine_is_a_failed_try_and_no_rejection()
    {
        await using var stage = await Stage.SetAsync(emulator);
        var job = await stage.AddTrackAsync("home/a.wav", [1]);
        await RunAsync(stage, job, new ScriptedAnalyser((_, _) =>
            throw new DecoderUnavailableException(DecoderFault.Killed, "The decoder was killed.")));

        (await stage.JobAsync(job)).Should().BeEquivalentTo(
            new { State = JobState.Queued, Attempts = 1, Reason = "The decoder was killed." });
    }

    [Fact]
    public async Task A_file_that_was_deleted_or_replaced_meanwhile_is_Rejected()
    {
        await using var stage = await Stage.SetAsync(emulator);
        var deleted = await stage.AddTrackAsync("home/a.wav", [1]);
        var replaced = await stage.AddTrackAsync("home/b.wav", [2]);
        await stage.Storage.Tracks.DeleteBlobIfExistsAsync("home/a.wav", cancellationToken: Cancel);
        await stage.UploadAsync("home/b.wav", [3]);
        foreach (var job in (long[])[deleted, replaced])
        {
            await RunAsync(stage, job, AtOnce);
            (await stage.JobAsync(job))
                .Should().BeEquivalentTo(new { State = JobState.Rejected, Reason = JobLedger.FileGone });
        }
    }

    [Fact]
    public async Task A_claim_lost_before_the_commit_discards_the_result_and_leaves_the_message()
    {
        await using var stage = await Stage.SetAsync(emulator);
        var job = await stage.AddTrackAsync("home/a.wav", [1]);
        await RunAsync(stage, job, new ScriptedAnalyser(async (_, _) => await StealAsync(stage, job)));

        (await stage.JobAsync(job)).Should().BeEquivalentTo(
            new { State = JobState.Analysing, Fence = 2L, Attempts = 1, Analysis = (Analysis?)null });
        (await Stage.CountAsync(stage.Storage.Analysis)).Should().Be(1);
    }

    [Fact]
    public async Task A_claim_lost_during_the_work_ends_the_work_at_the_next_renewal()
    {
        await using var stage = await Stage.SetAsync(emulator);
        var job = await stage.AddTrackAsync("home/a.wav", [1]);
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await RunAsync(stage, job, new ScriptedAnalyser(async (_, cancel) =>
        {
            await StealAsync(stage, job);
            time.Advance(Hour / 3);
            await Task.Delay(Timeout.Infinite, cancel);
        }), time);

        (await stage.JobAsync(job))
            .Should().BeEquivalentTo(new { State = JobState.Analysing, Fence = 2L, Attempts = 1 });
        (await Stage.CountAsync(stage.Storage.Analysis)).Should().Be(1);
    }

    [Fact]
    public async Task While_the_work_lasts_the_lease_and_the_message_are_renewed()
    {
        await using var stage = await Stage.SetAsync(emulator);
        var job = await stage.AddTrackAsync("home/a.wav", [1]);
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await stage.Messages.EnqueueAsync(job, Cancel);
        // Received for a second only: without renewal the queue would show the message again during the
        // work, and go on doing so.
        QueueMessage message = await stage.Storage.Analysis.ReceiveMessageAsync(TimeSpan.FromSeconds(1), Cancel);
        await RunAsync(stage, message, new ScriptedAnalyser(async (_, _) =>
        {
            var firstLease = (await stage.JobAsync(job)).LeaseUntil;
            await Task.Delay(TimeSpan.FromSeconds(1.5), Cancel);
            time.Advance(Hour / 3);
            await stage.UntilAsync(jobs => jobs.Single().LeaseUntil > firstLease);
            while ((await stage.Storage.Analysis.PeekMessagesAsync(1, Cancel)).Value.Length > 0)
                await Task.Delay(20, Cancel);
        }), time);

        (await stage.JobAsync(job)).State.Should().Be(JobState.Ready);
        (await Stage.CountAsync(stage.Storage.Analysis)).Should().Be(0, "the receipt is the renewed one");
    }

    [Fact]
    public async Task A_failed_try_gives_the_job_back_with_its_error_and_the_message_waits()
    {
        await using var stage = await Stage.SetAsync(emulator);
        var job = await stage.AddTrackAsync("home/a.wav", [1]);
        await RunAsync(stage, job, Breaking("The disk\nis full."));

        (await stage.JobAsync(job)).Should().BeEquivalentTo(
            new { State = JobState.Queued, Reason = "The disk is full.", Attempts = 1, LeaseUntil = (DateTime?)null });
        (await Stage.CountAsync(stage.Storage.Analysis)).Should().Be(1);
        (await stage.Storage.Analysis.PeekMessagesAsync(1, Cancel)).Value.Should().BeEmpty("the next try comes later");
    }

    [Fact]
    public async Task Bytes_that_are_not_those_that_were_ingested_are_not_analysed()
    {
        await using var stage = await Stage.SetAsync(emulator);
        var job = await stage.AddTrackAsync("home/a.wav", [1]);
        await using (var db = stage.Catalogue.CreateDbContext())
            await db.Jobs.ExecuteUpdateAsync(set => set.SetProperty(j => j.ContentId, "sha256:00"), Cancel);

        await RunAsync(stage, job, AtOnce);
        (await stage.JobAsync(job)).Should().BeEquivalentTo(
            new { State = JobState.Queued, Reason = "The downloaded bytes are not those that were ingested." });
    }

    [Fact]
    public async Task A_worker_that_stops_gives_back_job_and_message_without_counting_a_try()
    {
        await using var stage = await Stage.SetAsync(emulator);
        var job = await stage.AddTrackAsync("home/a.wav", [1]);
        using var stop = new CancellationTokenSource();
        await RunAsync(stage, job, new ScriptedAnalyser(async (_, cancel) =>
        {
            await stop.CancelAsync();
            await Task.Delay(Timeout.Infinite, cancel);
        }), stop: stop.Token);

        (await stage.JobAsync(job))
            .Should().BeEquivalentTo(new { State = JobState.Queued, Attempts = 0, LeaseUntil = (DateTime?)null });
        (await stage.Storage.Analysis.PeekMessagesAsync(1, Cancel)).Value
            .Should().ContainSingle("others can have it at once");
    }

    [Fact]
    public async Task A_message_received_while_stopping_is_not_even_begun()
    {
        await using var stage = await Stage.SetAsync(emulator);
        var job = await stage.AddTrackAsync("home/a.wav", [1]);
        await RunAsync(stage, job, AtOnce, stop: new CancellationToken(canceled: true));

        (await stage.JobAsync(job)).Should().BeEquivalentTo(new { State = JobState.Queued, Fence = 0L });
        (await stage.Storage.Analysis.PeekMessagesAsync(1, Cancel)).Value.Should().ContainSingle();
    }

    [Fact]
    public async Task A_job_that_another_worker_holds_is_left_to_it_and_the_message_waits()
    {
        await using var stage = await Stage.SetAsync(emulator);
        var job = await stage.AddTrackAsync("home/a.wav", [1]);
        await stage.Ledger.ClaimAsync(job, Hour, Cancel);
        await RunAsync(stage, job, AtOnce);

        (await stage.JobAsync(job))
            .Should().BeEquivalentTo(new { State = JobState.Analysing, Fence = 1L, Attempts = 1 });
        (await Stage.CountAsync(stage.Storage.Analysis)).Should().Be(1);
        (await stage.Storage.Analysis.PeekMessagesAsync(1, Cancel)).Value.Should().BeEmpty();
    }

    [Fact]
    public async Task Messages_of_settled_and_of_unknown_jobs_are_deleted_and_those_that_name_none_are_poison()
    {
        await using var stage = await Stage.SetAsync(emulator);
        var job = await stage.AddTrackAsync("home/a.wav", [1]);
        await RunAsync(stage, job, AtOnce);
        foreach (var body in (string[])[JobQueue.Write(new JobMessage(job)),
            JobQueue.Write(new JobMessage(424_242)), "no job"])
        {
            await stage.Storage.Analysis.SendMessageAsync(body, Cancel);
            await RunAsync(
                stage, await stage.Storage.Analysis.ReceiveMessageAsync(Hour, Cancel), Breaking("This must not run."));
        }

        (await stage.JobAsync(job)).Should().BeEquivalentTo(new { State = JobState.Ready, Fence = 1L });
        (await Stage.CountAsync(stage.Storage.Analysis)).Should().Be(0);
        QueueMessage poison = await stage.Storage.AnalysisPoison.ReceiveMessageAsync(cancellationToken: Cancel);
        poison.Body.ToString().Should().Be("no job");
        (await Stage.CountAsync(stage.Storage.AnalysisPoison)).Should().Be(1);
    }

    [Fact]
    public async Task A_job_that_makes_no_progress_is_ended_and_has_failed_a_try()
    {
        await using var stage = await Stage.SetAsync(emulator);
        var job = await stage.AddTrackAsync("home/a.wav", [1]);
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        var process = new ProcessHealth(NullLogger.Instance);
        await RunAsync(stage, job, new ScriptedAnalyser(async (_, cancel) =>
        {
            while (true)
            {
                time.Advance(Hour / 3);
                await Task.Delay(10, cancel);
            }
        }), time, process: process);

        (await stage.JobAsync(job)).Should().BeEquivalentTo(
            new { State = JobState.Queued, Attempts = 1, Reason = "It made no progress for 01:00:00." });
        process.Problem.Should().BeNull("the job could be ended");
    }

    [Fact]
    public async Task A_job_that_hung_in_one_pass_with_others_loses_no_try_and_is_to_be_tried_alone()
    {
        await using var stage = await Stage.SetAsync(emulator);
        var job = await stage.AddTrackAsync("home/a.wav", [1]);
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await RunAsync(stage, job, new ScriptedAnalyser(async (_, progress, cancel) =>
        {
            using var watch = progress.Watch(() => 0, isShared: () => true);
            while (true)
            {
                time.Advance(Hour / 3);
                await Task.Delay(10, cancel);
            }
        }), time);

        (await stage.JobAsync(job)).Should().BeEquivalentTo(
            new { State = JobState.Queued, Attempts = 0, IsSuspect = true });
    }

    [Fact]
    public async Task Progress_keeps_a_job_going_for_as_long_as_its_sound_allows()
    {
        await using var stage = await Stage.SetAsync(emulator);
        var (slow, endless) =
            (await stage.AddTrackAsync("home/a.wav", [1]), await stage.AddTrackAsync("home/b.wav", [2]));
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        ScriptedAnalyser Working(double seconds, int thirds) => new(async (_, progress, cancel) =>
        {
            var decoded = 0d;
            using var watch = progress.Watch(() => decoded, isSound: true);
            for (var i = 0; i < thirds; i++)
            {
                decoded += seconds;
                time.Advance(Hour / 3);
                await Task.Delay(20, cancel);
            }
        });

        // An hour and three seconds for each second of sound: ten hours are allowed here.
        await RunAsync(stage, slow, Working(seconds: 600, thirds: 18), time);
        await RunAsync(stage, endless, Working(seconds: 0.001, thirds: 100_000), time);

        (await stage.JobAsync(slow)).Should().BeEquivalentTo(new { State = JobState.Ready, Attempts = 1 });
        (await stage.JobAsync(endless)).Should().BeEquivalentTo(new { State = JobState.Queued, Attempts = 1 });
        (await stage.JobAsync(endless)).Reason.Should().StartWith("It was not done after 01:00:00");
    }

    [Fact]
    public async Task A_job_that_cannot_be_ended_fails_its_try_and_only_a_new_process_helps()
    {
        await using var stage = await Stage.SetAsync(emulator);
        var job = await stage.AddTrackAsync("home/a.wav", [1]);
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        var process = new ProcessHealth(NullLogger.Instance);
        var free = new TaskCompletionSource();
        await RunAsync(stage, job, new ScriptedAnalyser(async (_, _) =>
        {
            while (process.Problem is null)
            {
                time.Advance(Hour / 3);
                await Task.Delay(10, CancellationToken.None);
            }

            await free.Task;
        }), time, process: process);
        free.SetResult();

        (await stage.JobAsync(job)).Should().BeEquivalentTo(new { State = JobState.Queued, Attempts = 1 });
        process.Problem.Should().Be($"Job {job} cannot be ended: It made no progress for 01:00:00.");
        process.IsStuck.Should().BeTrue();
    }

    private static ScriptedAnalyser Breaking(string error) => new((_, _) => throw new IOException(error));

    /// <summary>Another worker's claim, as after a lease that ended unrenewed.</summary>
    private static async Task StealAsync(Stage stage, long job)
    {
        await using var db = stage.Catalogue.CreateDbContext();
        await db.Jobs.Where(j => j.Id == job)
            .ExecuteUpdateAsync(set => set.SetProperty(j => j.LeaseUntil, DateTime.UnixEpoch), Cancel);
        (await stage.Ledger.ClaimAloneAsync(job, Hour, Cancel)).Should().BeOfType<ClaimAnswer.Granted>();
    }

    private static async Task RunAsync(
        Stage stage, long job, TrackAnalyser analyser, TimeProvider? time = null, DecodeLimits? limits = null,
        ProcessHealth? process = null, CancellationToken stop = default)
    {
        await stage.SendAsync(job);
        await RunAsync(
            stage, await stage.Storage.Analysis.ReceiveMessageAsync(Hour, Cancel), analyser, time, limits,
            process, stop);
    }

    private static Task RunAsync(
        Stage stage, QueueMessage message, TrackAnalyser analyser, TimeProvider? time = null,
        DecodeLimits? limits = null, ProcessHealth? process = null, CancellationToken stop = default)
    {
        time ??= TimeProvider.System;
        var jobs = new JobQueues(stage.Catalogue, stage.Storage, time).Analyses;
        var options = new WorkerOptions { Visibility = Hour, StallAfter = Hour, TempFolder = stage.Folder };
        var machine = TestWorker.Machine(stage, limits, options);
        var work = new AnalysisWork(
            jobs.Ledger, stage.Catalogue,
            new TrackDownload(stage.Catalogue, stage.Storage, machine.Disk, stage.Folder),
            new EarlierAnalyses(stage.Catalogue), analyser,
            NullLogger.Instance);
        var run = new JobRun(
            jobs, work, new JobsInFlight(), machine, process ?? new ProcessHealth(NullLogger.Instance), options, time,
            NullLogger.Instance);
        return run.RunAsync(new HeldMessage(stage.Storage.Analysis, message), stop);
    }
}
