using System.ComponentModel.DataAnnotations;
using System.Diagnostics;
using System.Text;
using Azure;
using Azure.Storage;
using Azure.Storage.Blobs.Models;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using OpenMU.Catalogue;
using OpenMU.Catalogue.Storage;
using OpenMU.Music;
using OpenMU.Web.Pipeline;

namespace OpenMU.Web;

/// <summary>
/// Where tracks come in. A file goes straight into the blob container; its arrival there starts the analysis.
/// </summary>
internal static class UploadsApi
{
    private const string Uploads = "/api/uploads/";
    private const int MaxFileNameLength = 512;

    private static readonly TimeSpan TimeToPut = TimeSpan.FromHours(1);

    // One block at a time, so an upload of any size takes this much memory.
    private const int BlockBytes = 4 << 20;

    private static readonly TimeSpan TimeToAnnounce = TimeSpan.FromSeconds(3);

    public static void MapUploads(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/api/tracks", Upload)
            .WithName("uploadTrack")
            .WithTags("Uploads")
            .WithMetadata(new PassesTheGate())
            .WithSummary("Uploads a track")
            .WithDescription("The body is the file's bytes; its name, which may contain folders, goes in the query. "
                + "The answer names where to ask for the track.")
            .Accepts<Stream>("application/octet-stream")
            .ProducesProblem(StatusCodes.Status403Forbidden)
            .ProducesProblem(StatusCodes.Status409Conflict)
            .ProducesProblem(StatusCodes.Status413PayloadTooLarge)
            .ProducesProblem(StatusCodes.Status415UnsupportedMediaType);
        routes.MapPost("/api/uploads", Address)
            .WithName("addressUpload")
            .WithTags("Uploads")
            .WithSummary("Gives an address to put a track to")
            .WithDescription("The file goes straight into the storage: PUT its bytes to `url` with the given headers, "
                + "within an hour. What is put there is looked at as any upload is.")
            .ProducesProblem(StatusCodes.Status403Forbidden)
            .ProducesProblem(StatusCodes.Status409Conflict)
            .ProducesProblem(StatusCodes.Status413PayloadTooLarge);
        routes.MapGet(Uploads + "{**fileName}", GetUpload)
            .WithName("getUpload")
            .WithTags("Uploads")
            .WithSummary("Says what has become of an upload");
    }

    private static async Task<Results<Accepted<UploadView>, ValidationProblem, ProblemHttpResult>> Upload(
        Stream body, [Required] string? fileName, bool? replace, CurrentTenant tenant, SiteStorage storage,
        SiteSettings settings,
        HttpContext context, CancellationToken cancel)
    {
        if (Refusal(fileName) is { } refusal)
            return TypedResults.ValidationProblem(new Dictionary<string, string[]> { ["fileName"] = [refusal] });
        if (context.Request.ContentLength == 0)
            return TypedResults.Problem("The file is empty.", statusCode: StatusCodes.Status400BadRequest);
        if (context.Request.ContentLength > settings.MaxUploadBytes) return TooLarge(settings);
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
            limit.MaxRequestBodySize = settings.MaxUploadBytes;

        using var activity = Telemetry.Activities.StartActivity("upload", ActivityKind.Producer);
        var options = new BlobUploadOptions
        {
            Metadata = Telemetry.TraceParent is { } trace
                ? new Dictionary<string, string> { [TrackBlob.TraceParentMetadata] = trace }
                : null,
            Conditions = replace == true ? null : new BlobRequestConditions { IfNoneMatch = ETag.All },
            // The name decides how audio is served; nothing the client claims does.
            HttpHeaders = new BlobHttpHeaders { ContentType = AudioFileTypes.Bytes },
            TransferOptions = new StorageTransferOptions
            {
                InitialTransferSize = BlockBytes,
                MaximumTransferSize = BlockBytes,
                MaximumConcurrency = 1
            },
        };
        var blob = storage.Tracks.GetBlobClient(tenant.BlobName(fileName!));
        try
        {
            // Asked in any case: it tells at once whether there is storage to take the file.
            if (await blob.ExistsAsync(cancel) && replace != true) return Exists(fileName!);
            context.Features.GetRequiredFeature<Deadline>().Lift();
            await blob.UploadAsync(body, options, cancel);
        }
        catch (RequestFailedException e) when (e.Status is StatusCodes.Status409Conflict
            or StatusCodes.Status412PreconditionFailed)
        {
            return Exists(fileName!);
        }

        await AnnounceAsync(storage, blob.Name, cancel);
        return TypedResults.Accepted(Location(fileName!), new UploadView(fileName!, UploadState.Received, null));
    }

    // So that it is taken in also where no event comes. The file is there by now, whoever has left meanwhile and
    // whatever becomes of the message: an event or the sweep finds it as well.
    private static async Task AnnounceAsync(SiteStorage storage, string blobName, CancellationToken cancel)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(TimeToAnnounce);
        try
        {
            await storage.Uploads.SendMessageAsync(blobName, limit.Token);
        }
        catch (Exception e) when (Outage.Is(e))
        {
            Activity.Current?.AddException(e);
        }
    }

    private static async Task<Results<Ok<UploadAddress>, ValidationProblem, ProblemHttpResult>> Address(
        [Required] string? fileName, [Range(1, long.MaxValue)] long? sizeBytes, bool? replace, CurrentTenant tenant,
        SiteStorage storage, SiteSettings settings, TimeProvider time, CancellationToken cancel)
    {
        if (Refusal(fileName) is { } refusal)
            return TypedResults.ValidationProblem(new Dictionary<string, string[]> { ["fileName"] = [refusal] });
        if (sizeBytes > settings.MaxUploadBytes) return TooLarge(settings);
        var blobName = tenant.BlobName(fileName!);
        if (replace != true && await storage.Tracks.GetBlobClient(blobName).ExistsAsync(cancel))
            return Exists(fileName!);
        var until = time.GetUtcNow() + TimeToPut;
        var url = await storage.UploadAddressAsync(blobName, replace == true, until, cancel);
        // The address allows no replacing either; the header makes the storage say which of the two it was.
        var headers = new Dictionary<string, string> { ["x-ms-blob-type"] = "BlockBlob" };
        if (replace != true) headers["if-none-match"] = "*";
        return TypedResults.Ok(new UploadAddress(url, headers, until, Location(fileName!), settings.DirectUpload));
    }

    private static async Task<Results<Ok<UploadView>, NotFound>> GetUpload(
        string fileName, CurrentTenant tenant, IDbContextFactory<CatalogueDb> catalogue, SiteStorage storage,
        HttpContext context, CancellationToken cancel)
    {
        fileName = AsSent(context) ?? fileName;
        if (Refusal(fileName) is not null) return TypedResults.NotFound();
        var blobName = tenant.BlobName(fileName);
        try
        {
            var properties =
                (await storage.Tracks.GetBlobClient(blobName).GetPropertiesAsync(cancellationToken: cancel)).Value;
            await using var db = await catalogue.CreateDbContextAsync(cancel);
            var key = TrackBlob.Key(blobName);
            var track = await db.Tracks.Where(t => t.Tenant == tenant.Name && t.BlobKey == key)
                .Select(t => new { t.Id, t.ETag })
                .SingleOrDefaultAsync(cancel);
            // A row of an older version of the file does not answer for the new one.
            var current = track is not null && track.ETag == properties.ETag.ToString();
            if (!current && await SungInAsync(db, key, properties.ETag, cancel) is { } sung)
                return TypedResults.Ok(new UploadView(fileName, UploadState.Catalogued, sung));
            return TypedResults.Ok(new UploadView(
                fileName, current ? UploadState.Catalogued : UploadState.Received, current ? track!.Id : null));
        }
        catch (RequestFailedException e) when (e.Status == StatusCodes.Status404NotFound && !Outage.IsStorage(e))
        {
            return TypedResults.NotFound();
        }
    }

    // A file of lyrics has no row of its own: it is a track's.
    private static Task<long?> SungInAsync(CatalogueDb db, string key, ETag version, CancellationToken cancel)
    {
        var etag = version.ToString("H");
        return db.TrackLyrics.Where(l => l.BlobKey == key && l.ETagOfBlob == etag)
            .OrderBy(l => l.TrackId).Select(l => (long?)l.TrackId).FirstOrDefaultAsync(cancel);
    }

    // Generated clients escape the slashes of the path too, and the server leaves those as they came: what was sent
    // is decoded once and whole.
    private static string? AsSent(HttpContext context)
    {
        var target = context.Features.Get<IHttpRequestFeature>()?.RawTarget.Split('?')[0];
        return target?.StartsWith(Uploads, StringComparison.OrdinalIgnoreCase) == true
            ? Uri.UnescapeDataString(target[Uploads.Length..])
            : null;
    }

    /// <summary>
    /// Why a file name is not accepted, or null. It becomes a blob's name and is shown to people, so it must
    /// be a plain relative path.
    /// </summary>
    private static string? Refusal(string? fileName)
    {
        if (string.IsNullOrWhiteSpace(fileName)) return "A file name is needed.";
        if (fileName.Length > MaxFileNameLength) return $"The file name has more than {MaxFileNameLength} characters.";
        // Lone surrogates enumerate as the replacement character.
        if (fileName.EnumerateRunes()
            .Any(rune => Rune.IsControl(rune) || rune == Rune.ReplacementChar || rune.Value == '\\'))
        {
            return "The file name has characters that a path cannot have.";
        }

        return fileName.Split('/').Any(part => part is "" or "." or ".." || part.EndsWith('.') || part.Trim() != part)
            ? "Every part of the path must be a plain name: not empty, no dots at its end, no spaces around it."
            : null;
    }

    private static string Location(string fileName) =>
        Uploads + string.Join('/', fileName.Split('/').Select(Uri.EscapeDataString));

    private static ProblemHttpResult Exists(string fileName) => TypedResults.Problem(
        $"There is a track named {fileName} already; send replace=true to put this file in its place.",
        statusCode: StatusCodes.Status409Conflict);

    private static ProblemHttpResult TooLarge(SiteSettings settings) => TypedResults.Problem(
        $"The file is larger than {settings.MaxUploadBytes:N0} bytes.",
        statusCode: StatusCodes.Status413PayloadTooLarge);
}

/// <summary>An uploaded file and, once it is in the catalogue, its track.</summary>
internal sealed record UploadView(string FileName, UploadState State, long? TrackId);

/// <summary>Where to put a file, and how.</summary>
/// <param name="Url">For this one file, by PUT.</param>
/// <param name="Headers">To send with it.</param>
/// <param name="ExpiresAt">Until when.</param>
/// <param name="Location">Where to ask what has become of it.</param>
/// <param name="ForPages">Whether pages of this site may put there too.</param>
internal sealed record UploadAddress(
    Uri Url, IReadOnlyDictionary<string, string> Headers, DateTimeOffset ExpiresAt, string Location, bool ForPages);

/// <summary>Where an upload stands: its bytes are stored, or it has become a track of the catalogue.</summary>
internal enum UploadState
{
    Received,
    Catalogued,
}
