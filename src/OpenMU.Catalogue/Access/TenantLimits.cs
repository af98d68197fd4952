using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using OpenMU.Catalogue.Storage;

namespace OpenMU.Catalogue.Access;

/// <summary>How much a tenant may do and keep; of what is null, and without a row, as much as it likes.</summary>
public sealed class TenantLimits
{
    public required string Tenant { get; set; }

    /// <summary>Files with a content that is new to the tenant, by UTC days.</summary>
    public long? TracksADay { get; set; }

    /// <summary>By UTC days.</summary>
    public long? QuestionsADay { get; set; }

    /// <summary>Of files that are in the catalogue and not missing.</summary>
    public long? BytesStored { get; set; }

    /// <summary>Tracks and questions that are not settled, those at work among them.</summary>
    public long? JobsWaiting { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<TenantLimits>
    {
        public void Configure(EntityTypeBuilder<TenantLimits> limits)
        {
            limits.HasKey(l => l.Tenant);
            limits.Property(l => l.Tenant).HasMaxLength(TrackBlob.MaxTenantLength);
        }
    }
}
