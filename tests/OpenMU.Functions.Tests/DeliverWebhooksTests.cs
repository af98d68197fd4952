using System.Collections.Concurrent;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Primitives;
using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Tracks;
using OpenMU.Catalogue.Webhooks;
using OpenMU.Testing;
using StandardWebhooks;

namespace OpenMU.Functions.Tests;

/// <summary>Events on their way to a real receiver on loopback, behind the list of hosts that are allowed.</summary>
public sealed class DeliverWebhooksTests(Emulator emulator)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_happens_to_a_track_arrives_signed_and_in_its_order()
    {
        await using var stage = await Stage.SetAsync(emulator);
        await using var receiver = await WebhookReceiver.StartAsync();
        var endpoint = await AddEndpointAsync(stage, receiver);
        var handlers = new Handlers(stage, new IngestOptions { KeepMissing = TimeSpan.Zero });
        await stage.UploadAsync("home/a.wav", [1]);
        await handlers.Ingest.HandleAsync("home/a.wav", Cancel);
        await ReadyAsync(stage);
        await stage.UploadAsync("home/copy.wav", [1]);
        await handlers.Ingest.HandleAsync("home/copy.wav", Cancel);
        await stage.Storage.Tracks.DeleteBlobIfExistsAsync("home/copy.wav", cancellationToken: Cancel);
        await handlers.Ingest.HandleAsync("home/copy.wav", Cancel);
        await handlers.Missing.RemoveAsync(Cancel);

        (await DeliverAsync(stage, receiver)).Should().Be(3);

        var received = receiver.Received.ToList();
        received.Select(Named).Should().BeEquivalentTo(
            "a.wav track.ready", "copy.wav track.ready", "copy.wav track.deleted");
        received.Where(r => Named(r).StartsWith("copy", StringComparison.Ordinal)).Select(r => r.Type)
            .Should().Equal("track.ready", "track.deleted");
        received.Should().OnlyContain(r => r.IsSignedBy(endpoint.Secret) && r.Line == "POST /hook"
            && r.Headers["Content-Type"] == "application/json" && !r.Headers.ContainsKey("traceparent"));
        foreach (var webhook in received)
        {
            var headers = new HeaderDictionary(
                webhook.Headers.ToDictionary(h => h.Key, h => new StringValues(h.Value)));
            new StandardWebhook(endpoint.Secret).Verify(webhook.Body, headers);
            var forged = () => new StandardWebhook(endpoint.Secret).Verify(webhook.Body + " ", headers);
            forged.Should().Throw<Exception>();
        }

        (await DeliverAsync(stage, receiver)).Should().Be(0);
    }

    [Fact]
    public async Task After_a_rotation_both_secrets_sign()
    {
        await using var stage = await Stage.SetAsync(emulator);
        await using var receiver = await WebhookReceiver.StartAsync();
        var before = await AddEndpointAsync(stage, receiver);
        var after = await Store(stage, receiver).RotateAsync("home", before.Id, Cancel);
        await AddAsync(stage, "track:1");

        await DeliverAsync(stage, receiver);

        after!.Secret.Should().NotBe(before.Secret);
        receiver.Received.Should().ContainSingle().Which.Should().Match<ReceivedWebhook>(
            r => r.IsSignedBy(before.Secret) && r.IsSignedBy(after.Secret) && !r.IsSignedBy("whsec_AAAA"));
    }

    [Fact]
    public async Task A_try_that_fails_is_made_again_under_the_same_id_with_a_signature_of_its_own_time()
    {
        await using var stage = await Stage.SetAsync(emulator);
        await using var receiver = await WebhookReceiver.StartAsync();
        var endpoint = await AddEndpointAsync(stage, receiver);
        receiver.Answer = (_, context) =>
        {
            context.Response.StatusCode = receiver.Received.Count == 1 ? 503 : 200;
            return context.Response.WriteAsync("line\none\n" + new string('x', 1 << 20), Cancel);
        };
        await AddAsync(stage, "track:1");

        (await DeliverAsync(stage, receiver)).Should().Be(0);
        var failed = await OneAsync(stage);
        failed.Should().BeEquivalentTo(new { State = WebhookDeliveryState.Pending, Status = 503, Attempts = 1 });
        failed.Answer.Should().StartWith("line one xxx").And.HaveLength(WebhookDelivery.MaxAnswerLength);
        failed.DueAt.Should().BeAfter(failed.TriedAt!.Value.AddSeconds(4));
        await DueNowAsync(stage);
        (await DeliverAsync(stage, receiver)).Should().Be(1);

        receiver.Received.Should().HaveCount(2).And.OnlyContain(r => r.IsSignedBy(endpoint.Secret));
        receiver.Received.Select(r => r.Id).Distinct().Should().ContainSingle();
        (await OneAsync(stage)).Status.Should().Be(200);
    }

    [Theory]
    [InlineData(302)]
    [InlineData(307)]
    [InlineData(400)]
    [InlineData(500)]
    public async Task Whatever_is_no_success_is_a_failure_and_no_redirect_is_followed(int status)
    {
        await using var stage = await Stage.SetAsync(emulator);
        await using var receiver = await WebhookReceiver.StartAsync();
        await AddEndpointAsync(stage, receiver);
        receiver.Answer = (_, context) =>
        {
            context.Response.StatusCode = status;
            context.Response.Headers.Location = "/elsewhere";
            context.Response.Headers.SetCookie = "a=b";
            return Task.CompletedTask;
        };
        await AddAsync(stage, "track:1");

        await DeliverAsync(stage, receiver);
        await DueNowAsync(stage);
        await DeliverAsync(stage, receiver);

        receiver.Received.Should().HaveCount(2)
            .And.OnlyContain(r => r.Line == "POST /hook" && !r.Headers.ContainsKey("Cookie"));
        (await OneAsync(stage)).Should().BeEquivalentTo(new { State = WebhookDeliveryState.Pending, Status = status });
    }

    [Fact]
    public async Task A_receiver_that_is_gone_gets_nothing_more()
    {
        await using var stage = await Stage.SetAsync(emulator);
        await using var receiver = await WebhookReceiver.StartAsync();
        await AddEndpointAsync(stage, receiver);
        receiver.Answer = (_, context) =>
        {
            context.Response.StatusCode = 410;
            return Task.CompletedTask;
        };
        await AddAsync(stage, "track:1");
        await DeliverAsync(stage, receiver);
        await AddAsync(stage, "track:2");
        await DeliverAsync(stage, receiver);

        receiver.Received.Should().ContainSingle();
        await using var db = stage.Catalogue.CreateDbContext();
        (await db.WebhookDeliveries.OrderBy(d => d.Id).Select(d => d.State).ToListAsync(Cancel)).Should().Equal(
            [WebhookDeliveryState.Dead, WebhookDeliveryState.Pending], "what comes waits for its being enabled");
        (await Store(stage, receiver).ListAsync("home", Cancel)).Single().DisabledReason.Should().Contain("410");
    }

    [Fact]
    public async Task Without_the_list_of_allowed_hosts_nothing_on_this_machine_is_called()
    {
        await using var stage = await Stage.SetAsync(emulator);
        await using var receiver = await WebhookReceiver.StartAsync();
        await AddEndpointAsync(stage, receiver);
        await AddAsync(stage, "track:1");

        await DeliverAsync(stage, new WebhookSettings { AllowHttp = true });

        receiver.Received.Should().BeEmpty();
        (await OneAsync(stage)).Should().BeEquivalentTo(
            new { Status = (int?)null, Answer = "The address is not a public one." });
    }

    [Fact]
    public async Task One_receiver_that_never_answers_holds_up_nobody_else()
    {
        await using var stage = await Stage.SetAsync(emulator);
        await using var slow = await WebhookReceiver.StartAsync();
        await using var quick = await WebhookReceiver.StartAsync();
        await AddEndpointAsync(stage, slow);
        await AddEndpointAsync(stage, quick);
        var release = new TaskCompletionSource();
        slow.Answer = (_, _) => release.Task;
        for (var i = 0; i < 50; i++) await AddAsync(stage, $"track:{i}");

        var run = DeliverAsync(stage, slow, quick);
        (await quick.UntilAsync(50, Cancel)).Select(r => r.Id).Should().OnlyHaveUniqueItems();
        run.IsCompleted.Should().BeFalse();
        slow.Received.Count.Should().BeLessThanOrEqualTo(DeliverWebhooks.AtOnce);
        release.SetResult();

        (await run).Should().BeGreaterThanOrEqualTo(50);
    }

    [Fact]
    public async Task Two_programs_at_once_deliver_each_event_once_and_a_tracks_one_after_the_other()
    {
        await using var stage = await Stage.SetAsync(emulator);
        await using var receiver = await WebhookReceiver.StartAsync();
        await AddEndpointAsync(stage, receiver);
        var open = new ConcurrentDictionary<string, bool>();
        var overlapping = 0;
        receiver.Answer = async (received, _) =>
        {
            var subject = received.Json.GetProperty("data").GetProperty("subject").GetString()!;
            if (!open.TryAdd(subject, true)) Interlocked.Increment(ref overlapping);
            await Task.Yield();
            open.TryRemove(subject, out var _);
        };
        for (var i = 0; i < 60; i++) await AddAsync(stage, $"track:{i % 6}");

        var delivered = await Task.WhenAll(DeliverAsync(stage, receiver), DeliverAsync(stage, receiver));

        delivered.Sum().Should().Be(60);
        receiver.Received.Should().HaveCount(60);
        overlapping.Should().Be(0);
        var datas = receiver.Received.Select(r => r.Json.GetProperty("data"));
        foreach (var subject in datas.GroupBy(data => data.GetProperty("subject").GetString()))
            subject.Select(data => data.GetProperty("number").GetInt32()).Should().BeInAscendingOrder();
    }

    private static string Named(ReceivedWebhook received) =>
        $"{received.Json.GetProperty("data").GetProperty("fileName").GetString()} {received.Type}";

    private static Task<int> DeliverAsync(Stage stage, params WebhookReceiver[] receivers) =>
        DeliverAsync(stage, Allowing(receivers));

    private static async Task<int> DeliverAsync(Stage stage, WebhookSettings settings)
    {
        using var sender = new WebhookSender(new PublicAddresses(settings), settings, TimeProvider.System);
        return await new DeliverWebhooks(
            new WebhookQueue(stage.Catalogue, settings, TimeProvider.System), sender, TimeProvider.System,
            NullLogger<DeliverWebhooks>.Instance).RunAsync(Cancel);
    }

    private static WebhookSettings Allowing(params WebhookReceiver[] receivers) => new()
    {
        AllowHttp = true,
        AllowedHosts = string.Join(", ", receivers.Select(receiver => receiver.Host)),
    };

    private static WebhookStore Store(Stage stage, WebhookReceiver receiver)
    {
        var addresses = new PublicAddresses(Allowing(receiver));
        return new WebhookStore(
            stage.Catalogue, addresses, new WebhookSender(addresses, Allowing(receiver), TimeProvider.System),
            TimeProvider.System);
    }

    private static async Task<WebhookEndpoint> AddEndpointAsync(Stage stage, WebhookReceiver receiver) =>
        (await Store(stage, receiver).CreateAsync("home", receiver.Url, [], Cancel))!;

    private static async Task AddAsync(Stage stage, string subject)
    {
        await using var db = stage.Catalogue.CreateDbContext();
        await db.InTransactionAsync(
            async token =>
            {
                var number = await db.WebhookEvents.CountAsync(token);
                await WebhookOutbox.AddAsync(
                    db, "home", WebhookEventTypes.TrackReady, subject, new { Subject = subject, Number = number },
                    TimeProvider.System.GetUtcNow().UtcDateTime, token);
                return true;
            },
            Cancel);
    }

    private static async Task ReadyAsync(Stage stage)
    {
        var job = (await stage.JobsAsync()).Single();
        var claim = ((ClaimAnswer.Granted)await stage.Ledger.ClaimAsync(
            job.Id, TimeSpan.FromMinutes(1), Cancel)).Claim;
        await stage.Ledger.CommitAsync(claim, new Analysis { Codec = "pcm", DurationSeconds = 1 }, Cancel);
    }

    private static async Task DueNowAsync(Stage stage)
    {
        await using var db = stage.Catalogue.CreateDbContext();
        await db.WebhookDeliveries.ExecuteUpdateAsync(set => set.SetProperty(d => d.DueAt, d => d.CreatedAt), Cancel);
    }

    private static async Task<WebhookDelivery> OneAsync(Stage stage)
    {
        await using var db = stage.Catalogue.CreateDbContext();
        return await db.WebhookDeliveries.AsNoTracking().SingleAsync(Cancel);
    }
}
