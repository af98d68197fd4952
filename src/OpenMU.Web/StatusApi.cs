using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using OpenMU.Catalogue.Search;
using OpenMU.Catalogue.Storage;
using OpenMU.Catalogue.Tracks;

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
        var counts = (await new TrackSearch(db).CellsAsync(tenant.Name, cancel))
            .GroupBy(cell => cell.State).ToDictionary(state => state.Key, state => state.Sum(cell => cell.Count));
        var missing = counts.GetValueOrDefault(TrackState.Missing);
        return TypedResults.Ok(new CatalogueStatus(
            counts.Values.Sum() - missing, counts.GetValueOrDefault(TrackState.Queued),
            counts.GetValueOrDefault(TrackState.Analysing), counts.GetValueOrDefault(TrackState.Ready),
            counts.GetValueOrDefault(TrackState.Failed), counts.GetValueOrDefault(TrackState.Rejected), missing));
    }
}

/// <summary>Tracks by state; the total is of those whose file is there.</summary>
internal sealed record CatalogueStatus(
    int Total, int Queued, int Analysing, int Ready, int Failed, int Rejected, int Missing);
