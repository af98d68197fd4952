using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using OpenMU.Catalogue.Publishing;
using OpenMU.Catalogue.Search;
using OpenMU.Web.Pipeline;

namespace OpenMU.Web;

/// <summary>Which model's analyses tracks show: what would change, publishing, and the way back.</summary>
internal static class PublishingApi
{
    private const int MaxBodyBytes = 1 << 20;

    // So many tracks of a selection are moved by one request; the answer says where to go on.
    private const int MaxTracksAtOnce = 5000;

    public static void MapPublishing(this IEndpointRouteBuilder routes)
    {
        var publishing = routes.MapGroup("/v1/analyses").WithTags("Analyses");
        publishing.MapGet("/diff", Diff)
            .WithName("diffAnalyses").WithMetadata(new TakesItsTime())
            .WithSummary("Compares a model's analyses with those that are shown")
            .WithDescription("Of all that the search finds; its order and page don't matter. Without model, the one whose "
                + "analyses are held back; with against, compared with that model's instead of what is shown.")
            .ProducesProblem(StatusCodes.Status404NotFound);
        publishing.MapGet("/publications", List)
            .WithName("listPublications").WithSummary("Lists what was published and rolled back, the latest first");
        var moves = publishing.MapGroup("")
            .WithMetadata(new RequestSizeLimitAttribute(MaxBodyBytes), new TakesItsTime())
            .ProducesProblem(StatusCodes.Status403Forbidden).ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status413PayloadTooLarge)
            .ProducesProblem(StatusCodes.Status415UnsupportedMediaType);
        moves.MapPost("/publish", Publish)
            .WithName("publishAnalyses").WithSummary("Shows a model's analyses that were held back")
            .WithDescription("Of tracks by their ids, of all that a query finds, or of all. Corrections stand above them. Where the "
                + "answer has next, send the same again with it as after, and with the id as publication, for the rest.");
        moves.MapPost("/rollback", RollBack)
            .WithName("rollBackAnalyses").WithSummary("Shows the analyses again that were there before a model's")
            .WithDescription("The model's are kept and held back. Goes on as publishing does.");
    }

    private static async Task<Results<Ok<AnalysisDiff>, ValidationProblem, ProblemHttpResult>> Diff(
        string? model, string? against, [AsParameters] TrackParameters parameters, CurrentTenant tenant,
        AnalysisComparison comparison, Publisher publisher, CancellationToken cancel)
    {
        if (parameters.Mistakes() is { Count: > 0 } mistakes) return TypedResults.ValidationProblem(mistakes);
        if ((model ?? await publisher.HeldModelAsync(tenant.Name, cancel)) is not { } version) return NothingHeld();
        var selection = TrackSelection.Of(parameters.ToQuery());
        return TypedResults.Ok(
            await comparison.RunAsync(tenant.Name, selection, version, against, progress: null, cancel));
    }

    private static async Task<Ok<IReadOnlyList<Publication>>> List(
        CurrentTenant tenant, Publisher publisher, CancellationToken cancel) =>
        TypedResults.Ok(await publisher.ListAsync(tenant.Name, cancel));

    private static async Task<Results<Ok<PublicationSummary>, ValidationProblem, ProblemHttpResult>> Publish(
        NewPublication body, CurrentTenant tenant, CurrentPerson person, Publisher publisher,
        CancellationToken cancel) =>
        (body.Model ?? await publisher.HeldModelAsync(tenant.Name, cancel)) is { } model
            ? await MoveAsync(body, model, (selection, from) => publisher.PublishAsync(
                tenant.Name, selection, model, person.Author, from, MaxTracksAtOnce, progress: null, cancel))
            : NothingHeld();

    private static async Task<Results<Ok<PublicationSummary>, ValidationProblem, ProblemHttpResult>> RollBack(
        NewPublication body, CurrentTenant tenant, CurrentPerson person, Publisher publisher,
        CancellationToken cancel) =>
        body.Model is { } model
            ? await MoveAsync(body, model, (selection, from) => publisher.RollBackAsync(
                tenant.Name, selection, model, person.Author, from, MaxTracksAtOnce, progress: null, cancel))
            : Mistake("model", "Name the model whose analyses are no longer to be shown.");

    private static async Task<Results<Ok<PublicationSummary>, ValidationProblem, ProblemHttpResult>> MoveAsync(
        NewPublication body, string model, Func<TrackSelection, PublicationSummary?, Task<PublicationSummary>> move)
    {
        var mistakes = new Dictionary<string, string[]>();
        var selection = new NewSelection(body.Ids, body.Query, body.All).Selection(mistakes);
        if (body.Publication is { } id && !Guid.TryParseExact(id, "N", out _))
            mistakes["publication"] = ["This is no publication: take it from an answer, or leave it out."];
        if (body.After is not null && body.Publication is null)
            mistakes["publication"] = ["Name the publication that goes on, as the answer with next did."];
        if (mistakes.Count > 0) return TypedResults.ValidationProblem(mistakes);
        var from = body.Publication is null
            ? null
            : new PublicationSummary { Id = body.Publication, ModelVersion = model, Next = body.After };
        try
        {
            return TypedResults.Ok(await move(selection!, from));
        }
        catch (FormatException noPlace)
        {
            return Mistake("after", noPlace.Message);
        }
    }

    private static ProblemHttpResult NothingHeld() => TypedResults.Problem(
        "No analyses are held back: name a model.", statusCode: StatusCodes.Status404NotFound);

    private static ValidationProblem Mistake(string name, string mistake) =>
        TypedResults.ValidationProblem(new Dictionary<string, string[]> { [name] = [mistake] });
}

/// <summary>Which model's analyses are to be shown, or no longer, for which tracks.</summary>
/// <param name="Ids">The tracks, up to 10,000.</param>
/// <param name="Query">Instead, what finds the tracks, as a search does.</param>
/// <param name="All">Instead, true for all tracks of the library.</param>
/// <param name="Model">The model's version; to publish, the one whose analyses are held back when left out.</param>
/// <param name="Publication">Of an answer, to go on with it.</param>
/// <param name="After">Where to go on: next of an answer.</param>
internal sealed record NewPublication(
    IReadOnlyList<long>? Ids = null, TrackParameters? Query = null, bool? All = null, string? Model = null,
    string? Publication = null, string? After = null);
