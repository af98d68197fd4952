using System.Text;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using OpenMU.Catalogue.Exchange;
using OpenMU.Catalogue.Taxonomy;
using OpenMU.Web.Pipeline;

namespace OpenMU.Web;

/// <summary>The words by which a library sorts its music: versions, what they make of it, which one holds.</summary>
internal static class TaxonomyApi
{
    private const string Route = "/v1/taxonomy";
    private const int MaxBodyBytes = 8 << 20;

    public static void MapTaxonomy(this IEndpointRouteBuilder routes)
    {
        var taxonomy = routes.MapGroup("").WithTags("Taxonomy");
        taxonomy.MapGet(Route, Get)
            .WithName("getTaxonomy").WithSummary("Shows the taxonomy that holds, or another version")
            .WithDescription("Version 0 is the program's own list. The ETag is what a publication must name.")
            .ProducesProblem(StatusCodes.Status404NotFound);
        taxonomy.MapGet(Route + ".csv", GetCsv)
            .WithName("getTaxonomyAsCsv").WithSummary("Exports a taxonomy as the table that an import takes")
            .Produces<Stream>(StatusCodes.Status200OK, "text/csv")
            .ProducesProblem(StatusCodes.Status404NotFound);
        taxonomy.MapGet(Route + "/versions", List)
            .WithName("listTaxonomyVersions").WithSummary("Lists the versions, the newest first");
        taxonomy.MapGet(Route + "/coverage", Coverage)
            .WithName("getTaxonomyCoverage").WithMetadata(new TakesItsTime())
            .WithSummary("Counts the tracks of each term, and shows labels and words that mean none")
            .ProducesProblem(StatusCodes.Status404NotFound);
        taxonomy.MapGet(Route + "/diff", Difference)
            .WithName("compareTaxonomies").WithMetadata(new TakesItsTime())
            .WithSummary("Shows which tracks would gain and lose which tags if a version were published")
            .ProducesProblem(StatusCodes.Status404NotFound);
        taxonomy.MapPost(Route + "/versions", Import)
            .WithName("importTaxonomy")
            .WithSummary("Takes a table in as a new version, which holds for nothing until it is published")
            .WithDescription("The body is CSV with the columns group, term, parent, aliases, maps from, threshold and id, "
                + "or JSON Lines. Where a row is bad no version is made, and the bad rows come back in badRowsFile. "
                + "Groups without terms in the table keep those of the version that holds.")
            .WithMetadata(new RequestSizeLimitAttribute(MaxBodyBytes))
            .Accepts<Stream>("text/csv", "application/jsonl", "application/octet-stream")
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status403Forbidden)
            .ProducesProblem(StatusCodes.Status413PayloadTooLarge)
            .ProducesProblem(StatusCodes.Status415UnsupportedMediaType);
        taxonomy.MapPut(Route + "/published", Publish)
            .WithName("publishTaxonomy")
            .WithSummary("Has a version hold from now on, or the one before again")
            .WithDescription("For all that is shown, searched and exported; nothing is analysed again. If-Match must have "
                + "the ETag of the taxonomy that holds, or *.")
            .ProducesProblem(StatusCodes.Status403Forbidden).ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status409Conflict).ProducesProblem(StatusCodes.Status412PreconditionFailed)
            .ProducesProblem(StatusCodes.Status415UnsupportedMediaType)
            .ProducesProblem(StatusCodes.Status428PreconditionRequired);
    }

    private static async Task<Results<Ok<TaxonomyView>, ProblemHttpResult>> Get(
        int? version, CurrentTenant tenant, TaxonomyStore store, HttpResponse response, CancellationToken cancel)
    {
        var published = await store.PublishedAsync(tenant.Name, cancel);
        var number = version ?? published.Number;
        if (await store.VersionAsync(tenant.Name, number, cancel) is not { } taxonomy) return NoVersion();
        response.Headers.ETag = FieldVersion.PartTag(FieldVersion.Tag(published.Sequence));
        return TypedResults.Ok(new TaxonomyView(
            number, published.Number, FieldVersion.Tag(published.Sequence), taxonomy.Thresholds, taxonomy.Terms));
    }

    private static async Task<Results<FileContentHttpResult, ProblemHttpResult>> GetCsv(
        int? version, CurrentTenant tenant, TaxonomyStore store, CancellationToken cancel)
    {
        var number = version ?? (await store.PublishedAsync(tenant.Name, cancel)).Number;
        return await store.VersionAsync(tenant.Name, number, cancel) is { } taxonomy
            ? TypedResults.Bytes(
                Encoding.UTF8.GetBytes(TaxonomyTable.Write(taxonomy)), "text/csv; charset=utf-8", "taxonomy.csv")
            : NoVersion();
    }

    private static async Task<Ok<IReadOnlyList<TaxonomyVersion>>> List(
        CurrentTenant tenant, TaxonomyStore store, CancellationToken cancel) =>
        TypedResults.Ok(await store.ListAsync(tenant.Name, cancel));

    private static async Task<Results<Ok<TaxonomyCoverage>, ProblemHttpResult>> Coverage(
        int? version, CurrentTenant tenant, TaxonomyStore store, TaxonomyReports reports, CancellationToken cancel)
    {
        var number = version ?? (await store.PublishedAsync(tenant.Name, cancel)).Number;
        return await store.VersionAsync(tenant.Name, number, cancel) is { } taxonomy
            ? TypedResults.Ok(await reports.CoverageAsync(tenant.Name, taxonomy, progress: null, cancel))
            : NoVersion();
    }

    private static async Task<Results<Ok<TaxonomyDifference>, ProblemHttpResult>> Difference(
        int version, CurrentTenant tenant, TaxonomyStore store, TaxonomyReports reports, CancellationToken cancel)
    {
        var published = await store.PublishedAsync(tenant.Name, cancel);
        return await store.VersionAsync(tenant.Name, version, cancel) is { } taxonomy
            ? TypedResults.Ok(await reports.DifferenceAsync(
                tenant.Name, published.Taxonomy, taxonomy, progress: null, cancel))
            : NoVersion();
    }

    private static async Task<Results<Ok<TaxonomyImportAnswer>, ProblemHttpResult>> Import(
        Stream body, bool? dryRun, CurrentTenant tenant, CurrentPerson person, TaxonomyStore store,
        CancellationToken cancel)
    {
        var folder = Directory.CreateTempSubdirectory("openmu-taxonomy-");
        try
        {
            var (path, bad) = (Path.Combine(folder.FullName, "body"), Path.Combine(folder.FullName, "bad"));
            await using (var file = File.Create(path)) await body.CopyToAsync(file, cancel);
            var import = await store.ImportAsync(
                tenant.Name, await ImportFile.OpenAsync(path, cancel), person.Author.By, bad, dryRun == true, cancel);
            return TypedResults.Ok(new TaxonomyImportAnswer(
                import.Rows, import.Version, import.Taxonomy?.Terms.Count, import.IgnoredColumns, import.Mistakes,
                File.Exists(bad) ? await File.ReadAllTextAsync(bad, cancel) : null));
        }
        catch (InvalidDataException e)
        {
            return TypedResults.Problem(
                e.Message.Replace(Path.Combine(folder.FullName, "body"), "The body", StringComparison.Ordinal),
                statusCode: StatusCodes.Status400BadRequest);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<Results<Ok<PublishedVersion>, ValidationProblem, ProblemHttpResult>> Publish(
        NewTaxonomyPublication body, [FromHeader(Name = "If-Match")] string? ifMatch, CurrentTenant tenant, CurrentPerson person,
        TaxonomyStore store, HttpResponse response, CancellationToken cancel)
    {
        if (ifMatch is null)
        {
            return TypedResults.Problem(
                "Send the ETag of the taxonomy that holds in If-Match, so that nobody's is replaced unseen; or *.",
                statusCode: StatusCodes.Status428PreconditionRequired);
        }

        if ((body.Version is null) == (body.RollBack is not true))
        {
            return TypedResults.ValidationProblem(new Dictionary<string, string[]>
            {
                ["version"] = ["Give the version to publish, or rollBack: true."],
            });
        }

        var (by, expected) = (person.Author, FieldVersion.Of(ifMatch));
        var answer = body.Version is { } version
            ? await store.PublishAsync(tenant.Name, version, by, expected, cancel)
            : await store.RollBackAsync(tenant.Name, by, expected, cancel);
        if (answer.Outcome == TaxonomyOutcome.NoVersion) return NoVersion();
        if (answer.Outcome == TaxonomyOutcome.Stale)
        {
            return TypedResults.Problem(
                "The taxonomy that holds is not the one that If-Match names: look at it again.",
                statusCode: StatusCodes.Status412PreconditionFailed);
        }

        if (answer.Outcome == TaxonomyOutcome.NothingToDo && body.Version is null)
        {
            return TypedResults.Problem(
                "There is nothing to go back to.", statusCode: StatusCodes.Status409Conflict);
        }

        response.Headers.ETag = FieldVersion.PartTag(FieldVersion.Tag(answer.Sequence));
        return TypedResults.Ok(new PublishedVersion(answer.Number, FieldVersion.Tag(answer.Sequence)));
    }

    private static ProblemHttpResult NoVersion() =>
        TypedResults.Problem("There is no such version.", statusCode: StatusCodes.Status404NotFound);
}

/// <summary>A version of the taxonomy.</summary>
/// <param name="Version">This one; 0 is the program's own list.</param>
/// <param name="Published">The one that holds.</param>
/// <param name="Etag">What a publication must name in If-Match.</param>
/// <param name="Thresholds">By group: how sure a model must be of a tag, 0 to 1.</param>
/// <param name="Terms">In the order of the table.</param>
internal sealed record TaxonomyView(
    int Version, int Published, string Etag, IReadOnlyDictionary<string, double> Thresholds,
    IReadOnlyList<TaxonomyTerm> Terms);

/// <summary>What came of a table.</summary>
/// <param name="Rows">How many it has.</param>
/// <param name="Version">The version that was made of it; null where none was.</param>
/// <param name="Terms">How many it has, with those of groups that the table has none for; null where a row is bad.</param>
/// <param name="IgnoredColumns">Those that mean nothing in a taxonomy.</param>
/// <param name="Mistakes">Why rows came back.</param>
/// <param name="BadRowsFile">The rows that came back, with a column <c>error</c>; null where there are none.</param>
internal sealed record TaxonomyImportAnswer(
    int Rows, int? Version, int? Terms, IReadOnlyList<string> IgnoredColumns, IReadOnlyList<TaxonomyMistake> Mistakes,
    string? BadRowsFile);

/// <summary>What is to hold.</summary>
/// <param name="Version">A version; 0 is the program's own list.</param>
/// <param name="RollBack">Instead, the one that held before.</param>
internal sealed record NewTaxonomyPublication(int? Version = null, bool? RollBack = null);

/// <summary>What holds now.</summary>
/// <param name="Version">The version.</param>
/// <param name="Etag">What the next publication must name in If-Match.</param>
internal sealed record PublishedVersion(int Version, string Etag);
