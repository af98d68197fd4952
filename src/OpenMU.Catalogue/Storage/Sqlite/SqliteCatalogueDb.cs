using System.Data.Common;
using System.Runtime.CompilerServices;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.EntityFrameworkCore.Infrastructure;
using OpenMU.Catalogue.Access;
using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Questions;
using OpenMU.Catalogue.Search;
using OpenMU.Catalogue.Tracks;

namespace OpenMU.Catalogue.Storage.Sqlite;

/// <summary>
/// The catalogue in one SQLite file. Readers never wait (WAL); writers wait for each other, up to a minute, in one
/// process or several. Every transaction takes the write lock when it begins (BEGIN IMMEDIATE, the driver's default),
/// because one that reads first and writes later would be refused at once instead of waiting. What is cancelled ends:
/// a statement in the middle of its work, a wait for the lock within a second.
/// </summary>
public sealed class SqliteCatalogueDb(DbContextOptions<SqliteCatalogueDb> options) : CatalogueDb(options)
{
    // SQLite's own waiting holds a thread and cannot be ended: it waits in short rounds.
    private const int RoundSeconds = 1;

    // What each connection keeps of the file. A search in a large catalogue needs several times SQLite's own 2 MB, or
    // it reads pages twice; in a worker, which has a connection for each job at hand, they would only be memory.
    private const int PageCacheKilobytes = 2 * 1024, PageCacheOfSearchKilobytes = 16 * 1024;

    // Of all connections of the process together: beyond it, pages are read over those that were read before.
    private const int HeapKilobytes = 128 * 1024;

    // Facets, state and key alone, so that to count those of thousands of tracks reads nothing else.
    private const string FacetsIndex = "IX_SearchRows_Facets";

    /// <exception cref="ArgumentException">Not a connection string.</exception>
    internal static DbContextOptions<SqliteCatalogueDb> Options(string connectionString, bool isSearched = true)
    {
        var connection =
            new SqliteConnectionStringBuilder(connectionString) { ForeignKeys = true, DefaultTimeout = RoundSeconds };
        return new DbContextOptionsBuilder<SqliteCatalogueDb>()
            .UseSqlite(connection.ToString(), sqlite =>
                sqlite.ExecutionStrategy(by => new WaitForWriters(by.CurrentContext.Context)))
            .AddInterceptors(
                new Settings(isSearched ? PageCacheOfSearchKilobytes : PageCacheKilobytes), new StopOnCancel())
            .ReplaceService<IModelCacheKeyFactory, TenantFilter.ModelKey>()
            .Options;
    }

    /// <inheritdoc />
    /// <exception cref="InvalidOperationException">The file has other tables than this program's.</exception>
    public override async Task MigrateAsync(CancellationToken cancel)
    {
        if (await UpToDateAsync(cancel))
        {
            await RequireColumnsAsync(cancel);
            return;
        }

        var file = Path.GetFullPath(new SqliteConnectionStringBuilder(Database.GetConnectionString()).DataSource);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        await using var turn = await TurnAsync(file + ".migrating", cancel);

        // EF's own lock is a row that a killed process leaves behind; ours is the system's and dies with its holder.
        if (File.Exists(file))
        {
            await Database.CreateExecutionStrategy().ExecuteAsync(
                token => Database.ExecuteSqlRawAsync("DROP TABLE IF EXISTS __EFMigrationsLock", token), cancel);
        }

        await Database.MigrateAsync(cancel);
        await Database.CreateExecutionStrategy().ExecuteAsync(
            token => PlannerStatistics.WriteAsync(this, token), cancel);
    }

    // Without knowing how often a value occurs, SQLite would walk through a tenant's whole index for a word that three
    // tracks have, and sort a million rows to show fifty. So every way is prescribed: CROSS JOIN keeps the order of
    // tables, INDEXED BY and NOT INDEXED choose the index.
    // One index has all that is counted. Where there are bounds, a narrow one tells first which rows are within them.
    internal override IQueryable<SearchHit> Hits(
        string tenant, SearchCondition? condition, bool withRanges, bool withFacets)
    {
        const string narrow = $"SearchRows AS r INDEXED BY {NarrowIndex}";
        const string facets = $"SearchRows AS f INDEXED BY {FacetsIndex}";
        const string none = "CAST(NULL AS REAL)";
        var (first, rows, columns, same) = (withRanges, withFacets) switch
        {
            (true, true) => (
                "r", $"{narrow} CROSS JOIN {facets}", "r.Bpm, r.Lufs, r.Seconds, f.Facets",
                " AND f.Tenant = r.Tenant AND f.TrackId = r.TrackId"),
            (false, true) => (
                "f", facets, $"{none} AS Bpm, {none} AS Lufs, {none} AS Seconds, f.Facets", ""),
            _ => ("r", narrow, "r.Bpm, r.Lufs, r.Seconds, '' AS Facets", ""),
        };
        columns = $"{first}.TrackId, {first}.State, {first}.Camelot, {columns}";
        var (text, arguments) = condition is null
            ? ($"SELECT {columns} FROM {rows} WHERE {first}.Tenant = {{0}}{same}", (object[])[tenant])
            : (
                $"SELECT {columns} FROM SearchText AS t CROSS JOIN {rows} WHERE t.SearchText MATCH {{0}} "
                    + $"AND {first}.Tenant = {{1}} AND {first}.TrackId = t.rowid{same}",
                [condition.ToFts5(), tenant]);
        return Database.SqlQuery<SearchHit>(FormattableStringFactory.Create(text, arguments));
    }

    internal override IQueryable<long> WithWords(SearchCondition condition) => Database.SqlQueryRaw<long>(
        "SELECT rowid AS Value FROM SearchText WHERE SearchText MATCH {0}", condition.ToFts5());

    internal override async Task AddQuestionsAsync(QuestionBatch batch, string rows, CancellationToken cancel)
    {
        await Database.ExecuteSqlAsync(
            $"""
            INSERT INTO Jobs(Tenant, ContentId, Kind, ModelVersion, State, Fence, Attempts, IsSuspect, IsFromScratch,
                Priority, CreatedAt)
            SELECT {batch.Tenant}, r.value ->> 'ContentId', 'Question', {Job.AnyModel}, r.value ->> 'State', 0, 0, 0, 0,
                {(int)batch.Priority}, {batch.AskedAt}
            FROM json_each({rows}) AS r
            """,
            cancel);
        await Database.ExecuteSqlAsync(
            $"""
            INSERT INTO Questions(Tenant, TrackId, JobId, BatchId, Position, FileName, BlobKey, Text, AskedAt)
            SELECT {batch.Tenant}, r.value ->> 'TrackId', j.Id, {batch.Id}, r.value ->> 'Position',
                r.value ->> 'FileName', r.value ->> 'BlobKey', r.value ->> 'Text', {batch.AskedAt}
            FROM json_each({rows}) AS r CROSS JOIN Jobs AS j
            WHERE j.Tenant = {batch.Tenant} AND j.ContentId = r.value ->> 'ContentId' AND j.Kind = 'Question'
                AND j.ModelVersion = {Job.AnyModel}
            """,
            cancel);
    }

    internal override IQueryable<SearchRow> Rows(SearchWay way, TrackSort sort) => SearchRows.FromSql(
        FormattableStringFactory.Create("SELECT * FROM SearchRows " + way switch
        {
            SearchWay.Ids => "NOT INDEXED",
            SearchWay.State => $"INDEXED BY {StateIndex}",
            _ => $"INDEXED BY IX_SearchRows_Tenant_{Sorted(sort)}_TrackId",
        }));

    private static string Sorted(TrackSort sort) =>
        sort is TrackSort.FileName or TrackSort.Title or TrackSort.Artist or TrackSort.Key ? $"{sort}Order" : $"{sort}";

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        base.OnModelCreating(modelBuilder);
        modelBuilder.Entity<SearchRow>().HasIndex(
            r => new { r.Tenant, r.TrackId, r.State, r.Camelot, r.Facets }, FacetsIndex);
        modelBuilder.Entity<Track>().HasIndex(t => t.BlobName);
        modelBuilder.Entity<TrackLyrics>().HasIndex(l => l.BlobName);
        modelBuilder.Entity<TrackCount>(count =>
        {
            count.HasKey(c => new { c.Tenant, c.State, c.Camelot });
            count.Property(c => c.Camelot).IsRequired();
        });
    }

    private async Task<bool> UpToDateAsync(CancellationToken cancel) =>
        await Database.CanConnectAsync(cancel) && !(await Database.GetPendingMigrationsAsync(cancel)).Any()
            && await PlannerStatistics.AreThereAsync(this, cancel);

    // A file of a version that had not been released may have this one's migration and other tables.
    private async Task RequireColumnsAsync(CancellationToken cancel)
    {
        var there = await Database.SqlQuery<string>(
            $"""
            SELECT t.name || '.' || c.name AS Value FROM sqlite_schema AS t JOIN pragma_table_info(t.name) AS c
            WHERE t.type = 'table'
            """).ToListAsync(cancel);
        var missing = Model.GetRelationalModel().Tables
            .SelectMany(table => table.Columns.Select(column => $"{table.Name}.{column.Name}"))
            .Except(there).FirstOrDefault();
        if (missing is null) return;
        var file = new SqliteConnectionStringBuilder(Database.GetConnectionString()).DataSource;
        throw new InvalidOperationException(
            $"The catalogue {file} was made by another version, and has no {missing}: have that version export it, or "
            + "begin a new one in another folder (--data).");
    }

    private static async Task<FileStream> TurnAsync(string path, CancellationToken cancel)
    {
        while (true)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (File.Exists(path))
            {
                await Task.Delay(50, cancel);
            }
        }
    }

    /// <summary>
    /// SQLite's own waiting looks again after milliseconds; the driver's, which would do otherwise, after 150 ms.
    /// </summary>
    private sealed class Settings(int pageCacheKilobytes) : DbConnectionInterceptor
    {
        public override void ConnectionOpened(DbConnection connection, ConnectionEndEventData eventData)
        {
            using var command = connection.CreateCommand();
            command.CommandText = $"PRAGMA busy_timeout = {RoundSeconds * 1000}; "
                + $"PRAGMA cache_size = -{pageCacheKilobytes}; PRAGMA soft_heap_limit = {HeapKilobytes * 1024}";
            command.ExecuteNonQuery();
            // Connections are used again and again.
            StopOnCancel.Clear(connection);
        }

        public override Task ConnectionOpenedAsync(
            DbConnection connection, ConnectionEndEventData eventData, CancellationToken cancellationToken = default)
        {
            ConnectionOpened(connection, eventData);
            return Task.CompletedTask;
        }
    }

    /// <summary>For <c>dotnet ef</c>, which needs a model and no database.</summary>
    internal sealed class DesignTime : IDesignTimeDbContextFactory<SqliteCatalogueDb>
    {
        public SqliteCatalogueDb CreateDbContext(string[] args) => new(Options("Data Source=design-time.db"));
    }
}
