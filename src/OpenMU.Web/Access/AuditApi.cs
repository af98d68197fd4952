using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http.HttpResults;
using OpenMU.Catalogue.Access;
using OpenMU.Web.Pipeline;

namespace OpenMU.Web.Access;

/// <summary>Who did what in the tenant's library, to be taken away.</summary>
internal static class AuditApi
{
    public static void MapAudit(this IEndpointRouteBuilder routes)
    {
        const string order = "The oldest first. To go on, send the id of the last line as after.";
        var audit = routes.MapGroup("/v1").WithTags("Audit").WithMetadata(new TakesItsTime());
        audit.MapGet("/audit", JsonLines).WithName("exportAudit").WithSummary("Exports the audit as JSON lines")
            .WithDescription(order).Produces<Stream>(StatusCodes.Status200OK, "application/jsonl");
        audit.MapGet("/audit.csv", Csv).WithName("exportAuditAsCsv").WithSummary("Exports the audit as CSV")
            .WithDescription(order).Produces<Stream>(StatusCodes.Status200OK, "text/csv");
    }

    private static Results<PushStreamHttpResult, ValidationProblem> JsonLines(
        [AsParameters] AuditPage page, CurrentTenant tenant, AuditLog log, CancellationToken cancel) =>
        page.Mistakes() is { } mistakes
            ? mistakes
            : TypedResults.Stream(
                stream => AuditLog.WriteJsonLinesAsync(page.Of(log, tenant, cancel), stream, cancel), "application/jsonl",
                "audit.jsonl");

    private static Results<PushStreamHttpResult, ValidationProblem> Csv(
        [AsParameters] AuditPage page, CurrentTenant tenant, AuditLog log, CancellationToken cancel) =>
        page.Mistakes() is { } mistakes
            ? mistakes
            : TypedResults.Stream(
                stream => AuditLog.WriteCsvAsync(page.Of(log, tenant, cancel), stream, cancel), "text/csv", "audit.csv");
}

/// <summary>A stretch of the audit.</summary>
/// <param name="After">The id of the last line that is known.</param>
/// <param name="PageSize">How many lines to give.</param>
internal sealed record AuditPage(
    [property: Description("Goes on after the line with this id; left out, from the first.")] long? After,
    [property: Description("How many lines: 1 to 10,000; left out, 1,000."), Range(1, AuditLog.MaxListed)]
    int? PageSize)
{
    private const int UsualPageSize = 1000;

    public ValidationProblem? Mistakes() => PageSize is < 1 or > AuditLog.MaxListed
        ? TypedResults.ValidationProblem(new Dictionary<string, string[]>
        {
            ["pageSize"] = [$"Ask for 1 to {AuditLog.MaxListed} lines."],
        })
        : null;

    public IAsyncEnumerable<AuditEntry> Of(AuditLog log, CurrentTenant tenant, CancellationToken cancel) =>
        log.ReadAsync(tenant.Name, After ?? 0, PageSize ?? UsualPageSize, cancel);
}
