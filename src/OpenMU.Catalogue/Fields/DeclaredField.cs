using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using OpenMU.Catalogue.Storage;

namespace OpenMU.Catalogue.Fields;

/// <summary>A field that an owner has declared for all its tracks.</summary>
public sealed class DeclaredField
{
    public required string Tenant { get; set; }

    /// <summary><see cref="CatalogueField.Name"/>, with its prefix.</summary>
    public required string Name { get; set; }

    public FieldType Type { get; set; }

    /// <summary>The field.</summary>
    public CatalogueField ToField() => new(Name, Type, Name[CatalogueField.CustomPrefix.Length..]);

    internal sealed class Configuration : IEntityTypeConfiguration<DeclaredField>
    {
        public void Configure(EntityTypeBuilder<DeclaredField> field)
        {
            field.ToTable("DeclaredFields");
            field.HasKey(f => new { f.Tenant, f.Name });
            field.Property(f => f.Tenant).HasMaxLength(TrackBlob.MaxTenantLength);
            field.Property(f => f.Name).HasMaxLength(80);
            field.Property(f => f.Type).HasConversion<string>().HasMaxLength(16);
        }
    }
}
