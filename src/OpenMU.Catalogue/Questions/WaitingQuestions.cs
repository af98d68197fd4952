using Microsoft.EntityFrameworkCore;
using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Storage;
using OpenMU.Catalogue.Tracks;

namespace OpenMU.Catalogue.Questions;

/// <summary>
/// Moves on what waits among questions: those whose file has come find their track, those whose track is Ready are
/// Queued, those whose track will never be end, as do those whose time is up; and what is Queued without a message gets
/// one. Any number of programs may do so at once.
/// </summary>
public sealed class WaitingQuestions(IDbContextFactory<CatalogueDb> catalogue, JobQueues jobs, TimeProvider time)
{
    /// <summary>Why a question ends whose track's file is gone.</summary>
    public const string FileGone = "The track's file was deleted.";

    /// <summary>Why a question ends whose track is gone.</summary>
    public const string TrackGone = "The track was removed from the catalogue.";

    /// <summary>Why a question ends whose time is up.</summary>
    public const string TimeIsUp = "Nobody had begun it when the batch's time was up.";

    private const int AtOnce = 1000;
    private static readonly TimeSpan TimeToRun = TimeSpan.FromSeconds(50);

    /// <summary>Does all that can be done now, for at most a minute.</summary>
    /// <returns>How many questions were moved on.</returns>
    public async Task<int> RunAsync(CancellationToken cancel)
    {
        var (moved, started) = (await ExpireAsync(cancel), time.GetTimestamp());
        foreach (var step in (Func<CancellationToken, Task<int>>[])
            [FindTracksAsync, QueueAsync, EndAsync, jobs.Questions.RefillAsync])
        {
            int some;
            do
            {
                some = await step(cancel);
                moved += some;
            }
            while (some >= AtOnce && time.GetElapsedTime(started) < TimeToRun);
        }
        return moved;
    }

    private async Task<int> ExpireAsync(CancellationToken cancel)
    {
        await using var db = catalogue.CreateDbContext();
        var now = time.GetUtcNow().UtcDateTime;
        var due = await db.QuestionBatches.Where(b => b.FinishedAt == null && b.ExpiresAt <= now)
            .OrderBy(b => b.ExpiresAt).Select(b => b.Id).Take(AtOnce).ToListAsync(cancel);
        var ended = 0;
        foreach (var batch in due)
        {
            // Of a batch of which a worker still holds the rest, nothing is left to end.
            var isOpen = await db.Questions.AnyAsync(
                q => q.BatchId == batch && q.EndedAs == null
                    && (q.Job.State == JobState.Waiting || q.Job.State == JobState.Queued), cancel);
            if (!isOpen) continue;
            ended += await db.InTransactionAsync(
                token => QuestionEnds.EndAllAsync(db, batch, all => all, JobState.Expired, TimeIsUp, now, token),
                cancel);
        }
        return ended;
    }

    private async Task<int> FindTracksAsync(CancellationToken cancel)
    {
        await using var db = catalogue.CreateDbContext();
        var found = await (
            from job in Waiting(db)
            join question in db.Questions on job.Id equals question.JobId
            where question.TrackId == null
            join track in db.Tracks on new { BlobKey = question.BlobKey!, question.Tenant }
                equals new { track.BlobKey, track.Tenant }
            orderby job.Id
            select new { question.Id, TrackId = track.Id }).Take(AtOnce).ToListAsync(cancel);
        foreach (var track in found.GroupBy(question => question.TrackId, question => question.Id))
        {
            var ids = track.ToList();
            await db.Questions.Where(q => ids.Contains(q.Id) && q.TrackId == null)
                .ExecuteUpdateAsync(set => set.SetProperty(q => q.TrackId, track.Key), cancel);
        }
        return found.Count;
    }

    private async Task<int> QueueAsync(CancellationToken cancel)
    {
        await using var db = catalogue.CreateDbContext();
        var ready = await (
            from job in Waiting(db)
            join question in db.Questions on job.Id equals question.JobId
            where question.Track!.Job.State == JobState.Ready && question.Track.MissingSince == null
                && !question.Selection.Any(
                    other => other.Track.Job.State != JobState.Ready || other.Track.MissingSince != null)
            orderby job.Id
            select job.Id).Take(AtOnce).ToListAsync(cancel);
        if (ready.Count == 0) return 0;
        // From now on it waits for a worker, and its age says how long.
        var now = time.GetUtcNow().UtcDateTime;
        return await Waiting(db).Where(j => ready.Contains(j.Id))
            .ExecuteUpdateAsync(
                set => set.SetProperty(j => j.State, JobState.Queued).SetProperty(j => j.RestartedAt, now), cancel);
    }

    private async Task<int> EndAsync(CancellationToken cancel)
    {
        await using var db = catalogue.CreateDbContext();
        var ofFirst =
            from job in Waiting(db)
            join question in db.Questions on job.Id equals question.JobId
            select new WaitingFor { Question = question, Track = question.Track! };
        var ofOthers =
            from job in Waiting(db)
            join question in db.Questions on job.Id equals question.JobId
            from other in question.Selection
            select new WaitingFor { Question = question, Track = other.Track };
        var lost = (await LostAsync(ofFirst, cancel)).Concat(await LostAsync(ofOthers, cancel))
            .DistinctBy(question => question.JobId).ToList();
        var now = time.GetUtcNow().UtcDateTime;
        var alike = lost.GroupBy(question => (
            question.BatchId,
            State: question.MissingSince is null ? question.State : JobState.Rejected,
            Reason: question.MissingSince is null ? question.Reason : FileGone));
        foreach (var group in alike)
        {
            var jobIds = group.Select(question => question.JobId).ToList();
            await db.InTransactionAsync(
                token => group.Key.BatchId is { } batch
                    ? QuestionEnds.EndAllAsync(
                        db, batch, all => all.Where(q => jobIds.Contains(q.JobId)), group.Key.State, group.Key.Reason,
                        now, token)
                    : QuestionEnds.EndAloneAsync(db, jobIds, group.Key.State, group.Key.Reason, now, token),
                cancel);
        }
        return lost.Count;
    }

    private static async Task<IReadOnlyList<LostQuestion>> LostAsync(
        IQueryable<WaitingFor> waiting, CancellationToken cancel) => await waiting
            .Where(w => w.Track.Job.State == JobState.Failed || w.Track.Job.State == JobState.Rejected
                || w.Track.MissingSince != null)
            .OrderBy(w => w.Question.JobId)
            .Select(w => new LostQuestion(
                w.Question.JobId, w.Question.BatchId, w.Track.MissingSince, w.Track.Job.State, w.Track.Job.Reason))
            .Take(AtOnce).ToListAsync(cancel);

    // By the index that holds no others.
    private static IQueryable<Job> Waiting(CatalogueDb db) =>
        db.Jobs.Where(j => j.Kind == JobKind.Question && j.State == JobState.Waiting);

    // A question that waits, and a track that it waits for.
    private sealed class WaitingFor
    {
        public required Question Question { get; init; }

        public required Track Track { get; init; }
    }

    // One whose track will never be Ready.
    private sealed record LostQuestion(
        long JobId, long? BatchId, DateTime? MissingSince, JobState State, string? Reason);
}
