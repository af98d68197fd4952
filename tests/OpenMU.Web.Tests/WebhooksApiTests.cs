using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.EntityFrameworkCore;
using OpenMU.Catalogue.Webhooks;
using OpenMU.Testing;

namespace OpenMU.Web.Tests;

public sealed class WebhooksApiTests(Site site)
{
    private const string Tenant = "hooks";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_endpoint_shows_its_secret_once_and_is_nobody_elses()
    {
        using var client = new HttpClient { BaseAddress = await site.StartAsync(Tenant) };
        var created = await SendAsync(client, "/v1/webhooks", new { url = "https://example.com/a", eventTypes = new[] { "track.ready" } }, HttpStatusCode.Created);
        var (id, secret) = (created.GetProperty("id").GetInt64(), created.GetProperty("secret").GetString());

        secret.Should().StartWith("whsec_");
        var shown = await client.GetStringAsync($"/v1/webhooks/{id}", Cancel);
        shown.Should().Contain("https://example.com/a").And.Contain("track.ready").And.NotContain("whsec_");
        (await client.GetStringAsync("/v1/webhooks", Cancel)).Should().Contain(shown);
        var rotated = await SendAsync(client, $"/v1/webhooks/{id}/rotate", null, HttpStatusCode.OK);
        rotated.GetProperty("secret").GetString().Should().StartWith("whsec_").And.NotBe(secret);
        rotated.GetProperty("formerSecretUntil").GetDateTime().Should().BeAfter(TimeProvider.System.GetUtcNow().UtcDateTime);

        foreach (var path in (string[])["", "/deliveries"])
            (await site.Client.GetAsync($"/v1/webhooks/{id}{path}", Cancel)).StatusCode.Should().Be(HttpStatusCode.NotFound);
        foreach (var path in (string[])["/rotate", "/enable", "/disable", "/test", "/deliveries/1/replay"])
            await SendAsync(site.Client, $"/v1/webhooks/{id}{path}", null, HttpStatusCode.NotFound);
        await SendAsync(site.Client, $"/v1/webhooks/{id}/replay", Day(), HttpStatusCode.NotFound);
        (await site.Client.DeleteAsync($"/v1/webhooks/{id}", Cancel)).StatusCode.Should().Be(HttpStatusCode.NotFound);

        (await client.DeleteAsync($"/v1/webhooks/{id}", Cancel)).StatusCode.Should().Be(HttpStatusCode.NoContent);
        (await client.GetAsync($"/v1/webhooks/{id}", Cancel)).StatusCode.Should().Be(HttpStatusCode.NotFound);
    }

    [Theory]
    [InlineData("http://example.com/", "https://")]
    [InlineData("https://127.0.0.1/", "not a public one")]
    [InlineData("https://[::ffff:10.0.0.1]/", "not a public one")]
    [InlineData("https://169.254.169.254/metadata", "not a public one")]
    [InlineData("ftp://example.com", "whole one")]
    [InlineData("hook", "whole one")]
    public async Task An_address_that_would_not_be_called_is_refused_at_once(string url, string reason)
    {
        var problem = await SendAsync(site.Client, "/v1/webhooks", new { url }, HttpStatusCode.BadRequest);

        problem.GetProperty("errors").GetProperty("url")[0].GetString().Should().Contain(reason);
    }

    [Fact]
    public async Task An_event_that_does_not_exist_is_named_with_those_that_do()
    {
        var problem = await SendAsync(
            site.Client, "/v1/webhooks", new { url = "https://example.com/", eventTypes = new[] { "track.redy" } },
            HttpStatusCode.BadRequest);

        problem.GetProperty("errors").GetProperty("eventTypes")[0].GetString()
            .Should().Contain("'track.redy'").And.Contain("track.ready");
    }

    [Fact]
    public async Task There_are_only_so_many_endpoints()
    {
        using var client = new HttpClient { BaseAddress = await site.StartAsync("many hooks") };
        for (var i = 0; i < WebhookEndpoint.MaxPerTenant; i++)
            await SendAsync(client, "/v1/webhooks", new { url = "https://example.com/" }, HttpStatusCode.Created);

        await SendAsync(client, "/v1/webhooks", new { url = "https://example.com/" }, HttpStatusCode.Conflict);
    }

    [Fact]
    public async Task The_test_button_says_what_came_back()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        await using var allowing = await AllowingAsync(receiver, "tested");
        using var client = new HttpClient { BaseAddress = new Uri(allowing.Urls.Single()) };
        var created = await SendAsync(client, "/v1/webhooks", new { url = receiver.Url }, HttpStatusCode.Created);
        var test = $"/v1/webhooks/{created.GetProperty("id").GetInt64()}/test";

        (await SendAsync(client, test, null, HttpStatusCode.OK)).GetProperty("delivered").GetBoolean().Should().BeTrue();
        receiver.Answer = (_, context) =>
        {
            context.Response.StatusCode = 500;
            return context.Response.Body.WriteAsync("no"u8.ToArray(), Cancel).AsTask();
        };
        var failed = await SendAsync(client, test, null, HttpStatusCode.OK);

        failed.GetProperty("status").GetInt32().Should().Be(500);
        failed.GetProperty("answer").GetString().Should().Be("no");
        receiver.Received.Should().HaveCount(2).And.OnlyContain(
            r => r.Type == "webhook.test" && r.IsSignedBy(created.GetProperty("secret").GetString()!));
    }

    [Fact]
    public async Task Deliveries_are_listed_page_by_page_and_replayed()
    {
        using var client = new HttpClient { BaseAddress = await site.StartAsync("listed") };
        var created = await SendAsync(client, "/v1/webhooks", new { url = "https://example.com/" }, HttpStatusCode.Created);
        var address = $"/v1/webhooks/{created.GetProperty("id").GetInt64()}";
        await AddDeliveriesAsync("listed", 5);

        var first = await client.GetFromJsonAsync<JsonElement>($"{address}/deliveries?pageSize=3", Cancel);
        var rest = await client.GetFromJsonAsync<JsonElement>(
            $"{address}/deliveries?pageSize=3&after={first.GetProperty("next").GetInt64()}", Cancel);
        rest.GetProperty("next").ValueKind.Should().Be(JsonValueKind.Null);
        JsonElement[] all = [.. first.GetProperty("deliveries").EnumerateArray(), .. rest.GetProperty("deliveries").EnumerateArray()];
        all.Select(d => d.GetProperty("subject").GetString())
            .Should().Equal("track:4", "track:3", "track:2", "track:1", "track:0");
        var none = await client.GetFromJsonAsync<JsonElement>($"{address}/deliveries?state=Dead", Cancel);
        none.GetProperty("deliveries").GetArrayLength().Should().Be(0);

        var one = $"{address}/deliveries/{all[0].GetProperty("id").GetInt64()}/replay";
        await SendAsync(client, one, null, HttpStatusCode.Accepted);
        var replayed = await SendAsync(client, $"{address}/replay", Day(), HttpStatusCode.Accepted);
        replayed.GetProperty("deliveries").GetInt32().Should().Be(5);
        await SendAsync(
            client, $"{address}/replay", new { from = "2026-01-02T00:00:00Z", to = "2026-01-01T00:00:00Z" },
            HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task A_disabled_endpoint_says_so_until_it_is_enabled()
    {
        using var client = new HttpClient { BaseAddress = await site.StartAsync(Tenant) };
        var created = await SendAsync(client, "/v1/webhooks", new { url = "https://example.com/" }, HttpStatusCode.Created);
        var address = $"/v1/webhooks/{created.GetProperty("id").GetInt64()}";

        (await SendAsync(client, $"{address}/disable", null, HttpStatusCode.OK))
            .GetProperty("disabledReason").GetString().Should().Be("Somebody disabled it.");
        (await SendAsync(client, $"{address}/enable", null, HttpStatusCode.OK))
            .GetProperty("disabledAt").ValueKind.Should().Be(JsonValueKind.Null);
    }

    private static object Day()
    {
        var now = TimeProvider.System.GetUtcNow();
        return new { from = now.AddDays(-1), to = now.AddDays(1) };
    }

    private async Task<WebApplication> AllowingAsync(WebhookReceiver receiver, string tenant)
    {
        var app = CatalogueSite.Build(
        [
            "--Logging:LogLevel:Default=Critical", $"--Catalogue:ConnectionString=Data Source={site.CataloguePath}",
            $"--Storage:ConnectionString={site.Emulator.ConnectionString}", $"--Site:Tenant={tenant}",
            "--Site:Url=http://127.0.0.1:0", $"--Site:AnswerSeconds={site.AnswerSeconds}",
            "--Webhooks:AllowHttp=true", $"--Webhooks:AllowedHosts={receiver.Host}",
        ]);
        await app.StartAsync(Cancel);
        return app;
    }

    private async Task AddDeliveriesAsync(string tenant, int count)
    {
        await using var db = site.Catalogue.CreateDbContext();
        for (var i = 0; i < count; i++)
        {
            await db.InTransactionAsync(
                async token =>
                {
                    await WebhookOutbox.AddAsync(
                        db, tenant, "track.ready", $"track:{i}", new { }, TimeProvider.System.GetUtcNow().UtcDateTime, token);
                    return true;
                },
                Cancel);
        }
    }

    private static async Task<JsonElement> SendAsync(
        HttpClient client, string path, object? body, HttpStatusCode expected)
    {
        using var response = await client.PostAsync(path, body is null ? null : JsonContent.Create(body), Cancel);
        var text = await response.Content.ReadAsStringAsync(Cancel);
        response.StatusCode.Should().Be(expected, text);
        return text.Length == 0 ? default : JsonDocument.Parse(text).RootElement.Clone();
    }
}
