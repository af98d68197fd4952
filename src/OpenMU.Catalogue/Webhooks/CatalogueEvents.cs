using Microsoft.EntityFrameworkCore;
using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Questions;
using OpenMU.Catalogue.Storage;
using OpenMU.Catalogue.Tracks;

namespace OpenMU.Catalogue.Webhooks;

/// <summary>
/// What happens to jobs and tracks, as events of the outbox. Each is called in the transaction of it.
/// </summary>
public static class CatalogueEvents
{
    /// <summary>A job has ended: its question, or the tracks that show it.</summary>
    internal static async Task JobEndedAsync(
        CatalogueDb db, JobKind kind, long jobId, DateTime now, CancellationToken cancel)
    {
        var tenant = await db.Jobs.Where(j => j.Id == jobId).Select(j => j.Tenant).SingleAsync(cancel);
        if (!await db.WebhookEndpointsOf(tenant).AnyAsync(cancel)) return;
        if (kind == JobKind.Question) await QuestionEndedAsync(db, tenant, jobId, now, cancel);
        else
        {
            var tracks = await Shown(db.Tracks.Where(t => t.JobId == jobId && t.MissingSince == null))
                .ToListAsync(cancel);
            await WebhookOutbox.AddAsync(
                db, tenant, [.. tracks.Select(track => track.ToEvent())], now, cancel);
        }
    }

    /// <summary>A track has come, or shows another job, which has ended before.</summary>
    public static async Task TrackCameAsync(CatalogueDb db, Track track, DateTime now, CancellationToken cancel)
    {
        if (!await db.WebhookEndpointsOf(track.Tenant).AnyAsync(cancel)) return;
        // Whoever ends the job now comes before this transaction or after it: one of the two sees what the other did.
        await db.Jobs.Where(j => j.Id == track.JobId)
            .ExecuteUpdateAsync(set => set.SetProperty(j => j.Fence, j => j.Fence), cancel);
        var shown = await Shown(db.Tracks.Where(t => t.Id == track.Id)).SingleAsync(cancel);
        var goesOn = shown.State is JobState.Queued or JobState.Analysing
            // These start again in a moment.
            || shown.Reason is JobLedger.FileGone or JobLedger.NotAskedFor;
        if (!goesOn)
            await WebhookOutbox.AddAsync(db, track.Tenant, [shown.ToEvent()], now, cancel);
    }

    /// <summary>Tracks are deleted.</summary>
    /// <param name="db">With an open transaction.</param>
    /// <param name="tenant">Whose tracks.</param>
    /// <param name="tracks">Their numbers and their files' names.</param>
    /// <param name="reason">How.</param>
    /// <param name="now">UTC.</param>
    /// <param name="cancel">Gives up.</param>
    public static Task TracksDeletedAsync(
        CatalogueDb db, string tenant, IEnumerable<(long Id, string FileName)> tracks, DeletionReason reason,
        DateTime now, CancellationToken cancel) => WebhookOutbox.AddAsync(
            db, tenant,
            [
                .. tracks.Select(track => new WebhookOutbox.NewEvent(
                    WebhookEventTypes.TrackDeleted, WebhookOutbox.OfTrack(track.Id),
                    new { TrackId = track.Id, track.FileName, Reason = reason })),
            ],
            now, cancel);

    /// <summary>The last question of a batch has ended.</summary>
    internal static async Task BatchCompletedAsync(
        CatalogueDb db, long batchId, DateTime now, CancellationToken cancel)
    {
        var tenant = await db.QuestionBatches.Where(b => b.Id == batchId).Select(b => b.Tenant).SingleAsync(cancel);
        await WebhookOutbox.AddAsync(
            db, tenant, WebhookEventTypes.BatchCompleted, FormattableString.Invariant($"batch:{batchId}"),
            new { BatchId = batchId }, now, cancel);
    }

    /// <summary>Questions of a batch were ended at once.</summary>
    internal static async Task QuestionsEndedAsync(
        CatalogueDb db, BatchPlace place, DateTime now, CancellationToken cancel)
    {
        var tenant = await db.QuestionBatches.Where(b => b.Id == place.BatchId).Select(b => b.Tenant)
            .SingleAsync(cancel);
        if (!await db.WebhookEndpointsOf(tenant).AnyAsync(cancel)) return;
        var ended = await Ended(
            db.Questions.Where(q => q.BatchId == place.BatchId && q.EndedAs == place.Place)).ToListAsync(cancel);
        await WebhookOutbox.AddAsync(
            db, tenant, [.. ended.Select(question => question.ToEvent())], now, cancel);
    }

    private static async Task QuestionEndedAsync(
        CatalogueDb db, string tenant, long jobId, DateTime now, CancellationToken cancel)
    {
        if (await Ended(db.Questions.Where(q => q.JobId == jobId)).SingleOrDefaultAsync(cancel) is { } question)
            await WebhookOutbox.AddAsync(db, tenant, [question.ToEvent()], now, cancel);
    }

    private static IQueryable<EndedQuestion> Ended(IQueryable<Question> questions) => questions.OrderBy(q => q.Id)
        .Select(q => new EndedQuestion(q.Id, q.TrackId, q.Job.State, q.Job.Reason));

    private static IQueryable<ShownTrack> Shown(IQueryable<Track> tracks) => tracks.OrderBy(t => t.Id).Select(t =>
        new ShownTrack(t.Id, t.FileName, t.Job.State, t.Job.Reason, t.Job.ModelVersion));

    private sealed record EndedQuestion(long QuestionId, long? TrackId, JobState State, string? Reason)
    {
        public WebhookOutbox.NewEvent ToEvent() => new(
            State == JobState.Ready ? WebhookEventTypes.QuestionAnswered : WebhookEventTypes.QuestionFailed,
            TrackId is { } track
                ? WebhookOutbox.OfTrack(track)
                : FormattableString.Invariant($"question:{QuestionId}"),
            this);
    }

    private sealed record ShownTrack(long TrackId, string FileName, JobState State, string? Reason, string ModelVersion)
    {
        public WebhookOutbox.NewEvent ToEvent() => new(
            State switch
            {
                JobState.Ready => WebhookEventTypes.TrackReady,
                JobState.Failed => WebhookEventTypes.TrackFailed,
                _ => WebhookEventTypes.TrackRejected,
            },
            WebhookOutbox.OfTrack(TrackId), this);
    }
}

/// <summary>How a track was deleted.</summary>
public enum DeletionReason
{
    /// <summary>Somebody deleted its file; what is known of it is kept for a while.</summary>
    Deleted,

    /// <summary>Its file was gone for long, and all that was known of it went too.</summary>
    Removed,

    /// <summary>The recording was taken down.</summary>
    TakenDown,
}
