namespace OpenMU.Catalogue.Jobs;

/// <summary>
/// Where a job stands. It moves only Queued -> Analysing -> Ready | Failed | Rejected
/// (and back to Queued when a worker releases it or an operator redrives it).
/// </summary>
public enum JobState
{
    /// <summary>Accepted; a message for it is, or will be, on the queue.</summary>
    Queued,

    /// <summary>A worker holds it under a lease.</summary>
    Analysing,

    /// <summary>The result is committed: an analysis, or the answer to a question.</summary>
    Ready,

    /// <summary>All tries failed although the input looks sound; the reason is stored.</summary>
    Failed,

    /// <summary>
    /// The input cannot be used: no music, or a question that nobody can answer. The reason is
    /// stored and no try follows.
    /// </summary>
    Rejected,
}
