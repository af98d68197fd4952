using System.Text;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using OpenMU.Catalogue.Exchange;
using OpenMU.Catalogue.Storage;
using OpenMU.Web.Pipeline;

namespace OpenMU.Web;

/// <summary>Where an owner's own data comes in.</summary>
internal static class ImportApi
{
    // What comes back beyond this is counted, and sent again in smaller parts.
    private const long MaxBadBytes = 8 << 20;

    public static void MapImport(this IEndpointRouteBuilder routes) => routes.MapPost("/v1/import", Import)
        .WithName("importData")
        .WithTags("Import")
        .WithMetadata(new TakesItsTime())
        .WithSummary("Takes your own data in")
        .WithDescription("The body is a CSV table with a header, or JSON Lines; each row's track is found by your id, "
            + "ISRC, file or hash. What is there is kept unless replace=true. Rows that cannot be taken come back in "
            + "badRowsFile, to be mended and sent again. The same body may be sent again: it does nothing twice. "
            + "map is COLUMN=FIELD, column is COLUMN=TYPE for a field of your own; both may be given several times.")
        .Accepts<Stream>("text/csv", "application/jsonl", "application/octet-stream")
        .ProducesProblem(StatusCodes.Status400BadRequest)
        .ProducesProblem(StatusCodes.Status403Forbidden)
        .ProducesProblem(StatusCodes.Status413PayloadTooLarge)
        .ProducesProblem(StatusCodes.Status415UnsupportedMediaType);

    private static async Task<Results<Ok<ImportAnswer>, ProblemHttpResult>> Import(
        Stream body, bool? dryRun, bool? replace, bool? keepUnmatched, [FromQuery] MatchKey[]? match,
        [FromQuery] string[]? map, [FromQuery] string[]? column, [FromQuery] string[]? ignore,
        CurrentTenant tenant, CurrentPerson person, CatalogueDbFactory catalogue, TimeProvider time,
        SiteSettings settings, HttpContext context, CancellationToken cancel)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
            limit.MaxRequestBodySize = settings.MaxUploadBytes;
        context.Features.GetRequiredFeature<Deadline>().Lift();
        var folder = Directory.CreateTempSubdirectory("openmu-import-");
        try
        {
            var options = new ImportOptions
            {
                Tenant = tenant.Name,
                By = person.Author.By,
                DryRun = dryRun == true,
                Replace = replace == true,
                KeepUnmatched = keepUnmatched == true,
                Match = match ?? [],
                Map = ImportOptions.Pairs(map ?? []),
                Types = ImportOptions.TypesOf(column ?? []),
                Ignore = ignore ?? [],
            };
            var path = Path.Combine(folder.FullName, "body");
            await using (var file = File.Create(path)) await body.CopyToAsync(file, cancel);
            var bad = Path.Combine(folder.FullName, "bad");
            var summary = await new OwnerImport(catalogue, time).RunAsync(
                await ImportFile.OpenAsync(path, cancel), options, bad, progress: null, cancel);
            return TypedResults.Ok(new ImportAnswer(summary, await BadRowsAsync(new FileInfo(bad), cancel)));
        }
        catch (Exception e) when (e is InvalidDataException or FormatException)
        {
            return TypedResults.Problem(
                e.Message.Replace(Path.Combine(folder.FullName, "body"), "The body"),
                statusCode: StatusCodes.Status400BadRequest);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<string?> BadRowsAsync(FileInfo bad, CancellationToken cancel)
    {
        if (!bad.Exists || bad.Length > MaxBadBytes) return null;
        using var reader = new StreamReader(bad.FullName, Encoding.UTF8);
        return await reader.ReadToEndAsync(cancel);
    }
}

/// <summary>What came of an import.</summary>
/// <param name="Summary">What was done, or would be.</param>
/// <param name="BadRowsFile">The rows that came back, in the format of the body with a column <c>error</c>; null where
/// there are none, or more than 8 MiB of them.</param>
internal sealed record ImportAnswer(ImportSummary Summary, string? BadRowsFile);
