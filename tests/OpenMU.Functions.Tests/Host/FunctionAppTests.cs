using System.Text.Json;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Questions;
using OpenMU.Catalogue.Storage;
using OpenMU.Functions.Tests.Host.Contract;
using OpenMU.Testing;
using Status = OpenMU.Functions.Tests.Host.Contract.StatusResult.Types.Status;

namespace OpenMU.Functions.Tests.Host;

/// <summary>
/// The function app as a process: what is built, started and called as the Functions host does it, with the real
/// emulator and SQLite behind it.
/// </summary>
public sealed class FunctionAppTests(Emulator emulator)
{
    private const string BlobPath = $"{StorageNames.Tracks}/{{name}}";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_starts_and_offers_each_function_with_its_trigger()
    {
        await using var stage = await Stage.SetAsync(emulator);
        await using var host = await FunctionsHost.StartAsync(stage);

        host.Greeting.Result.Status.Should().Be(Status.Success);
        host.Greeting.Capabilities.Should().ContainKey("HandlesInvocationCancelMessage");
        host.Offered.Select(f => (f.Name, Trigger(f.RawBindings.Single()))).Should().BeEquivalentTo(
        [
            (nameof(IngestTrack), $"blobTrigger {BlobPath} EventGrid Storage"),
            (nameof(UploadQueue), $"queueTrigger {StorageNames.Uploads} Storage"),
            (nameof(Removals), "timerTrigger 15 * * * * *"),
            (nameof(FailedJob), "timerTrigger 45 * * * * *"),
            (nameof(SweepUploads), "timerTrigger 0 30 2 * * *"),
            ("SweepRecent", "timerTrigger 0 */5 * * * *"),
            (nameof(DeliverWebhooks), "timerTrigger */5 * * * * *"),
            (nameof(QuestionSweep), "timerTrigger 5,35 * * * * *"),
            (nameof(PullUploads), "timerTrigger */10 * * * * *"),
        ]);
        var folder = ProgramFile.FolderOf("OpenMU.Functions");
        using var metadata = JsonDocument.Parse(
            await File.ReadAllTextAsync(Path.Combine(folder, "functions.metadata"), Cancel));
        metadata.RootElement.EnumerateArray().Select(f => (f.GetProperty("name").GetString()!,
            Trigger(f.GetProperty("bindings").EnumerateArray().Single().GetRawText())))
            .Should().BeEquivalentTo(host.Offered.Select(f => (f.Name, Trigger(f.RawBindings.Single()))));
    }

    [Fact]
    public async Task A_blob_is_taken_once_however_often_it_is_announced_and_missing_when_it_is_gone()
    {
        await using var stage = await Stage.SetAsync(emulator);
        await using var host = await FunctionsHost.StartAsync(stage);
        await stage.UploadAsync("home/ä b.wav", [1]);

        Succeeds(await host.AnnounceAsync("home/ä b.wav"));
        Succeeds(await host.AnnounceAsync("home/ä b.wav"));

        (await stage.TracksAsync()).Should().ContainSingle().Which.Job.State.Should().Be(JobState.Queued);
        (await Stage.CountAsync(stage.Storage.Analysis)).Should().Be(1);

        await stage.Storage.Tracks.DeleteBlobIfExistsAsync("home/ä b.wav", cancellationToken: Cancel);
        Succeeds(await host.AnnounceAsync("home/ä b.wav"));
        Succeeds(await host.AnnounceAsync("home/never there.wav"));

        (await stage.TracksAsync()).Should().ContainSingle().Which.MissingSince.Should().NotBeNull();
    }

    [Fact]
    public async Task Two_events_for_each_of_twenty_blobs_at_once_make_twenty_jobs_and_twenty_messages()
    {
        await using var stage = await Stage.SetAsync(emulator);
        await using var host = await FunctionsHost.StartAsync(stage);
        var names = Enumerable.Range(0, 20).Select(i => $"home/{i}.wav").ToList();
        for (var i = 0; i < names.Count; i++) await stage.UploadAsync(names[i], [(byte)i]);

        var results = await Task.WhenAll(names.Concat(names).Select(host.AnnounceAsync));

        results.Should().OnlyContain(result => result.Status == Status.Success);
        host.Log.Where(line => line.Level >= RpcLog.Types.Level.Error).Should().BeEmpty();
        (await stage.TracksAsync()).Select(t => t.BlobName).Should().BeEquivalentTo(names);
        (await stage.JobsAsync()).Should().HaveCount(20);
        (await Stage.CountAsync(stage.Storage.Analysis)).Should().Be(20);
    }

    [Fact]
    public async Task The_timers_find_what_no_event_told_of_and_follow_deletions()
    {
        await using var stage = await Stage.SetAsync(emulator);
        await using var host = await FunctionsHost.StartAsync(stage);
        await stage.UploadAsync("home/a.wav", [1]);

        Succeeds(await host.TickAsync("SweepRecent"));
        (await host.DeliverUploadsAsync(stage)).Should().Be(1);
        (await stage.TracksAsync()).Should().ContainSingle().Which.MissingSince.Should().BeNull();

        await stage.Storage.Tracks.DeleteBlobIfExistsAsync("home/a.wav", cancellationToken: Cancel);
        await stage.Storage.Removals.SendMessageAsync(
            $$"""{"subject":"/blobServices/default/containers/{{StorageNames.Tracks}}/blobs/home/a.wav"}""", Cancel);
        Succeeds(await host.TickAsync(nameof(Removals)));
        (await stage.TracksAsync()).Should().ContainSingle().Which.MissingSince.Should().NotBeNull();
        (await Stage.CountAsync(stage.Storage.Removals)).Should().Be(0);
    }

    [Fact]
    public async Task Every_poison_queue_is_worked_off()
    {
        await using var stage = await Stage.SetAsync(emulator);
        await using var host = await FunctionsHost.StartAsync(stage);
        var jobs = await UsedUpAsync(stage);

        Succeeds(await host.TickAsync(nameof(FailedJob)));

        (await stage.JobsAsync()).Select(j => (j.Id, j.State, j.Reason)).Should().BeEquivalentTo(
            jobs.Select(job => (job, JobState.Failed, JobLedger.TriesFailed + "It broke.")));
        foreach (var queue in stage.Jobs.All) (await Stage.CountAsync(queue.Poison)).Should().Be(0);
    }

    [Fact]
    public async Task A_handler_that_throws_fails_its_call_with_the_reason_and_the_message_is_worked_off_later()
    {
        await using var stage = await Stage.SetAsync(emulator);
        await using var host = await FunctionsHost.StartAsync(stage);
        await UsedUpAsync(stage);
        await stage.UploadAsync("home/b.wav", [2]);
        Rename(stage, "Jobs", "Hidden");

        var failed = await host.TickAsync(nameof(FailedJob));
        failed.Status.Should().Be(Status.Failure);
        failed.Exception.Message.Should().Contain("no such table: Jobs");
        // Of uploads none fails for the host: it would put the event where nobody looks. The log has the reason.
        Succeeds(await host.AnnounceAsync("home/b.wav"));
        host.Log.Should().Contain(line => line.Level == RpcLog.Types.Level.Error
            && line.Message.Contains("home/b.wav could not be ingested"));

        Rename(stage, "Hidden", "Jobs");
        (await Stage.CountAsync(stage.Storage.AnalysisPoison)).Should().Be(1);
        await MakeVisibleAsync(stage);
        Succeeds(await host.TickAsync(nameof(FailedJob)));
        await SweepAsync(host, stage);
        (await stage.JobsAsync()).Count(j => j.State == JobState.Failed).Should().Be(2);
        (await stage.TracksAsync()).Should().Contain(t => t.BlobName == "home/b.wav");
    }

    [Fact]
    public async Task A_call_that_the_host_cancels_ends_as_cancelled_and_nothing_is_lost()
    {
        await using var stage = await Stage.SetAsync(emulator);
        await using var gate = new Gate(stage.ConnectionString);
        await using var host = await FunctionsHost.StartAsync(stage, gate.ConnectionString);
        await stage.UploadAsync("home/a.wav", [1]);

        gate.Close();
        var (upload, sweep) = (host.AnnounceAsync("home/a.wav"), host.TickAsync(nameof(SweepUploads)));
        await AtWorkAsync(gate, upload);
        await host.CancelCallsAsync();

        (await upload).Status.Should().NotBe(Status.Success);
        (await sweep).Status.Should().NotBe(Status.Success);
        (await stage.TracksAsync()).Should().BeEmpty();
        gate.Open();
        await SweepAsync(host, stage);
        (await stage.TracksAsync()).Should().ContainSingle();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Told_to_end_in_the_middle_of_a_call_it_ends_and_the_next_one_finds_the_blob(bool byTheHost)
    {
        await using var stage = await Stage.SetAsync(emulator);
        await using var gate = new Gate(stage.ConnectionString);
        await stage.UploadAsync("home/a.wav", [1]);
        await using (var host = await FunctionsHost.StartAsync(stage, gate.ConnectionString))
        {
            gate.Close();
            var upload = host.AnnounceAsync("home/a.wav");
            await AtWorkAsync(gate, upload);
            if (byTheHost)
            {
                await host.CancelCallsAsync();
                await upload;
                await host.TerminateAsync();
            }
            else
                host.Interrupt();

            (await host.EndAsync()).Should().Be(0);
            await Task.WhenAny(upload);
        }

        gate.Open();
        await using var next = await FunctionsHost.StartAsync(stage, gate.ConnectionString);
        await SweepAsync(next, stage);
        (await stage.TracksAsync()).Should().ContainSingle();
        (await Stage.CountAsync(stage.Storage.Analysis)).Should().Be(1);
    }

    /// <summary>Waits until a call is held up at the gate.</summary>
    private static async Task AtWorkAsync(Gate gate, Task<StatusResult> call)
    {
        await Task.WhenAny(gate.Held, call).WaitAsync(FunctionRpcService.Patience, Cancel);
        if (call.IsCompleted) Succeeds(await call);
        gate.Held.IsCompleted.Should().BeTrue();
    }

    private static async Task SweepAsync(FunctionsHost host, Stage stage)
    {
        Succeeds(await host.TickAsync(nameof(SweepUploads)));
        await host.DeliverUploadsAsync(stage);
    }

    private static void Succeeds(StatusResult result) =>
        result.Status.Should().Be(Status.Success, $"it says: {result.Exception?.Message}");

    private static string Trigger(string binding)
    {
        using var parsed = JsonDocument.Parse(binding);
        return string.Join(' ', ((string[])["type", "path", "queueName", "schedule", "source", "connection"])
            .Select(name => parsed.RootElement.TryGetProperty(name, out var value) ? value.ToString() : null)
            .OfType<string>());
    }

    /// <summary>A track and a question whose tries are used up, each with a message on its poison queue.</summary>
    private static async Task<IReadOnlyList<long>> UsedUpAsync(Stage stage)
    {
        var analysis = await stage.AddTrackAsync("home/a.wav", [1]);
        var track = (await stage.TracksAsync()).Single().Id;
        var asked = await new QuestionStore(stage.Catalogue, stage.Jobs, TimeProvider.System)
            .AskAsync("home", track, "Is it fast?", Cancel);
        await using (var db = stage.Catalogue.CreateDbContext())
        {
            // Its track was Ready when it was queued.
            await db.Jobs.Where(j => j.Id == asked!.JobId)
                .ExecuteUpdateAsync(set => set.SetProperty(j => j.State, JobState.Queued), Cancel);
        }

        var jobs = new[] { (stage.Jobs.Analyses, analysis), (stage.Jobs.Of(JobKind.Question), asked!.Job.Id) };
        foreach (var (queue, job) in jobs)
        {
            for (var attempt = 1; attempt <= JobLedger.MaxAttempts; attempt++)
            {
                var granted = (ClaimAnswer.Granted)await queue.Ledger.ClaimAsync(job, TimeSpan.FromMinutes(1), Cancel);
                await queue.Ledger.PostponeAsync(granted.Claim, "It broke.", Cancel);
            }

            await queue.PoisonAsync(JobQueue.Write(new JobMessage(job)), Cancel);
        }

        return [.. jobs.Select(job => job.Item2)];
    }

    private static void Rename(Stage stage, string table, string name)
    {
        using var connection = new SqliteConnection($"Data Source={stage.CataloguePath}");
        connection.Open();
        using var command = connection.CreateCommand();
        // As old versions do it: what refers to the table keeps its words.
        command.CommandText = $"PRAGMA legacy_alter_table = ON; ALTER TABLE \"{table}\" RENAME TO \"{name}\"";
        command.ExecuteNonQuery();
    }

    // What was received comes back after half a minute; for the test it is sent anew.
    private static async Task MakeVisibleAsync(Stage stage)
    {
        var jobs = (await stage.JobsAsync()).Where(j => j.Kind == JobKind.Analysis && j.State == JobState.Queued);
        foreach (var job in jobs) await stage.Messages.PoisonAsync(JobQueue.Write(new JobMessage(job.Id)), Cancel);
    }
}
