using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using OpenMU.Catalogue.Fields;
using OpenMU.Catalogue.Storage;
using OpenMU.Web.Pipeline;

namespace OpenMU.Web;

/// <summary>What people put right about tracks: singly, for a selection, and back again.</summary>
internal static class CorrectionsApi
{
    private const string Track = "/v1/tracks/{id:long}";
    private const int MaxBodyBytes = 1 << 20;

    // So many tracks of a selection are changed by one request; the answer says where to go on.
    private const int MaxTracksAtOnce = 5000;

    public static void MapCorrections(this IEndpointRouteBuilder routes)
    {
        var corrections = routes.MapGroup("").WithTags("Corrections");
        corrections.MapGet("/v1/fields", Fields)
            .WithName("listFields").WithSummary("Lists the fields that tracks have, the owner's own included");
        corrections.MapGet(Track + "/history", History)
            .WithName("getHistory")
            .WithSummary("Lists what was changed of a track's fields, by whom and when, the newest first")
            .ProducesProblem(StatusCodes.Status404NotFound);

        var changes = corrections.MapGroup("")
            .WithMetadata(new RequestSizeLimitAttribute(MaxBodyBytes))
            .ProducesProblem(StatusCodes.Status403Forbidden).ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status409Conflict).ProducesProblem(StatusCodes.Status413PayloadTooLarge)
            .ProducesProblem(StatusCodes.Status415UnsupportedMediaType);
        changes.MapPatch(Track, Patch)
            .WithName("correctTrack")
            .WithSummary("Puts fields of a track right")
            .WithDescription("A JSON object of fields: a text, a number, true or false, or an array of them sets a "
                + "field; an empty array says that there is no value; null takes a correction back, so that owner, "
                + "file and measurement hold again. If-Match must have the track's ETag, or *. Corrections belong to "
                + "the content: they stand above all else and survive renames and new analyses.")
            .Accepts<Dictionary<string, JsonElement>>("application/json", "application/merge-patch+json")
            .ProducesProblem(StatusCodes.Status412PreconditionFailed)
            .ProducesProblem(StatusCodes.Status428PreconditionRequired);
        changes.MapPost("/v1/corrections", Change)
            .WithName("correctTracks")
            .WithSummary("Puts fields of many tracks right")
            .WithDescription("Of tracks by their ids, of all that a query finds (its order does not matter), or of all. Where "
                + "the answer has next, send the same again with it as after, and with the batch, for the rest.")
            .WithMetadata(new TakesItsTime());
        changes.MapPost("/v1/corrections/{batch}/undo", Undo)
            .WithName("undoCorrections")
            .WithSummary("Takes a change back, of one track or of all that it changed")
            .WithDescription("A field that was changed again since is left, unless forced.")
            .WithMetadata(new TakesItsTime());
        MapStanding(
            changes, "approval", "approveTrack", "Says that all that is shown of a track is right, until it changes",
            "withdrawApproval", "Says no longer that all is right",
            (store, call, isOn) => store.ApproveAsync(
                call.Tenant.Name, call.Id, isOn, call.Person.Author, call.Version, call.Cancel));
        MapStanding(
            changes, "lock", "lockTrack", "Lets nobody change a track's fields",
            "unlockTrack", "Lets everybody change a track's fields again",
            (store, call, isOn) => store.LockAsync(
                call.Tenant.Name, call.Id, isOn, call.Person.Author, call.Version, call.Cancel));
    }

    private static void MapStanding(
        RouteGroupBuilder routes, string what, string onName, string on, string offName, string off,
        Func<CorrectionStore, TrackCall, bool, Task<CorrectionAnswer>> change)
    {
        routes.MapPut($"{Track}/{what}", Handler(isOn: true)).WithName(onName).WithSummary(on)
            .ProducesProblem(StatusCodes.Status412PreconditionFailed);
        routes.MapDelete($"{Track}/{what}", Handler(isOn: false)).WithName(offName).WithSummary(off)
            .ProducesProblem(StatusCodes.Status412PreconditionFailed);

        Delegate Handler(bool isOn) => async Task<Results<Ok<CorrectedTrack>, ProblemHttpResult>> (
            long id, [FromHeader(Name = "If-Match")] string? ifMatch, CurrentTenant tenant, CurrentPerson person,
            CorrectionStore store, IDbContextFactory<CatalogueDb> catalogue, HttpResponse response,
            CancellationToken cancel) =>
        {
            var version = ifMatch is null ? null : FieldVersion.Of(ifMatch);
            var call = new TrackCall(tenant, person, id, version, cancel);
            return await ShownAsync(await change(store, call, isOn), call, catalogue, response);
        };
    }

    private static async Task<Ok<IEnumerable<FieldKindView>>> Fields(
        CurrentTenant tenant, IDbContextFactory<CatalogueDb> catalogue, CancellationToken cancel)
    {
        await using var db = await catalogue.CreateDbContextAsync(cancel);
        var fields = await TenantFields.OfAsync(db, tenant.Name, cancel);
        return TypedResults.Ok(CatalogueField.Known.Concat(fields.Declared).Select(field => new FieldKindView(
            field.Name, field.Label, field.Type, TrackFields.IsMeasurable(field.Name))));
    }

    private static async Task<Results<Ok<CorrectedTrack>, ValidationProblem, ProblemHttpResult>> Patch(
        long id, Dictionary<string, JsonElement> body, [FromHeader(Name = "If-Match")] string? ifMatch,
        CurrentTenant tenant, CurrentPerson person, CorrectionStore store, IDbContextFactory<CatalogueDb> catalogue,
        HttpResponse response, CancellationToken cancel)
    {
        if (ifMatch is null)
        {
            return TypedResults.Problem(
                "Send the track's ETag in If-Match, so that nobody's change is overwritten unseen; or *.",
                statusCode: StatusCodes.Status428PreconditionRequired);
        }

        var edits = new EditsOfBody(await FieldsAsync(catalogue, tenant, cancel));
        edits.Set(body);
        if (edits.Mistakes.Count > 0) return TypedResults.ValidationProblem(edits.Mistakes);
        var call = new TrackCall(tenant, person, id, FieldVersion.Of(ifMatch), cancel);
        var answer = await store.ChangeAsync(tenant.Name, id, edits.Edits, person.Author, call.Version, cancel);
        var shown = await ShownAsync(answer, call, catalogue, response);
        return shown.Result is ProblemHttpResult problem ? problem : (Ok<CorrectedTrack>)shown.Result;
    }

    private static async Task<Results<Ok<CorrectionSummary>, ValidationProblem>> Change(
        NewCorrections body, CurrentTenant tenant, CurrentPerson person, CorrectionStore store,
        IDbContextFactory<CatalogueDb> catalogue, CancellationToken cancel)
    {
        var edits = new EditsOfBody(await FieldsAsync(catalogue, tenant, cancel));
        edits.Set(body.Fields ?? []);
        edits.Mix(body.Add ?? [], body.Remove ?? []);
        var selection = body.Selection(edits.Mistakes);
        if (edits.Mistakes.Count == 0 && edits.Edits.Count == 0)
            edits.Mistakes["fields"] = ["Say what to change: fields, add or remove."];
        if (body.Batch is { } batch && !Guid.TryParseExact(batch, "N", out _))
            edits.Mistakes["batch"] = ["This is no batch: take it from an answer, or leave it out."];
        if (edits.Mistakes.Count > 0) return TypedResults.ValidationProblem(edits.Mistakes);

        var from = new CorrectionSummary { Batch = body.Batch, Next = body.After };
        try
        {
            return TypedResults.Ok(await store.ChangeManyAsync(
                tenant.Name, selection!, edits.Edits, person.Author, from, MaxTracksAtOnce, progress: null, cancel));
        }
        catch (FormatException noPlace)
        {
            return TypedResults.ValidationProblem(new Dictionary<string, string[]> { ["after"] = [noPlace.Message] });
        }
    }

    private static async Task<Results<Ok<CorrectionSummary>, ProblemHttpResult>> Undo(
        string batch, long? track, bool? force, CurrentTenant tenant, CurrentPerson person, CorrectionHistory history,
        CancellationToken cancel)
    {
        var summary = await history.UndoAsync(
            tenant.Name, batch, person.Author, track, force ?? false, progress: null, cancel);
        if (summary is null)
            return TypedResults.Problem("There is no such change.", statusCode: StatusCodes.Status404NotFound);
        return summary is { Changed: 0, Refusals: [var first, ..] }
            ? TypedResults.Problem(first.Reason, statusCode: StatusCodes.Status409Conflict)
            : TypedResults.Ok(summary);
    }

    private static async Task<Results<Ok<IEnumerable<PastChangeView>>, ProblemHttpResult>> History(
        long id, long? before, CurrentTenant tenant, CorrectionHistory history, CancellationToken cancel) =>
        await history.OfTrackAsync(tenant.Name, id, before, cancel) is { } changes
            ? TypedResults.Ok(changes.Select(change => new PastChangeView(change)))
            : TypedResults.Problem("There is no such track.", statusCode: StatusCodes.Status404NotFound);

    private static async Task<Results<Ok<CorrectedTrack>, ProblemHttpResult>> ShownAsync(
        CorrectionAnswer answer, TrackCall call, IDbContextFactory<CatalogueDb> catalogue, HttpResponse response)
    {
        if (answer.Outcome is not (CorrectionOutcome.Done or CorrectionOutcome.NothingToDo))
        {
            return TypedResults.Problem(answer.Reason, statusCode: answer.Outcome switch
            {
                CorrectionOutcome.NoTrack => StatusCodes.Status404NotFound,
                CorrectionOutcome.Stale => StatusCodes.Status412PreconditionFailed,
                _ => StatusCodes.Status409Conflict,
            });
        }

        await using var db = await catalogue.CreateDbContextAsync(call.Cancel);
        if (await TrackRecord.FindAsync(db, call.Tenant.Name, call.Id, call.Cancel) is not { } record)
            return TypedResults.Problem("There is no such track.", statusCode: StatusCodes.Status404NotFound);
        var track = TrackView.From(record);
        response.Headers.ETag = FieldVersion.PartTag(track.Etag);
        return TypedResults.Ok(new CorrectedTrack(answer.Batch, track));
    }

    private static async Task<TenantFields> FieldsAsync(
        IDbContextFactory<CatalogueDb> catalogue, CurrentTenant tenant, CancellationToken cancel)
    {
        await using var db = await catalogue.CreateDbContextAsync(cancel);
        return await TenantFields.OfAsync(db, tenant.Name, cancel);
    }

    private sealed record TrackCall(
        CurrentTenant Tenant, CurrentPerson Person, long Id, int? Version, CancellationToken Cancel);
}

/// <summary>A track as it is after a change.</summary>
/// <param name="Batch">Names the change, to undo it; null where all was so already.</param>
/// <param name="Track">The track.</param>
internal sealed record CorrectedTrack(string? Batch, TrackView Track);

/// <summary>A field that tracks have.</summary>
/// <param name="Name">As changes name it.</param>
/// <param name="Label">For people.</param>
/// <param name="Type">What its values are.</param>
/// <param name="IsMeasured">Tools measure it, and are believed before owner and file.</param>
internal sealed record FieldKindView(string Name, string Label, FieldType Type, bool IsMeasured);

/// <summary>A change of the past.</summary>
internal sealed class PastChangeView(PastChange past)
{
    /// <summary>Of the change; those after it have higher ones.</summary>
    public long Id => past.Change.Id;

    /// <summary>The field's name; <c>approved</c> and <c>locked</c> for what is none.</summary>
    public string Field => past.Change.Field;

    /// <summary>The correction before; null where there was none, empty where it said that there is no value.</summary>
    public IReadOnlyList<string>? Before => past.Change.ValuesBefore;

    /// <summary>The correction after, likewise.</summary>
    public IReadOnlyList<string>? After => past.Change.ValuesAfter;

    /// <summary>Who changed it.</summary>
    public string By => past.Change.By;

    /// <summary>When (UTC).</summary>
    public DateTime At => past.Change.At;

    /// <summary>By which way: page, api, cli or import.</summary>
    public string Via => past.Change.Via;

    /// <summary>Names what was changed at once, to undo it.</summary>
    public string Batch => past.Change.Batch;

    /// <summary>The change that this one took back; null where it is no undoing.</summary>
    public string? Undoes => past.Change.Undoes;

    /// <summary>Whether it was taken back.</summary>
    public bool IsUndone => past.IsUndone;
}
