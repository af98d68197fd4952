// Over 400 lines because one tour has to visit whatever sends statements, and its stations are only read together.
using System.Net.Http.Json;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using OpenMU.Catalogue.Exchange;
using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Meaning;
using OpenMU.Catalogue.Questions;
using OpenMU.Catalogue.Search;
using OpenMU.Catalogue.Similarity;
using OpenMU.Catalogue.Storage;
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
    private static readonly string[] Small =
    [
        "DeclaredFields", "Sweeps", "Taxonomies", "TaxonomyPublications", "TenantQueues", "TenantUsages", "Tenants",
        "TrackCounts", "UnknownPrefixes", "WebhookEndpoints", "__EFMigrationsHistory",
    ];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task No_query_that_somebody_waits_for_or_that_runs_by_a_clock_scans_a_large_table()
    {
        await using var stage = await Stage.SetAsync(emulator);
        await FillAsync(stage);
        using var log = new QueryLog(stage.CataloguePath);
        await using (var system = Build(stage))
        {
            await system.StartAsync(Cancel);
            using var client = new HttpClient { BaseAddress = new Uri(system.Urls.Single()) };
            await FollowAsync(stage, system.Services, client);
            await AskAsync(stage, client);
            await AskManyAsync(stage, system.Services, client);
            await SearchAsync(client);
            await PublishAsync(stage, client);
            await ReadTextsAsync(system.Services, client);
            await PutRightAsync(stage, client);
            await ImportAsync(client);
            await CompareAsync(stage, client);
            await TakeOutAsync(stage, client);
            await LeaveAsync(stage, system.Services, client);
            await system.StopAsync(Cancel);
        }

        log.Statements.Should().HaveCountGreaterThan(100);
        string.Join("\n\n", Scans(log.Plans())).Should().BeEmpty();
        Scans(QueryLog.TriggerPlans(stage.CataloguePath)).Should().BeEmpty();
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
            await db.Jobs.Where(job => job.Tenant == "home").OrderBy(job => job.ContentId).Take(2).ToListAsync(Cancel);
        }

        Scans(log.Plans()).Should().HaveCount(3);
    }

    // More tracks than are counted, made in the database itself; the triggers do the rest.
    private static async Task FillAsync(Stage stage)
    {
        await using var db = stage.Catalogue.CreateDbContext();
        foreach (var statement in (string[])
        [
            "INSERT INTO Jobs(Tenant, ContentId, Kind, ModelVersion, State, Priority, Fence, Attempts, IsSuspect, IsFromScratch, "
                + "CreatedAt) SELECT 'default', 'sha256:' || n, 'Analysis', 'none', 'Ready', 1, 1, 1, 0, 0, '2026-01-02 00:00:00' "
                + "FROM numbers",
            "INSERT INTO Tracks(Tenant, BlobName, BlobKey, ETag, FileName, NameKey, FileNameWords, FileNameOrder, "
                + "SizeBytes, UploadedAt, JobId) SELECT 'default', 'default/word ' || n, printf('%064d', n), "
                + "'\"file:1\"', 'word ' || n, 'word ' || n, 'word ' || n, 'word ' || n, 1, "
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
        (await client.PostAsync("/v1/tracks?fileName=a.wav", body, Cancel)).EnsureSuccessStatusCode();
        await client.GetStringAsync("/v1/uploads/a.wav", Cancel);
        await stage.UploadAsync("default/copy.wav", TestSound.Tone(1, 440));
        await stage.UploadAsync("default/broken.wav", [1, 2, 3]);
        await stage.UploadAsync("default/._a.wav", [0, 5, 22, 7]);
        await SweepAsync(services);
        await stage.UntilAsync(jobs => jobs.Count(job => job.State == JobState.Ready) > TrackQuery.MaxCounted + 1
            && jobs.All(job => job.State is not (JobState.Queued or JobState.Analysing)));
        await stage.Storage.Tracks.DeleteBlobIfExistsAsync("default/copy.wav", cancellationToken: Cancel);
        await stage.Storage.Tracks.DeleteBlobIfExistsAsync("default/broken.wav", cancellationToken: Cancel);
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
        await client.GetStringAsync($"/v1/tracks/{track}", Cancel);
        (await client.GetAsync($"/v1/tracks/{track}/audio", Cancel)).EnsureSuccessStatusCode();
        var asked = await client.PostAsJsonAsync(
            $"/v1/tracks/{track}/questions", new { text = "What is the tempo?" }, Cancel);
        asked.EnsureSuccessStatusCode();
        await client.GetStringAsync(asked.Headers.Location, Cancel);
        await client.GetStringAsync($"/v1/tracks/{track}/questions", Cancel);
    }

    // Batches about tracks of every kind, what becomes of them, and the lists.
    private static async Task AskManyAsync(Stage stage, IServiceProvider services, HttpClient client)
    {
        var sound = await SoundAsync(stage);
        var waiting = services.GetRequiredService<WaitingQuestions>();
        var request = $$"""
            {"questions": ["Which key?"],
             "tracks": [{"id": {{sound}}}, {"fileName": "to come.wav"}, {"fileName": "word 3"}]}
            """;
        foreach (var end in (string[])["cancel", ""])
        {
            var batch = (await SendAsync(client, HttpMethod.Post, "/v1/question-batches", request)).GetProperty("id");
            await waiting.RunAsync(Cancel);
            if (end.Length > 0) await SendAsync(client, HttpMethod.Post, $"/v1/question-batches/{batch}/cancel");
            await client.GetStringAsync($"/v1/question-batches/{batch}", Cancel);
            await client.GetStringAsync($"/v1/question-batches/{batch}/answers.jsonl?after=1-1", Cancel);
        }
        foreach (var which in (string[])["", "state=Ready", $"track={sound}", "batch=1&state=Cancelled", "askedFrom=2026-01-01"])
        {
            await client.GetStringAsync($"/v1/questions?{which}", Cancel);
            await client.GetStringAsync($"/v1/questions?{which}&after=8de5d2a1c2b3c00-7".Replace("?&", "?"), Cancel);
        }
        await client.GetStringAsync("/v1/question-batches", Cancel);
        await client.GetStringAsync("/v1/question-batches?after=1-0", Cancel);
        await SendAsync(
            client, HttpMethod.Post, "/v1/question-batches",
            """{"questions": ["Which key?"], "tracks": [{"fileName": "never.wav"}], "expiresIn": 1}""");
        await using var db = stage.Catalogue.CreateDbContext();
        while (await db.QuestionBatches.TagWith(QueryLog.OfTest)
            .AnyAsync(b => b.FinishedAt == null && b.Total == 1, Cancel))
        {
            await waiting.RunAsync(Cancel);
            await Task.Delay(50, Cancel);
        }
    }

    private static async Task SearchAsync(HttpClient client)
    {
        await client.GetStringAsync("/v1/status", Cancel);
        var filters =
            from text in (string[])
            [
                "", "&text=word", "&text=moved", "&text=w&secondsTo=9000", "&text=word -moved OR \"a b\"", "&facet=-genre:jazz",
                "&facet=genre:jazz|rock&text=word", "&text=word no where&relax=true", "&text=in Am 120 bpm",
            ]
            from range in (string[])["", "&secondsFrom=1", "&bpmFrom=100&lufsTo=-20"]
            from state in (string[])["", "&state=Ready", "&state=Failed", "&key=8A&keyNeighbours=true"]
            select text + range + state;
        foreach (var filter in filters) await PagesAsync(client, $"/v1/tracks?pageSize=2{filter}");
        foreach (var sort in Enum.GetValues<TrackSort>())
        {
            foreach (var filter in (string[])["", "&text=word", "&descending=true", "&text=moved&descending=true"])
                await PagesAsync(client, $"/v1/tracks?pageSize=2&sort={sort}{filter}");
        }

        await SortAsync(client);
    }

    // A taxonomy, from its table until the one before it holds again.
    private static async Task SortAsync(HttpClient client)
    {
        using var table = new StringContent("group,term\nera,Then\n", System.Text.Encoding.UTF8, "text/csv");
        (await client.PostAsync("/v1/taxonomy/versions", table, Cancel)).EnsureSuccessStatusCode();
        foreach (var part in (string[])["", "/versions", "/coverage?version=1", "/diff?version=1"])
            await client.GetStringAsync($"/v1/taxonomy{part}", Cancel);
        foreach (var body in (object[])[new { version = 1 }, new { rollBack = true }])
        {
            using var put = new HttpRequestMessage(HttpMethod.Put, "/v1/taxonomy/published");
            put.Headers.TryAddWithoutValidation("If-Match", "*");
            put.Content = JsonContent.Create(body);
            (await client.SendAsync(put, Cancel)).EnsureSuccessStatusCode();
        }
    }

    // Another model with other tools has listened to a track; what it says is compared, shown and taken back.
    private static async Task PublishAsync(Stage stage, HttpClient client)
    {
        var track = (await stage.TracksAsync()).First(t => t.FileName is "a.wav" or "moved.wav");
        await using (var db = stage.Catalogue.CreateDbContext())
        {
            db.Add(new Job
            {
                Tenant = track.Tenant,
                ContentId = track.Job.ContentId,
                ModelVersion = "held",
                State = JobState.Ready,
                HeldSince = DateTime.UnixEpoch,
                Analysis = new Analysis
                {
                    Codec = "flac",
                    Sources = [new FieldSource(nameof(Analysis.Beats), "mir.beats", "0.0.1", "open", 1, null)],
                },
            });
            await db.SaveChangesAsync(Cancel);
        }

        await client.GetStringAsync("/v1/analyses/diff?text=moved OR a", Cancel);
        await client.GetStringAsync("/v1/analyses/diff?against=none&text=moved OR a", Cancel);
        foreach (var way in (string[])["publish", "rollback"])
        {
            (await client.PostAsJsonAsync(
                $"/v1/analyses/{way}", new { ids = new[] { track.Id }, model = "held" }, Cancel)).EnsureSuccessStatusCode();
        }

        await client.GetStringAsync("/v1/analyses/publications", Cancel);
        await stage.Messages.RetryAsync(track.Tenant, [track.Id], onlyChanged: true, Cancel);
        await stage.UntilAsync(
            jobs => jobs.TrueForAll(job => job.State is not (JobState.Queued or JobState.Analysing)));
    }

    // What is read of texts, and what they are compared with; the vectors themselves are compared in memory.
    private static async Task ReadTextsAsync(IServiceProvider services, HttpClient client)
    {
        var embedder = services.GetRequiredService<TextEmbedder>();
        await embedder.RenewAsync(Cancel);
        await embedder.CountAsync(1000, Cancel);
        await embedder.TakeAsync(0, Cancel);
        await client.GetStringAsync("/v1/tracks?text=word no where&meaning=true", Cancel);
    }

    // One track and many: changed, approved, locked, looked back at, taken back.
    private static async Task PutRightAsync(Stage stage, HttpClient client)
    {
        var track = await SoundAsync(stage);
        await client.GetStringAsync("/v1/fields", Cancel);
        await SendAsync(
            client, HttpMethod.Patch, $"/v1/tracks/{track}", """{"key": "8A", "genres": ["jazz"], "title": "Dawn"}""");
        string[] many =
        [
            $$$"""{"ids": [{{{track}}}, 1, 2, 3], "fields": {"label": "L"}}""",
            """{"query": {"text": "word 12"}, "fields": {"moods": []}, "add": {"genres": ["waltz"]}}""",
            """{"query": {"text": "word 12", "bpmFrom": 100}, "fields": {"comment": "x"}, "remove": {"genres": ["waltz"]}}""",
        ];
        foreach (var change in many)
        {
            var batch = (await SendAsync(client, HttpMethod.Post, "/v1/corrections", change)).GetProperty("batch");
            using var undone = await client.PostAsync(
                $"/v1/corrections/{batch.GetString()}/undo?force=true", content: null, Cancel);
        }

        foreach (var standing in (string[])["approval", "lock"])
        {
            await SendAsync(client, HttpMethod.Put, $"/v1/tracks/{track}/{standing}");
            await SendAsync(client, HttpMethod.Delete, $"/v1/tracks/{track}/{standing}");
        }

        var history = await client.GetFromJsonAsync<JsonElement>($"/v1/tracks/{track}/history", Cancel);
        var last = history.EnumerateArray().First();
        await client.GetStringAsync($"/v1/tracks/{track}/history?before={last.GetProperty("id")}", Cancel);
        await SendAsync(
            client, HttpMethod.Post, $"/v1/corrections/{last.GetProperty("batch").GetString()}/undo?track={track}&force=true");
    }

    // An owner's data by each key that finds a track, in pieces that come before their track, and once more.
    private static async Task ImportAsync(HttpClient client)
    {
        string[] tables =
        [
            "file,ownId,isrc,title,Shelf\nword 7,OWN-7,DEAB11234567,Seven,1\nmoved.wav,OWN-8,DEAB11234568,Eight,2\n",
            "ownId,title\nOWN-7,seven\nOWN-99,nobody\n", "isrc,album\nDEAB11234568,eight\n",
            $"sha256,album\n{new string('a', 64)},nobody\n", "trackId,comment\n7,by number\n",
            "file,lyrics,title\nnot here.wav,la,later\n",
        ];
        foreach (var table in tables)
        {
            foreach (var how in (string[])["?dryRun=true", "?replace=true&keepUnmatched=true&column=Shelf%3DwholeNumber"])
            {
                var address = table.Contains("Shelf") ? how : how.Split("&column")[0];
                await SendAsync(client, HttpMethod.Post, $"/v1/import{address}", table, "text/csv");
            }
        }
    }

    // Tracks that sound alike, and the same bytes.
    private static async Task CompareAsync(Stage stage, HttpClient client)
    {
        await using var db = stage.Catalogue.CreateDbContext();
        var track = await SoundAsync(stage);
        var jobs = await db.Tracks.Where(t => t.Id == track || t.FileName == "word 7" || t.FileName == "word 9")
            .TagWith(QueryLog.OfTest).Select(t => new { t.Id, t.JobId, HasAnalysis = t.Job.Analysis != null })
            .ToListAsync(Cancel);
        foreach (var (i, job) in jobs.Index())
        {
            if (!job.HasAnalysis)
            {
                db.Add(new Analysis
                {
                    JobId = job.JobId,
                    Codec = "flac",
                    DurationSeconds = 1,
                    AnalysedAt = DateTime.UnixEpoch,
                });
            }

            var heard = TrackEmbedding.Of("none", [1, 0.01f * i])!;
            heard.JobId = job.JobId;
            db.Add(heard);
        }

        await db.SaveChangesAsync(Cancel);
        var others = jobs.ConvertAll(job => job.Id);
        await client.GetStringAsync($"/v1/tracks/{others[0]}/similar?count=2", Cancel);
        await client.GetStringAsync($"/v1/path?from={others[0]}&to={others[^1]}&steps=1", Cancel);
        var page = await client.GetFromJsonAsync<JsonElement>("/v1/duplicates?pageSize=1", Cancel);
        if (page.GetProperty("next").GetString() is { } next)
            await client.GetStringAsync($"/v1/duplicates?after={Uri.EscapeDataString(next)}", Cancel);
    }

    private static async Task TakeOutAsync(Stage stage, HttpClient client)
    {
        var track = await SoundAsync(stage);
        foreach (var format in CatalogueExport.Formats)
        {
            foreach (var which in (string[])["text=moved", $"ids={track},7", "facet=-genre:jazz&bpmFrom=100&text=word 7"])
                await client.GetByteArrayAsync($"/v1/tracks.{format.Name}?{which}", Cancel);
        }
    }

    // What becomes of a selection: analysed again, renamed, deleted, taken down.
    private static async Task LeaveAsync(Stage stage, IServiceProvider services, HttpClient client)
    {
        var track = await SoundAsync(stage);
        foreach (var action in (string[])["approve", "withdraw-approval", "lock", "unlock", "retry"])
        {
            await SendAsync(
                client, HttpMethod.Post, $"/v1/selection/{action}", $$"""{"ids": [{{track}}, 7, 9]}""");
            await SendAsync(client, HttpMethod.Post, $"/v1/selection/{action}", """{"query": {"text": "word 77"}}""");
        }

        await stage.UntilAsync(jobs => jobs.All(job => job.State is not (JobState.Queued or JobState.Analysing)));
        var storage = services.GetRequiredService<MusicStorage>();
        await new MovedTrack(stage.Catalogue, storage).RunAsync("default", track, "elsewhere.wav", Cancel);
        await SweepAsync(services);
        await SendAsync(client, HttpMethod.Post, "/v1/selection/delete", $$"""{"ids": [{{track}}, 7]}""");
        await SendAsync(client, HttpMethod.Post, "/v1/selection/delete", """{"query": {"text": "word 13"}}""");
        await services.GetRequiredService<MissingTracks>().RemoveNowAsync(7, Cancel);
        await services.GetRequiredService<TakeDown>().RunAsync("default", 9, "on request", new("Ada", "cli"), Cancel);
        await SweepAsync(services);
    }

    // The one whose file is sound.
    private static async Task<long> SoundAsync(Stage stage) =>
        (await stage.TracksAsync()).First(t => t.FileName is "a.wav" or "moved.wav").Id;

    private static async Task<JsonElement> SendAsync(
        HttpClient client, HttpMethod method, string address, string? body = null, string type = "application/json")
    {
        using var request = new HttpRequestMessage(method, address);
        if (body is not null) request.Content = new StringContent(body, Encoding.UTF8, type);
        if (method == HttpMethod.Patch) request.Headers.TryAddWithoutValidation("If-Match", "*");
        using var answer = await client.SendAsync(request, Cancel);
        var text = await answer.Content.ReadAsStringAsync(Cancel);
        answer.IsSuccessStatusCode.Should().BeTrue($"{method} {address}: {text}");
        return JsonDocument.Parse(text).RootElement;
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
            "--Site:AnswerSeconds=120",
            "--Worker:PollInterval=00:00:00.050", $"--Worker:TempFolder={WorkerProcess.Work(stage)}",
            $"--Ingest:Grace={TimeSpan.Zero}",
        ],
        builder => builder.Services.AddIngest(builder.Configuration).AddWorker(builder.Configuration));

    private static List<string> Scans(IEnumerable<(string Statement, IReadOnlyList<string> Plan)> plans) =>
    [
        .. from plan in plans
           from step in plan.Plan
           let scanned = Scan().Match(step) is { Success: true } scan ? scan : ScanOfLibrary().Match(step)
           where scanned.Success && !IsSmall(plan.Statement, scanned.Groups["table"].Value)
               && (scanned.Value.StartsWith("SCAN") || !IsEnded(plan.Statement))
           select $"{step}\n{plan.Statement}",
    ];

    // It ends with the first rows; or an export's, which reads them all, in the order that is prescribed.
    private static bool IsEnded(string statement) =>
        statement.Contains("LIMIT") || statement.StartsWith("SELECT EXISTS") || statement.Contains("INDEXED BY");

    // What a query in brackets reads are steps of their own.
    private static bool IsSmall(string statement, string name)
    {
        if (Regex.IsMatch(statement, $@"\)\s+(AS\s+)?""?{Regex.Escape(name)}""?(?!\w)")) return true;
        // Of no ids nothing is read, whatever the plan says.
        if (statement.EndsWith("\nWHERE 0")) return true;
        var table = Regex.Match(statement, $@"""?(\w+)""? AS ""?{Regex.Escape(name)}""?(?!\w)");
        return Small.Contains(table.Success ? table.Groups[1].Value : name);
    }

    // To be one tenant's is no narrowing where there is one tenant; the first of its rows may be read in their order.
    [GeneratedRegex(@"^SEARCH (?<table>\w+) .*\(Tenant=\?\)$")]
    private static partial Regex ScanOfLibrary();

    // What is made while a statement runs, constants and the tables of FTS5 and JSON are no tables of ours.
    [GeneratedRegex(@"^SCAN (?!CONSTANT|\()(?<table>\w+)(?!.*VIRTUAL TABLE)")]
    private static partial Regex Scan();
}
