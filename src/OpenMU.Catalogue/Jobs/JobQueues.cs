using Microsoft.EntityFrameworkCore;
using OpenMU.Catalogue.Storage;

namespace OpenMU.Catalogue.Jobs;

/// <summary>The queues of all kinds of jobs, each with its ledger; one of these in a program.</summary>
public sealed class JobQueues(
    IDbContextFactory<CatalogueDb> catalogue, MusicStorage storage, TimeProvider time, QueueSettings? settings = null)
{
    /// <summary>One queue for each kind.</summary>
    public IReadOnlyList<JobQueue> All { get; } =
        [.. Enum.GetValues<JobKind>().Select(kind => new JobQueue(
            storage, new JobLedger(catalogue, time, kind), new JobOutbox(catalogue, time, kind, settings)))];

    /// <summary>The queue of tracks that are to be analysed.</summary>
    public JobQueue Analyses => Of(JobKind.Analysis);

    /// <summary>The queue of questions.</summary>
    public JobQueue Questions => Of(JobKind.Question);

    /// <summary>The queue of one kind.</summary>
    public JobQueue Of(JobKind kind) => All.Single(queue => queue.Kind == kind);
}
