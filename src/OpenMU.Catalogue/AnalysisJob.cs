namespace OpenMU.Catalogue;

/// <summary>
/// The work to be done on one content: unique by (tenant, content, kind, model version), so equal files are analysed once.
/// State, lease and fence live here; a track's state is its job's.
/// </summary>
public sealed class AnalysisJob
{
    public long Id { get; set; }

    public required string Tenant { get; set; }

    /// <summary><c>sha256:</c> and 64 hex digits of the file's bytes, or <c>unread:</c> and a hash of blob name and ETag where the bytes were refused unread.</summary>
    public required string ContentId { get; set; }

    public JobKind Kind { get; set; }

    /// <summary>Which model the result comes from; a new version is a new job.</summary>
    public required string ModelVersion { get; set; }

    public TrackState State { get; set; }

    /// <summary>Why the job was Rejected or Failed, in one sentence for people; null otherwise.</summary>
    public string? Reason { get; set; }

    /// <summary>Raised by every claim. A commit is accepted only with the fence of the latest claim, so a worker that lost its lease cannot write.</summary>
    public long Fence { get; set; }

    /// <summary>Claims so far that did not end in release; the fifth failure poisons the job.</summary>
    public int Attempts { get; set; }

    public DateTime CreatedAt { get; set; }

    /// <summary>When a message was last put on the queue; null until the first one is known to be there.</summary>
    public DateTime? EnqueuedAt { get; set; }

    /// <summary>Until when the claiming worker may go on without renewing.</summary>
    public DateTime? LeaseUntil { get; set; }

    public DateTime? FinishedAt { get; set; }

    public Analysis? Analysis { get; set; }

    public List<Track> Tracks { get; } = [];
}

/// <summary>What a job asks for.</summary>
public enum JobKind
{
    Analysis,
}

/// <summary>The queue message: an id, never data.</summary>
public sealed record JobMessage(long JobId);
