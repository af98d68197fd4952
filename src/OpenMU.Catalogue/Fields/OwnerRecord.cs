using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using OpenMU.Catalogue.Search;
using OpenMU.Catalogue.Storage;
using OpenMU.Catalogue.Tracks;

namespace OpenMU.Catalogue.Fields;

/// <summary>
/// What a track's owner says of it by an import: it is kept as it came, shown, searched and exported, and neither
/// analysis nor correction changes it.
/// </summary>
public sealed class OwnerRecord
{
    /// <summary>Longest <see cref="OwnId"/>.</summary>
    public const int MaxOwnIdLength = 200;

    /// <summary>Key and foreign key: one record per track.</summary>
    public long TrackId { get; set; }

    /// <summary>As the track's.</summary>
    public required string Tenant { get; set; }

    /// <summary>All that is said, <see cref="OwnId"/> and <see cref="Isrc"/> included.</summary>
    public FieldSet Fields { get; set; } = FieldSet.Empty;

    /// <summary>What the owner calls the track in systems of its own; follows <see cref="Fields"/>.</summary>
    public string? OwnId
    {
        get => Fields.One(FieldNames.OwnId) is { } id ? id[..Math.Min(id.Length, MaxOwnIdLength)] : null;
        private set { } // the database's copy is written, never believed
    }

    /// <summary>The first one; follows <see cref="Fields"/>.</summary>
    public string? Isrc
    {
        get => Fields.One(FieldNames.Isrc);
        private set { } // the database's copy is written, never believed
    }

    public string? Title
    {
        get => Fields.One(FieldNames.Title);
        private set { } // the database's copy is written, never believed
    }

    public string? Artist
    {
        get => Fields.Joined(FieldNames.Artists);
        private set { } // the database's copy is written, never believed
    }

    public string? Album
    {
        get => Fields.One(FieldNames.Album);
        private set { } // the database's copy is written, never believed
    }

    /// <summary>What search finds it by; follows the rest.</summary>
    public string Folded
    {
        get => SearchDocument.Of(this);
        private set { } // the database's copy is written, never believed
    }

    /// <summary>Who imported it.</summary>
    public required string By { get; set; }

    /// <summary>UTC.</summary>
    public DateTime At { get; set; }

    /// <summary>From 1; each change makes one more.</summary>
    public int Version { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<OwnerRecord>
    {
        public void Configure(EntityTypeBuilder<OwnerRecord> record)
        {
            record.ToTable("OwnerRecords");
            record.HasKey(r => r.TrackId);
            record.Property(r => r.TrackId).ValueGeneratedNever();
            record.Property(r => r.Tenant).HasMaxLength(TrackBlob.MaxTenantLength);
            record.Property(r => r.Fields).StoredAsJson();
            record.Property(r => r.OwnId).HasMaxLength(MaxOwnIdLength);
            record.Property(r => r.Isrc).HasMaxLength(12).IsFixedLength().IsUnicode(false);
            record.Property(r => r.By).HasMaxLength(256);
            record.Property(r => r.Version).IsConcurrencyToken();
            record.HasIndex(r => new { r.Tenant, r.OwnId });
            record.HasIndex(r => new { r.Tenant, r.Isrc });
            record.HasOne<Track>().WithOne().HasForeignKey<OwnerRecord>(r => r.TrackId);
        }
    }
}
