using OpenMU.Catalogue.Jobs;

namespace OpenMU.Worker;

/// <summary>Writes the end of a job into the ledger.</summary>
/// <returns>False if the claim was no longer the latest: nothing was written.</returns>
internal delegate Task<bool> Settlement(CancellationToken cancel);

/// <summary>What there is to do for one kind of job.</summary>
internal abstract class JobWork(JobLedger ledger)
{
    protected JobLedger Ledger => ledger;

    /// <summary>Does the work of one claimed job. What it throws counts as a failed try.</summary>
    /// <param name="claim">The claim.</param>
    /// <param name="progress">Is told how far the work has come.</param>
    /// <param name="cancel">Ends the work.</param>
    /// <returns>How the job ends.</returns>
    public abstract Task<Settlement> DoAsync(JobClaim claim, JobProgress progress, CancellationToken cancel);

    /// <summary>The input is to blame, in one sentence for people: no further try.</summary>
    protected Settlement Reject(JobClaim claim, string reason) => cancel => ledger.RejectAsync(claim, reason, cancel);
}
