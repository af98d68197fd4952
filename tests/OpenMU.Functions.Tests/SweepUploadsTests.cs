using Azure.Storage.Queues.Models;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using OpenMU.Catalogue.Access;
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
            .Should().Be(new Swept(Listed: 5, Ingested: 5, Enqueued: 0, Failed: 0));
        (await Sweep(stage).RunAsync(Cancel))
            .Should().Be(new Swept(Listed: 5, Ingested: 0, Enqueued: 0, Failed: 0));
        (await Stage.CountAsync(stage.Storage.Analysis)).Should().Be(5);
    }

    [Fact]
    public async Task Files_below_a_name_that_no_tenant_has_are_left_until_it_is_added_and_an_operator_sees_them()
    {
        await using var stage = await Stage.SetAsync(emulator);
        await stage.UploadAsync("Warner Archive/2009/x.ogg", [1]);
        await stage.UploadAsync("Warner Archive/2009/y.ogg", [2]);
        await stage.UploadAsync("Warner Archive/2009/y.lrc", "[00:01.00]la"u8.ToArray());
        await stage.UploadAsync("home/a.wav", [3]);
        var prefixes = new TenantPrefixes(stage.Catalogue, TimeProvider.System);

        (await new Handlers(stage).Ingest.HandleAsync("Warner Archive/2009/x.ogg", Cancel))
            .Should().Be(IngestOutcome.OfNoTenant, "an event brings it no further than a sweep does");
        for (var i = 0; i < 2; i++) await Sweep(stage).RunAsync(Cancel);

        (await stage.TracksAsync()).Select(track => track.BlobName).Should().Equal("home/a.wav");
        (await Stage.CountAsync(stage.Storage.Uploads)).Should().Be(0);
        var unknown = (await prefixes.UnknownAsync(Cancel)).Should().ContainSingle().Subject;
        (unknown.Prefix, unknown.Example[..15]).Should().Be(("Warner Archive", "Warner Archive/"));

        await new TenantStore(stage.Catalogue, TimeProvider.System).AddAsync(
            "Warner Archive", [], new("Ada", "cli"), Cancel);
        await Sweep(stage).RunAsync(Cancel);

        (await stage.TracksAsync()).Select(track => track.Tenant).Should().Equal("Warner Archive", "Warner Archive", "home");
        (await prefixes.UnknownAsync(Cancel)).Should().BeEmpty();
    }

    [Fact]
    public async Task A_folder_of_nobody_that_is_gone_is_told_of_no_more()
    {
        await using var stage = await Stage.SetAsync(emulator);
        await using (var db = stage.Catalogue.CreateDbContext())
        {
            db.UnknownPrefixes.Add(new UnknownPrefix { Prefix = "gone", Example = "gone/a.wav" });
            await db.SaveChangesAsync(Cancel);
        }

        await Sweep(stage).RunAsync(Cancel);

        (await new TenantPrefixes(stage.Catalogue, TimeProvider.System).UnknownAsync(Cancel)).Should().BeEmpty();
    }

    [Fact]
    public async Task Names_that_are_due_wait_on_a_queue_and_are_taken_in_side_by_side_by_whoever_reads_it()
    {
        await using var stage = await Stage.SetAsync(emulator);
        for (byte i = 0; i < 40; i++) await stage.UploadAsync($"home/{i}.wav", [i]);
        (await Sweep(stage).OnlyFindAsync(Cancel)).Should().Be(new SweepResult(Listed: 40, Due: 40, Enqueued: 0));
        (await stage.TracksAsync()).Should().BeEmpty();

        var drained = await Task.WhenAll(
            new Handlers(stage).Uploads.DrainAsync(Cancel), new Handlers(stage).Uploads.DrainAsync(Cancel));

        drained.Sum(result => result.Ingested).Should().Be(40);
        (await stage.TracksAsync()).Should().HaveCount(40);
        (await Sweep(stage).OnlyFindAsync(Cancel)).Due.Should().Be(0);
        (await Stage.CountAsync(stage.Storage.Uploads)).Should().Be(0);
    }

    [Fact]
    public async Task A_comparison_that_had_to_stop_goes_on_from_its_marker()
    {
        await using var stage = await Stage.SetAsync(emulator);
        foreach (var name in (string[])["home/a.wav", "home/b.wav", "home/c.wav", "home/d.wav"])
            await stage.UploadAsync(name, [(byte)name[5]]);
        // As after a run that stopped between b and c.
        await foreach (var page in stage.Storage.Tracks.GetBlobsAsync(cancellationToken: Cancel).AsPages(null, 2))
        {
            await using var db = stage.Catalogue.CreateDbContext();
            var (marker, last) = (page.ContinuationToken, page.Values[^1].Name);
            db.Add(new Sweep { Marker = marker, After = last, Listed = 2, StartedAt = Now });
            await db.SaveChangesAsync(Cancel);
            break;
        }

        (await Sweep(stage).FindRecentAsync(Cancel)).Should().Be(new SweepResult(Listed: 2, Due: 2, Enqueued: 0));
        (await new Handlers(stage).Uploads.DrainAsync(Cancel)).Ingested.Should().Be(2);

        (await stage.TracksAsync()).Select(t => t.FileName).Should().Equal("c.wav", "d.wav");
        (await LastAsync(stage)).Should().Match<Sweep>(sweep => sweep.IsFinished && sweep.Listed == 4);
        (await Sweep(stage).OnlyFindAsync(Cancel)).Should().Be(new SweepResult(Listed: 4, Due: 2, Enqueued: 0));
    }

    [Fact]
    public async Task While_more_names_wait_than_a_page_has_a_sweep_does_not_send_them_again()
    {
        await using var stage = await Stage.SetAsync(emulator);
        var handlers = new Handlers(stage);
        await stage.UploadAsync("home/a.wav", [1]);
        await handlers.Uploads.SendAsync([.. Enumerable.Repeat("home/a.wav", SweepUploads.PageSize + 1)], Cancel);

        (await handlers.Sweep.OnlyFindAsync(Cancel)).Should().Be(new SweepResult(0, 0, 0));

        await stage.Storage.Uploads.ClearMessagesAsync(Cancel);
        (await handlers.Sweep.OnlyFindAsync(Cancel)).Should().Be(new SweepResult(1, 1, 0));
    }

    [Fact]
    public async Task A_large_container_is_left_to_the_daily_run_and_its_lost_messages_are_not()
    {
        await using var stage = await Stage.SetAsync(emulator);
        var job = await stage.AddTrackAsync("home/a.wav", [1]);
        await stage.UploadAsync("home/new.wav", [2]);
        await using (var db = stage.Catalogue.CreateDbContext())
        {
            db.Add(new Sweep { Listed = SweepUploads.SmallContainer + 1, StartedAt = Now, FinishedAt = Now });
            await db.SaveChangesAsync(Cancel);
        }

        (await Sweep(stage).FindRecentAsync(Cancel)).Should().Be(new SweepResult(Listed: 0, Due: 0, Enqueued: 1));
        (await Sweep(stage).OnlyFindAsync(Cancel)).Should().Be(new SweepResult(Listed: 2, Due: 1, Enqueued: 0));
        (await stage.JobAsync(job)).EnqueuedAt.Should().NotBeNull();
        (await Sweep(stage).FindRecentAsync(Cancel)).Listed.Should().Be(2, "it is a small container by now");
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
            .Should().Be(1, "of two who would send it only one may");
        QueueMessage message = await stage.Storage.Analysis.ReceiveMessageAsync(cancellationToken: Cancel);
        JobQueue.Read(message.Body.ToString()).Should().Be(new JobMessage(job));
        (await stage.JobAsync(job)).EnqueuedAt.Should().NotBeNull();
    }

    [Fact]
    public async Task A_lost_message_is_found_by_its_age_while_others_are_at_work_and_those_of_others_are_not_doubled()
    {
        await using var stage = await Stage.SetAsync(emulator);
        var lost = await stage.AddTrackAsync("home/lost.wav", [1]);
        var abandoned = await stage.AddTrackAsync("home/abandoned.wav", [2]);
        var held = await stage.AddTrackAsync("home/held.wav", [3]);
        foreach (var job in (long[])[lost, abandoned, held]) await stage.Messages.EnqueueAsync(job, Cancel);
        await stage.Storage.Analysis.ClearMessagesAsync(Cancel);
        await stage.Ledger.ClaimAsync(abandoned, TimeSpan.Zero, Cancel);
        await stage.Ledger.ClaimAsync(held, TimeSpan.FromHours(1), Cancel);
        await AgeAsync(stage, TimeSpan.FromMinutes(10));
        // Work that goes on: messages that wait, and one that a worker holds.
        for (byte i = 10; i < 13; i++)
            await stage.Messages.EnqueueAsync(await stage.AddTrackAsync($"home/{i}.wav", [i]), Cancel);
        await stage.Storage.Analysis.ReceiveMessageAsync(TimeSpan.FromHours(1), Cancel);

        (await Sweep(stage, grace: TimeSpan.FromMinutes(2)).RunAsync(Cancel)).Enqueued.Should().Be(2);
        (await Sweep(stage, grace: TimeSpan.FromMinutes(2)).RunAsync(Cancel)).Enqueued.Should().Be(0);

        (await Stage.CountAsync(stage.Storage.Analysis)).Should().Be(5);
        QueueMessage[] messages = await stage.Storage.Analysis.ReceiveMessagesAsync(32, cancellationToken: Cancel);
        messages.Select(message => JobQueue.Read(message.Body.ToString())!.JobId)
            .Should().Contain(lost).And.Contain(abandoned).And.NotContain(held).And.OnlyHaveUniqueItems();
    }

    [Fact]
    public async Task A_message_that_waits_behind_older_ones_is_not_taken_for_lost_however_old_it_is()
    {
        await using var stage = await Stage.SetAsync(emulator);
        for (byte i = 0; i < 3; i++)
            await stage.Messages.EnqueueAsync(await stage.AddTrackAsync($"home/{i}.wav", [i]), Cancel);

        (await Sweep(stage).RunAsync(Cancel)).Enqueued.Should().Be(0);

        (await Stage.CountAsync(stage.Storage.Analysis)).Should().Be(3);
    }

    [Fact]
    public async Task A_job_whose_try_has_failed_waits_for_its_hidden_message_and_gets_no_second_one()
    {
        await using var stage = await Stage.SetAsync(emulator);
        var job = await stage.AddTrackAsync("home/a.wav", [1]);
        await stage.Messages.EnqueueAsync(job, Cancel);
        await stage.Storage.Analysis.ReceiveMessageAsync(TimeSpan.FromHours(1), Cancel);
        await AgeAsync(stage, TimeSpan.FromMinutes(10));
        var granted = (ClaimAnswer.Granted)await stage.Ledger.ClaimAsync(job, TimeSpan.FromMinutes(1), Cancel);
        await stage.Ledger.PostponeAsync(granted.Claim, "The disk is full.", Cancel);

        (await Sweep(stage).RunAsync(Cancel)).Enqueued.Should().Be(0);

        (await Stage.CountAsync(stage.Storage.Analysis)).Should().Be(1);
    }

    [Fact]
    public async Task Events_and_sweeps_that_see_the_same_uploads_at_once_send_one_message_for_each()
    {
        await using var stage = await Stage.SetAsync(emulator);
        var names = Enumerable.Range(0, 43).Select(i => $"home/{i:00}.wav").ToList();
        foreach (var name in names) await stage.UploadAsync(name, [.. name.Select(c => (byte)c)]);
        // Longer than the emulator takes to store a message, however busy the machine is.
        var grace = TimeSpan.FromMinutes(1);
        var handlers = new Handlers(stage, new IngestOptions { Grace = grace });

        await Task.WhenAll(
            Parallel.ForEachAsync(names.Concat(names), Cancel, async (name, cancel) =>
                await handlers.Ingest.HandleAsync(name, cancel)),
            Task.Run(() => handlers.Sweep.RunAsync(Cancel)), Task.Run(() => Sweep(stage, grace).RunAsync(Cancel)));

        (await stage.JobsAsync()).Should().HaveCount(43);
        (await Stage.CountAsync(stage.Storage.Analysis)).Should().Be(43);
    }

    [Fact]
    public async Task A_blob_that_is_refused_does_not_keep_the_others_out_and_is_not_tried_by_the_next_sweep()
    {
        await using var stage = await Stage.SetAsync(emulator);
        await stage.UploadAsync("/a.wav", [1]);
        await stage.UploadAsync("home/b.wav", [2]);
        (await Sweep(stage).RunAsync(Cancel))
            .Should().Be(new Swept(Listed: 2, Ingested: 2, Enqueued: 0, Failed: 0));
        (await Sweep(stage).RunAsync(Cancel))
            .Should().Be(new Swept(Listed: 2, Ingested: 0, Enqueued: 0, Failed: 0));
        (await stage.TracksAsync()).Select(t => t.Job.State).Should().Equal(JobState.Rejected, JobState.Queued);
    }

    [Theory]
    [InlineData("/a.wav")]
    [InlineData("home/folder/")]
    [InlineData("home//a.wav")]
    [InlineData("/")]
    public async Task A_blob_with_slashes_where_nobody_expects_them_has_a_row_after_one_sweep(string name)
    {
        await using var stage = await Stage.SetAsync(emulator);
        await stage.UploadAsync(name, [1]);
        (await Sweep(stage).RunAsync(Cancel)).Ingested.Should().Be(1);
        (await Sweep(stage).RunAsync(Cancel)).Ingested.Should().Be(0);
        (await stage.TracksAsync()).Should().ContainSingle().Which.BlobName.Should().Be(name);
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

    private static DateTime Now => TimeProvider.System.GetUtcNow().UtcDateTime;

    private static async Task<Sweep> LastAsync(Stage stage)
    {
        await using var db = stage.Catalogue.CreateDbContext();
        return await db.Sweeps.AsNoTracking().SingleAsync(Cancel);
    }

    private static Sweeper Sweep(Stage stage, TimeSpan grace = default) =>
        new Handlers(stage, new IngestOptions { Grace = grace }).Sweep;

    // As if what has been sent so far had been sent by so much earlier.
    private static async Task AgeAsync(Stage stage, TimeSpan age)
    {
        await using var db = stage.Catalogue.CreateDbContext();
        var then = TimeProvider.System.GetUtcNow().UtcDateTime - age;
        await db.Jobs.Where(j => j.EnqueuedAt != null)
            .ExecuteUpdateAsync(set => set.SetProperty(j => j.EnqueuedAt, then), Cancel);
        await db.Jobs.Where(j => j.LeaseUntil <= then + age)
            .ExecuteUpdateAsync(set => set.SetProperty(j => j.LeaseUntil, then), Cancel);
    }
}
