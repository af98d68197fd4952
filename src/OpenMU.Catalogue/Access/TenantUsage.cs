using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using OpenMU.Catalogue.Storage;

namespace OpenMU.Catalogue.Access;

/// <summary>
/// What a tenant has done on its latest day, and keeps. Counted in the transaction that does it: the day's by
/// <see cref="TenantQuota"/>, the bytes by triggers.
/// </summary>
public sealed class TenantUsage
{
    public required string Tenant { get; set; }

    /// <summary>Which day <see cref="Tracks"/> and <see cref="Questions"/> are of (UTC).</summary>
    public DateOnly Day { get; set; }

    public long Tracks { get; set; }

    public long Questions { get; set; }

    /// <summary>Of files whose tracks are not missing.</summary>
    public long Bytes { get; private set; }

    internal sealed class Configuration : IEntityTypeConfiguration<TenantUsage>
    {
        public void Configure(EntityTypeBuilder<TenantUsage> usage)
        {
            usage.HasKey(u => u.Tenant);
            usage.Property(u => u.Tenant).HasMaxLength(TrackBlob.MaxTenantLength);
        }
    }
}
