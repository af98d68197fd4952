using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using OpenMU.Catalogue;

namespace OpenMU.Web;

/// <summary>Finding tracks, looking at one, and taking what was found away.</summary>
internal static class TracksApi
{
    public static void MapTracks(this IEndpointRouteBuilder routes)
    {
        var search = routes.MapGroup("/api").WithTags("Tracks").AddEndpointFilter(TrackParameters.RefuseUnreadable);
        search.MapGet("/tracks", Find).WithSummary("Searches the catalogue");
        routes.MapGet("/api/tracks/{id:long}", Get).WithTags("Tracks").WithSummary("Shows everything known about a track").ProducesProblem(StatusCodes.Status404NotFound);
    }

    private static async Task<Results<Ok<TrackList>, ValidationProblem>> Find(
        [AsParameters] TrackParameters parameters, CurrentTenant tenant, IDbContextFactory<CatalogueDb> catalogue, CancellationToken cancel)
    {
        if (parameters.Mistakes() is { Count: > 0 } mistakes) return TypedResults.ValidationProblem(mistakes);
        await using var db = await catalogue.CreateDbContextAsync(cancel);
        var query = parameters.ToQuery();
        var page = await new TrackSearch(db).FindAsync(tenant.Name, query, cancel);
        return TypedResults.Ok(new TrackList([.. page.Items.Select(TrackSummary.From)], page.Total, query.Page, query.PageSize));
    }

    private static async Task<Results<Ok<TrackDetails>, NotFound>> Get(
        long id, CurrentTenant tenant, IDbContextFactory<CatalogueDb> catalogue, CancellationToken cancel)
    {
        await using var db = await catalogue.CreateDbContextAsync(cancel);
        return await new TrackSearch(db).GetAsync(tenant.Name, id, cancel) is { } track ? TypedResults.Ok(TrackDetails.From(track)) : TypedResults.NotFound();
    }
}
