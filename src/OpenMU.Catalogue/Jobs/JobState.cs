namespace OpenMU.Catalogue.Jobs;

/// <summary>
/// Where a job stands. It moves only Queued -> Analysing -> Ready | Failed | Rejected
/// (and back to Queued when a worker releases it or an operator redrives it). A question of a batch may be Waiting
/// before it is Queued, and ends as Cancelled or Expired where nobody has begun it by then.
/// </summary>
public enum JobState
{
    /// <summary>Accepted; a message for it is on the queue, or will be when it is its tenant's turn.</summary>
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

    /// <summary>A question whose track is not analysed yet, or not even there. No message is sent for it.</summary>
    Waiting,

    /// <summary>A question that was taken back before anybody began it.</summary>
    Cancelled,

    /// <summary>A question whose time was up before anybody began it.</summary>
    Expired,
}
