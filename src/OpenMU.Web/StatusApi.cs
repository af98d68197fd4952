using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using OpenMU.Catalogue.Access;
using OpenMU.Catalogue.Search;
using OpenMU.Catalogue.Storage;
using OpenMU.Catalogue.Tracks;
using OpenMU.Web.Access;

namespace OpenMU.Web;

/// <summary>How far the analysis of the whole catalogue is.</summary>
internal static class StatusApi
{
    public static void MapStatus(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/v1/status", GetStatus)
            .WithName("getStatus").WithTags("Status").WithSummary("Counts the tracks by state")
            .WithDescription("Whoever has the scope Admin in the site's own tenant is told of files too that lie below a "
                + "name which is no tenant's; all others find none there.");

    private static async Task<Ok<CatalogueStatus>> GetStatus(
        CurrentTenant tenant, ClaimsPrincipal caller, SiteSettings settings, TenantPrefixes prefixes,
        IDbContextFactory<CatalogueDb> catalogue, CancellationToken cancel)
    {
        await using var db = await catalogue.CreateDbContextAsync(cancel);
        var counts = (await new TrackSearch(db).CellsAsync(tenant.Name, cancel))
            .GroupBy(cell => cell.State).ToDictionary(state => state.Key, state => state.Sum(cell => cell.Count));
        var missing = counts.GetValueOrDefault(TrackState.Missing);
        var isOperator = caller.Has(ApiScopes.Admin) && tenant.Name == settings.Tenant;
        return TypedResults.Ok(new CatalogueStatus(
            counts.Values.Sum() - missing, counts.GetValueOrDefault(TrackState.Queued),
            counts.GetValueOrDefault(TrackState.Analysing), counts.GetValueOrDefault(TrackState.Ready),
            counts.GetValueOrDefault(TrackState.Failed), counts.GetValueOrDefault(TrackState.Rejected), missing,
            isOperator ? [.. (await prefixes.UnknownAsync(cancel)).Select(PrefixView.Of)] : []));
    }
}

/// <summary>
/// Tracks by state; the total is of those whose file is there. For operators, also the folders of the storage that are
/// no tenant's.
/// </summary>
internal sealed record CatalogueStatus(
    int Total, int Queued, int Analysing, int Ready, int Failed, int Rejected, int Missing,
    IReadOnlyList<PrefixView> UnknownPrefixes);

/// <summary>Files that nobody's library takes in.</summary>
/// <param name="Prefix">The folder.</param>
/// <param name="Example">One of them.</param>
/// <param name="FirstSeenAt">UTC.</param>
internal sealed record PrefixView(string Prefix, string Example, DateTime FirstSeenAt)
{
    public static PrefixView Of(UnknownPrefix prefix) => new(prefix.Prefix, prefix.Example, prefix.FirstSeenAt);
}
