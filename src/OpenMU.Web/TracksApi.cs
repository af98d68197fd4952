using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using OpenMU.Catalogue.Fields;
using OpenMU.Catalogue.Meaning;
using OpenMU.Catalogue.Search;
using OpenMU.Catalogue.Storage;
using OpenMU.Catalogue.Tracks;
using OpenMU.Web.Pipeline;

namespace OpenMU.Web;

/// <summary>Finding tracks, and looking at one.</summary>
internal static class TracksApi
{
    public static void MapTracks(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v1/tracks/{id:long}", Get)
            .WithName("getTrack").WithTags("Tracks").WithSummary("Shows everything known about a track")
            .WithDescription("With every field's value, who says it, and what others say. The ETag is what a change of "
                + "fields must name in If-Match.");
        routes.MapGet("/v1/duplicates", Duplicates)
            .WithName("listDuplicates").WithTags("Tracks").WithMetadata(new TakesItsTime())
            .WithSummary("Lists tracks that have the same content")
            .WithDescription("Byte for byte; they share their analysis and corrections and stay two tracks.");

        var search = routes.MapGroup("/v1").WithTags("Tracks");
        search.MapGet("/tracks", Find).WithName("findTracks").WithSummary("Searches the catalogue")
            .WithDescription("By words; with meaning, and with relax where no track has all the words, the tracks come "
                + "first whose captions, descriptions, tags and themes mean the nearest to the plain words: one page, "
                + "in that order, of at most 500. Facets are counted on the first page of a list alone.");
    }

    private static async Task<Results<Ok<TrackPage>, ValidationProblem>> Find(
        [AsParameters] TrackParameters parameters, CurrentTenant tenant, MeaningSearch search, CancellationToken cancel)
    {
        if (parameters.Mistakes() is { Count: > 0 } mistakes) return TypedResults.ValidationProblem(mistakes);
        return TypedResults.Ok(await search.FindAsync(tenant.Name, parameters.ToQuery(), cancel));
    }

    private static async Task<Results<Ok<TrackView>, NotFound>> Get(
        long id, CurrentTenant tenant, IDbContextFactory<CatalogueDb> catalogue, HttpResponse response,
        CancellationToken cancel)
    {
        await using var db = await catalogue.CreateDbContextAsync(cancel);
        if (await TrackRecord.FindAsync(db, tenant.Name, id, cancel) is not { } record) return TypedResults.NotFound();
        var track = TrackView.From(record);
        response.Headers.ETag = FieldVersion.PartTag(track.Etag);
        return TypedResults.Ok(track);
    }

    private static async Task<Results<Ok<DuplicatePage>, ValidationProblem>> Duplicates(
        string? after, int? pageSize, CurrentTenant tenant, IDbContextFactory<CatalogueDb> catalogue,
        CancellationToken cancel)
    {
        if (pageSize is < 1 or > TrackQuery.MaxPageSize)
        {
            return TypedResults.ValidationProblem(new Dictionary<string, string[]>
            {
                ["pageSize"] = [$"A page holds 1 to {TrackQuery.MaxPageSize} groups."],
            });
        }

        await using var db = await catalogue.CreateDbContextAsync(cancel);
        return TypedResults.Ok(await DuplicateTracks.FindAsync(db, tenant.Name, after, pageSize ?? 50, cancel));
    }
}
