using System.ComponentModel;
using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using OpenMU.Catalogue.Access;
using OpenMU.Catalogue.Exchange;
using OpenMU.Catalogue.Search;
using OpenMU.Catalogue.Storage;
using OpenMU.Web.Pipeline;

namespace OpenMU.Web;

/// <summary>
/// Taking tracks away, in every form that there is: all pages of a search, or some by their numbers, written as they
/// come, so that it takes no memory however long it is.
/// </summary>
internal static class ExportsApi
{
    private const int MaxIds = 1000;

    public static void MapExports(this IEndpointRouteBuilder routes)
    {
        var exports = routes.MapGroup("/v1").WithTags("Tracks");
        foreach (var format in CatalogueExport.Formats)
        {
            exports.MapGet($"/tracks.{format.Name}", Handler(format))
                .WithName(OperationName(format))
                .WithMetadata(new TakesItsTime())
                .WithSummary($"Exports a search: {format.What}")
                .Produces<Stream>(StatusCodes.Status200OK, format.ContentType);
        }
    }

    private static Delegate Handler(ExportFormat format) => Results<PushStreamHttpResult, ValidationProblem> (
        [AsParameters] TrackParameters parameters,
        [Description("Only these tracks, in this order, by their numbers with commas between them.")] string? ids,
        [Description("Whether a table begins with a byte order mark; left out, only the one with semicolons does.")]
        bool? bom,
        CurrentTenant tenant, CurrentPerson person, AuditLog audit, IDbContextFactory<CatalogueDb> catalogue,
        CancellationToken cancel) =>
    {
        var mistakes = parameters.Mistakes();
        var named = Ids(ids);
        if (named is null)
            mistakes["ids"] = [$"Give up to {MaxIds} numbers of tracks, with commas between them."];
        if (mistakes.Count > 0) return TypedResults.ValidationProblem(mistakes);
        var selection = named!.Count > 0 ? TrackSelection.Of(named) : TrackSelection.Of(parameters.ToQuery());
        return TypedResults.Stream(
            async stream =>
            {
                await audit.NoteAsync(
                    tenant.Name, person.Author, AuditActions.Exported, $"tracks.{format.Name}",
                    new { ids, Query = parameters }, cancel);
                var reader = new ExportReader(catalogue, tenant.Name);
                var options = new ExportOptions(await reader.DeclaredAsync(cancel), bom);
                var tracks = reader.ReadAsync(selection, options.Declared, format.NeedsTimes, cancel);
                await format.WriteAsync(tracks, stream, options, cancel);
            },
            format.ContentType,
            $"tracks.{format.FileEnding}");
    };

    // Null where the text is no list of numbers.
    private static List<long>? Ids(string? text)
    {
        var parts = (text ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var ids = new List<long>();
        foreach (var part in parts)
        {
            if (!long.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var id)) return null;
            ids.Add(id);
        }

        return ids.Count <= MaxIds && (ids.Count > 0 || string.IsNullOrEmpty(text)) ? ids : null;
    }

    // As clients that were generated before know the first two.
    private static string OperationName(ExportFormat format) => "exportTracksAs" + (format.Name == "jsonl"
        ? "JsonLines"
        : string.Concat(format.Name.Split('-').Select(part => char.ToUpperInvariant(part[0]) + part[1..])));
}
