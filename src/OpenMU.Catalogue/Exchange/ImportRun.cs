using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using OpenMU.Catalogue.Storage;

namespace OpenMU.Catalogue.Exchange;

/// <summary>How far an import has come that has not ended: a killed one goes on from here.</summary>
public sealed class ImportRun
{
    /// <summary>Part of the key.</summary>
    public required string Tenant { get; set; }

    /// <summary>Part of the key: a hash of the file's bytes and of the options.</summary>
    public required string Id { get; set; }

    /// <summary>Rows that are done.</summary>
    public long Rows { get; set; }

    /// <summary>How long the file of bad rows is by then.</summary>
    public long BadBytes { get; set; }

    /// <summary><see cref="ImportSummary"/> so far, as JSON.</summary>
    public string Summary { get; set; } = "{}";

    /// <summary>UTC.</summary>
    public DateTime At { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<ImportRun>
    {
        public void Configure(EntityTypeBuilder<ImportRun> run)
        {
            run.ToTable("ImportRuns");
            run.HasKey(r => new { r.Tenant, r.Id });
            run.Property(r => r.Tenant).HasMaxLength(TrackBlob.MaxTenantLength);
            run.Property(r => r.Id).HasMaxLength(64).IsFixedLength().IsUnicode(false);
            run.Property(r => r.Rows).IsConcurrencyToken();
        }
    }
}
