using System.Diagnostics;
using Microsoft.Extensions.Logging;
using OpenMU.Catalogue;
using OpenMU.Catalogue.Access;
using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Storage;

namespace OpenMU.Worker;

/// <summary>
/// One message from its receipt to its end: claim, work while progress renews both leases, settle, delete.
/// Whatever breaks, the message is deleted only after the ledger is settled, so it comes back until it is.
/// </summary>
internal sealed class JobRun(
    JobQueue jobs, JobWork work, JobsInFlight inFlight, MachineHealth machine, ProcessHealth process,
    WorkerOptions options, TimeProvider time, ILogger log)
{
    // The database may be locked or away just when hours of work are to be stored: nobody gives them up for that.
    private static readonly TimeSpan[] Patience = [.. new[] { 0.5, 1, 2, 4, 8 }.Select(TimeSpan.FromSeconds)];
    private static readonly TimeSpan TimeToLetGo = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan TimeToEnd = TimeSpan.FromMinutes(1);

    private readonly JobLedger ledger = jobs.Ledger;

    /// <summary>Never throws.</summary>
    /// <param name="message">The message, just received.</param>
    /// <param name="stop">The worker has to stop: what is held is released.</param>
    /// <param name="handedOver">Called when all that is left to do is the model's; may be null.</param>
    public async Task RunAsync(HeldMessage message, CancellationToken stop, Action? handedOver = null)
    {
        try
        {
            using var place = stop.IsCancellationRequested ? null : inFlight.TryEnter();
            if (place is null) await message.HideAsync(TimeSpan.Zero, CancellationToken.None);
            else if (JobQueue.Read(message.Body) is { } job) await RunAsync(job, message, place, handedOver, stop);
            else await PoisonAsync(message, "names no job");
        }
        catch (Exception e)
        {
            await machine.IsToBlameAsync(e);
            log.LogError(
                e, "A message could not be worked off; it comes back in at most {Seconds} s",
                options.Visibility.TotalSeconds);
        }
    }

    private async Task RunAsync(
        JobMessage job, HeldMessage message, JobsInFlight.Place place, Action? handedOver, CancellationToken stop)
    {
        var jobId = job.JobId;
        using var activity = Telemetry.Continue(jobs.Kind.ToString().ToLowerInvariant(), job.TraceParent);
        activity?.SetTag("openmu.job.id", jobId);
        var answer = await ledger.ClaimAsync(jobId, options.Visibility, CancellationToken.None);
        if (answer is ClaimAnswer.Suspect && await StayAloneAsync(message, place, stop))
            answer = await ledger.ClaimAloneAsync(jobId, options.Visibility, CancellationToken.None);
        switch (answer)
        {
            case ClaimAnswer.Granted granted:
                if (message.InsertedOn is { } inserted) Telemetry.Waited(jobs.Kind, time.GetUtcNow() - inserted);
                activity?.SetTag("openmu.job.attempt", granted.Claim.Attempt);
                await WorkAsync(granted.Claim, message, handedOver, stop);
                break;
            case ClaimAnswer.Held held:
                log.LogDebug("Job {Job} is held for another {Lease}", jobId, held.For);
                await message.HideAsync(held.For, CancellationToken.None);
                break;
            case ClaimAnswer.Suspect:
                await message.HideAsync(TimeSpan.Zero, CancellationToken.None);
                break;
            case ClaimAnswer.Exhausted:
                await PoisonAsync(message, $"is of job {jobId}, whose tries are used up");
                break;
            case ClaimAnswer.Unknown:
                log.LogWarning("There is no job {Job}: its message is deleted", jobId);
                await message.DeleteAsync(CancellationToken.None);
                break;
            case ClaimAnswer.Finished finished:
                log.LogDebug("Job {Job} is {State} already", jobId, finished.State);
                await message.DeleteAsync(CancellationToken.None);
                break;
        }
    }

    /// <summary>Waits, with the message hidden, until nothing else is in flight.</summary>
    /// <returns>False if the message is to be given back.</returns>
    private async Task<bool> StayAloneAsync(HeldMessage message, JobsInFlight.Place place, CancellationToken stop)
    {
        try
        {
            var alone = place.TryStayAloneAsync(stop);
            while (await Task.WhenAny(alone, Task.Delay(options.Visibility / 3, time, CancellationToken.None)) != alone)
                await message.HideAsync(options.Visibility, CancellationToken.None);
            return await alone;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return false;
        }
    }

    private async Task WorkAsync(JobClaim claim, HeldMessage message, Action? handedOver, CancellationToken stop)
    {
        // Whatever it looks up, it sees nothing of other tenants.
        using var scope = TenantScope.Enter(claim.Tenant);
        var progress = new JobProgress(options, time, handedOver);
        var end = CancellationTokenSource.CreateLinkedTokenSource(stop, progress.Ended);
        using var settled = new CancellationTokenSource();
        var doing = work.DoAsync(claim, progress, end.Token);
        var watching = WatchAsync(claim, message, progress, end, settled.Token);
        var isSettled = false;
        Exception? error = null;
        try
        {
            await UnlessHungAsync(doing, watching, progress);
            using var store = Telemetry.Begin(JobStage.Store);
            using var wait = progress.Wait();
            isSettled = await PatientlyAsync(await doing, stop);
        }
        catch (Exception e)
        {
            error = e;
            if (!stop.IsCancellationRequested) Activity.Current?.SetStatus(ActivityStatusCode.Error, e.Message);
        }
        finally
        {
            await settled.CancelAsync();
            await watching;
        }

        var isEnded = end.IsCancellationRequested;
        if (doing.IsCompleted)
        {
            end.Dispose();
            progress.Dispose();
        }

        if (isSettled)
        {
            await message.DeleteAsync(CancellationToken.None);
            await MakeRoomAsync(claim);
        }
        else if (error is null)
            log.LogWarning("Job {Job}: the claim was lost to another worker; its result is discarded", claim.JobId);
        else
            await EndAsync(claim, message, error, isEnded, stop);
        if (!doing.IsCompleted)
            await process.BreakAsync($"Job {claim.JobId} cannot be ended: {error!.Message}", isStuck: true);
    }

    // The tenant's next job takes its place on the queue. If not now, then when the queue is empty, or with a sweep.
    private async Task MakeRoomAsync(JobClaim claim)
    {
        try
        {
            await jobs.EnqueueAsync(claim.JobId, CancellationToken.None);
        }
        catch (Exception e)
        {
            log.LogWarning(e, "Job {Job} is done; what comes after it could not be sent", claim.JobId);
            await machine.IsToBlameAsync(e);
        }
    }

    /// <summary>Waits for the work, but no longer than it makes progress.</summary>
    /// <exception cref="HungJobException">It made none, and was told to end.</exception>
    private async Task UnlessHungAsync(Task doing, Task<string?> watching, JobProgress progress)
    {
        if (await Task.WhenAny(doing, watching) == doing || await watching is not { } problem) return;
        await Task.WhenAny(doing, Task.Delay(Shorter(TimeToEnd, options.StallAfter), time, CancellationToken.None));
        if (!doing.IsCompletedSuccessfully) throw new HungJobException(problem, progress.IsShared);
    }

    /// <summary>
    /// Renews lease and message while the job makes progress; ends the work if it makes none, or if the lease went to
    /// somebody else.
    /// </summary>
    /// <returns>Why the work was ended for lack of progress; null when the job is settled.</returns>
    private async Task<string?> WatchAsync(
        JobClaim claim, HeldMessage message, JobProgress progress, CancellationTokenSource end,
        CancellationToken settled)
    {
        var (hasLease, hasMessage) = (true, true);
        using var timer = new PeriodicTimer(Shorter(options.Visibility, options.StallAfter) / 3, time);
        while (true)
        {
            try
            {
                await timer.WaitForNextTickAsync(settled);
                if (progress.FindProblem() is { } problem)
                {
                    await progress.EndAsync();
                    return problem;
                }

                if (hasLease && !await ledger.RenewAsync(claim, options.Visibility, settled))
                {
                    hasLease = false;
                    await end.CancelAsync();
                }

                // A message that somebody else got hold of does no harm: the lease makes it wait.
                if (hasLease && hasMessage) hasMessage = await message.HideAsync(options.Visibility, settled);
            }
            catch (OperationCanceledException) when (settled.IsCancellationRequested)
            {
                return null;
            }
            catch (Exception e)
            {
                log.LogWarning(
                    e, "Job {Job}: lease or message could not be renewed; the next tick tries again", claim.JobId);
            }
        }
    }

    /// <summary>What becomes of a job whose work has failed: whose fault was it?</summary>
    private async Task EndAsync(
        JobClaim claim, HeldMessage message, Exception error, bool isEnded, CancellationToken stop)
    {
        if (DeviceFault.Is(error))
        {
            await process.BreakAsync($"The model's device failed: {error.Message.Split('\n')[0]}");
            // A device that was well when the process began, and fails when it has this job alone, fails because of it.
            if (claim.IsAlone && process.IsDeviceProved) await PostponeAsync(claim, message, error);
            else await ReleaseAsync(claim, message, asSuspect: true);
        }
        else if (error is HungJobException { IsShared: true } && !claim.IsAlone)
            await ReleaseAsync(claim, message, asSuspect: true);
        else if (error is HungJobException)
            await PostponeAsync(claim, message, error);
        else if (stop.IsCancellationRequested)
            await ReleaseAsync(claim, message, asSuspect: process.Problem is not null);
        else if (isEnded)
            log.LogWarning("Job {Job}: the claim was lost to another worker", claim.JobId);
        else if (error is BystanderException)
            await ReleaseAsync(claim, message, asSuspect: true);
        else if (await machine.IsToBlameAsync(error))
            await ReleaseWhenWellAsync(claim, message, error, stop);
        else
            await PostponeAsync(claim, message, error);
    }

    private async Task<bool> PatientlyAsync(Settlement settle, CancellationToken stop)
    {
        for (var round = 0; ; round++)
        {
            try
            {
                return await settle(CancellationToken.None);
            }
            catch (Exception e)
                when (round < Patience.Length || (Outage.IsCatalogue(e) && !stop.IsCancellationRequested))
            {
                log.LogWarning(e, "The catalogue cannot be written; trying again");
                await machine.IsToBlameAsync(e);
                await Task.Delay(Patience[Math.Min(round, Patience.Length - 1)], time, CancellationToken.None);
            }
        }
    }

    private async Task ReleaseAsync(
        JobClaim claim, HeldMessage message, bool asSuspect = false, TimeSpan after = default)
    {
        using var limit = new CancellationTokenSource(TimeToLetGo, time);
        await ledger.ReleaseAsync(claim, limit.Token, asSuspect);
        await message.HideAsync(after, limit.Token);
        log.LogInformation("Job {Job} is released", claim.JobId);
    }

    // Where the database is away, the release has to wait for it.
    private async Task ReleaseWhenWellAsync(
        JobClaim claim, HeldMessage message, Exception error, CancellationToken stop)
    {
        log.LogWarning(error, "Job {Job} is given back: the machine is unwell", claim.JobId);
        try
        {
            if (Outage.IsCatalogue(error)) await machine.WaitAsync(stop);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // A last attempt to release it.
        }

        await ReleaseAsync(claim, message, after: options.RetryDelay);
    }

    private async Task PostponeAsync(JobClaim claim, HeldMessage message, Exception error)
    {
        log.LogError(
            error, "Job {Job}: try {Attempt} of {Attempts} failed", claim.JobId, claim.Attempt, JobLedger.MaxAttempts);
        if (!await ledger.PostponeAsync(claim, error.Message, CancellationToken.None)) return;
        if (claim.IsLast)
        {
            await PoisonAsync(message, $"is of job {claim.JobId}, whose tries are used up");
            return;
        }

        var delay = options.RetryDelay * Math.Pow(2, claim.Attempt - 1);
        var longest = JobLedger.LongestRetryDelay;
        await message.HideAsync(delay < longest ? delay : longest, CancellationToken.None);
    }

    private async Task PoisonAsync(HeldMessage message, string why)
    {
        await jobs.PoisonAsync(message.Body, CancellationToken.None);
        await message.DeleteAsync(CancellationToken.None);
        log.LogError("A message went to the poison queue: it {Why}", why);
    }

    private static TimeSpan Shorter(TimeSpan a, TimeSpan b) => a < b ? a : b;

    /// <summary>The work made no progress and was ended.</summary>
    private sealed class HungJobException(string problem, bool isShared) : Exception(problem)
    {
        /// <summary>It was in one pass of the model with others: each is tried again alone.</summary>
        public bool IsShared => isShared;
    }
}
