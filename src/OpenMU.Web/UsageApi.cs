using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using OpenMU.Catalogue.Access;
using OpenMU.Catalogue.Storage;

namespace OpenMU.Web;

/// <summary>What a library has used of what it may.</summary>
internal static class UsageApi
{
    public static void MapUsage(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/v1/usage", GetUsage)
            .WithName("getUsage")
            .WithTags("Status")
            .WithSummary("Shows what the library has used of what it may")
            .WithDescription("What is used up is answered with 429 and Retry-After. Files that come by the storage "
                + "meanwhile are Rejected with that reason, and taken in by themselves when there is room again.");

    private static async Task<Ok<UsageView>> GetUsage(
        CurrentTenant tenant, IDbContextFactory<CatalogueDb> catalogue, TimeProvider time, CancellationToken cancel)
    {
        await using var db = await catalogue.CreateDbContextAsync(cancel);
        var now = time.GetUtcNow().UtcDateTime;
        var used = await TenantQuota.UsedAsync(db, tenant.Name, now, cancel);
        var limits = await db.TenantLimits.AsNoTracking().SingleOrDefaultAsync(l => l.Tenant == tenant.Name, cancel);
        return TypedResults.Ok(new UsageView(
            now.Date.AddDays(1),
            new QuotaView(used.TracksToday, limits?.TracksADay),
            new QuotaView(used.QuestionsToday, limits?.QuestionsADay),
            new QuotaView(used.BytesStored, limits?.BytesStored),
            new QuotaView(used.JobsWaiting, limits?.JobsWaiting)));
    }
}

/// <summary>What a library has used of what it may.</summary>
/// <param name="ResetsAt">When the day ends (UTC), and what is counted by days begins anew.</param>
/// <param name="TracksADay">Files with a content that is new to the library.</param>
/// <param name="QuestionsADay">Questions.</param>
/// <param name="BytesStored">Bytes of all files that are not missing.</param>
/// <param name="JobsWaiting">Tracks and questions that are not settled.</param>
internal sealed record UsageView(
    DateTime ResetsAt, QuotaView TracksADay, QuotaView QuestionsADay, QuotaView BytesStored, QuotaView JobsWaiting);

/// <summary>One of them.</summary>
/// <param name="Used">So far.</param>
/// <param name="Allowed">At most; null where there is no limit.</param>
internal sealed record QuotaView(long Used, long? Allowed);
