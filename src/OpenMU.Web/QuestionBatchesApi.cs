using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Options;
using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Questions;
using OpenMU.Web.Pipeline;

namespace OpenMU.Web;

/// <summary>Questions in bulk: asked at once, followed, taken back, and their answers read as they come.</summary>
internal static class QuestionBatchesApi
{
    private const string Route = "/v1/question-batches";
    private const string OfBatch = Route + "/{id:long}";

    // 10,000 names of files, escaped as JSON may.
    private const int MaxBodyBytes = 16 << 20;

    private const int PageSize = 100, MaxPageSize = 1000;

    public static void MapQuestionBatches(this IEndpointRouteBuilder routes)
    {
        routes.MapPost(Route, Submit)
            .WithName("askBatch")
            .WithTags("Questions")
            .WithSummary("Asks many questions at once")
            .WithDescription($"Each question about each track, up to {QuestionBatch.MaxItems:N0} in all. Tracks need not "
                + "be Ready: a question waits for its track, also for a file that is yet to be uploaded under the name "
                + "that is given. The answer names where to ask for the batch.")
            .WithMetadata(new Microsoft.AspNetCore.Mvc.RequestSizeLimitAttribute(MaxBodyBytes), new TakesItsTime())
            .ProducesProblem(StatusCodes.Status403Forbidden)
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status409Conflict)
            .ProducesProblem(StatusCodes.Status413PayloadTooLarge)
            .ProducesProblem(StatusCodes.Status415UnsupportedMediaType)
            .ProducesProblem(StatusCodes.Status422UnprocessableEntity);
        routes.MapGet(Route, List)
            .WithName("listBatches")
            .WithTags("Questions")
            .WithSummary("Lists the batches of questions, the latest first");
        routes.MapGet(OfBatch, Get)
            .WithName("getBatch")
            .WithTags("Questions")
            .WithSummary("Says how far a batch of questions has come");
        routes.MapGet(OfBatch + "/answers.jsonl", Answers)
            .WithName("getBatchAnswers")
            .WithTags("Questions")
            .WithSummary("Gives a batch's answers in the order in which they came, as JSON lines")
            .WithDescription("Each line is a question that has ended, with its answer or its reason, and a `cursor`. "
                + "Whoever asks again after the last line's cursor gets what has ended since: nothing is left out, and "
                + "nothing comes twice.")
            .Produces<Stream>(StatusCodes.Status200OK, "application/jsonl");
        routes.MapPost(OfBatch + "/cancel", Cancel)
            .WithName("cancelBatch")
            .WithTags("Questions")
            .WithSummary("Takes back what nobody has begun of a batch")
            .WithDescription("What a worker has begun, it finishes.")
            .ProducesProblem(StatusCodes.Status403Forbidden);
    }

    private static async Task<Results<Accepted<BatchView>, ValidationProblem, ProblemHttpResult>> Submit(
        BatchRequest request, CurrentTenant tenant, BatchStore batches, HttpContext context, CancellationToken cancel)
    {
        if (request.Mistakes() is { Count: > 0 } mistakes) return TypedResults.ValidationProblem(mistakes);
        // The batch itself has the key too: where this program ends after it has stored the batch and before it has
        // kept the answer, the same request finds it.
        var key = context.Request.Headers[IdempotencyKey.Header].ToString();
        return await batches.SubmitAsync(tenant.Name, request, key.Length == 0 ? null : key, cancel) switch
        {
            BatchAnswer.Accepted { Batch: var batch } => TypedResults.Accepted(
                $"{Route}/{batch.Id}", await ViewAsync(tenant.Name, batch.Id, batches, cancel)),
            BatchAnswer.Unknown { Mistakes: var unknown } => TypedResults.Problem(
                string.Join(' ', unknown), statusCode: StatusCodes.Status404NotFound),
            _ => TypedResults.Problem(
                "The Idempotency-Key was another request's.", statusCode: StatusCodes.Status422UnprocessableEntity),
        };
    }

    private static async Task<Results<Ok<BatchPage>, ValidationProblem>> List(
        string? after, int? pageSize, CurrentTenant tenant, BatchStore batches, CancellationToken cancel)
    {
        var from = BatchCursor.TryParse(after);
        if (Refusal(after, from, pageSize) is { } refusal) return refusal;
        var size = pageSize ?? PageSize;
        var page = await batches.ListAsync(tenant.Name, from?.Place, size, cancel);
        return TypedResults.Ok(new BatchPage(
            [.. page.Select(BatchSummary.From)],
            page.Count == size ? new BatchCursor(page[^1].Id, 0).ToString() : null));
    }

    private static async Task<Results<Ok<BatchView>, NotFound>> Get(
        long id, CurrentTenant tenant, BatchStore batches, CancellationToken cancel) =>
        await ViewAsync(tenant.Name, id, batches, cancel) is { } view ? TypedResults.Ok(view) : TypedResults.NotFound();

    private static async Task<Results<PushStreamHttpResult, NotFound, ValidationProblem>> Answers(
        long id, string? after, int? pageSize, CurrentTenant tenant, BatchStore batches, IOptions<JsonOptions> json,
        CancellationToken cancel)
    {
        var from = BatchCursor.TryParse(after);
        if (Refusal(after, from, pageSize) is { } refusal) return refusal;
        if (!await batches.ExistsAsync(tenant.Name, id, cancel)) return TypedResults.NotFound();
        var ended = await batches.EndedAsync(
            tenant.Name, id, from ?? BatchCursor.Start, pageSize ?? MaxPageSize, cancel);
        return TypedResults.Stream(
            async stream =>
            {
                await using var writer = new StreamWriter(
                    stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
                foreach (var question in ended)
                {
                    var line = JsonSerializer.Serialize(BatchAnswerLine.From(question), json.Value.SerializerOptions);
                    await writer.WriteAsync(line + "\n");
                }
            },
            "application/jsonl");
    }

    private static async Task<Results<Ok<BatchView>, NotFound>> Cancel(
        long id, CurrentTenant tenant, BatchStore batches, CancellationToken cancel) =>
        await batches.CancelAsync(tenant.Name, id, cancel)
            ? TypedResults.Ok(await ViewAsync(tenant.Name, id, batches, cancel))
            : TypedResults.NotFound();

    private static async Task<BatchView?> ViewAsync(
        string tenant, long id, BatchStore batches, CancellationToken cancel) =>
        await batches.GetAsync(tenant, id, cancel) is var (batch, counts) ? BatchView.From(batch, counts) : null;

    private static ValidationProblem? Refusal(string? after, BatchCursor? cursor, int? pageSize)
    {
        var mistakes = new Dictionary<string, string[]>();
        if (after is not null && cursor is null) mistakes["after"] = ["It is no cursor that was given here."];
        if (pageSize is < 1 or > MaxPageSize) mistakes["pageSize"] = [$"Ask for 1 to {MaxPageSize}."];
        return mistakes.Count > 0 ? TypedResults.ValidationProblem(mistakes) : null;
    }
}

/// <summary>A batch of questions as a list shows it.</summary>
/// <param name="Id">Of the batch.</param>
/// <param name="Total">How many questions it has.</param>
/// <param name="Priority">Which of one's own questions go first.</param>
/// <param name="AskedAt">UTC.</param>
/// <param name="ExpiresAt">What nobody has begun by then ends as Expired; UTC.</param>
/// <param name="CancelledAt">UTC; null where it was not cancelled.</param>
/// <param name="FinishedAt">When its last question ended, UTC; null while one is open.</param>
internal sealed record BatchSummary(
    long Id, int Total, JobPriority Priority, DateTime AskedAt, DateTime ExpiresAt, DateTime? CancelledAt,
    DateTime? FinishedAt)
{
    public static BatchSummary From(QuestionBatch batch) => new(
        batch.Id, batch.Total, batch.Priority, batch.AskedAt, batch.ExpiresAt, batch.CancelledAt, batch.FinishedAt);
}

/// <summary>Some batches.</summary>
/// <param name="Batches">The latest first.</param>
/// <param name="Next">What to ask for `after` to have the next page; null where there is none.</param>
internal sealed record BatchPage(IReadOnlyList<BatchSummary> Batches, string? Next);

/// <summary>A batch of questions, and how far it has come.</summary>
/// <param name="Id">Of the batch.</param>
/// <param name="Total">How many questions it has.</param>
/// <param name="Counts">How many of them are in which state. Answered ones go with their track.</param>
/// <param name="Priority">Which of one's own questions go first.</param>
/// <param name="AskedAt">UTC.</param>
/// <param name="ExpiresAt">What nobody has begun by then ends as Expired; UTC.</param>
/// <param name="CancelledAt">UTC; null where it was not cancelled.</param>
/// <param name="FinishedAt">When its last question ended, UTC; null while one is open.</param>
/// <param name="Answers">Where its answers are.</param>
internal sealed record BatchView(
    long Id, int Total, BatchCounts Counts, JobPriority Priority, DateTime AskedAt, DateTime ExpiresAt,
    DateTime? CancelledAt, DateTime? FinishedAt, string Answers)
{
    public static BatchView From(QuestionBatch batch, IReadOnlyDictionary<JobState, int> counts) => new(
        batch.Id, batch.Total, BatchCounts.From(counts), batch.Priority, batch.AskedAt, batch.ExpiresAt,
        batch.CancelledAt, batch.FinishedAt, $"/v1/question-batches/{batch.Id}/answers.jsonl");
}

/// <summary>How many questions of a batch are in which state.</summary>
/// <param name="Waiting">For their track.</param>
/// <param name="Queued">For a worker.</param>
/// <param name="Analysing">With a worker.</param>
/// <param name="Ready">Answered.</param>
/// <param name="Failed">All tries failed.</param>
/// <param name="Rejected">They cannot be answered.</param>
/// <param name="Cancelled">Taken back before they were begun.</param>
/// <param name="Expired">Not begun in time.</param>
internal sealed record BatchCounts(
    int Waiting, int Queued, int Analysing, int Ready, int Failed, int Rejected, int Cancelled, int Expired)
{
    public static BatchCounts From(IReadOnlyDictionary<JobState, int> counts)
    {
        return new BatchCounts(
            In(JobState.Waiting), In(JobState.Queued), In(JobState.Analysing), In(JobState.Ready), In(JobState.Failed),
            In(JobState.Rejected), In(JobState.Cancelled), In(JobState.Expired));

        int In(JobState state) => counts.GetValueOrDefault(state);
    }
}

/// <summary>A line of a batch's answers.</summary>
/// <param name="Cursor">What to ask for `after` to have the lines behind this one.</param>
/// <param name="Question">The question, with its answer or the reason why it has none.</param>
internal sealed record BatchAnswerLine(string Cursor, QuestionView Question)
{
    public static BatchAnswerLine From(Question question) => new(
        new BatchCursor(question.EndedAs!.Value, question.Id).ToString(), QuestionView.From(question));
}
