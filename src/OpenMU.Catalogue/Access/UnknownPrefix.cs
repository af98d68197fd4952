using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using OpenMU.Catalogue.Storage;

namespace OpenMU.Catalogue.Access;

/// <summary>
/// Files lie below a name that no tenant has. They are left where they are and are in no catalogue; this row tells an
/// operator so, until the tenant is added or the files are gone.
/// </summary>
public sealed class UnknownPrefix
{
    /// <summary>The key: the first folder of the blobs' names, shortened where it cannot be a tenant's.</summary>
    public required string Prefix { get; init; }

    /// <summary>A blob that lies there.</summary>
    public required string Example { get; set; }

    /// <summary>UTC.</summary>
    public DateTime FirstSeenAt { get; init; }

    /// <summary>UTC, to the hour or so.</summary>
    public DateTime LastSeenAt { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<UnknownPrefix>
    {
        public void Configure(EntityTypeBuilder<UnknownPrefix> prefix)
        {
            prefix.ToTable("UnknownPrefixes");
            prefix.HasKey(p => p.Prefix);
            prefix.Property(p => p.Prefix).HasMaxLength(TrackBlob.MaxTenantLength);
            prefix.Property(p => p.Example).HasMaxLength(TrackBlob.MaxNameLength);
        }
    }
}
