using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using OpenMU.Catalogue.Webhooks;
using OpenMU.Web.Pipeline;

namespace OpenMU.Web;

/// <summary>Where a tenant's events are sent to, what became of them, and the way to have them sent again.</summary>
internal static class WebhooksApi
{
    private const int MaxBodyBytes = 16 << 10;
    private const int UsualPageSize = 50;

    public static void MapWebhooks(this IEndpointRouteBuilder routes)
    {
        var webhooks = routes.MapGroup("/v1/webhooks").WithTags("Webhooks");
        webhooks.MapGet("", List)
            .WithName("listWebhooks").WithSummary("Lists the endpoints that events are sent to");
        webhooks.MapGet("/{id:long}", Get)
            .WithName("getWebhook").WithSummary("Shows an endpoint and how it fares");
        webhooks.MapGet("/{id:long}/deliveries", Deliveries)
            .WithName("listDeliveries").WithSummary("Lists deliveries to an endpoint, the latest first")
            .WithDescription("Where the answer has next, send the same again with it as after, for older ones.");
        var changes = webhooks.MapGroup("").WithMetadata(new RequestSizeLimitAttribute(MaxBodyBytes))
            .ProducesProblem(StatusCodes.Status403Forbidden);
        changes.MapPost("", Create)
            .WithName("createWebhook").WithMetadata(new ShowsASecret()).WithSummary("Adds an endpoint that events are sent to")
            .WithDescription("The answer holds the secret that signs, which is shown this once. Events are sent by the rules "
                + "of Standard Webhooks.")
            .ProducesProblem(StatusCodes.Status409Conflict)
            .ProducesProblem(StatusCodes.Status413PayloadTooLarge)
            .ProducesProblem(StatusCodes.Status415UnsupportedMediaType);
        changes.MapDelete("/{id:long}", Delete)
            .WithName("deleteWebhook").WithSummary("Deletes an endpoint and what is known of its deliveries");
        changes.MapPost("/{id:long}/rotate", Rotate)
            .WithName("rotateWebhook").WithMetadata(new ShowsASecret())
            .WithSummary("Gives an endpoint a new secret")
            .WithDescription("The answer holds it, this once. For 24 hours the one before signs too.");
        changes.MapPost("/{id:long}/enable", Enable)
            .WithName("enableWebhook").WithSummary("Has events sent to an endpoint again")
            .WithDescription("What was not delivered goes first; events of the time in between were not kept for it.");
        changes.MapPost("/{id:long}/disable", Disable)
            .WithName("disableWebhook").WithSummary("Has no events sent to an endpoint any more");
        changes.MapPost("/{id:long}/test", Test)
            .WithName("testWebhook").WithMetadata(new PassesTheGate(), new TakesItsTime())
            .WithSummary("Sends a webhook.test at once and says what came back");
        changes.MapPost("/{id:long}/deliveries/{delivery:long}/replay", ReplayOne)
            .WithName("replayDelivery").WithSummary("Has one delivery made again, under the same id");
        changes.MapPost("/{id:long}/replay", ReplayRange)
            .WithName("replayDeliveries").WithSummary("Has the deliveries of a stretch of time made again")
            .ProducesProblem(StatusCodes.Status413PayloadTooLarge)
            .ProducesProblem(StatusCodes.Status415UnsupportedMediaType);
    }

    private static async Task<Ok<IEnumerable<WebhookView>>> List(
        CurrentTenant tenant, WebhookStore store, CancellationToken cancel) =>
        TypedResults.Ok((await store.ListAsync(tenant.Name, cancel)).Select(WebhookView.From));

    private static async Task<Results<Ok<WebhookView>, NotFound>> Get(
        long id, CurrentTenant tenant, WebhookStore store, CancellationToken cancel) =>
        Shown(await store.FindAsync(tenant.Name, id, cancel));

    private static async Task<Results<Created<WebhookSecret>, ValidationProblem, ProblemHttpResult>> Create(
        NewWebhook body, CurrentTenant tenant, WebhookStore store, CancellationToken cancel)
    {
        var types = body.EventTypes ?? [];
        if (store.Mistakes(body.Url, types) is { Count: > 0 } mistakes)
            return TypedResults.ValidationProblem(mistakes.ToDictionary());
        return await store.CreateAsync(tenant.Name, body.Url, types, cancel) is { } endpoint
            ? TypedResults.Created($"/v1/webhooks/{endpoint.Id}", WebhookSecret.From(endpoint))
            : TypedResults.Problem(
                $"There are {WebhookEndpoint.MaxPerTenant} endpoints already; delete one first.",
                statusCode: StatusCodes.Status409Conflict);
    }

    private static async Task<Results<NoContent, NotFound>> Delete(
        long id, CurrentTenant tenant, WebhookStore store, CancellationToken cancel) =>
        await store.DeleteAsync(tenant.Name, id, cancel) ? TypedResults.NoContent() : TypedResults.NotFound();

    private static async Task<Results<Ok<WebhookSecret>, NotFound>> Rotate(
        long id, CurrentTenant tenant, WebhookStore store, CancellationToken cancel) =>
        await store.RotateAsync(tenant.Name, id, cancel) is { } endpoint
            ? TypedResults.Ok(WebhookSecret.From(endpoint))
            : TypedResults.NotFound();

    private static async Task<Results<Ok<WebhookView>, NotFound>> Enable(
        long id, CurrentTenant tenant, WebhookStore store, CancellationToken cancel) =>
        Shown(await store.EnableAsync(tenant.Name, id, cancel));

    private static async Task<Results<Ok<WebhookView>, NotFound>> Disable(
        long id, CurrentTenant tenant, WebhookStore store, CancellationToken cancel) =>
        Shown(await store.DisableAsync(tenant.Name, id, cancel));

    private static async Task<Results<Ok<WebhookTest>, NotFound>> Test(
        long id, CurrentTenant tenant, WebhookStore store, CancellationToken cancel) =>
        await store.TestAsync(tenant.Name, id, cancel) is { } answer
            ? TypedResults.Ok(new WebhookTest(answer.IsSuccess, answer.Status, answer.Text))
            : TypedResults.NotFound();

    private static async Task<Results<Ok<DeliveryPage>, NotFound>> Deliveries(
        long id, CurrentTenant tenant, WebhookStore store, CancellationToken cancel, WebhookDeliveryState? state = null,
        [Range(1, long.MaxValue)] long? after = null,
        [Range(1, WebhookStore.MaxPageSize)] int pageSize = UsualPageSize)
    {
        pageSize = Math.Clamp(pageSize, 1, WebhookStore.MaxPageSize);
        return await store.DeliveriesAsync(tenant.Name, id, state, after, pageSize, cancel) is { } deliveries
            ? TypedResults.Ok(new DeliveryPage(
                [.. deliveries.Select(DeliveryView.From)],
                deliveries.Count < pageSize ? null : deliveries[^1].Id))
            : TypedResults.NotFound();
    }

    private static async Task<Results<Accepted<WebhookReplay>, NotFound>> ReplayOne(
        long id, long delivery, CurrentTenant tenant, WebhookStore store, CancellationToken cancel) =>
        await store.ReplayAsync(tenant.Name, id, delivery, cancel)
            ? TypedResults.Accepted($"/v1/webhooks/{id}/deliveries", new WebhookReplay(1))
            : TypedResults.NotFound();

    private static async Task<Results<Accepted<WebhookReplay>, ValidationProblem, NotFound>> ReplayRange(
        long id, NewReplay body, CurrentTenant tenant, WebhookStore store, CancellationToken cancel)
    {
        if (body.To <= body.From)
        {
            return TypedResults.ValidationProblem(
                new Dictionary<string, string[]> { ["to"] = ["It must be later than from."] });
        }

        return await store.ReplayAsync(
            tenant.Name, id, body.From.UtcDateTime, body.To.UtcDateTime, body.State, cancel) is { } count
            ? TypedResults.Accepted($"/v1/webhooks/{id}/deliveries", new WebhookReplay(count))
            : TypedResults.NotFound();
    }

    private static Results<Ok<WebhookView>, NotFound> Shown(WebhookEndpoint? endpoint) =>
        endpoint is null ? TypedResults.NotFound() : TypedResults.Ok(WebhookView.From(endpoint));
}

/// <summary>An endpoint that is to be.</summary>
/// <param name="Url">Where events are sent to: an https address on the public internet.</param>
/// <param name="EventTypes">What is sent, such as track.ready; all where left out or empty.</param>
internal sealed record NewWebhook(
    [property: MaxLength(WebhookEndpoint.MaxUrlLength)] string Url, IReadOnlyList<string>? EventTypes = null);

/// <summary>An endpoint's secret, shown once.</summary>
/// <param name="Id">Of the endpoint.</param>
/// <param name="Secret">The key that signs: whsec_ and Base64.</param>
/// <param name="FormerSecretUntil">Until when the secret before signs too.</param>
internal sealed record WebhookSecret(long Id, string Secret, DateTime? FormerSecretUntil)
{
    public static WebhookSecret From(WebhookEndpoint endpoint) =>
        new(endpoint.Id, endpoint.Secret, endpoint.FormerSecretUntil);
}

/// <summary>An endpoint.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Url">Where events are sent to.</param>
/// <param name="EventTypes">What is sent; all where empty.</param>
/// <param name="CreatedAt">UTC.</param>
/// <param name="DisabledAt">Since when nothing is sent (UTC); null where events are.</param>
/// <param name="DisabledReason">Why.</param>
/// <param name="Failures">Tries in a row that failed.</param>
/// <param name="FailingSince">When the first of them was (UTC).</param>
/// <param name="FormerSecretUntil">Until when the secret before the present one signs too (UTC).</param>
internal sealed record WebhookView(
    long Id, string Url, IReadOnlyList<string> EventTypes, DateTime CreatedAt, DateTime? DisabledAt,
    string? DisabledReason, int Failures, DateTime? FailingSince, DateTime? FormerSecretUntil)
{
    public static WebhookView From(WebhookEndpoint endpoint) => new(
        endpoint.Id, endpoint.Url, endpoint.EventTypes.Split(',', StringSplitOptions.RemoveEmptyEntries),
        endpoint.CreatedAt, endpoint.DisabledAt, endpoint.DisabledReason, endpoint.Failures, endpoint.FailingSince,
        endpoint.FormerSecretUntil);
}

/// <summary>What came of a test.</summary>
/// <param name="Delivered">Whether the receiver said that it has it.</param>
/// <param name="Status">Of its answer; null where none came.</param>
/// <param name="Answer">The beginning of its answer, or why none came.</param>
internal sealed record WebhookTest(bool Delivered, int? Status, string Answer);

/// <summary>A delivery.</summary>
/// <param name="Id">Its number, to replay it.</param>
/// <param name="MessageId">The webhook-id of all its tries.</param>
/// <param name="Type">Of its event.</param>
/// <param name="Subject">What the event is about; those of one subject are sent one after the other.</param>
/// <param name="At">When it happened (UTC).</param>
/// <param name="State">Where it stands.</param>
/// <param name="Attempts">Tries so far, since the last replay.</param>
/// <param name="TriedAt">When the last try was (UTC).</param>
/// <param name="DueAt">When the next is (UTC); null where none is.</param>
/// <param name="Status">Of the last answer; null where none came.</param>
/// <param name="Answer">The beginning of the last answer, or why none came.</param>
/// <param name="Body">What is sent, to the letter.</param>
internal sealed record DeliveryView(
    long Id, string MessageId, string Type, string Subject, DateTime At, WebhookDeliveryState State, int Attempts,
    DateTime? TriedAt, DateTime? DueAt, int? Status, string? Answer, string Body)
{
    public static DeliveryView From(WebhookDelivery delivery) => new(
        delivery.Id, delivery.Event.MessageId, delivery.Type, delivery.Subject, delivery.CreatedAt, delivery.State,
        delivery.Attempts, delivery.TriedAt,
        delivery.State == WebhookDeliveryState.Pending ? delivery.DueAt : null, delivery.Status, delivery.Answer,
        delivery.Event.Body);
}

/// <summary>Some deliveries.</summary>
/// <param name="Deliveries">The latest first.</param>
/// <param name="Next">Where to go on; null at the end.</param>
internal sealed record DeliveryPage(IReadOnlyList<DeliveryView> Deliveries, long? Next);

/// <summary>Which deliveries are to be made again.</summary>
/// <param name="From">Of events from then on.</param>
/// <param name="To">Of events before then.</param>
/// <param name="State">Only those that stand so, such as Dead; all where left out.</param>
internal sealed record NewReplay(DateTimeOffset From, DateTimeOffset To, WebhookDeliveryState? State = null);

/// <summary>What is made again.</summary>
/// <param name="Deliveries">How many.</param>
internal sealed record WebhookReplay(int Deliveries);
