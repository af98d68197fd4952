using Microsoft.AspNetCore.Http.HttpResults;
using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Questions;

namespace OpenMU.Web;

/// <summary>The list of one's own questions.</summary>
internal static class QuestionListApi
{
    private const int PageSize = 100, MaxPageSize = 1000;

    public static void MapQuestionList(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/v1/questions", Find)
            .WithName("findQuestions")
            .WithTags("Questions")
            .WithSummary("Lists questions, the latest first")
            .WithDescription("All, or those in one state, about one track, of one batch, or asked within some time: "
                + "`askedTo` is the first moment that is out of it. `next` of a page is the next one's `after`.");

    private static async Task<Results<Ok<QuestionPage>, ValidationProblem>> Find(
        JobState? state, long? track, long? batch, DateTimeOffset? askedFrom, DateTimeOffset? askedTo, string? after,
        int? pageSize, CurrentTenant tenant, QuestionList questions, CancellationToken cancel)
    {
        var mistakes = new Dictionary<string, string[]>();
        var from = QuestionCursor.TryParse(after);
        if (after is not null && from is null) mistakes["after"] = ["It is no cursor that was given here."];
        if (pageSize is < 1 or > MaxPageSize) mistakes["pageSize"] = [$"Ask for 1 to {MaxPageSize}."];
        if (mistakes.Count > 0) return TypedResults.ValidationProblem(mistakes);
        var size = pageSize ?? PageSize;
        var page = await questions.FindAsync(
            tenant.Name, new QuestionFilter(state, track, batch, askedFrom?.UtcDateTime, askedTo?.UtcDateTime), from,
            size, cancel);
        return TypedResults.Ok(new QuestionPage(
            [.. page.Select(QuestionView.From)],
            page.Count == size ? new QuestionCursor(page[^1].Job.CreatedAt, page[^1].JobId).ToString() : null));
    }
}

/// <summary>Some questions.</summary>
/// <param name="Questions">The latest first.</param>
/// <param name="Next">What to ask for `after` to have the next page; null where there is none.</param>
internal sealed record QuestionPage(IReadOnlyList<QuestionView> Questions, string? Next);
