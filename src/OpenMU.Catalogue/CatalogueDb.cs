using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace OpenMU.Catalogue;

/// <summary>The catalogue's tables and their configuration; the providers' own contexts add what only they have.</summary>
public abstract class CatalogueDb(DbContextOptions options) : DbContext(options)
{
    public DbSet<Track> Tracks => Set<Track>();

    public DbSet<AnalysisJob> Jobs => Set<AnalysisJob>();

    public DbSet<Analysis> Analyses => Set<Analysis>();

    /// <summary>Brings the database to this program's schema; several programs may do so at once.</summary>
    public virtual Task MigrateAsync(CancellationToken cancel) => Database.MigrateAsync(cancel);

    /// <summary>
    /// Runs <paramref name="work"/> in one transaction: all of it is committed, or none.
    /// Azure SQL may break a connection at any time, even while it commits. Then all of the work is done again on a cleared
    /// change tracker, so it must load inside what it changes, leave nothing outside the database changed, and be right when
    /// its first run was committed after all (a fence, a state or a unique key tells).
    /// </summary>
    public Task<T> InTransactionAsync<T>(Func<CancellationToken, Task<T>> work, CancellationToken cancel) =>
        Database.CreateExecutionStrategy().ExecuteAsync(
            async token =>
            {
                ChangeTracker.Clear();
                await using var transaction = await Database.BeginTransactionAsync(token);
                var result = await work(token);
                await transaction.CommitAsync(token);
                return result;
            },
            cancel);

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder) =>
        configurationBuilder.Properties<DateTime>().HaveConversion<UtcConverter>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<Track>(track =>
        {
            track.Property(t => t.Tenant).HasMaxLength(64);
            track.Property(t => t.BlobName).HasMaxLength(StorageNames.MaxBlobNameLength);
            track.Property(t => t.ETag).HasMaxLength(128);
            track.Property(t => t.FileName).HasMaxLength(StorageNames.MaxBlobNameLength);
            track.HasIndex(t => new { t.Tenant, t.BlobName }).IsUnique();
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
            analysis.Property(a => a.Codec).HasMaxLength(64);
            analysis.Property(a => a.Key).HasMaxLength(16);
            analysis.Property(a => a.Camelot).HasMaxLength(4);
            analysis.Property(a => a.OpenKey).HasMaxLength(4);
            analysis.Property(a => a.Beats).StoredCompactly();
            analysis.Property(a => a.KeySegments).StoredCompactly();
            analysis.Property(a => a.Chords).StoredCompactly();
            analysis.ComplexCollection(a => a.BpmAlternatives, values => values.ToJson());
            analysis.ComplexCollection(a => a.Tags, values => values.ToJson());
            analysis.ComplexCollection(a => a.Sources, values => values.ToJson());
        });
    }

    /// <summary>Every time in the catalogue is UTC; neither database remembers so.</summary>
    private sealed class UtcConverter() : ValueConverter<DateTime, DateTime>(
        time => time, time => DateTime.SpecifyKind(time, DateTimeKind.Utc));
}
