using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Time.Testing;
using OpenMU.Catalogue.Webhooks;

namespace OpenMU.Catalogue.Tests.Webhooks;

public sealed class WebhookQueueTests
{
    private static readonly WebhookAnswer Ok = new(200, "ok", null), Broken = new(500, "broken", null);

    private readonly FakeTimeProvider time = new(Shelf.Noon);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Of_each_subject_only_the_oldest_is_due()
    {
        await using var file = await CatalogueFile.CreateAsync();
        var endpoint = await AddEndpointAsync(file);
        await AddAsync(file, "track:1", "track:1", "track:2", "track:1");
        var queue = Queue(file);

        var first = await queue.ClaimAsync(endpoint, 10, Cancel);
        first.Select(d => d.Subject).Should().Equal("track:1", "track:2");
        (await queue.ClaimAsync(endpoint, 10, Cancel)).Should().BeEmpty("the others wait for them");

        await queue.NoteAsync(first[0], Ok, Cancel);
        var second = (await queue.ClaimAsync(endpoint, 10, Cancel)).Should().ContainSingle().Subject;
        second.Id.Should().BeGreaterThan(first[0].Id);
        await queue.NoteAsync(second, Broken, Cancel);
        time.Advance(TimeSpan.FromSeconds(3));
        (await queue.ClaimAsync(endpoint, 10, Cancel)).Should().BeEmpty("what failed goes first");
    }

    [Fact]
    public async Task Of_two_who_see_the_same_delivery_one_makes_it_and_a_late_end_is_not_noted()
    {
        await using var file = await CatalogueFile.CreateAsync();
        var endpoint = await AddEndpointAsync(file);
        await AddAsync(file, "track:1");

        var late = (await Queue(file).ClaimAsync(endpoint, 10, Cancel)).Should().ContainSingle().Subject;
        (await Queue(file).ClaimAsync(endpoint, 10, Cancel)).Should().BeEmpty();
        time.Advance(TimeSpan.FromMinutes(3));
        var next = (await Queue(file).ClaimAsync(endpoint, 10, Cancel)).Should().ContainSingle().Subject;

        (await Queue(file).NoteAsync(late, Broken, Cancel)).Should().BeFalse();
        (await Queue(file).NoteAsync(next, Ok, Cancel)).Should().BeTrue();
        (await OneAsync(file)).State.Should().Be(WebhookDeliveryState.Delivered);
        next.Event.MessageId.Should().Be(late.Event.MessageId);
    }

    [Fact]
    public async Task After_ten_tries_over_three_days_it_is_dead_and_the_endpoint_is_disabled()
    {
        await using var file = await CatalogueFile.CreateAsync();
        var endpoint = await AddEndpointAsync(file);
        await AddAsync(file, "track:1");
        var tries = 0;
        while ((await OneAsync(file)).State == WebhookDeliveryState.Pending)
        {
            foreach (var delivery in await Queue(file).ClaimAsync(endpoint, 10, Cancel))
            {
                tries++;
                await Queue(file).NoteAsync(delivery, Broken, Cancel);
            }

            time.Advance(TimeSpan.FromMinutes(10));
        }

        tries.Should().Be(RetrySchedule.MaxAttempts);
        (await OneAsync(file)).Should().BeEquivalentTo(
            new { State = WebhookDeliveryState.Dead, Status = 500, Answer = "broken", Attempts = 10 });
        var after = await EndpointAsync(file);
        after.DisabledAt.Should().NotBeNull();
        after.DisabledReason.Should().Be("Every try since 2026-01-02 12:00 UTC has failed.");
        (await Queue(file).EndpointsAsync([], 10, Cancel)).Should().BeEmpty();
    }

    [Fact]
    public async Task Gone_disables_at_once()
    {
        await using var file = await CatalogueFile.CreateAsync();
        var endpoint = await AddEndpointAsync(file);
        await AddAsync(file, "track:1", "track:2");
        var claimed = await Queue(file).ClaimAsync(endpoint, 1, Cancel);

        await Queue(file).NoteAsync(claimed[0], new WebhookAnswer(410, "", null), Cancel);

        (await EndpointAsync(file)).DisabledReason.Should().Contain("410");
        (await Queue(file).ClaimAsync(endpoint, 10, Cancel)).Should().BeEmpty();
    }

    [Fact]
    public async Task What_happens_while_an_endpoint_is_disabled_is_sent_when_it_is_enabled_again()
    {
        await using var file = await CatalogueFile.CreateAsync();
        var endpoint = await AddEndpointAsync(file);
        await SetDisabledAsync(file, Shelf.Noon);
        await AddAsync(file, "track:1");
        (await Queue(file).ClaimAsync(endpoint, 10, Cancel)).Should().BeEmpty();

        await SetDisabledAsync(file, null);

        (await Queue(file).ClaimAsync(endpoint, 10, Cancel)).Should().ContainSingle();
    }

    private static async Task SetDisabledAsync(CatalogueFile file, DateTime? at)
    {
        await using var db = file.Open();
        await db.WebhookEndpoints.ExecuteUpdateAsync(set => set.SetProperty(e => e.DisabledAt, at), Cancel);
    }

    [Fact]
    public async Task An_endpoint_rests_after_failures_in_a_row_and_as_long_as_it_asks_for_within_an_hour()
    {
        await using var file = await CatalogueFile.CreateAsync();
        var endpoint = await AddEndpointAsync(file);
        await AddAsync(file, "track:1", "track:2", "track:3", "track:4");
        foreach (var delivery in await Queue(file).ClaimAsync(endpoint, 3, Cancel))
            await Queue(file).NoteAsync(delivery, Broken, Cancel);

        (await Queue(file).ClaimAsync(endpoint, 10, Cancel)).Should().BeEmpty();
        (await Queue(file).EndpointsAsync([], 10, Cancel)).Should().BeEmpty();
        time.Advance(TimeSpan.FromSeconds(5));
        (await Queue(file).EndpointsAsync([], 10, Cancel)).Should().Equal(endpoint);
        var next = (await Queue(file).ClaimAsync(endpoint, 10, Cancel)).Should().ContainSingle().Subject;
        await Queue(file).NoteAsync(next, new WebhookAnswer(429, "", TimeSpan.FromDays(7)), Cancel);
        (await EndpointAsync(file)).ResumesAt.Should().Be(time.GetUtcNow().UtcDateTime.AddHours(1));
        time.Advance(TimeSpan.FromHours(1));

        var again = (await Queue(file).ClaimAsync(endpoint, 1, Cancel)).Should().ContainSingle().Subject;
        await Queue(file).NoteAsync(again, Ok, Cancel);
        (await EndpointAsync(file)).Should().BeEquivalentTo(
            new { Failures = 0, FailingSince = (DateTime?)null, ResumesAt = (DateTime?)null });
    }

    [Fact]
    public async Task What_is_replayed_goes_out_again_under_its_own_id_and_before_what_came_after_it()
    {
        await using var file = await CatalogueFile.CreateAsync();
        var endpoint = await AddEndpointAsync(file);
        await AddAsync(file, "track:1", "track:1");
        var first = (await Queue(file).ClaimAsync(endpoint, 10, Cancel)).Single();
        await Queue(file).NoteAsync(first, Ok, Cancel);

        (await Store(file).ReplayAsync("other", endpoint, first.Id, Cancel)).Should().BeFalse();
        (await Store(file).ReplayAsync("home", endpoint, first.Id, Cancel)).Should().BeTrue();

        var again = (await Queue(file).ClaimAsync(endpoint, 10, Cancel)).Should().ContainSingle().Subject;
        again.Event.MessageId.Should().Be(first.Event.MessageId);
        again.Attempts.Should().Be(1);
    }

    [Fact]
    public async Task A_stretch_of_time_is_replayed_whole_or_only_what_stands_so()
    {
        await using var file = await CatalogueFile.CreateAsync();
        var endpoint = await AddEndpointAsync(file);
        await AddAsync(file, "track:1", "track:2");
        time.Advance(TimeSpan.FromHours(1));
        await AddAsync(file, "track:3");
        foreach (var delivery in await Queue(file).ClaimAsync(endpoint, 10, Cancel))
            await Queue(file).NoteAsync(delivery, Ok, Cancel);

        (await Store(file).ReplayAsync("other", endpoint, Shelf.Noon, Shelf.Noon.AddDays(1), null, Cancel))
            .Should().BeNull();
        (await Store(file).ReplayAsync(
            "home", endpoint, Shelf.Noon, Shelf.Noon.AddDays(1), WebhookDeliveryState.Dead, Cancel)).Should().Be(0);
        (await Store(file).ReplayAsync("home", endpoint, Shelf.Noon, Shelf.Noon.AddMinutes(30), null, Cancel))
            .Should().Be(2);
        (await Queue(file).ClaimAsync(endpoint, 10, Cancel)).Should().HaveCount(2);
    }

    [Fact]
    public async Task What_is_older_than_is_kept_goes_with_its_deliveries()
    {
        await using var file = await CatalogueFile.CreateAsync();
        await AddEndpointAsync(file);
        await AddAsync(file, "track:1");
        time.Advance(TimeSpan.FromDays(30));
        await AddAsync(file, "track:2");
        time.Advance(TimeSpan.FromMinutes(1));

        await Queue(file).ForgetAsync(Cancel);

        (await OneAsync(file)).Subject.Should().Be("track:2");
    }

    private WebhookQueue Queue(CatalogueFile file) => new(file.Factory, new WebhookSettings(), time);

    private WebhookStore Store(CatalogueFile file)
    {
        var addresses = new PublicAddresses(new WebhookSettings());
        return new(file.Factory, addresses, new WebhookSender(addresses, new WebhookSettings(), time), time);
    }

    private async Task AddAsync(CatalogueFile file, params string[] subjects)
    {
        await using var db = file.Open();
        foreach (var subject in subjects)
        {
            await db.InTransactionAsync(
                async token =>
                {
                    await WebhookOutbox.AddAsync(
                        db, "home", WebhookEventTypes.TrackReady, subject, new { }, time.GetUtcNow().UtcDateTime, token);
                    return true;
                },
                Cancel);
        }
    }

    private async Task<long> AddEndpointAsync(CatalogueFile file) =>
        (await Store(file).CreateAsync("home", "https://example.com/hook", [], Cancel))!.Id;

    private static async Task<WebhookDelivery> OneAsync(CatalogueFile file)
    {
        await using var db = file.Open();
        return await db.WebhookDeliveries.AsNoTracking().SingleAsync(Cancel);
    }

    private static async Task<WebhookEndpoint> EndpointAsync(CatalogueFile file)
    {
        await using var db = file.Open();
        return await db.WebhookEndpoints.AsNoTracking().SingleAsync(Cancel);
    }
}
