using System.Text;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using OpenMU.Catalogue.Exchange;
using OpenMU.Catalogue.Search;
using OpenMU.Catalogue.Storage;
using OpenMU.Web.Pipeline;

namespace OpenMU.Web;

/// <summary>Finding tracks, looking at one, and taking what was found away.</summary>
internal static class TracksApi
{
    public static void MapTracks(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/tracks/{id:long}", Get)
            .WithName("getTrack").WithTags("Tracks").WithSummary("Shows everything known about a track");

        var search = routes.MapGroup("/api").WithTags("Tracks");
        search.MapGet("/tracks", Find).WithName("findTracks").WithSummary("Searches the catalogue");
        MapExport(
            search, "exportTracksAsCsv", "csv", "text/csv", "Exports a search as CSV", CatalogueExport.WriteCsvAsync);
        MapExport(
            search, "exportTracksAsJsonLines", "jsonl", "application/jsonl", "Exports a search as JSON lines",
            CatalogueExport.WriteJsonLinesAsync);
    }

    private static async Task<Results<Ok<TrackPage>, ValidationProblem>> Find(
        [AsParameters] TrackParameters parameters, CurrentTenant tenant, IDbContextFactory<CatalogueDb> catalogue,
        CancellationToken cancel)
    {
        if (parameters.Mistakes() is { Count: > 0 } mistakes) return TypedResults.ValidationProblem(mistakes);
        await using var db = await catalogue.CreateDbContextAsync(cancel);
        return TypedResults.Ok(await new TrackSearch(db).FindAsync(tenant.Name, parameters.ToQuery(), cancel));
    }

    private static async Task<Results<Ok<TrackView>, NotFound>> Get(
        long id, CurrentTenant tenant, IDbContextFactory<CatalogueDb> catalogue, CancellationToken cancel)
    {
        await using var db = await catalogue.CreateDbContextAsync(cancel);
        return await new TrackSearch(db).GetAsync(tenant.Name, id, cancel) is { } track
            ? TypedResults.Ok(TrackView.From(track))
            : TypedResults.NotFound();
    }

    /// <summary>
    /// An export of all pages of a search, written as the rows come, so that it takes no memory however long it is.
    /// </summary>
    private static void MapExport(
        IEndpointRouteBuilder routes, string name, string format, string contentType, string summary,
        Func<IAsyncEnumerable<TrackSummary>, TextWriter, CancellationToken, Task> write) => routes
        .MapGet($"/tracks.{format}", Results<PushStreamHttpResult, ValidationProblem> (
            [AsParameters] TrackParameters parameters, CurrentTenant tenant, IDbContextFactory<CatalogueDb> catalogue,
            CancellationToken cancel) =>
        {
            if (parameters.Mistakes() is { Count: > 0 } mistakes) return TypedResults.ValidationProblem(mistakes);
            return TypedResults.Stream(
                async stream =>
                {
                    await using var db = await catalogue.CreateDbContextAsync(cancel);
                    await using var writer = new StreamWriter(
                        stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
                    await write(new TrackSearch(db).AllAsync(tenant.Name, parameters.ToQuery()), writer, cancel);
                },
                contentType,
                $"tracks.{format}");
        })
        .WithName(name)
        .WithMetadata(new TakesItsTime())
        .WithSummary(summary)
        .Produces<Stream>(StatusCodes.Status200OK, contentType);
}
