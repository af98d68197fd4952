using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Storage;
using OpenMU.Catalogue.Tracks;

namespace OpenMU.Catalogue.Meaning;

/// <summary>What is said of a track in words, as a vector of <see cref="SentenceEncoder"/>.</summary>
public sealed class TextEmbedding
{
    /// <summary>Rises with each one that is stored, also where one takes the place of another.</summary>
    public long Id { get; set; }

    /// <summary>Of the track; one each.</summary>
    public long TrackId { get; set; }

    /// <summary>Whose.</summary>
    public required string Tenant { get; set; }

    /// <summary>As <see cref="TrackText.Version"/>: vectors of two versions mean nothing to each other.</summary>
    public required string ModelVersion { get; set; }

    /// <summary>SHA-256 of the text.</summary>
    public required byte[] TextHash { get; set; }

    /// <summary>As <see cref="Similarity.TrackEmbedding.Vector"/>.</summary>
    public required byte[] Vector { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<TextEmbedding>
    {
        public void Configure(EntityTypeBuilder<TextEmbedding> embedding)
        {
            embedding.ToTable("TextEmbeddings");
            embedding.Property(e => e.Tenant).HasMaxLength(TrackBlob.MaxTenantLength);
            embedding.Property(e => e.ModelVersion).HasMaxLength(Job.MaxModelVersionLength);
            embedding.Property(e => e.TextHash).HasMaxLength(32).IsFixedLength();
            embedding.HasIndex(e => e.TrackId).IsUnique();
            embedding.HasIndex(e => new { e.ModelVersion, e.Tenant, e.Id });
            embedding.HasOne<Track>().WithMany().HasForeignKey(e => e.TrackId);
        }
    }
}

/// <summary>A track whose words have changed since its <see cref="TextEmbedding"/>. Triggers write it.</summary>
public sealed class StaleText
{
    /// <summary>Of the track.</summary>
    public long TrackId { get; set; }

    /// <summary>Rises with each change, so that one that comes while a text is read is not lost.</summary>
    public int Changes { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<StaleText>
    {
        public void Configure(EntityTypeBuilder<StaleText> stale)
        {
            stale.ToTable("StaleTexts");
            stale.HasKey(s => s.TrackId);
            stale.Property(s => s.TrackId).ValueGeneratedNever();
            stale.Property(s => s.Changes).IsConcurrencyToken();
            stale.HasOne<Track>().WithMany().HasForeignKey(s => s.TrackId);
        }
    }
}
