using System.Text.Json.Serialization;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using OpenMU.Catalogue.Questions;
using OpenMU.Catalogue.Storage;
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

    /// <summary>Which of its tenant's jobs go first.</summary>
    public JobPriority Priority { get; set; } = JobPriority.Normal;

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

    /// <summary>
    /// When it was last started again by hand or by a file's return, or what it had waited for was there; null if
    /// never.
    /// </summary>
    public DateTime? RestartedAt { get; set; }

    /// <summary>
    /// When a message was last put on the queue, given back to it, or hidden on it until; written just before it is
    /// sent. Null while the job waits for its tenant's turn.
    /// </summary>
    public DateTime? EnqueuedAt { get; set; }

    /// <summary>Until when the claiming worker may go on without renewing.</summary>
    public DateTime? LeaseUntil { get; set; }

    public DateTime? FinishedAt { get; set; }

    /// <summary>
    /// Since when the analysis is held back (UTC): it becomes Ready beside the one that is shown, and its tracks come
    /// over only when somebody publishes it. Null where they do so by themselves.
    /// </summary>
    public DateTime? HeldSince { get; set; }

    /// <summary>
    /// Since when (UTC) the file is Rejected because its tenant's quota is used up: the sweep has it taken in when that
    /// has room again. Null for all others.
    /// </summary>
    public DateTime? OverQuotaSince { get; set; }

    /// <summary>
    /// Nothing that an earlier analysis of the content found is taken over: whoever asked doubts what is known.
    /// </summary>
    public bool IsFromScratch { get; set; }

    public Analysis? Analysis { get; set; }

    /// <summary>What is asked, where the job is a question.</summary>
    public Question? Question { get; set; }

    public List<Track> Tracks { get; } = [];

    internal sealed class Configuration : IEntityTypeConfiguration<Job>
    {
        public void Configure(EntityTypeBuilder<Job> job)
        {
            job.Property(j => j.Tenant).HasMaxLength(TrackBlob.MaxTenantLength);
            job.Property(j => j.ContentId).HasMaxLength(80);
            job.Property(j => j.ModelVersion).HasMaxLength(Job.MaxModelVersionLength);
            job.Property(j => j.Kind).HasConversion<string>().HasMaxLength(16);
            job.Property(j => j.State).HasConversion<string>().HasMaxLength(16);
            job.Property(j => j.Reason).HasMaxLength(1000);
            job.HasIndex(j => new { j.Tenant, j.ContentId, j.Kind, j.ModelVersion }).IsUnique();
            // Of a million jobs few are open, and few ended badly. SQLite takes such an index only for a query that
            // spells the condition alike: JobLedger.Open, JobLedger.EndedBadly.
            job.HasIndex(j => new { j.Kind, j.EnqueuedAt, j.State, j.LeaseUntil, j.CreatedAt, j.RestartedAt },
                    "IX_Jobs_Open")
                .HasFilter(InStates(JobState.Queued, JobState.Analysing));
            // The next of a tenant: JobOutbox.Waiting.
            job.HasIndex(j => new { j.Kind, j.Tenant, j.Priority, j.Id }, "IX_Jobs_Waiting")
                .HasFilter("State = 'Queued' AND EnqueuedAt IS NULL");
            job.HasIndex(j => new { j.Kind, j.State }, "IX_Jobs_EndedBadly")
                .HasFilter(InStates(JobState.Failed, JobState.Rejected));
            // Few, or all that a new model has said; found by tenant, the latest first.
            job.HasIndex(j => new { j.Tenant, j.Id }, "IX_Jobs_Held").HasFilter("HeldSince IS NOT NULL");
            // What is over a quota, by tenant, the oldest first.
            job.HasIndex(j => new { j.Tenant, j.Id }, "IX_Jobs_OverQuota").HasFilter("OverQuotaSince IS NOT NULL");
            job.HasIndex(j => new { j.Kind, j.Id }, "IX_Jobs_WaitingForTrack").HasFilter("State = 'Waiting'");
            // Lists of questions, all or in one state, the latest first.
            job.HasIndex(j => new { j.Tenant, j.CreatedAt, j.Id }, "IX_Jobs_Asked").HasFilter("Kind = 'Question'");
            job.HasIndex(j => new { j.Tenant, j.State, j.CreatedAt, j.Id }, "IX_Jobs_AskedInState")
                .HasFilter("Kind = 'Question'");
            job.HasOne(j => j.Analysis).WithOne().HasForeignKey<Analysis>(a => a.JobId);
        }

        private static string InStates(params JobState[] states) =>
            $"State IN ({string.Join(", ", states.Select(state => $"'{state}'"))})";
    }
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
