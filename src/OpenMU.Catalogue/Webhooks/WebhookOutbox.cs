using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.EntityFrameworkCore;
using OpenMU.Catalogue.Storage;

namespace OpenMU.Catalogue.Webhooks;

/// <summary>
/// Writes down what happened, in the transaction in which it happens: an event, and a delivery for each endpoint that
/// wants it. Where no endpoint does, nothing is written.
/// </summary>
public static class WebhookOutbox
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        Converters = { new JsonStringEnumConverter() },
        // A receiver that keeps a body in a page of its own is safe from what a file is called.
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.Default,
    };

    /// <summary>Adds an event to the open transaction, and saves it there.</summary>
    /// <param name="db">With an open transaction (<see cref="CatalogueDb.InTransactionAsync"/>).</param>
    /// <param name="tenant">Whose event it is.</param>
    /// <param name="type">One of <see cref="WebhookEventTypes"/>.</param>
    /// <param name="subject">What it is about, such as <c>track:7</c>; its events are sent in their order.</param>
    /// <param name="data">Becomes the event's data in JSON: ids and states, no texts of length.</param>
    /// <param name="now">When it happened (UTC).</param>
    /// <param name="cancel">Gives up.</param>
    /// <exception cref="InvalidOperationException">There is no transaction.</exception>
    public static Task AddAsync(
        CatalogueDb db, string tenant, string type, string subject, object data, DateTime now,
        CancellationToken cancel) =>
        AddAsync(db, tenant, [new NewEvent(type, subject, data)], now, cancel);

    /// <summary>Adds several events, in their order.</summary>
    internal static async Task AddAsync(
        CatalogueDb db, string tenant, IReadOnlyList<NewEvent> events, DateTime now, CancellationToken cancel)
    {
        if (db.Database.CurrentTransaction is null)
            throw new InvalidOperationException("An event belongs into the transaction of what happened.");
        if (events.Count == 0) return;
        // One that is disabled gets them when it is enabled again, as far as events are still kept.
        var endpoints = await db.WebhookEndpointsOf(tenant).AsNoTracking().ToListAsync(cancel);
        foreach (var added in events)
        {
            var wanting = endpoints.Where(endpoint => endpoint.Wants(added.Type)).ToList();
            if (wanting.Count == 0) continue;
            var happened = new WebhookEvent
            {
                MessageId = NewMessageId(),
                Tenant = tenant,
                Type = added.Type,
                Subject = added.Subject,
                At = now,
                Body = Body(added.Type, added.Data, now),
            };
            db.AddRange(wanting.Select(endpoint => new WebhookDelivery
            {
                Tenant = tenant,
                EndpointId = endpoint.Id,
                Event = happened,
                Type = added.Type,
                Subject = added.Subject,
                CreatedAt = now,
                DueAt = now,
            }));
        }

        await db.SaveChangesAsync(cancel);
    }

    /// <summary>The subject of what happens to a track, and to questions about it.</summary>
    public static string OfTrack(long trackId) => FormattableString.Invariant($"track:{trackId}");

    /// <summary>Names one message for ever.</summary>
    internal static string NewMessageId() => $"msg_{Guid.NewGuid():N}";

    /// <summary>What is sent.</summary>
    internal static string Body(string type, object data, DateTime at) =>
        JsonSerializer.Serialize(new { type, timestamp = DateTime.SpecifyKind(at, DateTimeKind.Utc), data }, Json);

    /// <summary>What happened.</summary>
    internal sealed record NewEvent(string Type, string Subject, object Data);
}
