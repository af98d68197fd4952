namespace OpenMU.Catalogue.Jobs;

/// <summary>The right to work on a job, good until the lease ends or somebody else claims it.</summary>
/// <param name="JobId">The job.</param>
/// <param name="Fence">The job's fence at this claim.</param>
/// <param name="Attempt">Which try this is, from 1.</param>
/// <param name="ContentId">The job's content, as in <see cref="Job.ContentId"/>.</param>
/// <param name="ModelVersion">The model that the job asks for, as in <see cref="Job.ModelVersion"/>.</param>
/// <param name="IsAlone">The worker has nothing else in flight: if it ends, this job has ended it.</param>
public sealed record JobClaim(
    long JobId, long Fence, int Attempt, string ContentId, string ModelVersion, bool IsAlone = false)
{
    /// <summary>Whose job it is.</summary>
    public string Tenant { get; init; } = "";

    /// <summary>No try follows this one.</summary>
    public bool IsLast => Attempt >= JobLedger.MaxAttempts;
}

/// <summary>What the ledger says to a claim.</summary>
public abstract record ClaimAnswer
{
    private ClaimAnswer()
    {
    }

    /// <summary>The caller may work.</summary>
    public sealed record Granted(JobClaim Claim) : ClaimAnswer;

    /// <summary>
    /// Somebody works on it under a lease that lasts so much longer: ask again then. Does not count as a try.
    /// </summary>
    public sealed record Held(TimeSpan For) : ClaimAnswer;

    /// <summary>
    /// A worker ended while it held this job: claim it with <see cref="JobLedger.ClaimAloneAsync"/> when nothing else
    /// is in flight. Does not count as a try.
    /// </summary>
    public sealed record Suspect : ClaimAnswer;

    /// <summary>Settled already: the message has nothing left to do.</summary>
    public sealed record Finished(JobState State) : ClaimAnswer;

    /// <summary>All tries are used up: the message belongs on the poison queue.</summary>
    public sealed record Exhausted : ClaimAnswer;

    /// <summary>There is no such job.</summary>
    public sealed record Unknown : ClaimAnswer;
}
