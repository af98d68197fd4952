using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using OpenMU.Catalogue.Access;
using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Questions;
using OpenMU.Catalogue.Storage;
using OpenMU.Catalogue.Tracks;
using OpenMU.Web.Pipeline;
using OpenMU.Web.Problems;

namespace OpenMU.Web;

/// <summary>Questions about tracks: asked here, answered by the workers, fetched here.</summary>
internal static class QuestionsApi
{
    // Text of the longest question, escaped as JSON may, with room for what is around it.
    private const int MaxBodyBytes = 16 << 10;

    public static void MapQuestions(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/v1/tracks/{id:long}/questions", Ask)
            .WithName("askQuestion")
            .WithTags("Questions")
            .WithSummary("Asks a question about a track")
            .WithDescription("The answer names where to ask for the question, which a worker answers in its turn. About a "
                + "track that is still queued it is Waiting until the track is Ready.")
            .WithMetadata(new Microsoft.AspNetCore.Mvc.RequestSizeLimitAttribute(MaxBodyBytes))
            .ProducesProblem(StatusCodes.Status403Forbidden)
            .ProducesProblem(StatusCodes.Status409Conflict)
            .ProducesProblem(StatusCodes.Status413PayloadTooLarge)
            .ProducesProblem(StatusCodes.Status415UnsupportedMediaType);
        routes.MapPost("/v1/questions", AskSeveral)
            .WithName("askAboutTracks")
            .WithTags("Questions")
            .WithSummary("Asks a question about several tracks")
            .WithDescription($"About 1 to {Question.MaxTracks} tracks. The question waits until all of them are Ready. The "
                + "answer cites them by their order, as in \"[1]\".")
            .WithMetadata(new Microsoft.AspNetCore.Mvc.RequestSizeLimitAttribute(MaxBodyBytes))
            .ProducesProblem(StatusCodes.Status403Forbidden)
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status409Conflict)
            .ProducesProblem(StatusCodes.Status413PayloadTooLarge)
            .ProducesProblem(StatusCodes.Status415UnsupportedMediaType);
        routes.MapGet("/v1/tracks/{id:long}/questions", List)
            .WithName("listQuestions")
            .WithTags("Questions")
            .WithSummary("Lists a track's questions, the newest first")
            .WithDescription($"At most the {QuestionStore.MaxListed} newest.");
        routes.MapGet("/v1/questions/{id:long}", Get)
            .WithName("getQuestion")
            .WithTags("Questions")
            .WithSummary("Shows a question and, once there is one, its answer");
        routes.MapGet("/v1/questions.jsonl", Export)
            .WithName("exportQuestions")
            .WithTags("Questions")
            .WithMetadata(new TakesItsTime())
            .WithSummary("Exports all questions and answers as JSON lines, the oldest first")
            .Produces<Stream>(StatusCodes.Status200OK, "application/jsonl");
    }

    private static PushStreamHttpResult Export(
        CurrentTenant tenant, CurrentPerson person, AuditLog audit, QuestionStore desk, IOptions<JsonOptions> json,
        CancellationToken cancel) =>
        TypedResults.Stream(
            async stream =>
            {
                await audit.NoteAsync(
                    tenant.Name, person.Author, AuditActions.Exported, "questions.jsonl", detail: null, cancel);
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
        if (Question.Refusal(text) is { } refusal)
            return TypedResults.ValidationProblem(new Dictionary<string, string[]> { ["text"] = [refusal] });

        var states = await StatesAsync([id], tenant, catalogue, cancel);
        if (states.Values.Any(NeverReady))
            return ProblemType.NotReady.Answer($"The track is {states[id]}, so no question about it can be answered.");
        return await desk.AskAsync(tenant.Name, id, text, cancel) is { } asked
            ? TypedResults.Accepted($"/v1/questions/{asked.Id}", QuestionView.From(asked))
            : TypedResults.NotFound();
    }

    private static async Task<Results<Accepted<QuestionView>, ValidationProblem, ProblemHttpResult>> AskSeveral(
        NewSelectionQuestion question, CurrentTenant tenant, QuestionStore desk,
        IDbContextFactory<CatalogueDb> catalogue, CancellationToken cancel)
    {
        var (text, ids) = (question.Text.Trim(), question.TrackIds);
        var mistakes = new Dictionary<string, string[]>();
        if (Question.Refusal(text) is { } refusal) mistakes["text"] = [refusal];
        if (ids.Count is 0 or > Question.MaxTracks)
            mistakes["trackIds"] = [$"Name 1 to {Question.MaxTracks} tracks, not {ids.Count}."];
        else if (ids.Distinct().Count() < ids.Count) mistakes["trackIds"] = ["Name each track once."];
        if (mistakes.Count > 0) return TypedResults.ValidationProblem(mistakes);

        var states = await StatesAsync(ids, tenant, catalogue, cancel);
        if (ids.Where(id => !states.ContainsKey(id)).ToArray() is { Length: > 0 } unknown)
        {
            return TypedResults.Problem(
                $"There is no track {string.Join(", ", unknown)}.", statusCode: StatusCodes.Status404NotFound);
        }
        if (ids.Where(id => NeverReady(states[id])).ToArray() is { Length: > 0 } lost)
        {
            return ProblemType.NotReady.Answer(
                $"No question about them can be answered: {string.Join(", ", lost.Select(id => $"{id} is {states[id]}"))}.");
        }
        return await desk.AskAsync(tenant.Name, ids, text, cancel) is { } asked
            ? TypedResults.Accepted($"/v1/questions/{asked.Id}", QuestionView.From(asked))
            : TypedResults.Problem("A track was removed meanwhile.", statusCode: StatusCodes.Status404NotFound);
    }

    private static bool NeverReady(TrackState state) =>
        state is TrackState.Failed or TrackState.Rejected or TrackState.Missing;

    private static async Task<Dictionary<long, TrackState>> StatesAsync(
        IReadOnlyList<long> ids, CurrentTenant tenant, IDbContextFactory<CatalogueDb> catalogue,
        CancellationToken cancel)
    {
        await using var db = await catalogue.CreateDbContextAsync(cancel);
        var tracks = await db.Tracks.Where(t => t.Tenant == tenant.Name && ids.Contains(t.Id))
            .Select(t => new { t.Id, t.Job.State, IsMissing = t.MissingSince != null }).ToListAsync(cancel);
        return tracks.ToDictionary(
            t => t.Id, t => t.IsMissing ? TrackState.Missing : Enum.Parse<TrackState>($"{t.State}"));
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
/// <param name="TrackId">The track it is about, or the first of several; null while the file is not in the catalogue
/// whose name was given, or once the track is gone.</param>
/// <param name="TrackIds">All tracks it is about, in the order in which the answer cites them.</param>
/// <param name="FileName">The file's name, where that was given.</param>
/// <param name="BatchId">The batch that it was asked in.</param>
/// <param name="Position">Where it stands in its batch, from 0: all questions about the first track, then all about the
/// next. 0 without a batch.</param>
/// <param name="Priority">Which of one's own questions go first.</param>
/// <param name="Text">As asked.</param>
/// <param name="State">Where it stands.</param>
/// <param name="Reason">Why it has no answer, where it ended without one.</param>
/// <param name="AskedAt">UTC.</param>
/// <param name="Answer">Null until it is Ready.</param>
internal sealed record QuestionView(
    long Id, long? TrackId, IReadOnlyList<long> TrackIds, string? FileName, long? BatchId, int Position, string Text,
    JobPriority Priority, JobState State, string? Reason, DateTime AskedAt, Answer? Answer)
{
    public static QuestionView From(Question question) => new(
        question.Id, question.TrackId,
        question.Selection.Count == 0
            ? question.TrackId is { } track ? [track] : []
            : [.. question.Selection.OrderBy(part => part.Position).Select(part => part.TrackId)],
        question.FileName, question.BatchId, question.Position, question.Text, question.Job.Priority, question.State,
        // A try that failed and is to be repeated leaves its reason too, which is nobody's business yet.
        question.State is JobState.Queued or JobState.Analysing or JobState.Waiting ? null : question.Job.Reason,
        question.AskedAt, question.Answer);
}
