using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;
using OpenMU.Web.Limits;
using OpenMU.Web.Pipeline;

namespace OpenMU.Web;

/// <summary>Uploads as a form sends them, read as they come: a file takes no memory.</summary>
internal static class FormUploadApi
{
    private const string File = "file";
    private const int MaxFieldBytes = 4096, MaxBoundaryLength = 100, MoreThanFile = 64 << 10;

    public static void MapFormUpload(this IEndpointRouteBuilder routes) =>
        routes.MapPost("/v1/tracks/multipart", Upload)
            .WithName("uploadTrackByForm")
            .WithTags("Uploads")
            .WithMetadata(new PassesTheGate(), new IsHeavy())
            .WithSummary("Uploads a track as a form does")
            .WithDescription("Of multipart/form-data: the fields fileName, sha256 and replace, each where needed, and then the "
                + "file in `file`. Without fileName it has the name that its part has.")
            .Accepts<Stream>("multipart/form-data")
            .ProducesProblem(StatusCodes.Status403Forbidden)
            .ProducesProblem(StatusCodes.Status409Conflict)
            .ProducesProblem(StatusCodes.Status413PayloadTooLarge)
            .ProducesProblem(StatusCodes.Status415UnsupportedMediaType);

    private static async Task<Results<Accepted<UploadView>, ValidationProblem, ProblemHttpResult>> Upload(
        CurrentTenant tenant, SiteStorage storage, SiteSettings settings, HttpContext context,
        CancellationToken cancel)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
            limit.MaxRequestBodySize = settings.MaxUploadBytes + MoreThanFile;
        if (!MediaTypeHeaderValue.TryParse(context.Request.ContentType, out var type)
            || HeaderUtilities.RemoveQuotes(type.Boundary).Value
                is not { Length: > 0 and <= MaxBoundaryLength } boundary)
            return Mistake(File, "The form names no boundary between its parts.");
        var fields = new Dictionary<string, string>(StringComparer.Ordinal);
        var reader = new MultipartReader(boundary, context.Request.Body) { BodyLengthLimit = settings.MaxUploadBytes };
        try
        {
            while (await reader.ReadNextSectionAsync(cancel) is { } section)
            {
                if (!ContentDispositionHeaderValue.TryParse(section.ContentDisposition, out var part)
                    || HeaderUtilities.RemoveQuotes(part.Name).Value is not { } name)
                    return Mistake(File, "A part of the form has no name.");
                if (name == File)
                    return await StoreAsync(section, part, fields, tenant, storage, settings, context, cancel);
                if (name is not ("fileName" or "sha256" or "replace") || fields.ContainsKey(name))
                    return Mistake(name, "The fields are fileName, sha256 and replace, each once, and then file.");
                fields[name] = await TextAsync(section.Body, cancel);
            }
        }
        catch (InvalidDataException broken)
        {
            return Mistake(File, $"The form cannot be read: {broken.Message}");
        }

        return Mistake(File, "The form has no file.");
    }

    private static async Task<Results<Accepted<UploadView>, ValidationProblem, ProblemHttpResult>> StoreAsync(
        MultipartSection section, ContentDispositionHeaderValue part, Dictionary<string, string> fields,
        CurrentTenant tenant, SiteStorage storage, SiteSettings settings, HttpContext context,
        CancellationToken cancel)
    {
        var replace = fields.GetValueOrDefault("replace", "false");
        if (replace is not ("true" or "false")) return Mistake("replace", $"'{replace}' is neither true nor false.");
        var named = part.FileNameStar.HasValue ? part.FileNameStar : HeaderUtilities.RemoveQuotes(part.FileName);
        return await UploadsApi.StoreAsync(
            new NewUpload(
                section.Body, fields.GetValueOrDefault("fileName", named.Value ?? ""), replace == "true",
                fields.GetValueOrDefault("sha256"), SizeBytes: null),
            tenant, storage, settings, context, cancel);
    }

    private static async Task<string> TextAsync(Stream body, CancellationToken cancel)
    {
        var bytes = new byte[MaxFieldBytes];
        var read = await body.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancel);
        return read < bytes.Length
            ? System.Text.Encoding.UTF8.GetString(bytes, 0, read)
            : throw new InvalidDataException("a field is too long.");
    }

    private static ValidationProblem Mistake(string name, string mistake) =>
        TypedResults.ValidationProblem(new Dictionary<string, string[]> { [name] = [mistake] });
}
