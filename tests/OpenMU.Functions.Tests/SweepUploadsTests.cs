using Azure.Storage.Queues.Models;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Storage;
using OpenMU.Testing;

namespace OpenMU.Functions.Tests;

public sealed class SweepUploadsTests(Emulator emulator)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Uploads_whose_event_was_missed_are_found_and_a_second_sweep_finds_nothing()
    {
        await using var stage = await Stage.SetAsync(emulator);
        for (byte i = 0; i < 5; i++) await stage.UploadAsync($"home/{i}.wav", [i]);
        (await Sweep(stage).RunAsync(Cancel))
            .Should().Be(new SweepResult(Listed: 5, Ingested: 5, Enqueued: 0, Failed: 0));
        (await Sweep(stage).RunAsync(Cancel))
            .Should().Be(new SweepResult(Listed: 5, Ingested: 0, Enqueued: 0, Failed: 0));
        (await Stage.CountAsync(stage.Storage.Analysis)).Should().Be(5);
    }

    [Fact]
    public async Task A_replaced_blob_is_found_by_its_version()
    {
        await using var stage = await Stage.SetAsync(emulator);
        await stage.UploadAsync("home/a.wav", [1]);
        await Sweep(stage).RunAsync(Cancel);
        var etag = await stage.UploadAsync("home/a.wav", [2]);
        (await Sweep(stage).RunAsync(Cancel)).Ingested.Should().Be(1);
        (await stage.TracksAsync()).Should().ContainSingle().Which.ETag.Should().Be(etag);
    }

    [Fact]
    public async Task A_job_whose_enqueue_was_dropped_gets_its_message()
    {
        await using var stage = await Stage.SetAsync(emulator);
        var job = await stage.AddTrackAsync("home/a.wav", [1]);
        (await Sweep(stage, grace: TimeSpan.FromHours(1)).RunAsync(Cancel)).Enqueued
            .Should().Be(0, "its message may be on the way");
        (await Sweep(stage).RunAsync(Cancel)).Enqueued.Should().Be(1);
        QueueMessage message = await stage.Storage.Analysis.ReceiveMessageAsync(cancellationToken: Cancel);
        JobQueue.Read(message.Body.ToString()).Should().Be(new JobMessage(job));
        (await stage.JobAsync(job)).EnqueuedAt.Should().NotBeNull();
    }

    [Fact]
    public async Task Orphans_get_a_new_message_only_when_the_queue_is_empty_and_nobody_works_on_them()
    {
        await using var stage = await Stage.SetAsync(emulator);
        var left = await stage.AddTrackAsync("home/left.wav", [1]);
        var held = await stage.AddTrackAsync("home/held.wav", [2]);
        foreach (var job in (long[])[left, held]) await stage.Ledger.MarkEnqueuedAsync(job, Cancel);
        await stage.Ledger.ClaimAsync(left, TimeSpan.Zero, Cancel);
        await stage.Ledger.ClaimAsync(held, TimeSpan.FromHours(1), Cancel);

        await stage.Storage.Analysis.SendMessageAsync(
            "a message that a worker holds", visibilityTimeout: TimeSpan.FromHours(1), cancellationToken: Cancel);
        (await Sweep(stage).RunAsync(Cancel)).Enqueued.Should().Be(0, "the message may be theirs");
        await stage.Storage.Analysis.ClearMessagesAsync(Cancel);
        (await Sweep(stage).RunAsync(Cancel)).Enqueued.Should().Be(1);
        QueueMessage message = await stage.Storage.Analysis.ReceiveMessageAsync(cancellationToken: Cancel);
        JobQueue.Read(message.Body.ToString()).Should().Be(new JobMessage(left));
    }

    [Fact]
    public async Task A_blob_that_cannot_be_ingested_does_not_keep_the_others_out()
    {
        await using var stage = await Stage.SetAsync(emulator);
        await stage.UploadAsync(new string('t', 65) + "/a.wav", [1]);
        await stage.UploadAsync("z/b.wav", [2]);
        (await Sweep(stage).RunAsync(Cancel))
            .Should().Be(new SweepResult(Listed: 2, Ingested: 1, Enqueued: 0, Failed: 1));
        (await stage.TracksAsync()).Select(t => t.BlobName).Should().Equal("z/b.wav");
    }

    [Fact]
    public async Task A_job_given_up_for_its_missing_file_starts_again_while_the_file_is_there()
    {
        await using var stage = await Stage.SetAsync(emulator);
        var job = await stage.AddTrackAsync("home/a.wav", [1]);
        await using (var db = stage.Catalogue.CreateDbContext())
        {
            await db.Jobs.ExecuteUpdateAsync(
                set => set.SetProperty(j => j.State, JobState.Rejected).SetProperty(j => j.Reason, JobLedger.FileGone),
                Cancel);
        }

        await Sweep(stage).RunAsync(Cancel);
        (await stage.JobAsync(job)).State.Should().Be(JobState.Queued);
        (await Stage.CountAsync(stage.Storage.Analysis)).Should().Be(1);
    }

    private static SweepUploads Sweep(Stage stage, TimeSpan grace = default)
    {
        var options = new IngestOptions { Grace = grace };
        var ingest = new IngestTrack(
            stage.Catalogue, stage.Storage, stage.Jobs, options, TimeProvider.System, NullLogger<IngestTrack>.Instance);
        return new SweepUploads(
            ingest, stage.Catalogue, stage.Storage, stage.Jobs, options, NullLogger<SweepUploads>.Instance);
    }
}
