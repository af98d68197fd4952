using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using OpenMU.Catalogue.Storage;

namespace OpenMU.Catalogue.Taxonomy;

/// <summary>
/// The taxonomy that a library has published, as it stood at one moment. Nothing that is stored depends on it: tracks
/// and their index keep the words as they were said, and what they mean is found when they are read. So a publication
/// is one row, holds for every search that begins after it, and leaves nothing to be done again.
/// </summary>
/// <param name="Taxonomy">The taxonomy.</param>
/// <param name="Number">Of the version; 0 is the list that comes with the program.</param>
/// <param name="Sequence">Of the publication, from 1; 0 where the library has published nothing.</param>
public sealed record PublishedTaxonomy(TagTaxonomy Taxonomy, int Number, int Sequence)
{
    private const int MaxKept = 64;

    // Versions never change.
    private static readonly ConcurrentDictionary<Guid, TagTaxonomy> Read = new();

    /// <summary>Reads a library's.</summary>
    public static async Task<PublishedTaxonomy> OfAsync(CatalogueDb db, string tenant, CancellationToken cancel)
    {
        var latest = await db.TaxonomyPublications.AsNoTracking().Where(p => p.Tenant == tenant)
            .OrderByDescending(p => p.Sequence).FirstOrDefaultAsync(cancel);
        return latest is null
            ? new PublishedTaxonomy(TagTaxonomy.BuiltIn, 0, 0)
            : new PublishedTaxonomy(
                (await VersionAsync(db, tenant, latest.Number, cancel))!, latest.Number, latest.Sequence);
    }

    /// <summary>A version of a library's taxonomy; null where there is none.</summary>
    public static async Task<TagTaxonomy?> VersionAsync(
        CatalogueDb db, string tenant, int number, CancellationToken cancel)
    {
        if (number == 0) return TagTaxonomy.BuiltIn;
        var id = await db.Taxonomies.Where(t => t.Tenant == tenant && t.Number == number).Select(t => (Guid?)t.Id)
            .SingleOrDefaultAsync(cancel);
        if (id is null) return null;
        if (Read.TryGetValue(id.Value, out var known)) return known;
        var stored = await db.Taxonomies.Where(t => t.Id == id).Select(t => new { t.Terms, t.ClosedGroups })
            .SingleAsync(cancel);
        if (Read.Count >= MaxKept) Read.Clear();
        return Read[id.Value] = TaxonomyTable.Parse(stored.Terms, stored.ClosedGroups.Split(' ').ToHashSet());
    }
}

/// <summary>A version of a library's taxonomy. It is written once and never changed.</summary>
public sealed class StoredTaxonomy
{
    public Guid Id { get; set; }

    public required string Tenant { get; set; }

    /// <summary>From 1; each import makes one more.</summary>
    public int Number { get; set; }

    /// <summary>As <see cref="TaxonomyTable.Write"/> writes it.</summary>
    public required string Terms { get; set; }

    /// <summary><see cref="TagTaxonomy.ClosedGroups"/>, with spaces between them.</summary>
    public required string ClosedGroups { get; set; }

    /// <summary>SHA-256 of all this in hex digits: the same table again is no new version.</summary>
    public required string Digest { get; set; }

    /// <summary>How many terms it has.</summary>
    public int TermCount { get; set; }

    /// <summary>Who imported it.</summary>
    public required string By { get; set; }

    /// <summary>UTC.</summary>
    public DateTime At { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<StoredTaxonomy>
    {
        public void Configure(EntityTypeBuilder<StoredTaxonomy> taxonomy)
        {
            taxonomy.ToTable("Taxonomies");
            taxonomy.Property(t => t.Id).ValueGeneratedNever();
            taxonomy.Property(t => t.Tenant).HasMaxLength(TrackBlob.MaxTenantLength);
            taxonomy.Property(t => t.ClosedGroups).HasMaxLength(100);
            taxonomy.Property(t => t.Digest).HasMaxLength(64).IsFixedLength().IsUnicode(false);
            taxonomy.Property(t => t.By).HasMaxLength(TaxonomyStore.MaxByLength);
            taxonomy.HasIndex(t => new { t.Tenant, t.Number }).IsUnique();
        }
    }
}

/// <summary>That a version holds from a moment on. The latest one holds; none is ever changed.</summary>
public sealed class TaxonomyPublication
{
    public required string Tenant { get; set; }

    /// <summary>From 1; of two who publish at once, the second one's fails.</summary>
    public int Sequence { get; set; }

    /// <summary><see cref="StoredTaxonomy.Number"/>; 0 is the list that comes with the program.</summary>
    public int Number { get; set; }

    /// <summary>The publication that a rollback goes back to; 0: the program's list; null: there is nothing before.
    /// </summary>
    public int? Before { get; set; }

    public required string By { get; set; }

    /// <summary>UTC.</summary>
    public DateTime At { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<TaxonomyPublication>
    {
        public void Configure(EntityTypeBuilder<TaxonomyPublication> publication)
        {
            publication.ToTable("TaxonomyPublications");
            publication.HasKey(p => new { p.Tenant, p.Sequence });
            publication.Property(p => p.Tenant).HasMaxLength(TrackBlob.MaxTenantLength);
            publication.Property(p => p.Sequence).ValueGeneratedNever();
            publication.Property(p => p.By).HasMaxLength(TaxonomyStore.MaxByLength);
        }
    }
}
