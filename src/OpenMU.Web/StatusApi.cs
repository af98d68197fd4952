using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Storage;

namespace OpenMU.Web;

/// <summary>How far the analysis of the whole catalogue is.</summary>
internal static class StatusApi
{
    public static void MapStatus(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/api/status", GetStatus)
            .WithName("getStatus").WithTags("Status").WithSummary("Counts the tracks by state");

    private static async Task<Ok<CatalogueStatus>> GetStatus(
        CurrentTenant tenant, IDbContextFactory<CatalogueDb> catalogue, CancellationToken cancel)
    {
        await using var db = await catalogue.CreateDbContextAsync(cancel);
        var groups = await db.Tracks.Where(t => t.Tenant == tenant.Name)
            .GroupBy(t => new { t.Job.State, IsMissing = t.MissingSince != null })
            .Select(g => new { g.Key.State, g.Key.IsMissing, Tracks = g.Count() }).ToListAsync(cancel);
        var counts = groups.Where(g => !g.IsMissing).ToDictionary(g => g.State, g => g.Tracks);
        return TypedResults.Ok(new CatalogueStatus(
            counts.Values.Sum(), counts.GetValueOrDefault(JobState.Queued),
            counts.GetValueOrDefault(JobState.Analysing),
            counts.GetValueOrDefault(JobState.Ready), counts.GetValueOrDefault(JobState.Failed),
            counts.GetValueOrDefault(JobState.Rejected), groups.Where(g => g.IsMissing).Sum(g => g.Tracks)));
    }
}

/// <summary>Tracks by state; the total is of those whose file is there.</summary>
internal sealed record CatalogueStatus(
    int Total, int Queued, int Analysing, int Ready, int Failed, int Rejected, int Missing);
