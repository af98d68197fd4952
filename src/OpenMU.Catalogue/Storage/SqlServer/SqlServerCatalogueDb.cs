using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;
using Microsoft.EntityFrameworkCore.Infrastructure;
using OpenMU.Catalogue.Access;
using OpenMU.Catalogue.Exchange;
using OpenMU.Catalogue.Fields;
using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Meaning;
using OpenMU.Catalogue.Questions;
using OpenMU.Catalogue.Requests;
using OpenMU.Catalogue.Search;
using OpenMU.Catalogue.Similarity;
using OpenMU.Catalogue.Taxonomy;
using OpenMU.Catalogue.Tracks;
using OpenMU.Catalogue.Webhooks;

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

    internal static DbContextOptions<SqlServerCatalogueDb> Options(string connectionString) =>
        new DbContextOptionsBuilder<SqlServerCatalogueDb>()
            .UseAzureSql(connectionString, azure => azure.EnableRetryOnFailure())
            .ReplaceService<IModelCacheKeyFactory, TenantFilter.ModelKey>()
            .Options;

    internal override IQueryable<SearchHit> Hits(
        string tenant, SearchCondition? condition, bool withRanges, bool withFacets)
    {
        var arguments = new List<object>();
        var words = condition is null ? "" : $"{condition.ToContains(arguments)} AND ";
        arguments.Add(tenant);
        return Database.SqlQuery<SearchHit>(FormattableStringFactory.Create(
            "SELECT [TrackId], [State], [Camelot], [Bpm], [Lufs], [Seconds], "
                + $"{(withFacets ? "[Facets]" : "N'' AS [Facets]")} FROM [dbo].[SearchRows] WHERE "
                + $"{words}[Tenant] = {{{arguments.Count - 1}}}",
            [.. arguments]));
    }

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

    // The range stays locked until the end of the transaction, also where readers take versions and no locks.
    internal override IQueryable<WebhookEndpoint> WebhookEndpointsOf(string tenant) => WebhookEndpoints.FromSql(
        $"SELECT * FROM [dbo].[WebhookEndpoints] WITH (SERIALIZABLE) WHERE [Tenant] = {tenant}");

    internal override async Task AddQuestionsAsync(QuestionBatch batch, string rows, CancellationToken cancel)
    {
        foreach (var statement in QuestionInserts(batch, rows)) await Database.ExecuteSqlAsync(statement, cancel);
    }

    internal static IReadOnlyList<FormattableString> QuestionInserts(QuestionBatch batch, string rows) =>
    [
        $"""
        INSERT INTO [dbo].[Jobs]([Tenant], [ContentId], [Kind], [ModelVersion], [State], [Fence], [Attempts],
            [IsSuspect], [IsFromScratch], [Priority], [CreatedAt])
        SELECT {batch.Tenant}, r.[ContentId], N'Question', {Job.AnyModel}, r.[State], 0, 0, 0, 0,
            {(int)batch.Priority}, {batch.AskedAt}
        FROM OPENJSON({rows}) WITH ([ContentId] nvarchar(80), [State] nvarchar(16)) AS r
        """,
        $"""
        INSERT INTO [dbo].[Questions]([Tenant], [TrackId], [JobId], [BatchId], [Position], [FileName], [BlobKey],
            [Text], [AskedAt])
        SELECT {batch.Tenant}, r.[TrackId], j.[Id], {batch.Id}, r.[Position], r.[FileName], r.[BlobKey], r.[Text],
            {batch.AskedAt}
        FROM OPENJSON({rows}) WITH ([Position] int, [ContentId] nvarchar(80), [Text] nvarchar(500),
            [TrackId] bigint, [FileName] nvarchar(1024), [BlobKey] char(64)) AS r
        JOIN [dbo].[Jobs] AS j ON j.[Tenant] = {batch.Tenant}
            AND j.[ContentId] = r.[ContentId] COLLATE Latin1_General_100_BIN2 AND j.[Kind] = N'Question'
            AND j.[ModelVersion] = {Job.AnyModel}
        """,
    ];

    // One CONTAINS a word: within one, all words would have to stand in the same column.
    internal override IQueryable<long> WithWords(SearchCondition condition)
    {
        var arguments = new List<object>();
        var words = condition.ToContains(arguments);
        return Database.SqlQuery<long>(FormattableStringFactory.Create(
            $"SELECT [TrackId] AS [Value] FROM [dbo].[SearchRows] WHERE {words}", [.. arguments]));
    }

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        base.OnModelCreating(modelBuilder);
        modelBuilder.Entity<Track>(track =>
        {
            track.ToTable(table =>
            {
                table.HasTrigger("TracksToSearch");
                table.HasTrigger("TracksToUsages");
            });
            track.Property(t => t.Tenant).UseCollation(Exact);
            track.Property(t => t.BlobName).UseCollation(Exact);
            track.Property(t => t.BlobKey).UseCollation(Exact);
            track.Property(t => t.ETag).UseCollation(Exact);
            track.Property(t => t.NameKey).UseCollation(Exact);
            // A whole name is longer than a key may be.
            track.Property<string>(NameStart).HasMaxLength(NameStartLength).UseCollation(Exact)
                .HasComputedColumnSql($"LEFT([BlobName], {NameStartLength})", stored: true);
            track.HasIndex(NameStart);
        });
        modelBuilder.Entity<Job>(job =>
        {
            job.ToTable(table =>
            {
                table.HasTrigger("JobsToSearch");
                table.HasTrigger("JobsToQueues");
            });
            job.Property(j => j.Tenant).UseCollation(Exact);
            job.Property(j => j.ContentId).UseCollation(Exact);
            job.Property(j => j.ModelVersion).UseCollation(Exact);
        });
        modelBuilder.Entity<TenantQueue>().Property(q => q.Tenant).UseCollation(Exact);
        modelBuilder.Entity<TenantLimits>().Property(l => l.Tenant).UseCollation(Exact);
        modelBuilder.Entity<TenantUsage>().Property(u => u.Tenant).UseCollation(Exact);
        modelBuilder.Entity<Analysis>(analysis =>
        {
            analysis.ToTable(table => table.HasTrigger("AnalysesToSearch"));
            analysis.Property(a => a.FileOwnId).UseCollation(Exact);
        });
        modelBuilder.Entity<Correction>(correction =>
        {
            correction.ToTable(table => table.HasTrigger("CorrectionsToSearch"));
            correction.Property(c => c.Tenant).UseCollation(Exact);
            correction.Property(c => c.ContentId).UseCollation(Exact);
        });
        modelBuilder.Entity<CorrectionChange>(change =>
        {
            change.Property(c => c.Tenant).UseCollation(Exact);
            change.Property(c => c.ContentId).UseCollation(Exact);
            change.Property(c => c.Field).UseCollation(Exact);
        });
        modelBuilder.Entity<OwnerRecord>(record =>
        {
            record.ToTable(table => table.HasTrigger("OwnersToSearch"));
            record.Property(r => r.Tenant).UseCollation(Exact);
            record.Property(r => r.OwnId).UseCollation(Exact);
        });
        modelBuilder.Entity<DeclaredField>(field =>
        {
            field.Property(f => f.Tenant).UseCollation(Exact);
            field.Property(f => f.Name).UseCollation(Exact);
        });
        modelBuilder.Entity<ImportRun>(run =>
        {
            run.Property(r => r.Tenant).UseCollation(Exact);
            run.Property(r => r.Id).UseCollation(Exact);
        });
        modelBuilder.Entity<PendingOwnerRow>(row =>
        {
            row.Property(r => r.Tenant).UseCollation(Exact);
            row.Property(r => r.Id).UseCollation(Exact);
            row.Property(r => r.NameKey).UseCollation(Exact);
            row.Property(r => r.ContentId).UseCollation(Exact);
            row.Property(r => r.OwnId).UseCollation(Exact);
        });
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
        modelBuilder.Entity<StoredTaxonomy>().Property(t => t.Tenant).UseCollation(Exact);
        modelBuilder.Entity<TaxonomyPublication>().Property(p => p.Tenant).UseCollation(Exact);
        modelBuilder.Entity<TrackEmbedding>().Property(e => e.ModelVersion).UseCollation(Exact);
        modelBuilder.Entity<TextEmbedding>(embedding =>
        {
            embedding.Property(e => e.Tenant).UseCollation(Exact);
            embedding.Property(e => e.ModelVersion).UseCollation(Exact);
        });
        modelBuilder.Entity<Tenant>().Property(t => t.Name).UseCollation(Exact);
        modelBuilder.Entity<ApiKey>(key =>
        {
            key.Property(k => k.Tenant).UseCollation(Exact);
            key.Property(k => k.PublicId).UseCollation(Exact);
        });
        modelBuilder.Entity<UnknownPrefix>().Property(p => p.Prefix).UseCollation(Exact);
        modelBuilder.Entity<AuditEntry>(entry =>
        {
            entry.ToTable(table => table.HasTrigger("AuditIsKept"));
            entry.Property(e => e.Tenant).UseCollation(Exact);
        });
        modelBuilder.Entity<Question>().Property(q => q.Tenant).UseCollation(Exact);
        modelBuilder.Entity<KeyedRequest>(request =>
        {
            request.Property(r => r.Tenant).UseCollation(Exact);
            request.Property(r => r.Key).UseCollation(Exact);
        });
        modelBuilder.Entity<QuestionBatch>(batch =>
        {
            batch.Property(b => b.Tenant).UseCollation(Exact);
            batch.Property(b => b.Key).UseCollation(Exact);
        });
        modelBuilder.Entity<SearchRow>(row =>
        {
            row.Property(r => r.Tenant).UseCollation(Exact);
            // By the codes of characters, so that the order is SQLite's.
            row.Property(r => r.FileNameOrder).UseCollation(Exact);
            row.Property(r => r.TitleOrder).UseCollation(Exact);
            row.Property(r => r.ArtistOrder).UseCollation(Exact);
        });
        modelBuilder.Entity<UrlUpload>().Property(u => u.Tenant).UseCollation(Exact);
        modelBuilder.Entity<WebhookEndpoint>().Property(e => e.Tenant).UseCollation(Exact);
        modelBuilder.Entity<WebhookEvent>().Property(e => e.Tenant).UseCollation(Exact);
        modelBuilder.Entity<WebhookDelivery>().Property(d => d.Tenant).UseCollation(Exact);
        modelBuilder.Entity<TrackCount>(count => count.HasNoKey().ToView("TrackCounts"));
    }

    /// <summary>For <c>dotnet ef</c>, which needs a model and no database.</summary>
    internal sealed class DesignTime : IDesignTimeDbContextFactory<SqlServerCatalogueDb>
    {
        public SqlServerCatalogueDb CreateDbContext(string[] args) => new(Options("Server=design-time"));
    }
}
