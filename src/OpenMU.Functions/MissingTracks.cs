using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Questions;
using OpenMU.Catalogue.Storage;
using OpenMU.Catalogue.Tracks;
using OpenMU.Catalogue.Webhooks;

namespace OpenMU.Functions;

/// <summary>Tracks whose blob is gone: marked, kept for a while because the file may come back, then removed.</summary>
public sealed class MissingTracks(
    IDbContextFactory<CatalogueDb> catalogue, IngestOptions options, TimeProvider time, ILogger<MissingTracks> log)
{
    private const int RemovedAtOnce = 100;

    private DateTime Now => time.GetUtcNow().UtcDateTime;

    /// <summary>
    /// Marks a track as missing, unless its row has changed since it was read. A file that was copied before it was
    /// deleted was renamed: its track goes on under the copy's name.
    /// </summary>
    /// <param name="seen">The row as it was before the storage said that the blob is not there.</param>
    /// <param name="cancel">Gives up; the sweep sees it again.</param>
    public async Task MarkAsync(Track seen, CancellationToken cancel)
    {
        await using var db = catalogue.CreateDbContext();
        var now = Now;
        var marked = await db.Tracks.Where(t => t.Id == seen.Id && t.ETag == seen.ETag && t.MissingSince == null)
            .ExecuteUpdateAsync(set => set.SetProperty(t => t.MissingSince, now), cancel);
        if (marked == 0) return;
        log.LogInformation("{Blob} is missing", seen.BlobName);
        if (await FollowAsync(db, seen, now, cancel) is { } name)
            log.LogInformation("{Blob} was renamed to {Name}", seen.BlobName, name);
    }

    /// <summary>Removes what has been missing for longer than is kept, with all that is known about it.</summary>
    /// <returns>How many tracks.</returns>
    public async Task<int> RemoveAsync(CancellationToken cancel)
    {
        var removed = 0;
        while (true)
        {
            await using var db = catalogue.CreateDbContext();
            var before = Now - options.KeepMissing;
            var some = await db.Tracks.Where(t => t.MissingSince <= before)
                .OrderBy(t => t.MissingSince).Select(t => t.Id).Take(RemovedAtOnce).ToListAsync(cancel);
            foreach (var id in some)
            {
                await db.InTransactionAsync(token => RemoveAsync(db, id, before, token), cancel);
                removed++;
            }

            if (some.Count < RemovedAtOnce) return removed;
        }
    }

    /// <summary>Removes a track that is missing, with all that is known about it, before its time.</summary>
    /// <returns>False where it is back, or gone already.</returns>
    public async Task<bool> RemoveNowAsync(long trackId, CancellationToken cancel)
    {
        await using var db = catalogue.CreateDbContext();
        return await db.InTransactionAsync(token => RemoveAsync(db, trackId, DateTime.MaxValue, token), cancel);
    }

    private async Task<string?> FollowAsync(CatalogueDb db, Track gone, DateTime now, CancellationToken cancel)
    {
        var since = now - options.RenameWithin;
        return await db.InTransactionAsync(
            async token =>
            {
                // A copy that somebody has asked about, or given data or lyrics, has a life of its own. It is found by
                // its content: by an index of what is not missing, SQLite would walk through nearly every track.
                var copy = await db.Tracks
                    .Where(t => t.Tenant == gone.Tenant && t.Job.Tenant == gone.Tenant
                        && t.Job.ContentId == gone.Job.ContentId && t.Id > gone.Id
                        && (t.MissingSince ?? DateTime.MaxValue) == DateTime.MaxValue && t.UploadedAt >= since)
                    .Where(t => !db.OwnerRecords.Any(r => r.TrackId == t.Id)
                        && !db.Questions.Any(q => q.TrackId == t.Id)
                        && !db.Set<QuestionTrack>().Any(s => s.TrackId == t.Id)
                        && !db.TrackLyrics.Any(l => l.TrackId == t.Id && l.BlobName == null))
                    .OrderByDescending(t => t.UploadedAt).FirstOrDefaultAsync(token);
                var track = await db.Tracks.SingleOrDefaultAsync(
                    t => t.Id == gone.Id && t.ETag == gone.ETag && t.MissingSince != null, token);
                if (copy is null || track is null) return null;
                db.Tracks.Remove(copy);
                await db.SaveChangesAsync(token);
                // Lyrics beside the old name are not beside the new one; what is, the sweep finds.
                await db.TrackLyrics.Where(l => l.TrackId == track.Id && l.BlobName != null)
                    .ExecuteDeleteAsync(token);
                track.BlobName = copy.BlobName;
                track.ETag = copy.ETag;
                track.FileName = copy.FileName;
                track.UploadedAt = copy.UploadedAt;
                track.JobId = copy.JobId;
                track.MissingSince = null;
                await db.SaveChangesAsync(token);
                await CatalogueEvents.TracksDeletedAsync(
                    db, copy.Tenant, [(copy.Id, copy.FileName)], DeletionReason.Removed, now, token);
                await CatalogueEvents.TrackCameAsync(db, track, now, token);
                return copy.BlobName;
            },
            cancel);
    }

    private async Task<bool> RemoveAsync(
        CatalogueDb db, long id, DateTime before, CancellationToken cancel)
    {
        // It may have come back in between.
        var track = await db.Tracks.Include(t => t.Job)
            .SingleOrDefaultAsync(t => t.Id == id && t.MissingSince <= before, cancel);
        if (track is null) return false;
        await QuestionEnds.LeaveAsync(db, [id], Now, cancel);
        // Questions about several tracks go too: what was asked is not there any more.
        var selections = await db.Set<QuestionTrack>().Where(s => s.TrackId == id).Select(s => s.QuestionId)
            .ToListAsync(cancel);
        var questions = await db.Questions.Include(q => q.Selection)
            .Where(q => q.TrackId == id || selections.Contains(q.Id)).ToListAsync(cancel);
        var asked = questions.ConvertAll(question => question.JobId);
        db.Questions.RemoveRange(questions);
        db.Tracks.Remove(track);
        await db.SaveChangesAsync(cancel);
        if (asked.Count > 0) await db.Jobs.Where(j => asked.Contains(j.Id)).ExecuteDeleteAsync(cancel);

        // The content's jobs, of all models, if no other track has the content.
        var (tenant, content) = (track.Tenant, track.Job.ContentId);
        await CatalogueEvents.TracksDeletedAsync(
            db, tenant, [(id, track.FileName)], DeletionReason.Removed, Now, cancel);
        if (!await db.Tracks.AnyAsync(
            t => t.Tenant == tenant && t.Job.Tenant == tenant && t.Job.ContentId == content, cancel))
        {
            // What was taken down is remembered.
            await db.Jobs.Where(j => j.Tenant == tenant && j.ContentId == content && j.Kind == JobKind.Analysis
                    && (j.Reason == null || !j.Reason.StartsWith(JobLedger.TakenDown)))
                .ExecuteDeleteAsync(cancel);
            await db.Corrections.Where(c => c.Tenant == tenant && c.ContentId == content).ExecuteDeleteAsync(cancel);
            await db.CorrectionChanges.Where(c => c.Tenant == tenant && c.ContentId == content)
                .ExecuteDeleteAsync(cancel);
        }

        return true;
    }
}
