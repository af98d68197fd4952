using Microsoft.EntityFrameworkCore;
using OpenMU.Catalogue.Storage;

namespace OpenMU.Catalogue.Webhooks;

/// <summary>
/// Which deliveries are due, and every move of one. A claim raises the delivery's fence and hides it for the time that
/// a try may take, and what came of a try is noted only by the latest claim: of two programs that see the same delivery
/// one makes it.
/// </summary>
public sealed class WebhookQueue(
    IDbContextFactory<CatalogueDb> catalogue, WebhookSettings settings, TimeProvider time)
{
    private const int ForgottenAtOnce = 1000;

    // A receiver that asks for peace gets so much of it.
    private static readonly TimeSpan LongestRest = TimeSpan.FromHours(1);

    // Beyond the receiver's time: the way to the database and back.
    private static readonly TimeSpan Lease = TimeSpan.FromMinutes(2);

    /// <summary>Endpoints to which something is due.</summary>
    /// <param name="except">Not these.</param>
    /// <param name="atMost">The first so many.</param>
    /// <param name="cancel">Gives up.</param>
    public async Task<IReadOnlyList<long>> EndpointsAsync(
        IReadOnlyCollection<long> except, int atMost, CancellationToken cancel)
    {
        await using var db = catalogue.CreateDbContext();
        var now = await db.NowAsync(time, cancel);
        return await db.WebhookEndpoints
            .Where(e => e.DisabledAt == null && (e.ResumesAt == null || e.ResumesAt <= now) && !except.Contains(e.Id))
            .Where(e => db.WebhookDeliveries.Any(d =>
                d.EndpointId == e.Id && d.State == WebhookDeliveryState.Pending && d.DueAt <= now))
            .OrderBy(e => e.Id).Select(e => e.Id).Take(atMost).ToListAsync(cancel);
    }

    /// <summary>
    /// Claims what is due to an endpoint: of each subject the oldest alone, so that its events come one after the
    /// other.
    /// </summary>
    /// <param name="endpoint">The endpoint.</param>
    /// <param name="atMost">The first so many.</param>
    /// <param name="cancel">Gives up.</param>
    /// <returns>With their events and the endpoint; none where the endpoint is disabled or has its rest.</returns>
    public async Task<IReadOnlyList<WebhookDelivery>> ClaimAsync(long endpoint, int atMost, CancellationToken cancel)
    {
        await using var db = catalogue.CreateDbContext();
        var now = await db.NowAsync(time, cancel);
        var due = await Due(db, endpoint, now)
            .Where(d => d.Endpoint.DisabledAt == null
                && (d.Endpoint.ResumesAt == null || d.Endpoint.ResumesAt <= now))
            .OrderBy(d => d.DueAt).ThenBy(d => d.Id).Take(atMost)
            .Include(d => d.Event).Include(d => d.Endpoint).AsNoTracking().ToListAsync(cancel);
        var claimed = new List<WebhookDelivery>();
        foreach (var delivery in due)
        {
            var hidden = now + Lease;
            var changed = await db.WebhookDeliveries
                .Where(d => d.Id == delivery.Id && d.Fence == delivery.Fence
                    && d.State == WebhookDeliveryState.Pending)
                .ExecuteUpdateAsync(
                    set => set.SetProperty(d => d.Fence, d => d.Fence + 1)
                        .SetProperty(d => d.Attempts, d => d.Attempts + 1)
                        .SetProperty(d => d.TriedAt, now)
                        .SetProperty(d => d.DueAt, hidden),
                    cancel);
            if (changed != 1) continue;
            (delivery.Fence, delivery.Attempts) = (delivery.Fence + 1, delivery.Attempts + 1);
            claimed.Add(delivery);
        }

        return claimed;
    }

    /// <summary>Notes what came of a try, for the delivery and for its endpoint.</summary>
    /// <returns>False where somebody else has claimed it since: nothing was noted.</returns>
    public async Task<bool> NoteAsync(WebhookDelivery claimed, WebhookAnswer answer, CancellationToken cancel)
    {
        await using var db = catalogue.CreateDbContext();
        return await db.InTransactionAsync(
            async token =>
            {
                var now = await db.NowAsync(time, token);
                var pause = answer.IsGone ? null : RetrySchedule.After(claimed.Attempts, claimed.Id);
                var state = answer.IsSuccess ? WebhookDeliveryState.Delivered
                    : pause is null ? WebhookDeliveryState.Dead
                    : WebhookDeliveryState.Pending;
                var due = now + (pause ?? TimeSpan.Zero);
                var noted = await db.WebhookDeliveries
                    .Where(d => d.Id == claimed.Id && d.Fence == claimed.Fence
                        && d.State == WebhookDeliveryState.Pending)
                    .ExecuteUpdateAsync(
                        set => set.SetProperty(d => d.State, state)
                            .SetProperty(d => d.DueAt, due)
                            .SetProperty(d => d.Fence, d => d.Fence + 1)
                            .SetProperty(d => d.Status, answer.Status)
                            .SetProperty(d => d.Answer, answer.Text),
                        token);
                if (noted == 0) return false;
                if (await db.WebhookEndpoints.SingleOrDefaultAsync(e => e.Id == claimed.EndpointId, token)
                    is { } endpoint)
                {
                    Note(endpoint, answer, state, now);
                    await db.SaveChangesAsync(token);
                }

                return true;
            },
            cancel);
    }

    /// <summary>Removes events that are older than is kept, with their deliveries, some at a time.</summary>
    public async Task ForgetAsync(CancellationToken cancel)
    {
        await using var db = catalogue.CreateDbContext();
        var before = await db.NowAsync(time, cancel) - settings.Keep;
        var old = await db.WebhookEvents.Where(e => e.At < before).OrderBy(e => e.At).Select(e => e.Id)
            .Take(ForgottenAtOnce).ToListAsync(cancel);
        if (old.Count > 0) await db.WebhookEvents.Where(e => old.Contains(e.Id)).ExecuteDeleteAsync(cancel);
    }

    private static IQueryable<WebhookDelivery> Due(CatalogueDb db, long endpoint, DateTime now) =>
        db.WebhookDeliveries
            .Where(d => d.EndpointId == endpoint && d.State == WebhookDeliveryState.Pending && d.DueAt <= now)
            .Where(d => !db.WebhookDeliveries.Any(earlier =>
                earlier.EndpointId == endpoint && earlier.Subject == d.Subject
                && earlier.State == WebhookDeliveryState.Pending && earlier.Id < d.Id));

    private void Note(WebhookEndpoint endpoint, WebhookAnswer answer, WebhookDeliveryState state, DateTime now)
    {
        if (answer.IsSuccess)
        {
            (endpoint.Failures, endpoint.FailingSince, endpoint.ResumesAt) = (0, null, null);
            return;
        }

        endpoint.Failures++;
        endpoint.FailingSince ??= now;
        var rest = RetrySchedule.Rest(endpoint.Failures);
        if (answer.RetryAfter is { } asked && asked > rest) rest = asked < LongestRest ? asked : LongestRest;
        endpoint.ResumesAt = rest > TimeSpan.Zero ? now + rest : null;
        if (endpoint.DisabledAt is not null) return;
        var reason = answer.IsGone ? "The receiver answered 410 (Gone): it wants nothing any more."
            : state == WebhookDeliveryState.Dead && endpoint.FailingSince <= now - settings.DisableAfter
                ? FormattableString.Invariant($"Every try since {endpoint.FailingSince:yyyy-MM-dd HH:mm} UTC has failed.")
            : null;
        if (reason is not null) (endpoint.DisabledAt, endpoint.DisabledReason) = (now, reason);
    }
}
