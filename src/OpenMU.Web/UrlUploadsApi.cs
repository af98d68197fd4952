using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using OpenMU.Catalogue.Tracks;
using OpenMU.Catalogue.Webhooks;
using OpenMU.Web.Limits;

namespace OpenMU.Web;

/// <summary>Tracks that are fetched from where their owner has them.</summary>
internal static class UrlUploadsApi
{
    private const int MaxBodyBytes = 16 << 10;

    public static void MapUrlUploads(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/v1/tracks/by-url", Pull)
            .WithName("pullTrack")
            .WithTags("Uploads")
            .WithSummary("Has a track fetched from an address")
            .WithDescription("From an https address on the public internet, without redirects. The answer names where to ask "
                + "how far it is. Where the server gives an ETag and takes ranges, a try that breaks off is gone on with.")
            .WithMetadata(new RequestSizeLimitAttribute(MaxBodyBytes), new IsHeavy())
            .ProducesProblem(StatusCodes.Status403Forbidden)
            .ProducesProblem(StatusCodes.Status409Conflict)
            .ProducesProblem(StatusCodes.Status413PayloadTooLarge)
            .ProducesProblem(StatusCodes.Status415UnsupportedMediaType);
        routes.MapGet("/v1/tracks/by-url/{id:long}", Get)
            .WithName("getPull")
            .WithTags("Uploads")
            .WithSummary("Says how far the fetching of a track is");
    }

    private static async Task<Results<Accepted<PullView>, ValidationProblem, ProblemHttpResult>> Pull(
        NewPull body, CurrentTenant tenant, SiteStorage storage, PublicAddresses addresses, UrlUploads uploads,
        CancellationToken cancel)
    {
        var mistakes = UploadsApi.Mistakes(body.FileName, body.Sha256);
        if (body.Url.Length > UrlUpload.MaxUrlLength)
            mistakes["url"] = [$"The address has more than {UrlUpload.MaxUrlLength} characters."];
        else if (addresses.Refusal(body.Url) is { } refusal) mistakes["url"] = [refusal];
        if (mistakes.Count > 0) return TypedResults.ValidationProblem(mistakes);
        var blobName = tenant.BlobName(body.FileName);
        if (body.Replace != true && await storage.Tracks.GetBlobClient(blobName).ExistsAsync(cancel))
            return UploadsApi.Exists(body.FileName);
        var upload = new UrlUpload
        {
            Tenant = tenant.Name,
            Url = body.Url,
            FileName = body.FileName,
            BlobName = blobName,
            Sha256 = body.Sha256?.ToLowerInvariant(),
            Replace = body.Replace == true,
        };
        return await uploads.AddAsync(upload, cancel)
            ? TypedResults.Accepted($"/v1/tracks/by-url/{upload.Id}", PullView.From(upload))
            : TypedResults.Problem(
                $"{UrlUpload.MaxWaiting:N0} files wait already.", statusCode: StatusCodes.Status409Conflict);
    }

    private static async Task<Results<Ok<PullView>, NotFound>> Get(
        long id, CurrentTenant tenant, UrlUploads uploads, CancellationToken cancel) =>
        await uploads.FindAsync(tenant.Name, id, cancel) is { } upload
            ? TypedResults.Ok(PullView.From(upload))
            : TypedResults.NotFound();
}

/// <summary>A file that is to be fetched.</summary>
/// <param name="Url">Where it is.</param>
/// <param name="FileName">Its path in the library.</param>
/// <param name="Sha256">Of its bytes: others are not stored.</param>
/// <param name="Replace">Also where there is one of the name already.</param>
internal sealed record NewPull(
    [property: MaxLength(UrlUpload.MaxUrlLength)] string Url, string FileName, string? Sha256 = null,
    bool? Replace = null);

/// <summary>How far the fetching of a file is.</summary>
/// <param name="Id">Its number.</param>
/// <param name="FileName">Its path in the library.</param>
/// <param name="State">Waiting, Stored or Failed.</param>
/// <param name="Reason">Why it, or the last try, has failed.</param>
/// <param name="Bytes">So many are there.</param>
/// <param name="Attempts">Tries in a row that brought nothing new.</param>
/// <param name="Upload">Where to ask for its track once it is Stored.</param>
internal sealed record PullView(
    long Id, string FileName, UrlUploadState State, string? Reason, long Bytes, int Attempts, string Upload)
{
    public static PullView From(UrlUpload upload) => new(
        upload.Id, upload.FileName, upload.State, upload.Reason, upload.Bytes, upload.Attempts,
        UploadsApi.Location(upload.FileName));
}
