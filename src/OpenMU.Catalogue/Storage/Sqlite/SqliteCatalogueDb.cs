using System.Data.Common;
using System.Runtime.CompilerServices;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;
using Microsoft.EntityFrameworkCore.Diagnostics;
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

    /// <exception cref="ArgumentException">Not a connection string.</exception>
    internal static DbContextOptions<SqliteCatalogueDb> Options(string connectionString)
    {
        var connection =
            new SqliteConnectionStringBuilder(connectionString) { ForeignKeys = true, DefaultTimeout = RoundSeconds };
        return new DbContextOptionsBuilder<SqliteCatalogueDb>()
            .UseSqlite(connection.ToString(), sqlite =>
                sqlite.ExecutionStrategy(by => new WaitForWriters(by.CurrentContext.Context)))
            .AddInterceptors(new BusyTimeout(), new StopOnCancel())
            .Options;
    }

    /// <inheritdoc />
    public override async Task MigrateAsync(CancellationToken cancel)
    {
        if (await UpToDateAsync(cancel)) return;

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
    }

    // Without knowing how often a value occurs, SQLite would walk through a tenant's whole index for a word that three
    // tracks have, and sort a million rows to show fifty. So every way is prescribed: CROSS JOIN keeps the order of
    // tables, INDEXED BY and NOT INDEXED choose the index.
    internal override IQueryable<SearchHit> Hits(string tenant, IReadOnlyList<string> words)
    {
        const string columns = "r.TrackId, r.State, r.Camelot, r.Bpm, r.Lufs, r.Seconds";
        const string rows = $"SearchRows AS r INDEXED BY {NarrowIndex}";
        return words.Count == 0
            ? Database.SqlQueryRaw<SearchHit>($"SELECT {columns} FROM {rows} WHERE r.Tenant = {{0}}", tenant)
            : Database.SqlQueryRaw<SearchHit>(
                $"SELECT {columns} FROM SearchText AS t CROSS JOIN {rows} "
                    + "WHERE t.SearchText MATCH {0} AND r.Tenant = {1} AND r.TrackId = t.rowid",
                Match(words), tenant);
    }

    internal override IQueryable<long> WithWords(IReadOnlyList<string> words) => Database.SqlQueryRaw<long>(
        "SELECT rowid AS Value FROM SearchText WHERE SearchText MATCH {0}", Match(words));

    internal override IQueryable<SearchRow> Rows(SearchWay way, TrackSort sort) => SearchRows.FromSql(
        FormattableStringFactory.Create("SELECT * FROM SearchRows " + way switch
        {
            SearchWay.Ids => "NOT INDEXED",
            SearchWay.State => $"INDEXED BY {StateIndex}",
            _ => $"INDEXED BY IX_SearchRows_Tenant_{(sort == TrackSort.Key ? "Camelot" : $"{sort}")}_TrackId",
        }));

    private static string Match(IReadOnlyList<string> words) =>
        string.Join(' ', words.Select(word => $"\"{word}\"*"));

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        base.OnModelCreating(modelBuilder);
        modelBuilder.Entity<SearchRow>(row =>
        {
            // People expect "abba" beside "ABBA".
            row.Property(r => r.FileName).UseCollation("NOCASE");
            row.Property(r => r.Title).UseCollation("NOCASE");
            row.Property(r => r.Artist).UseCollation("NOCASE");
            row.HasIndex(r => new { r.Tenant, r.FileName, r.TrackId });
            row.HasIndex(r => new { r.Tenant, r.Title, r.TrackId });
            row.HasIndex(r => new { r.Tenant, r.Artist, r.TrackId });
        });
        modelBuilder.Entity<Track>().HasIndex(t => t.BlobName);
        modelBuilder.Entity<TrackLyrics>().HasIndex(l => l.BlobName);
        modelBuilder.Entity<TrackCount>(count =>
        {
            count.HasKey(c => new { c.Tenant, c.State, c.Camelot });
            count.Property(c => c.Camelot).IsRequired();
        });
    }

    private async Task<bool> UpToDateAsync(CancellationToken cancel) =>
        await Database.CanConnectAsync(cancel) && !(await Database.GetPendingMigrationsAsync(cancel)).Any();

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
    private sealed class BusyTimeout : DbConnectionInterceptor
    {
        public override void ConnectionOpened(DbConnection connection, ConnectionEndEventData eventData)
        {
            using var command = connection.CreateCommand();
            command.CommandText = $"PRAGMA busy_timeout = {RoundSeconds * 1000}";
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
