using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Time.Testing;
using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Questions;
using OpenMU.Catalogue.Storage;
using OpenMU.Catalogue.Tracks;
using OpenMU.Catalogue.Webhooks;
using OpenMU.Music.Questions;

namespace OpenMU.Catalogue.Tests.Webhooks;

public sealed class WebhookOutboxTests
{
    private readonly FakeTimeProvider time = new(Shelf.Noon);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_track_that_is_ready_is_an_event_for_each_endpoint_that_wants_it()
    {
        await using var file = await Shelf.WithAsync(
            Shelf.Other("home", "a.flac", JobState.Queued), Shelf.Other("other", "b.flac", JobState.Queued));
        var all = await AddEndpointAsync(file, "home");
        var chosen = await AddEndpointAsync(file, "home", "track.failed,track.ready");
        await AddEndpointAsync(file, "home", "track.deleted");
        var disabled = await AddEndpointAsync(file, "home", isDisabled: true);
        await AddEndpointAsync(file, "other");

        await CommitAsync(file, "a.flac");

        await using var db = file.Open();
        var deliveries = await db.WebhookDeliveries.Include(d => d.Event).ToListAsync(Cancel);
        deliveries.Select(d => d.EndpointId).Should().BeEquivalentTo([all, chosen, disabled], "it waits for its being enabled");
        deliveries.Should().OnlyContain(d => d.State == WebhookDeliveryState.Pending && d.Tenant == "home");
        var happened = (await db.WebhookEvents.ToListAsync(Cancel)).Should().ContainSingle().Subject;
        var body = JsonDocument.Parse(happened.Body).RootElement;
        body.GetProperty("type").GetString().Should().Be("track.ready");
        body.GetProperty("timestamp").GetDateTime().Should().Be(Shelf.Noon);
        var track = await db.Tracks.SingleAsync(t => t.FileName == "a.flac", Cancel);
        body.GetProperty("data").GetProperty("trackId").GetInt64().Should().Be(track.Id);
        body.GetProperty("data").GetProperty("state").GetString().Should().Be("Ready");
        happened.Subject.Should().Be($"track:{track.Id}");
    }

    [Fact]
    public async Task Where_no_endpoint_wants_it_nothing_is_written()
    {
        await using var file = await Shelf.WithAsync(Shelf.Other("home", "a.flac", JobState.Queued));
        await AddEndpointAsync(file, "home", "track.deleted");

        await CommitAsync(file, "a.flac");

        (await EventsAsync(file)).Should().BeEmpty();
    }

    [Fact]
    public async Task What_a_worker_with_an_older_claim_brings_is_no_event()
    {
        await using var file = await Shelf.WithAsync(Shelf.Other("home", "a.flac", JobState.Queued));
        await AddEndpointAsync(file, "home");
        var ledger = new JobLedger(file.Factory, time);
        var zombie = await ClaimAsync(ledger, await JobOfAsync(file, "a.flac"));
        time.Advance(TimeSpan.FromMinutes(2));
        var living = ((ClaimAnswer.Granted)await ledger.ClaimAloneAsync(
            zombie.JobId, TimeSpan.FromMinutes(1), Cancel)).Claim;

        (await ledger.CommitAsync(zombie, NewAnalysis(), Cancel)).Should().BeFalse();
        (await EventsAsync(file)).Should().BeEmpty();
        (await ledger.RejectAsync(living, "It holds no music.", Cancel)).Should().BeTrue();

        var rejected = (await EventsAsync(file)).Should().ContainSingle().Subject;
        rejected.Type.Should().Be("track.rejected");
        rejected.Body.Should().Contain("It holds no music.");
    }

    [Fact]
    public async Task What_is_rolled_back_leaves_no_event()
    {
        await using var file = await Shelf.WithAsync(Shelf.Ready("home", "a.flac"));
        await AddEndpointAsync(file, "home");
        await using var db = file.Open();

        var broken = () => db.InTransactionAsync<bool>(
            async token =>
            {
                await WebhookOutbox.AddAsync(db, "home", "track.ready", "track:1", new { }, Shelf.Noon, token);
                throw new InvalidDataException();
            },
            Cancel);

        await broken.Should().ThrowAsync<InvalidDataException>();
        (await EventsAsync(file)).Should().BeEmpty();
        var alone = () => WebhookOutbox.AddAsync(db, "home", "track.ready", "track:1", new { }, Shelf.Noon, Cancel);
        await alone.Should().ThrowAsync<InvalidOperationException>();
    }

    [Fact]
    public async Task A_job_whose_tries_are_used_up_is_an_event_once()
    {
        await using var file = await Shelf.WithAsync(Shelf.Other("home", "a.flac", JobState.Queued));
        await AddEndpointAsync(file, "home");
        var ledger = new JobLedger(file.Factory, time);
        var job = await JobOfAsync(file, "a.flac");
        for (var i = 0; i < JobLedger.MaxAttempts; i++)
            await ledger.PostponeAsync(await ClaimAsync(ledger, job), "No luck.", Cancel);

        (await EventsAsync(file)).Should().BeEmpty("a try is nobody's business");
        (await ledger.FailAsync(job, Cancel)).Should().BeTrue();
        (await ledger.FailAsync(job, Cancel)).Should().BeFalse();

        (await EventsAsync(file)).Should().ContainSingle().Which.Type.Should().Be("track.failed");
    }

    [Fact]
    public async Task A_question_is_an_event_in_the_order_of_its_track()
    {
        await using var file = await Shelf.WithAsync(Shelf.Ready("home", "a.flac"));
        await AddEndpointAsync(file, "home");
        var answered = await AskAsync(file, "a.flac");
        var refused = await AskAsync(file, "a.flac");
        var ledger = new JobLedger(file.Factory, time, JobKind.Question);

        await ledger.CommitAsync(await ClaimAsync(ledger, answered), new Answer(
            "Slow.", AnswerOutcome.Answered, 0, [], "tiny", "1", "open", 30, Shelf.Noon), Cancel);
        await ledger.RejectAsync(await ClaimAsync(ledger, refused), "It is too long.", Cancel);

        var events = await EventsAsync(file);
        events.Select(e => e.Type).Should().Equal("question.answered", "question.failed");
        events.Select(e => e.Subject).Distinct().Should().ContainSingle().Which.Should().StartWith("track:");
    }

    private async Task CommitAsync(CatalogueFile file, string fileName)
    {
        var ledger = new JobLedger(file.Factory, time);
        var claim = await ClaimAsync(ledger, await JobOfAsync(file, fileName));
        (await ledger.CommitAsync(claim, NewAnalysis(), Cancel)).Should().BeTrue();
    }

    private static Analysis NewAnalysis() => Shelf.Ready("home", "any.flac").Job.Analysis!;

    private static async Task<JobClaim> ClaimAsync(JobLedger ledger, long job) =>
        ((ClaimAnswer.Granted)await ledger.ClaimAsync(job, TimeSpan.FromMinutes(1), Cancel)).Claim;

    private static async Task<long> JobOfAsync(CatalogueFile file, string fileName)
    {
        await using var db = file.Open();
        return (await db.Tracks.SingleAsync(t => t.FileName == fileName, Cancel)).JobId;
    }

    private static async Task<long> AskAsync(CatalogueFile file, string fileName)
    {
        await using var db = file.Open();
        var track = await db.Tracks.SingleAsync(t => t.FileName == fileName, Cancel);
        var question = new Question
        {
            Tenant = "home",
            TrackId = track.Id,
            Text = "How does it sound?",
            Job = new Job
            {
                Tenant = "home",
                ContentId = $"question:{Guid.NewGuid():N}",
                Kind = JobKind.Question,
                ModelVersion = Job.AnyModel,
            },
        };
        db.Add(question);
        await db.SaveChangesAsync(Cancel);
        return question.JobId;
    }

    private static async Task<List<WebhookEvent>> EventsAsync(CatalogueFile file)
    {
        await using var db = file.Open();
        return await db.WebhookEvents.AsNoTracking().OrderBy(e => e.Id).ToListAsync(Cancel);
    }

    private static async Task<long> AddEndpointAsync(
        CatalogueFile file, string tenant, string types = "", bool isDisabled = false)
    {
        await using var db = file.Open();
        var endpoint = new WebhookEndpoint
        {
            Tenant = tenant,
            Url = "https://example.com/hook",
            EventTypes = types,
            Secret = WebhookEndpoint.NewSecret(),
            DisabledAt = isDisabled ? Shelf.Noon : null,
        };
        db.Add(endpoint);
        await db.SaveChangesAsync(Cancel);
        return endpoint.Id;
    }
}
