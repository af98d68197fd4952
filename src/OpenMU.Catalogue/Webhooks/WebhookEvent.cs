using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using OpenMU.Catalogue.Storage;

namespace OpenMU.Catalogue.Webhooks;

/// <summary>
/// Something that happened and that somebody wants to hear of: written in the transaction in which it happened, so that
/// nothing is told that was rolled back, and nothing is lost that was committed.
/// </summary>
public sealed class WebhookEvent
{
    public long Id { get; set; }

    /// <summary>The <c>webhook-id</c> of every try: receivers know by it what they have had already.</summary>
    public required string MessageId { get; set; }

    public required string Tenant { get; set; }

    /// <summary>One of <see cref="WebhookEventTypes"/>.</summary>
    public required string Type { get; set; }

    /// <summary>
    /// What it is about, such as <c>track:7</c>: an endpoint gets the events of one subject one after the other.
    /// </summary>
    public required string Subject { get; set; }

    /// <summary>When it happened (UTC).</summary>
    public DateTime At { get; set; }

    /// <summary>What is sent, to the letter: JSON with type, timestamp and data.</summary>
    public required string Body { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<WebhookEvent>
    {
        public void Configure(EntityTypeBuilder<WebhookEvent> happened)
        {
            happened.ToTable("WebhookEvents");
            happened.Property(e => e.MessageId).HasMaxLength(36).IsUnicode(false);
            happened.Property(e => e.Tenant).HasMaxLength(TrackBlob.MaxTenantLength);
            happened.Property(e => e.Type).HasMaxLength(32).IsUnicode(false);
            happened.Property(e => e.Subject).HasMaxLength(80);
            happened.HasIndex(e => e.At);
        }
    }
}

/// <summary>What an event may be.</summary>
public static class WebhookEventTypes
{
    /// <summary>A track has an analysis, its first or another one.</summary>
    public const string TrackReady = "track.ready";

    /// <summary>A track could not be analysed, which is not its fault.</summary>
    public const string TrackFailed = "track.failed";

    /// <summary>A file is no usable music.</summary>
    public const string TrackRejected = "track.rejected";

    /// <summary>A track was deleted, taken down or, after its file was gone for long, removed.</summary>
    public const string TrackDeleted = "track.deleted";

    /// <summary>A question has its answer.</summary>
    public const string QuestionAnswered = "question.answered";

    /// <summary>A question gets no answer.</summary>
    public const string QuestionFailed = "question.failed";

    /// <summary>All questions of a batch have ended.</summary>
    public const string BatchCompleted = "batch.completed";

    /// <summary>Somebody has pressed the test button; cannot be chosen.</summary>
    public const string Test = "webhook.test";

    /// <summary>Those that an endpoint may choose from.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        TrackReady, TrackFailed, TrackRejected, TrackDeleted, QuestionAnswered, QuestionFailed, BatchCompleted,
    ];
}
