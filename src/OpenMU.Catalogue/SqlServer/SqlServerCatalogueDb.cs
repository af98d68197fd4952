using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace OpenMU.Catalogue.SqlServer;

/// <summary>The catalogue in Azure SQL. The connection string says who asks; with a managed identity it holds no secret.</summary>
public sealed class SqlServerCatalogueDb(DbContextOptions<SqlServerCatalogueDb> options) : CatalogueDb(options)
{
    // Blob names, ETags and tenants differ by case; the database's default collation would take "a.MP3" for "a.mp3".
    private const string Exact = "Latin1_General_100_BIN2";

    internal static DbContextOptions<SqlServerCatalogueDb> Options(string connectionString) =>
        new DbContextOptionsBuilder<SqlServerCatalogueDb>()
            .UseAzureSql(connectionString, azure => azure.EnableRetryOnFailure())
            .Options;

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        base.OnModelCreating(modelBuilder);
        modelBuilder.Entity<Track>(track =>
        {
            track.Property(t => t.Tenant).UseCollation(Exact);
            track.Property(t => t.BlobName).UseCollation(Exact);
            track.Property(t => t.ETag).UseCollation(Exact);
        });
        modelBuilder.Entity<AnalysisJob>(job =>
        {
            job.Property(j => j.Tenant).UseCollation(Exact);
            job.Property(j => j.ContentId).UseCollation(Exact);
            job.Property(j => j.ModelVersion).UseCollation(Exact);
        });
    }

    /// <summary>For <c>dotnet ef</c>, which needs a model and no database.</summary>
    internal sealed class DesignTime : IDesignTimeDbContextFactory<SqlServerCatalogueDb>
    {
        public SqlServerCatalogueDb CreateDbContext(string[] args) => new(Options("Server=design-time"));
    }
}
