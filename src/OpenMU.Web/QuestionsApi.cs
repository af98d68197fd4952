using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Questions;
using OpenMU.Catalogue.Storage;
using OpenMU.Web.Pipeline;

namespace OpenMU.Web;

/// <summary>Questions about tracks: asked here, answered by the workers, fetched here.</summary>
internal static class QuestionsApi
{
    // Text of the longest question, escaped as JSON may, with room for what is around it.
    private const int MaxBodyBytes = 16 << 10;

    public static void MapQuestions(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/api/tracks/{id:long}/questions", Ask)
            .WithName("askQuestion")
            .WithTags("Questions")
            .WithSummary("Asks a question about a track")
            .WithDescription("The answer names where to ask for the question, which a worker answers in its turn. Only "
                + "tracks that are Ready can be asked about.")
            .WithMetadata(new Microsoft.AspNetCore.Mvc.RequestSizeLimitAttribute(MaxBodyBytes))
            .ProducesProblem(StatusCodes.Status403Forbidden)
            .ProducesProblem(StatusCodes.Status409Conflict)
            .ProducesProblem(StatusCodes.Status413PayloadTooLarge)
            .ProducesProblem(StatusCodes.Status415UnsupportedMediaType);
        routes.MapPost("/api/questions", AskSeveral)
            .WithName("askAboutTracks")
            .WithTags("Questions")
            .WithSummary("Asks a question about several tracks")
            .WithDescription($"About 1 to {Question.MaxTracks} tracks that are Ready. The answer cites them by their order, "
                + "as in \"[1]\".")
            .WithMetadata(new Microsoft.AspNetCore.Mvc.RequestSizeLimitAttribute(MaxBodyBytes))
            .ProducesProblem(StatusCodes.Status403Forbidden)
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status409Conflict)
            .ProducesProblem(StatusCodes.Status413PayloadTooLarge)
            .ProducesProblem(StatusCodes.Status415UnsupportedMediaType);
        routes.MapGet("/api/tracks/{id:long}/questions", List)
            .WithName("listQuestions")
            .WithTags("Questions")
            .WithSummary("Lists a track's questions, the newest first")
            .WithDescription($"At most the {QuestionStore.MaxListed} newest.");
        routes.MapGet("/api/questions/{id:long}", Get)
            .WithName("getQuestion")
            .WithTags("Questions")
            .WithSummary("Shows a question and, once there is one, its answer");
        routes.MapGet("/api/questions.jsonl", Export)
            .WithName("exportQuestions")
            .WithTags("Questions")
            .WithMetadata(new TakesItsTime())
            .WithSummary("Exports all questions and answers as JSON lines, the oldest first")
            .Produces<Stream>(StatusCodes.Status200OK, "application/jsonl");
    }

    private static PushStreamHttpResult Export(
        CurrentTenant tenant, QuestionStore desk, IOptions<JsonOptions> json, CancellationToken cancel) =>
        TypedResults.Stream(
            async stream =>
            {
                await using var writer = new StreamWriter(
                    stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
                await foreach (var question in desk.AllAsync(tenant.Name, cancel))
                {
                    var line = JsonSerializer.Serialize(QuestionView.From(question), json.Value.SerializerOptions);
                    await writer.WriteAsync(line + "\n");
                }
            },
            "application/jsonl",
            "questions.jsonl");

    private static async Task<Results<Accepted<QuestionView>, NotFound, ValidationProblem, ProblemHttpResult>> Ask(
        long id, NewQuestion question, CurrentTenant tenant, QuestionStore desk,
        IDbContextFactory<CatalogueDb> catalogue, CancellationToken cancel)
    {
        var text = question.Text.Trim();
        if (Refusal(text) is { } refusal)
            return TypedResults.ValidationProblem(new Dictionary<string, string[]> { ["text"] = [refusal] });

        await using var db = await catalogue.CreateDbContextAsync(cancel);
        var state = await db.Tracks.Where(t => t.Tenant == tenant.Name && t.Id == id)
            .Select(t => (JobState?)t.Job.State)
            .SingleOrDefaultAsync(cancel);
        if (state is not null and not JobState.Ready)
        {
            return TypedResults.Problem(
                $"The track is {state}; only tracks that are Ready can be asked about.",
                statusCode: StatusCodes.Status409Conflict);
        }
        return state is not null && await desk.AskAsync(tenant.Name, id, text, cancel) is { } asked
            ? TypedResults.Accepted($"/api/questions/{asked.Id}", QuestionView.From(asked))
            : TypedResults.NotFound();
    }

    private static async Task<Results<Accepted<QuestionView>, ValidationProblem, ProblemHttpResult>> AskSeveral(
        NewSelectionQuestion question, CurrentTenant tenant, QuestionStore desk,
        IDbContextFactory<CatalogueDb> catalogue, CancellationToken cancel)
    {
        var (text, ids) = (question.Text.Trim(), question.TrackIds);
        var mistakes = new Dictionary<string, string[]>();
        if (Refusal(text) is { } refusal) mistakes["text"] = [refusal];
        if (ids.Count is 0 or > Question.MaxTracks)
            mistakes["trackIds"] = [$"Name 1 to {Question.MaxTracks} tracks, not {ids.Count}."];
        else if (ids.Distinct().Count() < ids.Count) mistakes["trackIds"] = ["Name each track once."];
        if (mistakes.Count > 0) return TypedResults.ValidationProblem(mistakes);

        await using var db = await catalogue.CreateDbContextAsync(cancel);
        var states = await db.Tracks.Where(t => t.Tenant == tenant.Name && ids.Contains(t.Id))
            .Select(t => new { t.Id, t.Job.State }).ToDictionaryAsync(t => t.Id, t => t.State, cancel);
        if (ids.Where(id => !states.ContainsKey(id)).ToArray() is { Length: > 0 } unknown)
        {
            return TypedResults.Problem(
                $"There is no track {string.Join(", ", unknown)}.", statusCode: StatusCodes.Status404NotFound);
        }
        if (ids.Where(id => states[id] != JobState.Ready).ToArray() is { Length: > 0 } notReady)
        {
            return TypedResults.Problem(
                $"Only tracks that are Ready can be asked about; {string.Join(", ", notReady)} "
                    + $"{(notReady.Length == 1 ? "is" : "are")} not.",
                statusCode: StatusCodes.Status409Conflict);
        }
        return await desk.AskAsync(tenant.Name, ids, text, cancel) is { } asked
            ? TypedResults.Accepted($"/api/questions/{asked.Id}", QuestionView.From(asked))
            : TypedResults.Problem("A track was removed meanwhile.", statusCode: StatusCodes.Status404NotFound);
    }

    private static async Task<Results<Ok<IEnumerable<QuestionView>>, NotFound>> List(
        long id, CurrentTenant tenant, QuestionStore desk, CancellationToken cancel) =>
        await desk.OfTrackAsync(tenant.Name, id, cancel) is { } questions
            ? TypedResults.Ok(questions.Select(QuestionView.From))
            : TypedResults.NotFound();

    private static async Task<Results<Ok<QuestionView>, NotFound>> Get(
        long id, CurrentTenant tenant, QuestionStore desk, CancellationToken cancel) =>
        await desk.GetAsync(tenant.Name, id, cancel) is { } question
            ? TypedResults.Ok(QuestionView.From(question))
            : TypedResults.NotFound();

    private static string? Refusal(string text)
    {
        if (text.Length == 0) return "Ask something.";
        if (text.Length > Question.MaxTextLength)
            return $"The question has more than {Question.MaxTextLength} characters.";
        return text.Any(c => char.IsControl(c) && c is not ('\n' or '\r' or '\t'))
            ? "The question has characters that are no text."
            : null;
    }
}

/// <summary>What is asked.</summary>
/// <param name="Text">In words, 1 to 500 characters.</param>
internal sealed record NewQuestion(string Text);

/// <summary>What is asked about several tracks.</summary>
/// <param name="Text">In words, 1 to 500 characters.</param>
/// <param name="TrackIds">The tracks in the order in which the answer cites them, 1 to 8.</param>
internal sealed record NewSelectionQuestion(string Text, IReadOnlyList<long> TrackIds);

/// <summary>A question as the API shows it.</summary>
/// <param name="Id">Of the question.</param>
/// <param name="TrackId">The track it is about, or the first of several.</param>
/// <param name="TrackIds">All tracks it is about, in the order in which the answer cites them.</param>
/// <param name="Text">As asked.</param>
/// <param name="State">Where it stands.</param>
/// <param name="Reason">Why it was Rejected or Failed.</param>
/// <param name="AskedAt">UTC.</param>
/// <param name="Answer">Null until it is Ready.</param>
internal sealed record QuestionView(
    long Id, long TrackId, IReadOnlyList<long> TrackIds, string Text, JobState State, string? Reason, DateTime AskedAt,
    Answer? Answer)
{
    public static QuestionView From(Question question) => new(
        question.Id, question.TrackId,
        question.Selection.Count == 0
            ? [question.TrackId]
            : [.. question.Selection.OrderBy(track => track.Position).Select(track => track.TrackId)],
        question.Text, question.State,
        // A try that failed and is to be repeated leaves its reason too, which is nobody's business yet.
        question.State is JobState.Failed or JobState.Rejected ? question.Job.Reason : null,
        question.AskedAt, question.Answer);
}
