using Microsoft.EntityFrameworkCore;
using OpenMU.Catalogue.Storage;

namespace OpenMU.Catalogue.Webhooks;

/// <summary>Endpoints and what became of their deliveries, each tenant its own.</summary>
public sealed class WebhookStore(
    IDbContextFactory<CatalogueDb> catalogue, PublicAddresses addresses, WebhookSender sender, TimeProvider time)
{
    /// <summary>The most deliveries on a page.</summary>
    public const int MaxPageSize = 200;

    private DateTime Now => time.GetUtcNow().UtcDateTime;

    /// <summary>What is wrong with an endpoint that is to be, by field; empty where nothing is.</summary>
    /// <param name="url">Its address.</param>
    /// <param name="types">Its types of events.</param>
    public IReadOnlyDictionary<string, string[]> Mistakes(string url, IReadOnlyList<string> types)
    {
        var mistakes = new Dictionary<string, string[]>();
        if (url.Length > WebhookEndpoint.MaxUrlLength)
            mistakes["url"] = [$"The address has more than {WebhookEndpoint.MaxUrlLength} characters."];
        else if (addresses.Refusal(url) is { } refusal) mistakes["url"] = [refusal];
        var unknown = types.Except(WebhookEventTypes.All).ToList();
        if (unknown.Count > 0)
        {
            mistakes["eventTypes"] =
            [
                $"There is no event {string.Join(", ", unknown.Select(type => $"'{type}'"))}; "
                    + $"those that exist are {string.Join(", ", WebhookEventTypes.All)}.",
            ];
        }

        return mistakes;
    }

    /// <summary>Adds an endpoint, without mistakes (<see cref="Mistakes"/>).</summary>
    /// <param name="tenant">Whose.</param>
    /// <param name="url">Its address.</param>
    /// <param name="types">What is sent to it; empty for all.</param>
    /// <param name="cancel">Gives up.</param>
    /// <returns>With its secret; null where the tenant has <see cref="WebhookEndpoint.MaxPerTenant"/>
    /// already.</returns>
    public async Task<WebhookEndpoint?> CreateAsync(
        string tenant, string url, IReadOnlyList<string> types, CancellationToken cancel)
    {
        // The secret of its own makes a second run, after a connection that broke while it committed, find the first's.
        var secret = WebhookEndpoint.NewSecret();
        await using var db = catalogue.CreateDbContext();
        return await db.InTransactionAsync(
            async token =>
            {
                var others = await db.WebhookEndpoints.Where(e => e.Tenant == tenant).ToListAsync(token);
                if (others.Find(e => e.Secret == secret) is { } same) return same;
                if (others.Count >= WebhookEndpoint.MaxPerTenant) return null;
                var endpoint = new WebhookEndpoint
                {
                    Tenant = tenant,
                    Url = url,
                    EventTypes = string.Join(',', types.Distinct().Order(StringComparer.Ordinal)),
                    Secret = secret,
                    CreatedAt = Now,
                };
                db.Add(endpoint);
                await db.SaveChangesAsync(token);
                return endpoint;
            },
            cancel);
    }

    /// <returns>All endpoints of a tenant, the oldest first.</returns>
    public async Task<IReadOnlyList<WebhookEndpoint>> ListAsync(string tenant, CancellationToken cancel)
    {
        await using var db = catalogue.CreateDbContext();
        return await db.WebhookEndpoints.AsNoTracking().Where(e => e.Tenant == tenant).OrderBy(e => e.Id)
            .ToListAsync(cancel);
    }

    /// <returns>The endpoint; null where the tenant has no such.</returns>
    public async Task<WebhookEndpoint?> FindAsync(string tenant, long id, CancellationToken cancel)
    {
        await using var db = catalogue.CreateDbContext();
        return await db.WebhookEndpoints.AsNoTracking()
            .SingleOrDefaultAsync(e => e.Tenant == tenant && e.Id == id, cancel);
    }

    /// <summary>Deletes an endpoint and all its deliveries.</summary>
    /// <returns>False where the tenant has no such.</returns>
    public async Task<bool> DeleteAsync(string tenant, long id, CancellationToken cancel)
    {
        await using var db = catalogue.CreateDbContext();
        return await db.WebhookEndpoints.Where(e => e.Tenant == tenant && e.Id == id).ExecuteDeleteAsync(cancel) == 1;
    }

    /// <summary>
    /// Gives an endpoint a new secret. The one before signs too for <see cref="WebhookEndpoint.RotationTime"/>.
    /// </summary>
    /// <returns>With the new secret; null where the tenant has no such.</returns>
    public async Task<WebhookEndpoint?> RotateAsync(string tenant, long id, CancellationToken cancel)
    {
        var secret = WebhookEndpoint.NewSecret();
        return await ChangeAsync(tenant, id, endpoint =>
        {
            if (endpoint.Secret == secret) return;
            endpoint.FormerSecret = endpoint.Secret;
            endpoint.FormerSecretUntil = Now + WebhookEndpoint.RotationTime;
            endpoint.Secret = secret;
        }, cancel);
    }

    /// <summary>Has nothing sent to an endpoint any more; what was not delivered, and what comes, waits.</summary>
    /// <returns>Null where the tenant has no such.</returns>
    public Task<WebhookEndpoint?> DisableAsync(string tenant, long id, CancellationToken cancel) =>
        ChangeAsync(tenant, id, endpoint =>
        {
            endpoint.DisabledAt ??= Now;
            endpoint.DisabledReason ??= "Somebody disabled it.";
        }, cancel);

    /// <summary>Has events sent to an endpoint again, what was not delivered first.</summary>
    /// <returns>Null where the tenant has no such.</returns>
    public Task<WebhookEndpoint?> EnableAsync(string tenant, long id, CancellationToken cancel) =>
        ChangeAsync(tenant, id, endpoint =>
        {
            (endpoint.DisabledAt, endpoint.DisabledReason) = (null, null);
            (endpoint.Failures, endpoint.FailingSince, endpoint.ResumesAt) = (0, null, null);
        }, cancel);

    /// <summary>Sends a <c>webhook.test</c> at once, also to a disabled endpoint, and once only.</summary>
    /// <returns>What came back; null where the tenant has no such.</returns>
    public async Task<WebhookAnswer?> TestAsync(string tenant, long id, CancellationToken cancel)
    {
        if (await FindAsync(tenant, id, cancel) is not { } endpoint) return null;
        var body = WebhookOutbox.Body(WebhookEventTypes.Test, new { EndpointId = id }, Now);
        return await sender.SendAsync(endpoint, WebhookOutbox.NewMessageId(), body, cancel);
    }

    /// <summary>Deliveries to an endpoint, the latest first.</summary>
    /// <param name="tenant">Whose.</param>
    /// <param name="id">The endpoint.</param>
    /// <param name="state">Only these; null for all.</param>
    /// <param name="before">Only older ones than this delivery; null for the first page.</param>
    /// <param name="pageSize">At most <see cref="MaxPageSize"/>.</param>
    /// <param name="cancel">Gives up.</param>
    /// <returns>With their events; null where the tenant has no such endpoint.</returns>
    public async Task<IReadOnlyList<WebhookDelivery>?> DeliveriesAsync(
        string tenant, long id, WebhookDeliveryState? state, long? before, int pageSize, CancellationToken cancel)
    {
        if (await FindAsync(tenant, id, cancel) is null) return null;
        await using var db = catalogue.CreateDbContext();
        var deliveries = db.WebhookDeliveries.AsNoTracking().Include(d => d.Event)
            .Where(d => d.Tenant == tenant && d.EndpointId == id);
        if (state is not null) deliveries = deliveries.Where(d => d.State == state);
        if (before is not null) deliveries = deliveries.Where(d => d.Id < before);
        return await deliveries.OrderByDescending(d => d.Id).Take(pageSize).ToListAsync(cancel);
    }

    /// <summary>Has one delivery made again, whether or not it was made, under the same id.</summary>
    /// <returns>False where the endpoint has no such delivery.</returns>
    public async Task<bool> ReplayAsync(string tenant, long id, long delivery, CancellationToken cancel)
    {
        await using var db = catalogue.CreateDbContext();
        return await AgainAsync(
            db.WebhookDeliveries.Where(d => d.Tenant == tenant && d.EndpointId == id && d.Id == delivery), cancel) == 1;
    }

    /// <summary>Has all deliveries of a stretch of time made again.</summary>
    /// <param name="tenant">Whose.</param>
    /// <param name="id">The endpoint.</param>
    /// <param name="from">Of events from then on (UTC).</param>
    /// <param name="to">Of events before then (UTC).</param>
    /// <param name="state">Only those that stand so, such as dead ones; null for all.</param>
    /// <param name="cancel">Gives up.</param>
    /// <returns>How many; null where the tenant has no such endpoint.</returns>
    public async Task<int?> ReplayAsync(
        string tenant, long id, DateTime from, DateTime to, WebhookDeliveryState? state, CancellationToken cancel)
    {
        if (await FindAsync(tenant, id, cancel) is null) return null;
        await using var db = catalogue.CreateDbContext();
        var deliveries = db.WebhookDeliveries.Where(
            d => d.Tenant == tenant && d.EndpointId == id && d.CreatedAt >= from && d.CreatedAt < to);
        if (state is not null) deliveries = deliveries.Where(d => d.State == state);
        return await AgainAsync(deliveries, cancel);
    }

    // Whoever is just trying one holds an older fence, and its end is not noted.
    private Task<int> AgainAsync(IQueryable<WebhookDelivery> deliveries, CancellationToken cancel)
    {
        var now = Now;
        return deliveries.ExecuteUpdateAsync(
            set => set.SetProperty(d => d.State, WebhookDeliveryState.Pending)
                .SetProperty(d => d.Attempts, 0)
                .SetProperty(d => d.DueAt, now)
                .SetProperty(d => d.Fence, d => d.Fence + 1),
            cancel);
    }

    private async Task<WebhookEndpoint?> ChangeAsync(
        string tenant, long id, Action<WebhookEndpoint> change, CancellationToken cancel)
    {
        await using var db = catalogue.CreateDbContext();
        return await db.InTransactionAsync(
            async token =>
            {
                var endpoint = await db.WebhookEndpoints.SingleOrDefaultAsync(
                    e => e.Tenant == tenant && e.Id == id, token);
                if (endpoint is null) return null;
                change(endpoint);
                await db.SaveChangesAsync(token);
                return endpoint;
            },
            cancel);
    }
}
