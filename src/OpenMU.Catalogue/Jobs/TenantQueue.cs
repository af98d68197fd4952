using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using OpenMU.Catalogue.Storage;

namespace OpenMU.Catalogue.Jobs;

/// <summary>
/// How many of a tenant's jobs of one kind are open. Triggers keep it in each transaction that changes a job, whoever
/// does so; nobody else writes it.
/// </summary>
public sealed class TenantQueue
{
    public JobKind Kind { get; private set; }

    public string Tenant { get; private set; } = "";

    /// <summary>Jobs that wait as rows, without a message.</summary>
    public int Waiting { get; private set; }

    /// <summary>Jobs that have a message, or that a worker holds.</summary>
    public int Sent { get; private set; }

    /// <summary>Jobs that ever left the waiting ones.</summary>
    public long Turns { get; private set; }

    internal sealed class Configuration : IEntityTypeConfiguration<TenantQueue>
    {
        public void Configure(EntityTypeBuilder<TenantQueue> queue)
        {
            queue.Property(q => q.Kind).HasConversion<string>().HasMaxLength(16);
            queue.Property(q => q.Tenant).HasMaxLength(TrackBlob.MaxTenantLength);
            queue.HasKey(q => new { q.Kind, q.Tenant });
        }
    }
}
