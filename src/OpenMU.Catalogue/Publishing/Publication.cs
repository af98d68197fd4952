using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Storage;

namespace OpenMU.Catalogue.Publishing;

/// <summary>
/// One run that moved tracks to the analyses of a model, or away from them: who did it, when, and how far it came.
/// </summary>
public sealed class Publication
{
    /// <summary>Names the run, to go on with it: 32 hexadecimal digits.</summary>
    public required string Id { get; init; }

    /// <summary>Whose tracks.</summary>
    public required string Tenant { get; init; }

    /// <summary>Which way the tracks went.</summary>
    public PublicationKind Kind { get; init; }

    /// <summary>The model whose analyses were published or rolled back, as <see cref="Job.ModelVersion"/>.</summary>
    public required string ModelVersion { get; init; }

    /// <summary>Who did it.</summary>
    public required string By { get; init; }

    /// <summary>By which way: <c>api</c>, <c>page</c> or <c>cli</c>.</summary>
    public required string Via { get; init; }

    /// <summary>When the first tracks were moved (UTC).</summary>
    public DateTime At { get; init; }

    /// <summary>Tracks that were moved so far.</summary>
    public int Tracks { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<Publication>
    {
        public void Configure(EntityTypeBuilder<Publication> publication)
        {
            publication.ToTable("Publications");
            publication.HasKey(p => new { p.Tenant, p.Id });
            publication.Property(p => p.Id).HasMaxLength(32).IsFixedLength().IsUnicode(false);
            publication.Property(p => p.Tenant).HasMaxLength(TrackBlob.MaxTenantLength);
            publication.Property(p => p.Kind).HasConversion<string>().HasMaxLength(16);
            publication.Property(p => p.ModelVersion).HasMaxLength(Job.MaxModelVersionLength);
            publication.Property(p => p.By).HasMaxLength(256);
            publication.Property(p => p.Via).HasMaxLength(16);
            publication.HasIndex(p => new { p.Tenant, p.At });
        }
    }
}

/// <summary>Which way tracks are moved.</summary>
public enum PublicationKind
{
    /// <summary>To a model's analyses.</summary>
    Publish,

    /// <summary>From a model's analyses back to the former ones.</summary>
    Rollback,
}

/// <summary>What a run has done so far.</summary>
public sealed record PublicationSummary
{
    /// <summary>Names the run, to go on with it.</summary>
    public required string Id { get; init; }

    /// <summary>The model whose analyses are published or rolled back.</summary>
    public required string ModelVersion { get; init; }

    /// <summary>Tracks that were looked at.</summary>
    public int Tracks { get; init; }

    /// <summary>Tracks that were moved, copies of the selected ones among them.</summary>
    public int Moved { get; init; }

    /// <summary>Selected tracks for which there is nothing to move to: the model's analysis is not Ready, or there is
    /// no former one.</summary>
    public int Without { get; init; }

    /// <summary>Where to go on; null where all is done.</summary>
    public string? Next { get; init; }
}
