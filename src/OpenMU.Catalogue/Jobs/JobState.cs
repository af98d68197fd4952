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

    /// <summary>The result is committed.</summary>
    Ready,

    /// <summary>Five tries did not succeed although the input looks sound; the reason is stored.</summary>
    Failed,

    /// <summary>The input is not usable music (not audio, broken, too long); the reason is stored and no try follows.</summary>
    Rejected,
}
