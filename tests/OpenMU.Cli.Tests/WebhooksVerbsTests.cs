using System.Text.Json;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using OpenMU.Catalogue.Storage;
using OpenMU.Catalogue.Webhooks;
using OpenMU.Cli.Home;

namespace OpenMU.Cli.Tests;

/// <summary>Endpoints of webhooks at a terminal, on a home folder.</summary>
public sealed class WebhooksVerbsTests : IDisposable
{
    private readonly DirectoryInfo data = Directory.CreateTempSubdirectory("openmu-webhooks-");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private CatalogueDbFactory Catalogue =>
        CatalogueDbFactory.ForFile(Path.Combine(data.FullName, HomeSystem.CatalogueFile));

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        data.Delete(recursive: true);
    }

    [Fact]
    public async Task An_endpoint_is_added_with_its_secret_shown_once_given_another_turned_off_and_on_and_deleted()
    {
        await Catalogue.MigrateAsync(Cancel);
        var added = await OneAsync("add", "https://partner.example/hook", "--event", "track.ready");
        var (id, secret) = ($"{added.GetProperty("id")}", added.GetProperty("secret").GetString()!);
        secret.Should().StartWith("whsec_");

        var listed = await OneAsync("list");
        listed.GetProperty("url").GetString().Should().Be("https://partner.example/hook");
        listed.GetProperty("eventTypes").GetString().Should().Be("track.ready");
        listed.GetRawText().Should().NotContain(secret);
        var rotated = await OneAsync("rotate", id);
        rotated.GetProperty("secret").GetString().Should().StartWith("whsec_").And.NotBe(secret);
        rotated.GetProperty("formerSecretUntil").GetDateTime().Should().BeAfter(TimeProvider.System.GetUtcNow().UtcDateTime);
        (await OneAsync("disable", id)).GetProperty("disabledAt").ValueKind.Should().Be(JsonValueKind.String);
        (await OneAsync("enable", id)).GetProperty("disabledAt").ValueKind.Should().Be(JsonValueKind.Null);
        (await OneAsync("delete", id)).GetProperty("deleted").ToString().Should().Be(id);
        (await RunAsync("list")).Output.Should().BeEmpty();
        (await RunAsync("delete", id)).Error.Should().Be($"openmu: There is no endpoint {id}.\n");
    }

    [Fact]
    public async Task What_became_of_events_is_listed_and_those_that_nobody_took_are_sent_once_more()
    {
        await Catalogue.MigrateAsync(Cancel);
        var id = $"{(await OneAsync("add", "https://partner.example/hook")).GetProperty("id")}";
        await using (var db = Catalogue.CreateDbContext())
        {
            await db.InTransactionAsync(
                async token =>
                {
                    await WebhookOutbox.AddAsync(
                        db, TrackBlob.DefaultTenant, WebhookEventTypes.TrackReady, "track:1", new { TrackId = 1 },
                        TimeProvider.System.GetUtcNow().UtcDateTime, token);
                    return true;
                },
                Cancel);
            await db.WebhookDeliveries.ExecuteUpdateAsync(
                set => set.SetProperty(d => d.State, WebhookDeliveryState.Dead), Cancel);
        }

        (await RunAsync("deliveries", id)).Output.Should().Contain("track.ready").And.Contain("Dead");
        string[] stretch = ["--from", "2026-01-01T00:00:00Z", "--to", "2099-01-01T00:00:00Z", "--dead"];
        (await OneAsync(["replay", id, .. stretch])).GetProperty("replayed").GetInt32().Should().Be(1);
        (await OneAsync(["replay", id, .. stretch])).GetProperty("replayed").GetInt32().Should().Be(0);
        await using var after = Catalogue.CreateDbContext();
        (await after.WebhookDeliveries.OrderBy(d => d.Id).Select(d => d.State).ToListAsync(Cancel))
            .Should().Contain(WebhookDeliveryState.Pending);
    }

    [Theory]
    [InlineData("http://partner.example/hook")]
    [InlineData("https://127.0.0.1/hook")]
    [InlineData("partner")]
    [InlineData("https://partner.example/hook", "--event", "track.sung")]
    public async Task An_address_or_event_that_cannot_be_is_refused_in_one_line(params string[] arguments)
    {
        await Catalogue.MigrateAsync(Cancel);
        var (code, output, error) = await RunAsync(["add", .. arguments]);
        code.Should().Be(ExitCode.Usage);
        output.Should().BeEmpty();
        error.Should().MatchRegex(@"\Aopenmu: [^\n]+\n\z");
    }

    private async Task<JsonElement> OneAsync(params string[] arguments)
    {
        var (code, output, error) = await RunAsync(arguments);
        code.Should().Be(ExitCode.Done, error);
        return JsonSerializer.Deserialize<JsonElement>(output);
    }

    private Task<(int Code, string Output, string Error)> RunAsync(params string[] arguments) =>
        OpenMuVerb.RunAsync(["webhooks", .. arguments, "--data", data.FullName]);
}
