using Microsoft.EntityFrameworkCore;
using OpenMU.Catalogue.Storage;

namespace OpenMU.Catalogue.Jobs;

/// <summary>
/// Which jobs of one kind are due a message. Whoever sends one first takes the right to it, so that of two who see
/// the same job one sends; a sender that dies in between leaves a job whose age tells that it has no message.
/// </summary>
public sealed class JobOutbox(IDbContextFactory<CatalogueDb> catalogue, TimeProvider time, JobKind kind)
{
    // Between a note in the database and a message on the queue lie the way to the queue, and two clocks.
    private static readonly TimeSpan ClockSlack = TimeSpan.FromMinutes(1);

    /// <summary>Jobs that one call finds at most, so that a lost queue of a million takes no memory.</summary>
    public const int AtOnce = 5000;

    /// <summary>Takes the right to send a job's message, if the job waits and nobody has sent one since.</summary>
    /// <returns>The time that is noted as the message's, or null if there is nothing to send.</returns>
    public async Task<DateTime?> TakeAsync(DueJob job, CancellationToken cancel)
    {
        await using var db = catalogue.CreateDbContext();
        var now = await db.NowAsync(time, cancel);
        var taken = await JobLedger.Idle(db, kind, now).Where(j => j.Id == job.Id && j.EnqueuedAt == job.EnqueuedAt)
            .ExecuteUpdateAsync(set => set.SetProperty(j => j.EnqueuedAt, now), cancel);
        return taken == 1 ? now : null;
    }

    /// <summary>Gives the right back after a message that could not be sent, so that the next sweep sends it.</summary>
    /// <param name="job">As it was before <see cref="TakeAsync"/>.</param>
    /// <param name="taken">What that returned.</param>
    /// <param name="cancel">Gives up; then the job's age tells.</param>
    public async Task GiveBackAsync(DueJob job, DateTime taken, CancellationToken cancel)
    {
        await using var db = catalogue.CreateDbContext();
        await db.Jobs.Where(j => j.Id == job.Id && j.EnqueuedAt == taken)
            .ExecuteUpdateAsync(set => set.SetProperty(j => j.EnqueuedAt, job.EnqueuedAt), cancel);
    }

    /// <summary>
    /// Jobs that nobody works on and whose message must be lost, or was never sent. A queue hands out its messages in
    /// the order of their becoming visible, so a job's message is lost if younger messages than it are at the front.
    /// </summary>
    /// <param name="grace">How old the last sign of the message is at least.</param>
    /// <param name="front">When the oldest message at the queue's front was sent (UTC); null where none is.</param>
    /// <param name="atMost">The first so many.</param>
    /// <param name="cancel">Gives up.</param>
    public async Task<IReadOnlyList<DueJob>> DueAsync(
        TimeSpan grace, DateTime? front, int atMost, CancellationToken cancel)
    {
        await using var db = catalogue.CreateDbContext();
        var now = await db.NowAsync(time, cancel);
        var before = now - grace;
        var passed = front is { } oldest && oldest - ClockSlack < before ? oldest - ClockSlack : before;
        return await JobLedger.Idle(db, kind, now)
            .Where(j => j.EnqueuedAt == null
                ? j.CreatedAt <= before
                : j.EnqueuedAt <= passed && (j.LeaseUntil == null || j.LeaseUntil <= passed))
            .OrderBy(j => j.EnqueuedAt).Take(atMost)
            .Select(j => new DueJob(j.Id, j.EnqueuedAt)).ToListAsync(cancel);
    }

    /// <summary>Jobs that are not settled.</summary>
    public IQueryable<Job> Open(CatalogueDb db) => JobLedger.Open(db, kind);

    /// <summary>Jobs that ended without a result.</summary>
    public IQueryable<Job> EndedBadly(CatalogueDb db) => JobLedger.EndedBadly(db, kind);

    /// <summary>
    /// How old the oldest job is that is not settled, counted from its being asked for, or asked for again; zero where
    /// there is none. Whatever becomes of its message, or of workers that take it and end, it grows until the job ends.
    /// </summary>
    public async Task<TimeSpan> OldestAsync(CancellationToken cancel)
    {
        await using var db = catalogue.CreateDbContext();
        var now = await db.NowAsync(time, cancel);
        var oldest = await Open(db).MinAsync(j => (DateTime?)(j.RestartedAt ?? j.CreatedAt), cancel);
        return oldest < now ? now - oldest.Value : TimeSpan.Zero;
    }
}

/// <summary>A job that may be due a message.</summary>
/// <param name="Id">Of the job.</param>
/// <param name="EnqueuedAt">When its last message was sent, as <see cref="Job.EnqueuedAt"/>.</param>
public sealed record DueJob(long Id, DateTime? EnqueuedAt);
