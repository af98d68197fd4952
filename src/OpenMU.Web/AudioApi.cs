using Azure;
using Azure.Storage.Blobs.Models;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Net.Http.Headers;
using OpenMU.Catalogue.Storage;
using OpenMU.Music;
using OpenMU.Web.Pipeline;

namespace OpenMU.Web;

/// <summary>The audio itself, as it was uploaded.</summary>
internal static class AudioApi
{
    // What a seek costs at least; the player asks for the rest as it plays.
    private const int ReadAheadBytes = 256 << 10;

    public static void MapAudio(this IEndpointRouteBuilder routes) => routes
        .MapGet("/v1/tracks/{id:long}/audio", Stream)
        .WithName("getTrackAudio")
        .WithTags("Tracks")
        .WithMetadata(new PassesTheGate())
        .WithSummary("Streams a track's audio")
        .WithDescription("The uploaded bytes, with range requests (206), ETag and If-Range. Files that are not named "
            + "like audio come as a download.")
        .Produces<Stream>(StatusCodes.Status200OK, AudioFileTypes.Bytes, [.. AudioFileTypes.AllPlayable])
        .Produces<Stream>(
            StatusCodes.Status206PartialContent, AudioFileTypes.Bytes, [.. AudioFileTypes.AllPlayable])
        .Produces(StatusCodes.Status304NotModified)
        .ProducesProblem(StatusCodes.Status404NotFound)
        .ProducesProblem(StatusCodes.Status410Gone)
        .ProducesProblem(StatusCodes.Status416RangeNotSatisfiable);

    private static async Task<Results<FileStreamHttpResult, NotFound, ProblemHttpResult>> Stream(
        long id, CurrentTenant tenant, IDbContextFactory<CatalogueDb> catalogue, SiteStorage storage,
        HttpResponse response, CancellationToken cancel)
    {
        await using var db = await catalogue.CreateDbContextAsync(cancel);
        var blobName = await db.Tracks.Where(t => t.Tenant == tenant.Name && t.Id == id)
            .Select(t => t.BlobName)
            .SingleOrDefaultAsync(cancel);
        if (blobName is null) return TypedResults.NotFound();
        try
        {
            var blob = storage.Tracks.GetBlobClient(blobName);
            var properties = (await blob.GetPropertiesAsync(cancellationToken: cancel)).Value;
            // Tied to the version whose length and ETag the answer states: a file replaced meanwhile ends the stream
            // instead of mixing two.
            var audio = await blob.OpenReadAsync(
                new BlobOpenReadOptions(allowModifications: false)
                {
                    BufferSize = ReadAheadBytes,
                    Conditions = new BlobRequestConditions { IfMatch = properties.ETag }
                }, cancel);
            response.HttpContext.Features.GetRequiredFeature<Deadline>().Lift();
            // Decided by the name and from one list only: an uploaded page must never come back as a page.
            var contentType = AudioFileTypes.PlayableAs(blobName);
            response.Headers.ContentDisposition = contentType is null ? "attachment" : "inline";
            response.Headers.CacheControl = "private, no-cache";
            return TypedResults.Stream(
                audio, contentType ?? AudioFileTypes.Bytes, lastModified: properties.LastModified,
                entityTag: new EntityTagHeaderValue(properties.ETag.ToString("H")), enableRangeProcessing: true);
        }
        catch (RequestFailedException e) when (e.Status == StatusCodes.Status404NotFound && !Outage.IsStorage(e))
        {
            return TypedResults.Problem(
                "The file of this track was deleted. What is known about the track is kept for a while; if the file "
                    + "comes back, so does the audio.",
                statusCode: StatusCodes.Status410Gone);
        }
    }
}
