using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using OpenMU.Catalogue.Access;
using OpenMU.Web.Pipeline;

namespace OpenMU.Web.Access;

/// <summary>A tenant's own keys: listed, made, withdrawn and replaced by whoever has the scope Admin.</summary>
internal static class KeysApi
{
    private const int MaxBodyBytes = 16 << 10;
    private const double MaxOverlapHours = 24 * 365, UsualOverlapHours = 24;

    public static void MapKeys(this IEndpointRouteBuilder routes)
    {
        var keys = routes.MapGroup("/v1/keys").WithTags("Keys");
        keys.MapGet("", List).WithName("listKeys").WithSummary("Lists the tenant's keys, the newest first");
        var changes = keys.MapGroup("").WithMetadata(new RequestSizeLimitAttribute(MaxBodyBytes))
            .ProducesProblem(StatusCodes.Status413PayloadTooLarge)
            .ProducesProblem(StatusCodes.Status415UnsupportedMediaType);
        changes.MapPost("", Create).WithName("createKey").WithMetadata(new ShowsASecret()).WithSummary("Makes a key")
            .WithDescription("The answer is the only one that has the whole key.");
        changes.MapPost("/{id}/rotate", Rotate).WithName("rotateKey").WithMetadata(new ShowsASecret())
            .WithSummary("Replaces a key without a gap")
            .WithDescription("The new key has the label and the scopes of the old one, which goes on for the given hours "
                + $"({UsualOverlapHours} where none are given).");
        keys.MapDelete("/{id}", Revoke).WithName("revokeKey").WithSummary("Has a key refused from now on");
    }

    private static async Task<Ok<IReadOnlyList<KeyView>>> List(
        CurrentTenant tenant, ApiKeyStore store, CancellationToken cancel) =>
        TypedResults.Ok<IReadOnlyList<KeyView>>(
            [.. (await store.ListAsync(tenant.Name, cancel)).Select(KeyView.Of)]);

    private static async Task<Results<Created<MadeKey>, ValidationProblem, NotFound>> Create(
        NewKey body, CurrentTenant tenant, CurrentPerson person, ApiKeyStore store, TimeProvider time,
        CancellationToken cancel)
    {
        var mistakes = new Dictionary<string, string[]>();
        if (body.Label.Trim().Length is 0 or > ApiKey.MaxLabelLength)
            mistakes["label"] = [$"Give the key a label of 1 to {ApiKey.MaxLabelLength} characters."];
        var scopes = body.Scopes.Aggregate(ApiScopes.None, (all, one) => all | one);
        if (scopes == ApiScopes.None || (scopes & ~ApiScopes.All) != 0)
            mistakes["scopes"] = ["Say what the key allows: Read, Submit, Correct, Admin."];
        if (Past(body.ExpiresAt, time)) mistakes["expiresAt"] = ["The key would have ended already."];
        if (mistakes.Count > 0) return TypedResults.ValidationProblem(mistakes);
        var made = await store.CreateAsync(
            tenant.Name, body.Label.Trim(), scopes, body.ExpiresAt?.UtcDateTime, person.Author, cancel);
        return made is null ? TypedResults.NotFound() : Made(made);
    }

    private static async Task<Results<Created<MadeKey>, ValidationProblem, NotFound>> Rotate(
        string id, KeyRotation body, CurrentTenant tenant, CurrentPerson person, ApiKeyStore store,
        TimeProvider time, CancellationToken cancel)
    {
        var mistakes = new Dictionary<string, string[]>();
        if (body.OverlapHours is < 0 or > MaxOverlapHours)
            mistakes["overlapHours"] = [$"The old key may go on for 0 to {MaxOverlapHours} hours."];
        if (Past(body.ExpiresAt, time)) mistakes["expiresAt"] = ["The key would have ended already."];
        if (mistakes.Count > 0) return TypedResults.ValidationProblem(mistakes);
        var until = time.GetUtcNow().UtcDateTime.AddHours(body.OverlapHours ?? UsualOverlapHours);
        var made = await store.RotateAsync(
            tenant.Name, id, until, body.ExpiresAt?.UtcDateTime, person.Author, cancel);
        return made is null ? TypedResults.NotFound() : Made(made);
    }

    private static async Task<Results<Ok<KeyView>, NotFound>> Revoke(
        string id, CurrentTenant tenant, CurrentPerson person, ApiKeyStore store, CancellationToken cancel) =>
        await store.RevokeAsync(tenant.Name, id, person.Author, cancel) is { } key
            ? TypedResults.Ok(KeyView.Of(key))
            : TypedResults.NotFound();

    private static Created<MadeKey> Made(NewApiKey made) =>
        TypedResults.Created((string?)null, new MadeKey(made.Text, KeyView.Of(made.Key)));

    private static bool Past(DateTimeOffset? end, TimeProvider time) => end <= time.GetUtcNow();
}

/// <summary>A key that is to be made.</summary>
/// <param name="Label">What it is for; histories name what is done by it so.</param>
/// <param name="Scopes">What it allows.</param>
/// <param name="ExpiresAt">When it ends; left out, it does not.</param>
internal sealed record NewKey(string Label, IReadOnlyList<ApiScopes> Scopes, DateTimeOffset? ExpiresAt = null);

/// <summary>How a key is to be replaced.</summary>
/// <param name="OverlapHours">How long the old one goes on.</param>
/// <param name="ExpiresAt">When the new one ends; left out, it does not.</param>
internal sealed record KeyRotation(double? OverlapHours = null, DateTimeOffset? ExpiresAt = null);

/// <summary>A key that was just made.</summary>
/// <param name="Key">The whole key: keep it, it is not shown again.</param>
/// <param name="About">What lists say of it.</param>
internal sealed record MadeKey(string Key, KeyView About);

/// <summary>A key without its secret.</summary>
/// <param name="Id">The part of it by which it is named.</param>
/// <param name="Label">What it is for.</param>
/// <param name="Scopes">What it allows.</param>
/// <param name="CreatedAt">UTC.</param>
/// <param name="ExpiresAt">UTC; null where it does not end.</param>
/// <param name="RevokedAt">UTC; null where it is not revoked.</param>
/// <param name="LastUsedAt">UTC, to the minute; null where it never was.</param>
internal sealed record KeyView(
    string Id, string Label, IReadOnlyList<ApiScopes> Scopes, DateTime CreatedAt, DateTime? ExpiresAt,
    DateTime? RevokedAt, DateTime? LastUsedAt)
{
    public static KeyView Of(ApiKey key) => new(
        key.PublicId, key.Label,
        [.. Enum.GetValues<ApiScopes>().Where(scope => int.IsPow2((int)scope) && key.Scopes.HasFlag(scope))],
        key.CreatedAt, key.ExpiresAt, key.RevokedAt, key.LastUsedAt);
}
