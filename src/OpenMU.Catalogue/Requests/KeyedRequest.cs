using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using OpenMU.Catalogue.Storage;

namespace OpenMU.Catalogue.Requests;

/// <summary>
/// A request that came with an idempotency key, and its answer once there is one: who sends it again, because he never
/// saw the answer, is given that answer and nothing happens twice.
/// </summary>
public sealed class KeyedRequest
{
    /// <summary>Longest <see cref="Key"/>, in UTF-16 units.</summary>
    public const int MaxKeyLength = 128;

    /// <summary>Longest <see cref="Body"/> that is kept, in bytes.</summary>
    public const int MaxBodyBytes = 1 << 20;

    public required string Tenant { get; set; }

    /// <summary>As its sender chose it; unique per tenant.</summary>
    public required string Key { get; set; }

    /// <summary>Who works on it, or did.</summary>
    public Guid Runner { get; set; }

    /// <summary>Until when the runner may go on without renewing (UTC); null once there is an answer.</summary>
    public DateTime? RunsUntil { get; set; }

    /// <summary>SHA-256 of method, address, type and body, in hex; null while it runs.</summary>
    public string? RequestHash { get; set; }

    /// <summary>Of the answer.</summary>
    public int Status { get; set; }

    /// <summary>Of the answer.</summary>
    public string? ContentType { get; set; }

    /// <summary>Of the answer.</summary>
    public string? Location { get; set; }

    /// <summary>The answer's bytes; null where they were too many to be kept.</summary>
    public byte[]? Body { get; set; }

    /// <summary>Until when it is kept, UTC.</summary>
    public DateTime ExpiresAt { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<KeyedRequest>
    {
        public void Configure(EntityTypeBuilder<KeyedRequest> request)
        {
            request.ToTable("KeyedRequests");
            request.HasKey(r => new { r.Tenant, r.Key });
            request.Property(r => r.Tenant).HasMaxLength(TrackBlob.MaxTenantLength);
            request.Property(r => r.Key).HasMaxLength(MaxKeyLength);
            request.Property(r => r.RequestHash).HasMaxLength(64).IsFixedLength().IsUnicode(false);
            request.Property(r => r.ContentType).HasMaxLength(128);
            request.Property(r => r.Location).HasMaxLength(2048);
            request.HasIndex(r => r.ExpiresAt);
        }
    }
}
