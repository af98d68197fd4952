using System.Linq.Expressions;
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
    internal const string Exact = "Latin1_General_100_BIN2";

    private const string NameStart = "BlobNameStart";
    private const int NameStartLength = 400;

    // Ends the names of the columns that texts are sorted by.
    private const string Ordered = "Order";

    internal static DbContextOptions<SqlServerCatalogueDb> Options(string connectionString) =>
        new DbContextOptionsBuilder<SqlServerCatalogueDb>()
            .UseAzureSql(connectionString, azure => azure.EnableRetryOnFailure())
            .Options;

    internal override IQueryable<SearchHit> Hits(string tenant, IReadOnlyList<string> words) =>
        Database.SqlQuery<SearchHit>(FormattableStringFactory.Create(
            "SELECT [TrackId], [State], [Camelot], [Bpm], [Lufs], [Seconds] FROM [dbo].[SearchRows] WHERE "
                + $"{string.Concat(Contains(words).Select(one => one + " AND "))}[Tenant] = {{{words.Count}}}",
            [.. Terms(words), tenant]));

    internal override async Task<DateTime> NowAsync(TimeProvider time, CancellationToken cancel) =>
        DateTime.SpecifyKind(await Clock.SingleAsync(cancel), DateTimeKind.Utc);

    internal IQueryable<DateTime> Clock => Database.SqlQuery<DateTime>($"SELECT SYSUTCDATETIME() AS [Value]");

    /// <inheritdoc />
    public override IQueryable<Track> TracksBetween(string? after, string? upTo)
    {
        var tracks = base.TracksBetween(after, upTo);
        var (from, to) = (Start(after), Start(upTo));
        if (from is not null) tracks = tracks.Where(t => string.Compare(EF.Property<string>(t, NameStart), from) >= 0);
        if (to is not null) tracks = tracks.Where(t => string.Compare(EF.Property<string>(t, NameStart), to) <= 0);
        return tracks;
    }

    /// <inheritdoc />
    public override IQueryable<TrackLyrics> LyricsBetween(string? after, string? upTo)
    {
        var lyrics = base.LyricsBetween(after, upTo);
        var (from, to) = (Start(after), Start(upTo));
        if (from is not null) lyrics = lyrics.Where(l => string.Compare(EF.Property<string>(l, NameStart), from) >= 0);
        if (to is not null) lyrics = lyrics.Where(l => string.Compare(EF.Property<string>(l, NameStart), to) <= 0);
        return lyrics;
    }

    private static string? Start(string? name) =>
        name is { Length: > NameStartLength } ? name[..NameStartLength] : name;

    // Not every edition of the engine would read what it keeps of a view; some would count again.
    internal override IQueryable<TrackCount> Counts =>
        TrackCounts.FromSql($"SELECT * FROM [dbo].[TrackCounts] WITH (NOEXPAND)");

    internal override IQueryable<long> WithWords(IReadOnlyList<string> words) =>
        Database.SqlQuery<long>(FormattableStringFactory.Create(
            $"SELECT [TrackId] AS [Value] FROM [dbo].[SearchRows] WHERE {string.Join(" AND ", Contains(words))}",
            [.. Terms(words)]));

    internal override Expression<Func<SearchRow, string?>> Order(Expression<Func<SearchRow, string?>> text)
    {
        var column = ((MemberExpression)text.Body).Member.Name;
        return row => EF.Property<string?>(row, column + Ordered);
    }

    // One CONTAINS a word: within one, all words would have to stand in the same column.
    private static IEnumerable<string> Contains(IReadOnlyList<string> words) => words.Select((_, i) =>
        $"CONTAINS(([FileName], [FileWords], [Title], [Artist], [Album], [Caption], [TagText], [Lyrics]), {{{i}}})");

    private static IEnumerable<object> Terms(IReadOnlyList<string> words) => words.Select(word => $"\"{word}*\"");

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
            // A whole name is longer than a key may be.
            track.Property<string>(NameStart).HasMaxLength(NameStartLength).UseCollation(Exact)
                .HasComputedColumnSql($"LEFT([BlobName], {NameStartLength})", stored: true);
            track.HasIndex(NameStart);
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
        modelBuilder.Entity<TrackLyrics>(lyrics =>
        {
            lyrics.ToTable(table => table.HasTrigger("TrackLyricsToSearch"));
            lyrics.Property(l => l.BlobKey).UseCollation(Exact);
            lyrics.Property(l => l.BlobName).UseCollation(Exact);
            lyrics.Property(l => l.ETagOfBlob).UseCollation(Exact);
            lyrics.Property<string?>(NameStart).HasMaxLength(NameStartLength).UseCollation(Exact)
                .HasComputedColumnSql($"LEFT([BlobName], {NameStartLength})", stored: true);
            lyrics.HasIndex(NameStart);
        });
        modelBuilder.Entity<ContentLyrics>().ToTable(table => table.HasTrigger("ContentLyricsToSearch"));
        modelBuilder.Entity<Question>().Property(q => q.Tenant).UseCollation(Exact);
        modelBuilder.Entity<SearchRow>(row =>
        {
            row.Property(r => r.Tenant).UseCollation(Exact);

            // The file name with its punctuation as spaces: word breakers take "war_of_dawn" for one word.
            row.Property<string>("FileWords").HasMaxLength(Track.MaxFileNameLength);

            // Texts as they are sorted, so that the order is SQLite's.
            string[] texts = [nameof(SearchRow.FileName), nameof(SearchRow.Title), nameof(SearchRow.Artist)];
            foreach (var text in texts)
            {
                row.Property<string?>(text + Ordered).UseCollation(Exact).HasMaxLength(
                    text == nameof(SearchRow.FileName) ? Track.MaxFileNameLength : MaxNameLength);
                row.HasIndex(nameof(SearchRow.Tenant), text + Ordered, nameof(SearchRow.TrackId));
            }
        });
        modelBuilder.Entity<TrackCount>(count => count.HasNoKey().ToView("TrackCounts"));
    }

    /// <summary>For <c>dotnet ef</c>, which needs a model and no database.</summary>
    internal sealed class DesignTime : IDesignTimeDbContextFactory<SqlServerCatalogueDb>
    {
        public SqlServerCatalogueDb CreateDbContext(string[] args) => new(Options("Server=design-time"));
    }
}
