using System.Text.Json.Serialization;
using OpenMU.Catalogue.Questions;
using OpenMU.Catalogue.Tracks;

namespace OpenMU.Catalogue.Jobs;

/// <summary>
/// Work for the workers: a content to be analysed, or a question to be answered. Unique by (tenant, content, kind,
/// model version), so equal files are analysed once, and once more by each new model. State, lease and fence live here;
/// the state of a track or question is its job's.
/// </summary>
public sealed class Job
{
    /// <summary>Longest <see cref="ModelVersion"/>.</summary>
    public const int MaxModelVersionLength = 64;

    /// <summary>The version of an analysis that no model takes part in.</summary>
    public const string NoModel = "none";

    /// <summary>The version of a job that any model will do for.</summary>
    public const string AnyModel = "any";

    /// <summary>How the <see cref="ContentId"/> of bytes begins that were refused unread.</summary>
    public const string UnreadPrefix = "unread:";

    public long Id { get; set; }

    public required string Tenant { get; set; }

    /// <summary>
    /// <c>sha256:</c> and 64 hex digits of the file's bytes; <c>unread:</c> and a hash of blob name and ETag where the
    /// bytes were refused unread; <c>question:</c> and 32 hex digits of a question's own.
    /// </summary>
    public required string ContentId { get; set; }

    public JobKind Kind { get; set; }

    /// <summary>
    /// Which model the analysis asks for, a new version being a new job; <see cref="NoModel"/> for measurements alone
    /// and <see cref="AnyModel"/> for a question.
    /// </summary>
    public required string ModelVersion { get; set; }

    public JobState State { get; set; }

    /// <summary>Why the job was Rejected or Failed, in one sentence for people; null otherwise.</summary>
    public string? Reason { get; set; }

    /// <summary>
    /// Raised by every claim. A commit is accepted only with the fence of the latest claim, so a worker that lost
    /// its lease cannot write.
    /// </summary>
    public long Fence { get; set; }

    /// <summary>
    /// Claims so far that did not end in release, or with a worker that had other jobs too; the fifth failure poisons
    /// the job.
    /// </summary>
    public int Attempts { get; set; }

    /// <summary>
    /// A worker ended while it held this job, perhaps because of it. Now only a worker with nothing else in flight may
    /// claim it, so that the next such end is this job's own and counts as a try.
    /// </summary>
    public bool IsSuspect { get; set; }

    public DateTime CreatedAt { get; set; }

    /// <summary>When it was last started again by hand or by a file's return; null if never.</summary>
    public DateTime? RestartedAt { get; set; }

    /// <summary>
    /// When a message was last put on the queue, given back to it, or hidden on it until; null until the first one is
    /// sent. Written just before it is sent.
    /// </summary>
    public DateTime? EnqueuedAt { get; set; }

    /// <summary>Until when the claiming worker may go on without renewing.</summary>
    public DateTime? LeaseUntil { get; set; }

    public DateTime? FinishedAt { get; set; }

    public Analysis? Analysis { get; set; }

    /// <summary>What is asked, where the job is a question.</summary>
    public Question? Question { get; set; }

    public List<Track> Tracks { get; } = [];
}

/// <summary>What a job asks for.</summary>
public enum JobKind
{
    /// <summary>The measurements and the model's words on a content.</summary>
    Analysis,

    /// <summary>The answer to one question.</summary>
    Question,
}

/// <summary>The queue message: an id, never data.</summary>
/// <param name="JobId">The job.</param>
/// <param name="TraceParent">The trace that the job's work belongs to (W3C Trace Context); null where nothing
/// traced the sender.</param>
public sealed record JobMessage(
    long JobId,
    [property: JsonPropertyName("traceparent"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    string? TraceParent = null);
