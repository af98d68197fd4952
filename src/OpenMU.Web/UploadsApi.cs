using System.ComponentModel.DataAnnotations;
using System.Diagnostics;
using System.Text;
using Azure;
using Azure.Storage;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using OpenMU.Catalogue;
using OpenMU.Catalogue.Access;
using OpenMU.Catalogue.Storage;
using OpenMU.Music;
using OpenMU.Web.Limits;
using OpenMU.Web.Pipeline;
using OpenMU.Web.Problems;

namespace OpenMU.Web;

/// <summary>
/// Where tracks come in. A file goes straight into the blob container; its arrival there starts the analysis.
/// </summary>
internal static class UploadsApi
{
    private const string Uploads = "/v1/uploads/";
    private const int MaxFileNameLength = 512;

    private static readonly TimeSpan TimeToPut = TimeSpan.FromHours(1);

    // One block at a time, so an upload of any size takes this much memory.
    private const int BlockBytes = 4 << 20;

    private static readonly TimeSpan TimeToAnnounce = TimeSpan.FromSeconds(3);

    public static void MapUploads(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/v1/tracks", Upload)
            .WithName("uploadTrack")
            .WithTags("Uploads")
            .WithMetadata(new PassesTheGate(), new IsHeavy())
            .WithSummary("Uploads a track")
            .WithDescription("The body is the file's bytes; its name, which may contain folders, goes in the query. "
                + "With sha256, bytes that are others are not stored. The answer names where to ask for the track.")
            .Accepts<Stream>("application/octet-stream")
            .ProducesProblem(StatusCodes.Status403Forbidden)
            .ProducesProblem(StatusCodes.Status409Conflict)
            .ProducesProblem(StatusCodes.Status413PayloadTooLarge)
            .ProducesProblem(StatusCodes.Status415UnsupportedMediaType);
        routes.MapFormUpload();
        routes.MapUrlUploads();
        routes.MapPost("/v1/uploads", Address)
            .WithName("addressUpload")
            .WithTags("Uploads")
            .WithSummary("Gives an address to put a track to")
            .WithDescription("The file goes straight into the storage: PUT its bytes to `url` with the given headers, "
                + "within an hour. With inParts it can be put in parts, as blocks of a block blob, and asking again says "
                + "which are there already. What is put there is looked at as any upload is.")
            .ProducesProblem(StatusCodes.Status403Forbidden)
            .ProducesProblem(StatusCodes.Status409Conflict)
            .ProducesProblem(StatusCodes.Status413PayloadTooLarge);
        routes.MapGet(Uploads + "{**fileName}", GetUpload)
            .WithName("getUpload")
            .WithTags("Uploads")
            .WithSummary("Says what has become of an upload");
    }

    private static Task<Results<Accepted<UploadView>, ValidationProblem, ProblemHttpResult>> Upload(
        Stream body, [Required] string? fileName, bool? replace, string? sha256, CurrentTenant tenant,
        SiteStorage storage, SiteSettings settings, HttpContext context, CancellationToken cancel) => StoreAsync(
            new NewUpload(body, fileName, replace == true, sha256, context.Request.ContentLength), tenant, storage,
            settings, context, cancel);

    /// <summary>Stores a file under its tenant.</summary>
    internal static async Task<Results<Accepted<UploadView>, ValidationProblem, ProblemHttpResult>> StoreAsync(
        NewUpload upload, CurrentTenant tenant, SiteStorage storage, SiteSettings settings, HttpContext context,
        CancellationToken cancel)
    {
        var fileName = upload.FileName;
        if (Mistakes(fileName, upload.Sha256) is { Count: > 0 } mistakes)
            return TypedResults.ValidationProblem(mistakes);
        if (upload.SizeBytes == 0)
            return TypedResults.Problem("The file is empty.", statusCode: StatusCodes.Status400BadRequest);
        if (upload.SizeBytes > settings.MaxUploadBytes) return TooLarge(settings);
        // Set once the answer cannot be that it is too large, which is given before the body is read. Of a form, which
        // is being read, it has been set.
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
            limit.MaxRequestBodySize = settings.MaxUploadBytes;

        using var activity = Telemetry.Activities.StartActivity("upload", ActivityKind.Producer);
        var blob = storage.Tracks.GetBlobClient(tenant.BlobName(fileName!));
        await using var body = new CheckedStream(upload.Body, upload.Sha256?.ToLowerInvariant());
        try
        {
            // Asked in any case: it tells at once whether there is storage to take the file.
            if (await blob.ExistsAsync(cancel) && !upload.Replace) return Exists(fileName!);
            await DemandRoomAsync(context, tenant, upload.SizeBytes ?? 0, cancel);
            context.Features.GetRequiredFeature<Deadline>().Lift();
            await blob.UploadAsync(body, Options(upload), cancel);
        }
        catch (RequestFailedException e) when (e.Status is StatusCodes.Status409Conflict
            or StatusCodes.Status412PreconditionFailed)
        {
            return Exists(fileName!);
        }
        catch (DamagedUploadException damaged)
        {
            return TypedResults.ValidationProblem(
                new Dictionary<string, string[]> { ["sha256"] = [damaged.Message] });
        }

        await AnnounceAsync(storage, blob.Name, cancel);
        return TypedResults.Accepted(Location(fileName!), new UploadView(fileName!, UploadState.Received, null));
    }

    private static BlobUploadOptions Options(NewUpload upload)
    {
        var metadata = new Dictionary<string, string>();
        if (Telemetry.TraceParent is { } trace) metadata[TrackBlob.TraceParentMetadata] = trace;
        if (upload.Sha256 is { } sum) metadata[TrackBlob.Sha256Metadata] = sum.ToLowerInvariant();
        return new BlobUploadOptions
        {
            Metadata = metadata,
            Conditions = upload.Replace ? null : new BlobRequestConditions { IfNoneMatch = ETag.All },
            // The name decides how audio is served; nothing the client claims does.
            HttpHeaders = new BlobHttpHeaders { ContentType = AudioFileTypes.Bytes },
            TransferOptions = new StorageTransferOptions
            {
                InitialTransferSize = BlockBytes,
                MaximumTransferSize = BlockBytes,
                MaximumConcurrency = 1
            },
        };
    }

    // Told before anything is sent. Of those who send at the same time, the taking in decides.
    internal static async Task DemandRoomAsync(
        HttpContext context, CurrentTenant tenant, long bytes, CancellationToken cancel)
    {
        var catalogue = context.RequestServices.GetRequiredService<IDbContextFactory<CatalogueDb>>();
        var now = context.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow().UtcDateTime;
        await using var db = await catalogue.CreateDbContextAsync(cancel);
        if (await TenantQuota.FindAsync(db, tenant.Name, now, tracks: 1, questions: 0, bytes, cancel) is { } exceeded)
            throw exceeded;
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
        [Required] string? fileName, [Range(1, long.MaxValue)] long? sizeBytes, bool? replace, string? sha256,
        bool? inParts, CurrentTenant tenant, SiteStorage storage, SiteSettings settings, TimeProvider time,
        HttpContext context, CancellationToken cancel)
    {
        if (Mistakes(fileName, sha256) is { Count: > 0 } mistakes) return TypedResults.ValidationProblem(mistakes);
        if (sizeBytes > settings.MaxUploadBytes) return TooLarge(settings);
        var blobName = tenant.BlobName(fileName!);
        if (replace != true && await storage.Tracks.GetBlobClient(blobName).ExistsAsync(cancel))
            return Exists(fileName!);
        await DemandRoomAsync(context, tenant, sizeBytes ?? 0, cancel);
        var until = time.GetUtcNow() + TimeToPut;
        var url = await storage.UploadAddressAsync(blobName, replace == true || inParts == true, until, cancel);
        var headers = new Dictionary<string, string>();
        if (inParts != true) headers["x-ms-blob-type"] = "BlockBlob";
        // Unless it is for parts, the address allows no replacing either; by the header the storage says which it was.
        if (replace != true) headers["if-none-match"] = "*";
        // Whoever takes the file in compares.
        if (sha256 is not null) headers[$"x-ms-meta-{TrackBlob.Sha256Metadata}"] = sha256.ToLowerInvariant();
        var parts = inParts == true ? await PartsAsync(storage, blobName, cancel) : [];
        return TypedResults.Ok(
            new UploadAddress(url, headers, until, Location(fileName!), settings.DirectUpload, parts));
    }

    private static async Task<IReadOnlyList<UploadPart>> PartsAsync(
        SiteStorage storage, string blobName, CancellationToken cancel)
    {
        try
        {
            var blocks = await storage.Tracks.GetBlockBlobClient(blobName).GetBlockListAsync(
                BlockListTypes.Uncommitted, cancellationToken: cancel);
            return [.. blocks.Value.UncommittedBlocks.Select(block => new UploadPart(block.Name, block.SizeLong))];
        }
        catch (RequestFailedException none) when (none.Status == 404 && !Outage.IsStorage(none))
        {
            return [];
        }
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

    /// <summary>What is wrong with a file's name and its sum, by field.</summary>
    internal static Dictionary<string, string[]> Mistakes(string? fileName, string? sha256)
    {
        var mistakes = new Dictionary<string, string[]>();
        if (Refusal(fileName) is { } refusal) mistakes["fileName"] = [refusal];
        if (sha256 is not null && (sha256.Length != 64 || !sha256.All(char.IsAsciiHexDigit)))
            mistakes["sha256"] = ["A SHA-256 has 64 hexadecimal digits."];
        return mistakes;
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

    internal static string Location(string fileName) =>
        Uploads + string.Join('/', fileName.Split('/').Select(Uri.EscapeDataString));

    internal static ProblemHttpResult Exists(string fileName) => ProblemType.AlreadyExists.Answer(
        $"There is a track named {fileName} already; send replace=true to put this file in its place.");

    private static ProblemHttpResult TooLarge(SiteSettings settings) => TypedResults.Problem(
        $"The file is larger than {settings.MaxUploadBytes:N0} bytes.",
        statusCode: StatusCodes.Status413PayloadTooLarge);
}

/// <summary>A file that is to be stored.</summary>
/// <param name="Body">Its bytes.</param>
/// <param name="FileName">Its path in the library.</param>
/// <param name="Replace">Also where there is one of the name already.</param>
/// <param name="Sha256">Of its bytes, in hexadecimal digits; null where the sender gave none.</param>
/// <param name="SizeBytes">Null where it is not known.</param>
internal sealed record NewUpload(Stream Body, string? FileName, bool Replace, string? Sha256, long? SizeBytes);

/// <summary>An uploaded file and, once it is in the catalogue, its track.</summary>
internal sealed record UploadView(string FileName, UploadState State, long? TrackId);

/// <summary>Where to put a file, and how.</summary>
/// <param name="Url">For this one file, by PUT.</param>
/// <param name="Headers">To send with it.</param>
/// <param name="ExpiresAt">Until when.</param>
/// <param name="Location">Where to ask what has become of it.</param>
/// <param name="ForPages">Whether pages of this site may put there too.</param>
/// <param name="Parts">The parts that are there already, where the file is put in parts.</param>
internal sealed record UploadAddress(
    Uri Url, IReadOnlyDictionary<string, string> Headers, DateTimeOffset ExpiresAt, string Location, bool ForPages,
    IReadOnlyList<UploadPart> Parts);

/// <summary>A part of a file that is being put.</summary>
/// <param name="Id">The block's id, in Base64.</param>
/// <param name="Size">In bytes.</param>
internal sealed record UploadPart(string Id, long Size);

/// <summary>Where an upload stands: its bytes are stored, or it has become a track of the catalogue.</summary>
internal enum UploadState
{
    Received,
    Catalogued,
}
