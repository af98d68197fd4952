using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using OpenMU.Catalogue.Jobs;

namespace OpenMU.Web.Tests.Pipeline;

/// <summary>Each test has a site, an emulator and a database of its own, and takes one of them away.</summary>
public sealed class OutageAnswerTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Without_storage_a_question_is_taken_and_everything_else_that_needs_it_is_asked_to_come_again()
    {
        await using var site = await NewSiteAsync();
        var track = await site.AddHeardAsync("asked about");
        using (var emulator = Process.GetProcessById(site.Emulator.ProcessId))
        {
            emulator.Kill();
            await emulator.WaitForExitAsync(Cancel);
        }

        using var asked = await AskAsync(site, track);
        asked.StatusCode.Should().Be(HttpStatusCode.Accepted);
        (await site.LooseClient.GetFromJsonAsync<JsonElement>(asked.Headers.Location, Cancel)).GetProperty("state")
            .GetString().Should().Be("Queued");
        await ShouldComeAgainAsync(await site.LooseClient.GetAsync($"/v1/tracks/{track}/audio", Cancel), "storage");
        await ShouldComeAgainAsync(await UploadAsync(site, "away.wav", replace: false), "storage");
        await ShouldComeAgainAsync(await UploadAsync(site, "away.wav", replace: true), "storage");
        await ShouldComeAgainAsync(await site.LooseClient.GetAsync("/v1/uploads/away.wav", Cancel), "storage");

        using var end = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var watch = site.Emulator.KeepAliveAsync(_ => { }, TimeProvider.System, end.Token);
        while (site.Emulator.Starts < 2) await Task.Delay(50, Cancel);
        await end.CancelAsync();
        await watch;
        // In memory, the emulator has nothing left: container and queues first, then what it is asked for.
        await ShouldComeAgainAsync(await UploadAsync(site, "back.wav", replace: false), "storage");
        await site.Storage.CreateIfMissingAsync(Cancel);
        (await UploadAsync(site, "back.wav", replace: false)).StatusCode.Should().Be(HttpStatusCode.Accepted);
        (await site.LooseClient.GetAsync($"/v1/tracks/{track}/audio", Cancel)).StatusCode
            .Should().Be(HttpStatusCode.Gone);

        // By this the sweep knows that it has a message to send.
        await using var db = site.Catalogue.CreateDbContext();
        (await db.Questions.Select(question => question.Job).SingleAsync(Cancel))
            .Should().Match<Job>(job => job.State == JobState.Queued && job.EnqueuedAt == null);
    }

    [Fact]
    public async Task Storage_that_takes_requests_and_never_answers_is_away_too()
    {
        await using var site = await NewSiteAsync();
        var track = await site.AddHeardAsync("asked about");
        await SignalAsync(site.Emulator.ProcessId, "STOP");
        try
        {
            var answers = await Task.WhenAll(
                AskAsync(site, track), site.LooseClient.GetAsync($"/v1/tracks/{track}/audio", Cancel),
                UploadAsync(site, "hangs.wav", replace: false));

            answers[0].StatusCode.Should().Be(HttpStatusCode.Accepted);
            await ShouldComeAgainAsync(answers[1], "storage");
            await ShouldComeAgainAsync(answers[2], "No answer came within 8 seconds: the storage");
        }
        finally
        {
            await SignalAsync(site.Emulator.ProcessId, "CONT");
        }

        (await site.LooseClient.GetAsync($"/v1/tracks/{track}/audio", Cancel)).StatusCode
            .Should().Be(HttpStatusCode.OK);
    }

    [Fact]
    public async Task While_somebody_else_writes_without_end_a_question_is_asked_to_come_again_and_searches_go_on()
    {
        await using var site = await NewSiteAsync();
        var track = await site.AddHeardAsync("asked about");
        await using (var writer = new SqliteConnection($"Data Source={site.CataloguePath}"))
        {
            await writer.OpenAsync(Cancel);
            await using var lockHeld = await writer.BeginTransactionAsync(Cancel);
            await ShouldComeAgainAsync(await AskAsync(site, track), "database");
            (await site.LooseClient.GetAsync("/v1/tracks", Cancel)).StatusCode.Should().Be(HttpStatusCode.OK);
        }

        (await AskAsync(site, track)).StatusCode.Should().Be(HttpStatusCode.Accepted);
        (await site.LooseClient.GetFromJsonAsync<JsonElement>($"/v1/tracks/{track}/questions", Cancel))
            .GetArrayLength().Should().Be(1);
    }

    [Fact]
    public async Task A_database_that_cannot_be_opened_is_away()
    {
        await using var site = await NewSiteAsync();
        SqliteConnection.ClearAllPools();
        foreach (var file in Directory.GetFiles(Path.GetDirectoryName(site.CataloguePath)!, "catalogue.db*"))
            File.Move(file, file + ".away");
        Directory.CreateDirectory(site.CataloguePath);

        await ShouldComeAgainAsync(await site.Client.GetAsync("/v1/tracks", Cancel), "database");
        await ShouldComeAgainAsync(await site.Client.GetAsync("/v1/status", Cancel), "database");
        await ShouldComeAgainAsync(await site.Client.GetAsync("/v1/tracks.csv", Cancel), "database");
        (await site.Client.GetAsync("/healthz", Cancel)).StatusCode.Should().Be(HttpStatusCode.ServiceUnavailable);

        Directory.Delete(site.CataloguePath);
        foreach (var file in Directory.GetFiles(Path.GetDirectoryName(site.CataloguePath)!, "*.away"))
            File.Move(file, file[..^".away".Length]);
        (await site.Client.GetAsync("/v1/tracks", Cancel)).StatusCode.Should().Be(HttpStatusCode.OK);
    }

    // A machine with much to do takes longer for it than storage and database may take for an answer.
    [Fact]
    public async Task The_document_is_made_however_long_it_takes()
    {
        await using var site = await NewSiteAsync();
        var address = await site.StartAsync("loose", builder => builder.Services.Configure<OpenApiOptions>(
            "v1", options => options.AddDocumentTransformer(
                (_, _, cancel) => Task.Delay(TimeSpan.FromSeconds(9), cancel))));
        using var client = new HttpClient { BaseAddress = address };

        using var answer = await client.GetAsync("/openapi/v1.json", Cancel);

        answer.StatusCode.Should().Be(HttpStatusCode.OK);
    }

    private static async Task<Site> NewSiteAsync()
    {
        var site = new Site { AnswerSeconds = new SiteSettings().AnswerSeconds };
        await site.InitializeAsync();
        return site;
    }

    private static Task<HttpResponseMessage> AskAsync(Site site, long track) =>
        site.LooseClient.PostAsJsonAsync($"/v1/tracks/{track}/questions", new { text = "Which key?" }, Cancel);

    private static async Task<HttpResponseMessage> UploadAsync(Site site, string name, bool replace)
    {
        using var content = new ByteArrayContent(site.Audio);
        content.Headers.ContentType = new("application/octet-stream");
        return await site.LooseClient.PostAsync(
            $"/v1/tracks?fileName={name}&replace={(replace ? "true" : "false")}", content, Cancel);
    }

    private static async Task ShouldComeAgainAsync(HttpResponseMessage response, string what)
    {
        using (response)
        {
            response.StatusCode.Should().Be(HttpStatusCode.ServiceUnavailable);
            response.Headers.RetryAfter!.Delta.Should().BePositive();
            response.Content.Headers.ContentType!.MediaType.Should().Be("application/problem+json");
            (await response.Content.ReadFromJsonAsync<JsonElement>(Cancel)).GetProperty("detail").GetString()
                .Should().Contain(what);
        }
    }

    private static async Task SignalAsync(int process, string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", $"{process}"]);
        await kill.WaitForExitAsync(Cancel);
        kill.ExitCode.Should().Be(0);
    }
}
