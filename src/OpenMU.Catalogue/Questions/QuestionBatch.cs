using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Storage;

namespace OpenMU.Catalogue.Questions;

/// <summary>
/// Questions that were asked at once: each of some texts about each of some tracks. Each is a question as any other,
/// with a job of its own; the batch counts their ends, so that its answers can be read in the order in which they came.
/// </summary>
public sealed class QuestionBatch
{
    /// <summary>The most questions in one.</summary>
    public const int MaxItems = 10_000;

    /// <summary>Longest <see cref="Key"/>, in UTF-16 units.</summary>
    public const int MaxKeyLength = 128;

    /// <summary>How long a key stands for the request that first had it.</summary>
    public static readonly TimeSpan KeyHolds = TimeSpan.FromDays(1);

    public long Id { get; set; }

    /// <summary>The library that asks; every query filters on it.</summary>
    public required string Tenant { get; set; }

    /// <summary>The request's idempotency key, or a random one: unique per tenant, so that one request makes one
    /// batch.</summary>
    public required string Key { get; set; }

    /// <summary>SHA-256 of what was asked for, in hex: the same key with another request is a mistake.</summary>
    public required string RequestHash { get; set; }

    /// <summary>That of each of its questions.</summary>
    public JobPriority Priority { get; set; } = JobPriority.Normal;

    /// <summary>UTC.</summary>
    public DateTime AskedAt { get; set; }

    /// <summary>What nobody has begun by then ends as Expired (UTC).</summary>
    public DateTime ExpiresAt { get; set; }

    /// <summary>How many questions were asked.</summary>
    public int Total { get; set; }

    /// <summary>
    /// How often one or several of its questions have ended. Whoever ends some counts here first, which makes others
    /// wait until that is committed: so the counts rise in the order in which ends become visible.
    /// </summary>
    public long Ends { get; set; }

    /// <summary>When it was cancelled (UTC); null where it was not.</summary>
    public DateTime? CancelledAt { get; set; }

    /// <summary>When its last question ended (UTC); null while one is open.</summary>
    public DateTime? FinishedAt { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<QuestionBatch>
    {
        public void Configure(EntityTypeBuilder<QuestionBatch> batch)
        {
            batch.ToTable("QuestionBatches");
            batch.Property(b => b.Tenant).HasMaxLength(TrackBlob.MaxTenantLength);
            batch.Property(b => b.Key).HasMaxLength(MaxKeyLength);
            batch.Property(b => b.RequestHash).HasMaxLength(64).IsFixedLength().IsUnicode(false);
            batch.HasIndex(b => new { b.Tenant, b.Key }).IsUnique();
            batch.HasIndex(b => new { b.Tenant, b.Id });
            // Few batches are open.
            batch.HasIndex(b => b.ExpiresAt, "IX_QuestionBatches_Open").HasFilter("FinishedAt IS NULL");
        }
    }
}
