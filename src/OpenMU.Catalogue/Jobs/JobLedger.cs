// Over 400 lines because every move of a job's state stands here, to be read beside the others.
using Microsoft.EntityFrameworkCore;
using OpenMU.Catalogue.Exchange;
using OpenMU.Catalogue.Questions;
using OpenMU.Catalogue.Storage;
using OpenMU.Catalogue.Tracks;
using OpenMU.Catalogue.Webhooks;

namespace OpenMU.Catalogue.Jobs;

/// <summary>
/// Every move of a job's state. Messages are delivered at least once, in any order, and workers die or come back late;
/// the ledger makes the effects happen once. Each claim raises the job's fence, each later move of that claim demands
/// the fence it was given (Kleppmann, "How to do distributed locking", 2016), and each move is one conditional update,
/// so the database decides every race. A ledger keeps the jobs of one kind; to it, others do not exist.
/// </summary>
public sealed class JobLedger(
    IDbContextFactory<CatalogueDb> catalogue, TimeProvider time, JobKind kind = JobKind.Analysis)
{
    /// <summary>Claims a job gets before it has to fail.</summary>
    public const int MaxAttempts = 5;

    /// <summary>How the reason of a Failed job begins; its last error follows.</summary>
    public static readonly string TriesFailed = $"{MaxAttempts} tries failed; the last: ";

    /// <summary>How the reason of a content begins that was taken down: nothing starts its jobs again.</summary>
    public const string TakenDown = "Taken down on ";

    /// <summary>
    /// Why a job is Rejected when no file with its content is left; the one rejection that a new upload of
    /// the same bytes undoes.
    /// </summary>
    public const string FileGone = "The file was replaced or deleted before it could be analysed.";

    /// <summary>
    /// Why a job is Rejected that waited when its content was asked for by another model; asking for its model again
    /// undoes it.
    /// </summary>
    public const string NotAskedFor = "This model was no longer asked for before it could listen.";

    /// <summary>The longest that the message of a job stays hidden whose try has failed.</summary>
    public static readonly TimeSpan LongestRetryDelay = TimeSpan.FromMinutes(15);

    private const int MaxErrorLength = 900;

    private readonly string workerGone = kind == JobKind.Question
        ? "The worker ended while it answered nothing but this question."
        : "The worker ended while it analysed nothing but this track.";

    /// <summary>The kind of its jobs.</summary>
    public JobKind Kind => kind;

    /// <summary>
    /// Asks for the right to work on a job beside others until the lease ends. Counts as a try, unless the worker ends.
    /// </summary>
    public Task<ClaimAnswer> ClaimAsync(long jobId, TimeSpan lease, CancellationToken cancel) =>
        ClaimAsync(jobId, lease, isAlone: false, cancel);

    /// <summary>
    /// As <see cref="ClaimAsync(long, TimeSpan, CancellationToken)"/>, for a worker that has nothing else in flight and
    /// takes nothing else meanwhile. Counts as a try even if the worker ends.
    /// </summary>
    public Task<ClaimAnswer> ClaimAloneAsync(long jobId, TimeSpan lease, CancellationToken cancel) =>
        ClaimAsync(jobId, lease, isAlone: true, cancel);

    /// <summary>Prolongs the lease, even one that has ended while nobody else claimed the job.</summary>
    /// <returns>False if the claim is no longer the latest, or its job is settled: stop working.</returns>
    public async Task<bool> RenewAsync(JobClaim claim, TimeSpan lease, CancellationToken cancel)
    {
        await using var db = catalogue.CreateDbContext();
        var until = await db.NowAsync(time, cancel) + lease;
        return await Held(db, claim).ExecuteUpdateAsync(set => set.SetProperty(j => j.LeaseUntil, until), cancel) == 1;
    }

    /// <summary>Stores the analysis and moves the job to Ready, both or neither.</summary>
    /// <returns>False if the claim is no longer the latest: nothing was stored.</returns>
    public async Task<bool> CommitAsync(JobClaim claim, Analysis analysis, CancellationToken cancel)
    {
        analysis.JobId = claim.JobId;
        var isStored = await EndAsync(
            claim,
            JobState.Ready,
            null,
            async (db, token) =>
            {
                // There is one already where the job was redriven for its missing words.
                await db.Analyses.Where(a => a.JobId == claim.JobId).ExecuteDeleteAsync(token);
                db.Analyses.Add(analysis);
            },
            cancel);
        if (isStored && (analysis.FileOwnId ?? analysis.FileIsrc) is not null)
            await new PendingRows(catalogue, time).TakeInAsync(claim.JobId, cancel);
        return isStored;
    }

    /// <summary>Stores the answer and moves the question's job to Ready, both or neither.</summary>
    /// <returns>False if the claim is no longer the latest: nothing was stored.</returns>
    public Task<bool> CommitAsync(JobClaim claim, Answer answer, CancellationToken cancel) =>
        EndAsync(claim, JobState.Ready, null, async (db, token) =>
            (await db.Questions.SingleAsync(q => q.JobId == claim.JobId, token)).Answer = answer, cancel);

    /// <summary>Ends the job as Rejected: its input is no usable music.</summary>
    /// <param name="claim">The latest claim.</param>
    /// <param name="reason">One sentence for people.</param>
    /// <param name="cancel">Gives up.</param>
    /// <returns>False if the claim is no longer the latest.</returns>
    public Task<bool> RejectAsync(JobClaim claim, string reason, CancellationToken cancel) =>
        EndAsync(claim, JobState.Rejected, Shorten(reason), (_, _) => Task.CompletedTask, cancel);

    /// <summary>
    /// Moves a job that was started again back to Ready with the analysis that it has: there is nothing new to find.
    /// </summary>
    /// <returns>False if the claim is no longer the latest.</returns>
    public Task<bool> KeepAsync(JobClaim claim, CancellationToken cancel) =>
        EndAsync(claim, JobState.Ready, null, (_, _) => Task.CompletedTask, cancel);

    /// <summary>Gives the job back untried, as a worker does that has to stop: the try does not count.</summary>
    /// <param name="claim">The latest claim.</param>
    /// <param name="cancel">Gives up.</param>
    /// <param name="asSuspect">The worker cannot go on, perhaps because of this job: see
    /// <see cref="Job.IsSuspect"/>.</param>
    /// <returns>False if the claim is no longer the latest.</returns>
    public async Task<bool> ReleaseAsync(JobClaim claim, CancellationToken cancel, bool asSuspect = false)
    {
        await using var db = catalogue.CreateDbContext();
        var now = await db.NowAsync(time, cancel);
        var isSuspect = asSuspect || claim.IsAlone;
        var released = await Held(db, claim).ExecuteUpdateAsync(
            set => set
                .SetProperty(j => j.State, JobState.Queued)
                .SetProperty(j => j.Attempts, j => j.Attempts - 1)
                .SetProperty(j => j.IsSuspect, isSuspect)
                .SetProperty(j => j.LeaseUntil, (DateTime?)null)
                .SetProperty(j => j.EnqueuedAt, now),
            cancel) == 1;
        if (released) Telemetry.Moved(kind, JobOutcome.Released);
        return released;
    }

    /// <summary>
    /// Gives the job back after a try that failed; <see cref="JobClaim.IsLast"/> says whether another follows.
    /// </summary>
    /// <param name="claim">The latest claim.</param>
    /// <param name="error">What went wrong, kept as the reason.</param>
    /// <param name="cancel">Gives up.</param>
    /// <returns>False if the claim is no longer the latest.</returns>
    public async Task<bool> PostponeAsync(JobClaim claim, string error, CancellationToken cancel)
    {
        await using var db = catalogue.CreateDbContext();
        var reason = Shorten(error);
        // Its message is on the queue and comes back by then.
        var again = await db.NowAsync(time, cancel) + LongestRetryDelay;
        var postponed = await Held(db, claim).ExecuteUpdateAsync(
            set => set
                .SetProperty(j => j.State, JobState.Queued)
                .SetProperty(j => j.Reason, reason)
                .SetProperty(j => j.LeaseUntil, (DateTime?)null)
                .SetProperty(j => j.EnqueuedAt, again),
            cancel) == 1;
        if (postponed) Telemetry.Moved(kind, JobOutcome.Postponed);
        return postponed;
    }

    /// <summary>
    /// Ends a job as Failed, with its last error as the reason, when its tries are used up and nobody works on it.
    /// </summary>
    /// <returns>False if the job is settled, is worked on, still has tries (it was redriven since) or
    /// does not exist.</returns>
    public async Task<bool> FailAsync(long jobId, CancellationToken cancel)
    {
        await using var db = catalogue.CreateDbContext();
        var now = await db.NowAsync(time, cancel);
        var prefix = TriesFailed;
        var ended = await db.InTransactionAsync(
            async token =>
            {
                var place = await NextPlaceAsync(db, jobId, token);
                var failed = await Idle(db, kind, now)
                    .Where(j => j.Id == jobId && j.Attempts >= MaxAttempts)
                    .Where(j => j.State == JobState.Queued || j.IsSuspect)
                    .ExecuteUpdateAsync(
                        set => set
                            .SetProperty(
                                j => j.Reason,
                                j => prefix + (j.State == JobState.Analysing ? workerGone : j.Reason ?? workerGone))
                            .SetProperty(j => j.State, JobState.Failed)
                            .SetProperty(j => j.LeaseUntil, (DateTime?)null)
                            .SetProperty(j => j.FinishedAt, now),
                        token);
                if (failed != 1) return false;
                await TakeOverAsync(db, jobId, JobState.Failed, token);
                await QuestionEnds.EndAsync(db, jobId, place, now, token);
                await CatalogueEvents.JobEndedAsync(db, kind, jobId, now, token);
                return true;
            },
            cancel);
        if (ended) Telemetry.Moved(kind, JobOutcome.Failed, MaxAttempts);
        return ended;
    }

    /// <summary>Failed jobs start again with all their tries; the caller puts them on the queue.</summary>
    /// <param name="tenant">Only this tenant's, or null for everybody's.</param>
    /// <param name="cancel">Gives up between two jobs.</param>
    /// <returns>Ids of the jobs that are Queued again.</returns>
    public Task<IReadOnlyList<long>> RedriveAsync(string? tenant, CancellationToken cancel) =>
        RestartAllAsync(tenant, jobs => EndedBadly(jobs).Where(j => j.State == JobState.Failed), cancel);

    /// <summary>
    /// Rejected jobs start again, as after a fault of the machine that was taken for the file's; those whose bytes were
    /// refused unread stay as they are. The caller puts them on the queue.
    /// </summary>
    /// <param name="tenant">Only this tenant's, or null for everybody's.</param>
    /// <param name="reason">Only those with this text in their reason, in any case of ASCII
    /// letters; null for all.</param>
    /// <param name="cancel">Gives up between two jobs.</param>
    /// <returns>Ids of the jobs that are Queued again.</returns>
    public Task<IReadOnlyList<long>> RedriveRejectedAsync(string? tenant, string? reason, CancellationToken cancel)
    {
        var part = (reason ?? "").ToLowerInvariant();
        return RestartAllAsync(
            tenant,
            jobs => EndedBadly(jobs)
                .Where(j => j.State == JobState.Rejected && !j.ContentId.StartsWith(Job.UnreadPrefix)
                    && !j.Reason!.StartsWith(TakenDown))
                .Where(j => part == "" || j.Reason!.ToLower().Contains(part)),
            cancel);
    }

    /// <summary>
    /// Jobs start again that are Ready without the model's words because it failed on them. What was measured stays in
    /// view until the new analysis takes its place. The caller puts them on the queue.
    /// </summary>
    /// <param name="tenant">Only this tenant's, or null for everybody's.</param>
    /// <param name="cancel">Gives up between two jobs.</param>
    /// <returns>Ids of the jobs that are Queued again.</returns>
    public Task<IReadOnlyList<long>> RedriveWithoutWordsAsync(string? tenant, CancellationToken cancel) =>
        RestartAllAsync(
            tenant,
            jobs => jobs.Where(j => j.State == JobState.Ready && j.Tracks.Any()
                && j.Analysis!.ModelProblem!.StartsWith(Analysis.ModelFailed)),
            cancel);

    /// <summary>
    /// The analyses of some tracks start again, however they ended, with all their tries: each content's latest, which
    /// is the one that is asked for. What is known stays in view meanwhile. The caller puts them on the queue.
    /// </summary>
    /// <param name="tenant">Whose tracks.</param>
    /// <param name="tracks">The tracks.</param>
    /// <param name="onlyChanged">What the present tools and the present model have said already is not found anew.
    /// </param>
    /// <param name="cancel">Gives up between two jobs.</param>
    /// <returns>Ids of the jobs that are Queued again; those that are open, or of files that are refused, are not.
    /// </returns>
    public async Task<IReadOnlyList<long>> RetryAsync(
        string tenant, IReadOnlyList<long> tracks, bool onlyChanged, CancellationToken cancel)
    {
        await using var db = catalogue.CreateDbContext();
        var latest = await db.Tracks
            .Where(t => t.Tenant == tenant && tracks.Contains(t.Id) && t.MissingSince == null)
            .Select(t => db.Jobs.Where(j => j.Tenant == tenant && j.ContentId == t.Job.ContentId && j.Kind == kind)
                .Max(j => j.Id))
            .Distinct().ToListAsync(cancel);
        return await RestartAllAsync(
            tenant,
            jobs => jobs.Where(j => latest.Contains(j.Id) && j.State != JobState.Queued && j.State != JobState.Analysing
                && !j.ContentId.StartsWith(Job.UnreadPrefix)
                && (j.Reason == null || !j.Reason.StartsWith(TakenDown))),
            cancel, isFromScratch: !onlyChanged);
    }

    /// <summary>
    /// Starts a job again that was Rejected only because its file was gone or its model not asked for, now that both
    /// are here.
    /// </summary>
    public async Task ReopenAsync(long jobId, CancellationToken cancel)
    {
        await using var db = catalogue.CreateDbContext();
        await RestartAsync(
            db, db.Jobs.Where(j => j.Id == jobId && j.State == JobState.Rejected
                && (j.Reason == FileGone || j.Reason == NotAskedFor)),
            isFromScratch: false, cancel);
    }

    private async Task<ClaimAnswer> ClaimAsync(long jobId, TimeSpan lease, bool isAlone, CancellationToken cancel)
    {
        await using var db = catalogue.CreateDbContext();
        while (true)
        {
            var job = await db.Jobs.AsNoTracking().SingleOrDefaultAsync(j => j.Id == jobId && j.Kind == kind, cancel);
            if (job is null) return new ClaimAnswer.Unknown();
            if (IsFinal(job.State)) return new ClaimAnswer.Finished(job.State);

            var now = await db.NowAsync(time, cancel);
            var abandoned = job.State == JobState.Analysing;
            if (abandoned && job.LeaseUntil > now) return new ClaimAnswer.Held(job.LeaseUntil.Value - now);

            // Of several jobs that a worker held when it ended, nobody knows which one ended it.
            var tries = abandoned && !job.IsSuspect ? job.Attempts - 1 : job.Attempts;
            if (tries >= MaxAttempts) return new ClaimAnswer.Exhausted();
            if ((abandoned || job.IsSuspect) && !isAlone) return new ClaimAnswer.Suspect();

            var reason = abandoned && job.IsSuspect ? workerGone : job.Reason;
            var until = now + lease;
            var claimed = await db.Jobs
                .Where(j => j.Id == jobId && j.Fence == job.Fence && j.State == job.State && j.Attempts == job.Attempts)
                .Where(j => j.LeaseUntil == null || j.LeaseUntil <= now)
                .ExecuteUpdateAsync(
                    set => set
                        .SetProperty(j => j.State, JobState.Analysing)
                        .SetProperty(j => j.Fence, j => j.Fence + 1)
                        .SetProperty(j => j.Attempts, tries + 1)
                        .SetProperty(j => j.IsSuspect, isAlone)
                        .SetProperty(j => j.LeaseUntil, until)
                        // A message from before it was started again may have come instead of its own.
                        .SetProperty(j => j.EnqueuedAt, j => j.EnqueuedAt ?? now)
                        .SetProperty(j => j.Reason, reason),
                    cancel);
            if (claimed == 1)
            {
                return new ClaimAnswer.Granted(new JobClaim(
                    jobId, job.Fence + 1, tries + 1, job.ContentId, job.ModelVersion, isAlone)
                { Tenant = job.Tenant });
            }
        }
    }

    private async Task<IReadOnlyList<long>> RestartAllAsync(
        string? tenant, Func<IQueryable<Job>, IQueryable<Job>> which, CancellationToken cancel,
        bool isFromScratch = false)
    {
        await using var db = catalogue.CreateDbContext();
        var ended = which(db.Jobs.Where(j => j.Kind == kind && (tenant == null || j.Tenant == tenant)));
        var restarted = new List<long>();
        foreach (var job in await ended.OrderBy(j => j.Id).Select(j => new { j.Id, j.State }).ToListAsync(cancel))
        {
            var same = db.Jobs.Where(j => j.Id == job.Id && j.State == job.State);
            var isRestarted = kind == JobKind.Question
                ? await QuestionEnds.TakeBackAsync(
                    db, job.Id, token => RestartAsync(db, same, isFromScratch, token), cancel)
                : await RestartAsync(db, same, isFromScratch, cancel) == 1;
            if (isRestarted) restarted.Add(job.Id);
        }

        return restarted;
    }

    // What waits for its track has no message yet: whatever this one is, it is not its own.
    private static bool IsFinal(JobState state) => state is not (JobState.Queued or JobState.Analysing);

    private static IQueryable<Job> Held(CatalogueDb db, JobClaim claim) =>
        db.Jobs.Where(j => j.Id == claim.JobId && j.Fence == claim.Fence && j.State == JobState.Analysing);

    /// <summary>Jobs that nobody works on and that are not settled.</summary>
    internal static IQueryable<Job> Idle(CatalogueDb db, JobKind kind, DateTime now) =>
        Open(db, kind).Where(j => j.State == JobState.Queued || j.LeaseUntil == null || j.LeaseUntil <= now);

    /// <summary>Jobs that are not settled, by the index that holds no others.</summary>
    internal static IQueryable<Job> Open(CatalogueDb db, JobKind kind) =>
        db.Jobs.Where(j => j.Kind == kind && (j.State == JobState.Queued || j.State == JobState.Analysing));

    /// <summary>Jobs that ended without a result, by the index that holds no others.</summary>
    internal static IQueryable<Job> EndedBadly(CatalogueDb db, JobKind kind) =>
        EndedBadly(db.Jobs.Where(j => j.Kind == kind));

    private static IQueryable<Job> EndedBadly(IQueryable<Job> jobs) =>
        jobs.Where(j => j.State == JobState.Failed || j.State == JobState.Rejected);

    private async Task<bool> EndAsync(
        JobClaim claim, JobState state, string? reason, Func<CatalogueDb, CancellationToken, Task> store,
        CancellationToken cancel)
    {
        await using var db = catalogue.CreateDbContext();
        var ended = await db.InTransactionAsync(
            async token =>
            {
                var place = await NextPlaceAsync(db, claim.JobId, token);
                if (await SettleAsync(db, claim, state, reason, token) == 0)
                    return await IsSettledByAsync(db, claim, state, token);
                await store(db, token);
                await db.SaveChangesAsync(token);
                await TakeOverAsync(db, claim.JobId, state, token);
                var now = time.GetUtcNow().UtcDateTime;
                await QuestionEnds.EndAsync(db, claim.JobId, place, now, token);
                await CatalogueEvents.JobEndedAsync(db, kind, claim.JobId, now, token);
                return true;
            },
            cancel);
        if (ended)
            Telemetry.Moved(kind, state == JobState.Ready ? JobOutcome.Ready : JobOutcome.Rejected, claim.Attempt);
        return ended;
    }

    // Before anything else is written, so that the ends of a batch's questions wait for each other in one order.
    private Task<BatchPlace?> NextPlaceAsync(CatalogueDb db, long jobId, CancellationToken cancel) =>
        kind == JobKind.Question ? QuestionEnds.NextAsync(db, jobId, cancel) : Task.FromResult<BatchPlace?>(null);

    // While a new model listens, its tracks keep showing what is known of them: they come over from the earlier job
    // when the new one is Ready, or when it ends otherwise and nothing is known of them. They stay where they are if
    // it is held back, or if it only measured and a model has said something of them.
    private static async Task TakeOverAsync(CatalogueDb db, long jobId, JobState state, CancellationToken cancel)
    {
        var earlier = from job in db.Jobs
                      from other in db.Jobs
                      where job.Id == jobId && job.HeldSince == null && other.Id < jobId && other.Tenant == job.Tenant
                          && other.ContentId == job.ContentId && other.Kind == job.Kind
                          && (state == JobState.Ready || other.State != JobState.Ready)
                          && (job.ModelVersion != Job.NoModel || !db.Analyses.Any(a => a.JobId == other.Id))
                      select other.Id;
        await db.Tracks.Where(t => earlier.Contains(t.JobId))
            .ExecuteUpdateAsync(set => set.SetProperty(t => t.JobId, jobId), cancel);
    }

    private async Task<int> SettleAsync(
        CatalogueDb db, JobClaim claim, JobState state, string? reason, CancellationToken cancel)
    {
        var now = await db.NowAsync(time, cancel);
        return await Held(db, claim).ExecuteUpdateAsync(
            set => set
                .SetProperty(j => j.State, state)
                .SetProperty(j => j.Reason, reason)
                .SetProperty(j => j.LeaseUntil, (DateTime?)null)
                .SetProperty(j => j.FinishedAt, now),
            cancel);
    }

    // When a connection breaks during a commit, only a second look tells whether it was our own first
    // try that went through.
    private static Task<bool> IsSettledByAsync(
        CatalogueDb db, JobClaim claim, JobState state, CancellationToken cancel) =>
        db.Jobs.AnyAsync(j => j.Id == claim.JobId && j.Fence == claim.Fence && j.State == state, cancel);

    private async Task<int> RestartAsync(
        CatalogueDb db, IQueryable<Job> jobs, bool isFromScratch, CancellationToken cancel)
    {
        var now = await db.NowAsync(time, cancel);
        return await jobs.ExecuteUpdateAsync(
            set => set
                .SetProperty(j => j.State, JobState.Queued)
                .SetProperty(j => j.Attempts, 0)
                .SetProperty(j => j.IsSuspect, false)
                .SetProperty(j => j.Reason, (string?)null)
                .SetProperty(j => j.EnqueuedAt, (DateTime?)null)
                .SetProperty(j => j.RestartedAt, now)
                .SetProperty(j => j.IsFromScratch, isFromScratch)
                .SetProperty(j => j.FinishedAt, (DateTime?)null),
            cancel);
    }

    private static string Shorten(string text)
    {
        var line = string.Join(
            ' ',
            text.Split(['\r', '\n', '\0'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
        return line.Length <= MaxErrorLength ? line : line[..MaxErrorLength];
    }
}
