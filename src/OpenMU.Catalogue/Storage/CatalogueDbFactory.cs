using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using OpenMU.Catalogue.Access;
using OpenMU.Catalogue.Storage.Sqlite;
using OpenMU.Catalogue.Storage.SqlServer;

namespace OpenMU.Catalogue.Storage;

/// <summary>
/// Opens the catalogue in the database that the settings name. One per program; contexts are cheap and short-lived.
/// </summary>
public sealed class CatalogueDbFactory : IDbContextFactory<CatalogueDb>
{
    private readonly Func<CatalogueDb> create;

    /// <param name="settings">Where the catalogue is.</param>
    /// <param name="isSearched">Whether connections get the memory that a search in a large catalogue needs.</param>
    /// <exception cref="ArgumentException">The connection string is empty or not one.</exception>
    public CatalogueDbFactory(CatalogueSettings settings, bool isSearched = true)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(settings.ConnectionString);
        switch (settings.Provider)
        {
            case CatalogueProvider.Sqlite:
                var sqlite = SqliteCatalogueDb.Options(settings.ConnectionString, isSearched);
                create = () => new SqliteCatalogueDb(sqlite) { OnlyTenant = TenantScope.Current };
                break;
            case CatalogueProvider.SqlServer:
                var sqlServer = SqlServerCatalogueDb.Options(settings.ConnectionString);
                create = () => new SqlServerCatalogueDb(sqlServer) { OnlyTenant = TenantScope.Current };
                break;
            default:
                throw new ArgumentException($"There is no catalogue provider {settings.Provider}.", nameof(settings));
        }
    }

    /// <summary>A catalogue whose every command passes interceptors, in one SQLite file.</summary>
    internal CatalogueDbFactory(string path, params IInterceptor[] interceptors)
    {
        var options = new DbContextOptionsBuilder<SqliteCatalogueDb>(
            SqliteCatalogueDb.Options(ConnectionString(path))).AddInterceptors(interceptors).Options;
        create = () => new SqliteCatalogueDb(options) { OnlyTenant = TenantScope.Current };
    }

    /// <summary>
    /// The catalogue in one SQLite file, which <see cref="MigrateAsync"/> creates where it is missing.
    /// </summary>
    public static CatalogueDbFactory ForFile(string path) => new(new CatalogueSettings
    {
        ConnectionString = ConnectionString(path),
    });

    /// <summary>A context for the tenant of the present <see cref="TenantScope"/>; outside of any, for all.</summary>
    public CatalogueDb CreateDbContext() => create();

    /// <summary>Brings the database to this program's schema; several programs may do so at once.</summary>
    public async Task MigrateAsync(CancellationToken cancel)
    {
        await using var db = create();
        await db.MigrateAsync(cancel);
    }

    private static string ConnectionString(string path) =>
        new SqliteConnectionStringBuilder { DataSource = path }.ToString();
}
