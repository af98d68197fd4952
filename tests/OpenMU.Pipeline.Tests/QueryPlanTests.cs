using System.Net.Http.Json;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Search;
using OpenMU.Catalogue.Tracks;
using OpenMU.Functions;
using OpenMU.Testing;
using OpenMU.Web;
using OpenMU.Worker;

namespace OpenMU.Pipeline.Tests;

/// <summary>
/// No statement that the programs send to SQLite reads a large table from end to end. The whole system is run with
/// every request and every move of a job, and SQLite asked how it goes about each statement that was sent: as it does
/// without knowing how large its tables are, and as it would if they had a million rows.
/// </summary>
public sealed partial class QueryPlanTests(Emulator emulator)
{
    private static readonly string[] Small = ["Sweeps", "TrackCounts", "__EFMigrationsHistory"];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task No_query_that_somebody_waits_for_or_that_runs_by_a_clock_scans_a_large_table()
    {
        await using var stage = await Stage.SetAsync(emulator);
        using var log = new QueryLog(stage.CataloguePath);
        await FillAsync(stage);
        await using (var system = Build(stage))
        {
            await system.StartAsync(Cancel);
            using var client = new HttpClient { BaseAddress = new Uri(system.Urls.Single()) };
            await FollowAsync(stage, system.Services, client);
            await AskAsync(stage, client);
            await SearchAsync(client);
            await system.StopAsync(Cancel);
        }

        log.Statements.Should().HaveCountGreaterThan(100);
        Scans(log.Plans()).Should().BeEmpty();
        Scans(QueryLog.TriggerPlans(stage.CataloguePath)).Should().BeEmpty();
        QueryLog.Pretend(stage.CataloguePath, 1_000_000);
        Scans(log.Plans()).Should().BeEmpty("with a million rows");
        Scans(QueryLog.TriggerPlans(stage.CataloguePath)).Should().BeEmpty("with a million rows");
    }

    [Fact]
    public async Task A_query_that_scans_would_be_found()
    {
        await using var stage = await Stage.SetAsync(emulator);
        using var log = new QueryLog(stage.CataloguePath);
        await using (var db = stage.Catalogue.CreateDbContext())
        {
            await db.Tracks.AnyAsync(t => t.FileName == "a", Cancel);
            await db.SearchRows.CountAsync(row => row.Caption != null, Cancel);
            await db.Jobs.CountAsync(job => job.Tenant == "home", Cancel);
        }

        Scans(log.Plans()).Should().HaveCount(2);
    }

    // More tracks than are counted, made in the database itself; the triggers do the rest.
    private static async Task FillAsync(Stage stage)
    {
        await using var db = stage.Catalogue.CreateDbContext();
        foreach (var statement in (string[])
        [
            "INSERT INTO Jobs(Tenant, ContentId, Kind, ModelVersion, State, Fence, Attempts, IsSuspect, CreatedAt) "
                + "SELECT 'default', 'sha256:' || n, 'Analysis', 'none', 'Ready', 1, 1, 0, '2026-01-02 00:00:00' "
                + "FROM numbers",
            "INSERT INTO Tracks(Tenant, BlobName, BlobKey, ETag, FileName, SizeBytes, UploadedAt, JobId) "
                + "SELECT 'default', 'default/word ' || n, printf('%064d', n), '\"file:1\"', 'word ' || n, 1, "
                + "'2026-01-02 00:00:00', (SELECT Id FROM Jobs WHERE ContentId = 'sha256:' || n "
                + "AND Tenant = 'default') FROM numbers",
        ])
        {
            await db.Database.ExecuteSqlAsync(
                FormattableStringFactory.Create(
                    "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {0}) "
                        + statement,
                    TrackQuery.MaxCounted + 1),
                Cancel);
        }

        // As if all had been measured.
        await db.Database.ExecuteSqlRawAsync("UPDATE SearchRows SET Seconds = TrackId, Lufs = -14, Bpm = 120", Cancel);
    }

    // Uploads, copies, moves, deletions, sweeps, and what the worker makes of them.
    private static async Task FollowAsync(Stage stage, IServiceProvider services, HttpClient client)
    {
        using var body = new ByteArrayContent(TestSound.Tone(1, 440));
        (await client.PostAsync("/api/tracks?fileName=a.wav", body, Cancel)).EnsureSuccessStatusCode();
        await client.GetStringAsync("/api/uploads/a.wav", Cancel);
        await stage.UploadAsync("default/copy.wav", TestSound.Tone(1, 440));
        await stage.UploadAsync("default/broken.wav", [1, 2, 3]);
        await stage.UploadAsync("default/._a.wav", [0, 5, 22, 7]);
        await SweepAsync(services);
        await stage.UntilAsync(jobs => jobs.Count(job => job.State == JobState.Ready) > TrackQuery.MaxCounted + 1
            && jobs.All(job => job.State is not (JobState.Queued or JobState.Analysing)));
        await stage.Storage.Tracks.DeleteBlobAsync("default/copy.wav", cancellationToken: Cancel);
        await stage.Storage.Tracks.DeleteBlobAsync("default/broken.wav", cancellationToken: Cancel);
        await stage.UploadAsync("default/moved.wav", TestSound.Tone(1, 440));
        await SweepAsync(services);
        services.GetRequiredService<IngestOptions>().KeepMissing = TimeSpan.Zero;
        await SweepAsync(services);
        await services.GetRequiredService<Removals>().DrainAsync(Cancel);
        await MoveAsync(stage, services);
    }

    private static async Task SweepAsync(IServiceProvider services)
    {
        await services.GetRequiredService<SweepUploads>().RunAsync(Cancel);
        await services.GetRequiredService<SweepUploads>().RunRecentAsync(Cancel);
        await services.GetRequiredService<UploadQueue>().DrainAsync(Cancel);
    }

    // The moves of a job that no healthy worker makes.
    private static async Task MoveAsync(Stage stage, IServiceProvider services)
    {
        var id = await stage.AddTrackAsync("default/other.wav", [9, 9]);
        var ledger = stage.Ledger;
        for (var attempt = 0; attempt < JobLedger.MaxAttempts; attempt++)
        {
            var claim = ((ClaimAnswer.Granted)await ledger.ClaimAsync(id, TimeSpan.FromMinutes(1), Cancel)).Claim;
            await ledger.RenewAsync(claim, TimeSpan.FromMinutes(1), Cancel);
            await ledger.ReleaseAsync(claim, Cancel);
            claim = ((ClaimAnswer.Granted)await ledger.ClaimAsync(id, TimeSpan.FromMinutes(1), Cancel)).Claim;
            await ledger.PostponeAsync(claim, "The disk is full.", Cancel);
        }

        await stage.Messages.PoisonAsync(JobQueue.Write(new JobMessage(id)), Cancel);
        await services.GetRequiredService<FailedJob>().DrainAsync(Cancel);
        await ledger.ReopenAsync(id, Cancel);
        foreach (var queue in stage.Jobs.All)
        {
            await queue.RedriveAsync(null, Cancel);
            await queue.RedriveRejectedAsync("default", "audio", Cancel);
            await queue.Outbox.OldestAsync(Cancel);
        }
    }

    private static async Task AskAsync(Stage stage, HttpClient client)
    {
        var track = (await stage.TracksAsync()).First(t => t.FileName == "a.wav" || t.FileName == "moved.wav").Id;
        await client.GetStringAsync($"/api/tracks/{track}", Cancel);
        (await client.GetAsync($"/api/tracks/{track}/audio", Cancel)).EnsureSuccessStatusCode();
        var asked = await client.PostAsJsonAsync(
            $"/api/tracks/{track}/questions", new { text = "What is the tempo?" }, Cancel);
        asked.EnsureSuccessStatusCode();
        await client.GetStringAsync(asked.Headers.Location, Cancel);
        await client.GetStringAsync($"/api/tracks/{track}/questions", Cancel);
    }

    private static async Task SearchAsync(HttpClient client)
    {
        await client.GetStringAsync("/api/status", Cancel);
        var filters =
            from text in (string[])["", "&text=word", "&text=moved", "&text=w&secondsTo=9000"]
            from range in (string[])["", "&secondsFrom=1", "&bpmFrom=100&lufsTo=-20"]
            from state in (string[])["", "&state=Ready", "&state=Failed", "&key=8A&keyNeighbours=true"]
            select text + range + state;
        foreach (var filter in filters) await PagesAsync(client, $"/api/tracks?pageSize=2{filter}");
        foreach (var sort in Enum.GetValues<TrackSort>())
        {
            foreach (var filter in (string[])["", "&text=word", "&descending=true", "&text=moved&descending=true"])
                await PagesAsync(client, $"/api/tracks?pageSize=2&sort={sort}{filter}");
        }

        foreach (var format in (string[])["csv", "jsonl"])
            await client.GetStringAsync($"/api/tracks.{format}?text=moved", Cancel);
    }

    // A page, the one after it and the one before that.
    private static async Task PagesAsync(HttpClient client, string address)
    {
        var page = await client.GetFromJsonAsync<JsonElement>(address, Cancel);
        if (page.GetProperty("next").GetString() is not { } next) return;
        page = await client.GetFromJsonAsync<JsonElement>($"{address}&after={next}", Cancel);
        await client.GetStringAsync($"{address}&before={page.GetProperty("previous").GetString()}", Cancel);
    }

    private static WebApplication Build(Stage stage) => CatalogueSite.Build(
        [
            "--Logging:LogLevel:Default=Error", $"--Catalogue:ConnectionString=Data Source={stage.CataloguePath}",
            $"--Storage:ConnectionString={stage.ConnectionString}", "--Site:Url=http://127.0.0.1:0",
            "--Worker:PollInterval=00:00:00.050", $"--Worker:TempFolder={WorkerProcess.Work(stage)}",
            $"--Ingest:Grace={TimeSpan.Zero}",
        ],
        builder => builder.Services.AddIngest(builder.Configuration).AddWorker(builder.Configuration));

    private static List<string> Scans(IEnumerable<(string Statement, IReadOnlyList<string> Plan)> plans) =>
    [
        .. from plan in plans
           from step in plan.Plan
           let scanned = Scan().Match(step)
           where scanned.Success && !IsSmall(plan.Statement, scanned.Groups["table"].Value)
           select $"{step}\n{plan.Statement}",
    ];

    private static bool IsSmall(string statement, string name)
    {
        var table = Regex.Match(statement, $@"""?(\w+)""? AS ""?{Regex.Escape(name)}""?(?!\w)");
        return Small.Contains(table.Success ? table.Groups[1].Value : name);
    }

    // What is made while a statement runs, constants and the tables of FTS5 and JSON are no tables of ours.
    [GeneratedRegex(@"^SCAN (?!CONSTANT|\()(?<table>\w+)(?!.*VIRTUAL TABLE)")]
    private static partial Regex Scan();
}
