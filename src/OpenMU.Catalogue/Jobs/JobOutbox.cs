using Microsoft.EntityFrameworkCore;
using OpenMU.Catalogue.Access;
using OpenMU.Catalogue.Storage;

namespace OpenMU.Catalogue.Jobs;

/// <summary>
/// Which jobs of one kind are due a message. Whoever sends one first takes the right to it, so that of two who see
/// the same job one sends; a sender that dies in between leaves a job whose age tells that it has no message.
/// A queue hands out its messages in their order, whoever's they are, so only a window of jobs has messages, of which
/// each tenant that has work gets its share: what one has beyond that waits here, and costs the others nothing.
/// </summary>
public sealed class JobOutbox(
    IDbContextFactory<CatalogueDb> catalogue, TimeProvider time, JobKind kind, QueueSettings? settings = null)
{
    /// <summary>Of a tenant's turns, so many in one go to the job that has waited longest, whatever its priority.
    /// </summary>
    public const int OldestEvery = 10;

    // How often another sender may be faster before this one leaves the tenant to it.
    private const int MaxRaces = 10;

    private readonly int window = (settings ?? new QueueSettings()).Window;

    // Between a note in the database and a message on the queue lie the way to the queue, and two clocks.
    private static readonly TimeSpan ClockSlack = TimeSpan.FromMinutes(1);

    /// <summary>Jobs that one call finds at most, so that a lost queue of a million takes no memory.</summary>
    public const int AtOnce = 5000;

    /// <summary>Whose job it is, where jobs of that tenant wait for their turn; null where none does.</summary>
    public async Task<string?> TenantOfAsync(long jobId, CancellationToken cancel)
    {
        await using var db = OfAll();
        return await db.Jobs.Where(j => j.Id == jobId)
            .Where(j => db.TenantQueues.Any(q => q.Kind == kind && q.Tenant == j.Tenant && q.Waiting > 0))
            .Select(j => j.Tenant).SingleOrDefaultAsync(cancel);
    }

    /// <summary>All tenants of which jobs wait although their share of the window has room.</summary>
    public async Task<IReadOnlyList<string>> WithRoomAsync(CancellationToken cancel)
    {
        await using var db = OfAll();
        var share = Share(await Active(db).CountAsync(cancel));
        return await Active(db).Where(q => q.Waiting > 0 && q.Sent < share).OrderBy(q => q.Tenant)
            .Select(q => q.Tenant).ToListAsync(cancel);
    }

    /// <summary>
    /// Takes the right to send the message of a tenant's next job, if one waits and its share of the window has room.
    /// On SQLite no share is ever exceeded; on a server, by those who take at the same moment.
    /// </summary>
    /// <returns>The job, and the time that is noted as its message's; null if there is nothing to send.</returns>
    public async Task<(DueJob Job, DateTime Taken)?> TakeNextAsync(string tenant, CancellationToken cancel)
    {
        await using var db = OfAll();
        for (var race = 0; race < MaxRaces; race++)
        {
            var queue = await db.TenantQueues.Where(q => q.Kind == kind && q.Tenant == tenant)
                .Select(q => new { q.Waiting, q.Sent, q.Turns, Active = Active(db).Count() })
                .SingleOrDefaultAsync(cancel);
            if (queue is not { Waiting: > 0 }) return null;
            var share = Share(queue.Active);
            if (queue.Sent >= share || await NextAsync(db, tenant, queue.Turns, cancel) is not { } next) return null;
            var now = await db.NowAsync(time, cancel);
            var taken = await Waiting(db).Where(j => j.Id == next)
                .Where(j => db.TenantQueues.Any(q => q.Kind == kind && q.Tenant == tenant && q.Sent < share))
                .ExecuteUpdateAsync(set => set.SetProperty(j => j.EnqueuedAt, now), cancel);
            if (taken == 1) return (new DueJob(next, EnqueuedAt: null), now);
        }

        return null;
    }

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
        await using var db = OfAll();
        await db.Jobs.Where(j => j.Id == job.Id && j.EnqueuedAt == taken)
            .ExecuteUpdateAsync(set => set.SetProperty(j => j.EnqueuedAt, job.EnqueuedAt), cancel);
    }

    /// <summary>
    /// Jobs that nobody works on and whose message must be lost. A queue hands out its messages in the order of their
    /// becoming visible, so a job's message is lost if younger messages than it are at the front.
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
            .Where(j => j.EnqueuedAt <= passed && (j.LeaseUntil == null || j.LeaseUntil <= passed))
            .OrderBy(j => j.EnqueuedAt).Take(atMost)
            .Select(j => new DueJob(j.Id, j.EnqueuedAt)).ToListAsync(cancel);
    }

    /// <summary>Jobs that wait although their tenant's share of the window has room: whoever should have sent did not.
    /// </summary>
    /// <param name="grace">How long they have waited at least.</param>
    /// <param name="atMost">The first so many.</param>
    /// <param name="cancel">Gives up.</param>
    public async Task<IReadOnlyList<long>> UnsentAsync(TimeSpan grace, int atMost, CancellationToken cancel)
    {
        var tenants = await WithRoomAsync(cancel);
        await using var db = OfAll();
        var before = await db.NowAsync(time, cancel) - grace;
        return await Waiting(db)
            .Where(j => tenants.Contains(j.Tenant) && (j.RestartedAt ?? j.CreatedAt) <= before)
            .OrderBy(j => j.Id).Take(atMost).Select(j => j.Id).ToListAsync(cancel);
    }

    // Also where one tenant's request sends: the shares are counted among all, and it may send for others too.
    private CatalogueDb OfAll()
    {
        using var all = TenantScope.EnterAll();
        return catalogue.CreateDbContext();
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

    private int Share(int tenants) => Math.Max(1, (window + tenants - 1) / Math.Max(1, tenants));

    private IQueryable<TenantQueue> Active(CatalogueDb db) =>
        db.TenantQueues.Where(q => q.Kind == kind && (q.Waiting > 0 || q.Sent > 0));

    // By the index that holds no others.
    private IQueryable<Job> Waiting(CatalogueDb db) =>
        db.Jobs.Where(j => j.Kind == kind && j.State == JobState.Queued && j.EnqueuedAt == null);

    private async Task<long?> NextAsync(CatalogueDb db, string tenant, long turns, CancellationToken cancel)
    {
        var heads = await Head(JobPriority.Urgent).Concat(Head(JobPriority.Normal)).Concat(Head(JobPriority.Bulk))
            .ToListAsync(cancel);
        if (heads.Count == 0) return null;
        return turns % OldestEvery == OldestEvery - 1 ? heads.Min(job => job.Id) : heads.MaxBy(job => job.Priority)!.Id;

        IQueryable<WaitingJob> Head(JobPriority priority) => Waiting(db)
            .Where(j => j.Tenant == tenant && j.Priority == priority).OrderBy(j => j.Id).Take(1)
            .Select(j => new WaitingJob { Id = j.Id, Priority = j.Priority });
    }

    private sealed class WaitingJob
    {
        public long Id { get; init; }

        public JobPriority Priority { get; init; }
    }
}

/// <summary>A job that may be due a message.</summary>
/// <param name="Id">Of the job.</param>
/// <param name="EnqueuedAt">When its last message was sent, as <see cref="Job.EnqueuedAt"/>.</param>
public sealed record DueJob(long Id, DateTime? EnqueuedAt);
