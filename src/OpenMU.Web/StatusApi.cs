using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Storage;

namespace OpenMU.Web;

/// <summary>How far the analysis of the whole catalogue is.</summary>
internal static class StatusApi
{
    public static void MapStatus(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/api/status", GetStatus).WithTags("Status").WithSummary("Counts the tracks by state");

    private static async Task<Ok<CatalogueStatus>> GetStatus(
        CurrentTenant tenant, IDbContextFactory<CatalogueDb> catalogue, CancellationToken cancel)
    {
        await using var db = await catalogue.CreateDbContextAsync(cancel);
        var counts = await db.Tracks.Where(t => t.Tenant == tenant.Name)
            .GroupBy(t => t.Job.State).Select(g => new { State = g.Key, Tracks = g.Count() })
            .ToDictionaryAsync(g => g.State, g => g.Tracks, cancel);
        return TypedResults.Ok(new CatalogueStatus(
            counts.Values.Sum(), counts.GetValueOrDefault(JobState.Queued),
            counts.GetValueOrDefault(JobState.Analysing),
            counts.GetValueOrDefault(JobState.Ready), counts.GetValueOrDefault(JobState.Failed),
            counts.GetValueOrDefault(JobState.Rejected)));
    }
}

/// <summary>Tracks by state.</summary>
internal sealed record CatalogueStatus(int Total, int Queued, int Analysing, int Ready, int Failed, int Rejected);
