using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;
using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Questions;
using OpenMU.Catalogue.Search;
using OpenMU.Catalogue.Tracks;

namespace OpenMU.Catalogue.Storage.SqlServer;

/// <summary>
/// The catalogue in Azure SQL. The connection string says who asks; with a managed identity it holds no secret.
/// </summary>
public sealed class SqlServerCatalogueDb(DbContextOptions<SqlServerCatalogueDb> options) : CatalogueDb(options)
{
    // Blob names, ETags and tenants differ by case; the database's default collation would take "a.MP3" for "a.mp3".
    private const string Exact = "Latin1_General_100_BIN2";

    internal static DbContextOptions<SqlServerCatalogueDb> Options(string connectionString) =>
        new DbContextOptionsBuilder<SqlServerCatalogueDb>()
            .UseAzureSql(connectionString, azure => azure.EnableRetryOnFailure())
            .Options;

    internal override IQueryable<SearchRow> WithWords(IReadOnlyList<string> words)
    {
        // One CONTAINS a word: within one, all words would have to stand in the same column.
        var contains = words.Select((_, i) =>
            $"CONTAINS((FileName, FileWords, Title, Artist, Album, Caption, TagText), {{{i}}})");
        return SearchRows.FromSql(FormattableStringFactory.Create(
            $"SELECT * FROM SearchRows WHERE {string.Join(" AND ", contains)}",
            [.. words.Select(word => $"\"{word}*\"")]));
    }

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        base.OnModelCreating(modelBuilder);
        modelBuilder.Entity<Track>(track =>
        {
            track.ToTable(table => table.HasTrigger("TracksToSearch"));
            track.Property(t => t.Tenant).UseCollation(Exact);
            track.Property(t => t.BlobName).UseCollation(Exact);
            track.Property(t => t.BlobKey).UseCollation(Exact);
            track.Property(t => t.ETag).UseCollation(Exact);
        });
        modelBuilder.Entity<Job>(job =>
        {
            job.ToTable(table => table.HasTrigger("JobsToSearch"));
            job.Property(j => j.Tenant).UseCollation(Exact);
            job.Property(j => j.ContentId).UseCollation(Exact);
            job.Property(j => j.ModelVersion).UseCollation(Exact);
        });
        modelBuilder.Entity<Analysis>().ToTable(table => table.HasTrigger("AnalysesToSearch"));
        modelBuilder.Entity<Correction>().ToTable(table => table.HasTrigger("CorrectionsToSearch"));
        modelBuilder.Entity<Question>().Property(q => q.Tenant).UseCollation(Exact);
        modelBuilder.Entity<SearchRow>(row =>
        {
            row.Property(r => r.Tenant).UseCollation(Exact);

            // The file name with its punctuation as spaces: word breakers take "war_of_dawn" for one word.
            row.Property<string>("FileWords").HasMaxLength(Track.MaxFileNameLength);
        });
    }

    /// <summary>For <c>dotnet ef</c>, which needs a model and no database.</summary>
    internal sealed class DesignTime : IDesignTimeDbContextFactory<SqlServerCatalogueDb>
    {
        public SqlServerCatalogueDb CreateDbContext(string[] args) => new(Options("Server=design-time"));
    }
}
