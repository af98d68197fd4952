using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using OpenMU.Catalogue.Fields;
using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Storage;
using OpenMU.Catalogue.Tracks;
using OpenMU.Web.Pipeline;

namespace OpenMU.Web;

/// <summary>What is done with many tracks as wholes: approved, locked, analysed again, deleted.</summary>
internal static class SelectionApi
{
    private const int MaxTracksAtOnce = 500, PageSize = 100;

    public static void MapSelection(this IEndpointRouteBuilder routes)
    {
        var selection = routes.MapGroup("/v1/selection").WithTags("Selection")
            .WithMetadata(new TakesItsTime())
            .ProducesProblem(StatusCodes.Status403Forbidden)
            .ProducesProblem(StatusCodes.Status415UnsupportedMediaType);
        Map("approve", "approveTracks", "Says that all that is shown of tracks is right, until it changes",
            (call, page) => StandingAsync(page, id => call.Store.ApproveAsync(
                call.Tenant, id, true, call.Author, null, call.Cancel)));
        Map("withdraw-approval", "withdrawApprovals", "Says no longer that all of tracks is right",
            (call, page) => StandingAsync(page, id => call.Store.ApproveAsync(
                call.Tenant, id, false, call.Author, null, call.Cancel)));
        Map("lock", "lockTracks", "Lets nobody change tracks' fields",
            (call, page) => StandingAsync(page, id => call.Store.LockAsync(
                call.Tenant, id, true, call.Author, null, call.Cancel)));
        Map("unlock", "unlockTracks", "Lets everybody change tracks' fields again",
            (call, page) => StandingAsync(page, id => call.Store.LockAsync(
                call.Tenant, id, false, call.Author, null, call.Cancel)));
        Map("retry", "retryTracks", "Has tracks analysed again, however they ended, locked ones too; corrections stay", RetryAsync);
        Map("delete", "deleteTracks", "Deletes tracks' files in the storage: they are Missing, and forgotten after a time; "
            + "not those that are locked",
            DeleteAsync);

        void Map(string action, string name, string what, Act act) => selection.MapPost($"/{action}", Handler(act))
            .WithName(name).WithSummary(what)
            .WithDescription("Of tracks by their ids, of all that a query finds (its order does not matter), or of all. Where "
                + "the answer has next, send the same again with it as after, for the rest.");
    }

    private static Delegate Handler(Act act) => async Task<Results<Ok<SelectionSummary>, ValidationProblem>> (
        NewSelection body, CurrentTenant tenant, CurrentPerson person, CorrectionStore store, JobQueues queues,
        DeletedTracks deleted, IDbContextFactory<CatalogueDb> catalogue, CancellationToken cancel) =>
    {
        var mistakes = new Dictionary<string, string[]>();
        if (body.Selection(mistakes) is not { } selection) return TypedResults.ValidationProblem(mistakes);
        var call = new Call(tenant.Name, person.Author, store, queues, deleted, catalogue, cancel);
        var (done, refusals) = (0, new List<CorrectionRefusal>());
        var (tracks, after, total) = (0, body.After, (int?)null);
        try
        {
            do
            {
                await using var db = await catalogue.CreateDbContextAsync(cancel);
                var page = await selection.PageAsync(db, tenant.Name, after, PageSize, cancel);
                var refused = await act(call, page.Ids);
                refusals.AddRange(refused);
                (tracks, done) = (tracks + page.Ids.Count, done + page.Ids.Count - refused.Count);
                (after, total) = (page.Next, page.Total);
            }
            while (after is not null && tracks < MaxTracksAtOnce);
        }
        catch (FormatException noPlace)
        {
            return TypedResults.ValidationProblem(new Dictionary<string, string[]> { ["after"] = [noPlace.Message] });
        }

        return TypedResults.Ok(new SelectionSummary(tracks, done, refusals, after, total));
    };

    private static async Task<IReadOnlyList<CorrectionRefusal>> StandingAsync(
        IReadOnlyList<long> page, Func<long, Task<CorrectionAnswer>> change)
    {
        var refused = new List<CorrectionRefusal>();
        foreach (var id in page)
        {
            var answer = await change(id);
            if (answer.Outcome is not (CorrectionOutcome.Done or CorrectionOutcome.NothingToDo))
                refused.Add(new CorrectionRefusal(id, answer.Reason!));
        }

        return refused;
    }

    // One that is being analysed already goes on.
    private static async Task<IReadOnlyList<CorrectionRefusal>> RetryAsync(Call call, IReadOnlyList<long> page)
    {
        await using var db = await call.Catalogue.CreateDbContextAsync(call.Cancel);
        var there = await db.Tracks.Where(t => t.Tenant == call.Tenant && page.Contains(t.Id))
            .Select(t => new { t.Id, IsMissing = t.MissingSince != null })
            .ToDictionaryAsync(t => t.Id, t => t.IsMissing, call.Cancel);
        await call.Queues.Analyses.RetryAsync(call.Tenant, page, onlyChanged: false, call.Cancel);
        return
        [
            .. from id in page
               let isMissing = there.TryGetValue(id, out var missing) ? missing : (bool?)null
               where isMissing != false
               select new CorrectionRefusal(id, isMissing is null ? "There is no such track." : "Its file is not in the storage any more."),
        ];
    }

    private static async Task<IReadOnlyList<CorrectionRefusal>> DeleteAsync(Call call, IReadOnlyList<long> page)
    {
        var refused = new List<CorrectionRefusal>();
        foreach (var id in page)
        {
            if ((await call.Deleted.RunAsync(call.Tenant, id, call.Author, call.Cancel)).Refusal is { } reason)
                refused.Add(new CorrectionRefusal(id, reason));
        }

        return refused;
    }

    /// <summary>Does it with a page of tracks, and says with which it cannot be done.</summary>
    private delegate Task<IReadOnlyList<CorrectionRefusal>> Act(Call call, IReadOnlyList<long> page);

    private sealed record Call(
        string Tenant, CorrectionAuthor Author, CorrectionStore Store, JobQueues Queues, DeletedTracks Deleted,
        IDbContextFactory<CatalogueDb> Catalogue, CancellationToken Cancel);
}

/// <summary>What came of something that was done with many tracks.</summary>
/// <param name="Tracks">Those that were looked at.</param>
/// <param name="Done">Those with which it is done, or was already.</param>
/// <param name="Refusals">Those with which it cannot be done, and why.</param>
/// <param name="Next">Where to go on; null where all is done.</param>
/// <param name="Total">Tracks in all, where that is known.</param>
internal sealed record SelectionSummary(
    int Tracks, int Done, IReadOnlyList<CorrectionRefusal> Refusals, string? Next, int? Total);
