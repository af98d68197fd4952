using Microsoft.EntityFrameworkCore;

namespace OpenMU.Catalogue;

/// <summary>The catalogue's tables and their whole configuration.</summary>
public class CatalogueDb(DbContextOptions options) : DbContext(options)
{
    public DbSet<Track> Tracks => Set<Track>();

    public DbSet<AnalysisJob> Jobs => Set<AnalysisJob>();

    public DbSet<Analysis> Analyses => Set<Analysis>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<Track>(track =>
        {
            track.Property(t => t.Tenant).HasMaxLength(64);
            track.Property(t => t.BlobName).HasMaxLength(1024);
            track.Property(t => t.ETag).HasMaxLength(128);
            track.Property(t => t.FileName).HasMaxLength(1024);
            track.HasOne(t => t.Job).WithMany(j => j.Tracks).HasForeignKey(t => t.JobId).OnDelete(DeleteBehavior.Restrict);
        });

        modelBuilder.Entity<AnalysisJob>(job =>
        {
            job.Property(j => j.Tenant).HasMaxLength(64);
            job.Property(j => j.ContentId).HasMaxLength(80);
            job.Property(j => j.ModelVersion).HasMaxLength(64);
            job.Property(j => j.Kind).HasConversion<string>().HasMaxLength(16);
            job.Property(j => j.State).HasConversion<string>().HasMaxLength(16);
            job.Property(j => j.Reason).HasMaxLength(1000);
            job.HasIndex(j => new { j.Tenant, j.ContentId, j.Kind, j.ModelVersion }).IsUnique();
            job.HasOne(j => j.Analysis).WithOne().HasForeignKey<Analysis>(a => a.JobId);
        });

        modelBuilder.Entity<Analysis>(analysis =>
        {
            analysis.HasKey(a => a.JobId);
            analysis.Property(a => a.JobId).ValueGeneratedNever();
            analysis.OwnsMany(a => a.BpmAlternatives, owned => owned.ToJson());
            analysis.OwnsMany(a => a.Tags, owned => owned.ToJson());
            analysis.OwnsMany(a => a.Sources, owned => owned.ToJson());
        });
    }
}
