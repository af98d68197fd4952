using Microsoft.Data.SqlClient;
using Microsoft.EntityFrameworkCore;
using OpenMU.Catalogue.Storage;

namespace OpenMU.Catalogue.Tests;

/// <summary>A migrated catalogue in a database of its own; tests know it by the name that it has on SQLite.</summary>
public sealed class CatalogueFile : IAsyncDisposable
{
    private CatalogueFile(string connectionString) => Factory = new CatalogueDbFactory(
        new CatalogueSettings { Provider = CatalogueProvider.SqlServer, ConnectionString = connectionString });

    public CatalogueDbFactory Factory { get; }

    public static async Task<CatalogueFile> CreateAsync()
    {
        var cancel = TestContext.Current.CancellationToken;
        var file = new CatalogueFile(await SqlServerEngine.DatabaseAsync(cancel));
        await file.Factory.MigrateAsync(cancel);
        return file;
    }

    public CatalogueDb Open() => Factory.CreateDbContext();

    /// <summary>Waits until what was written can be found by its words, which the engine sees to by the way.</summary>
    public async Task SettledAsync()
    {
        await using var db = Open();
        FormattableString pending =
            $"SELECT CAST(OBJECTPROPERTYEX(OBJECT_ID('SearchRows'), 'TableFulltextPendingChanges') AS int) AS [Value]";
        while (await db.Database.SqlQuery<int>(pending).SingleAsync(TestContext.Current.CancellationToken) > 0)
            await Task.Delay(50, TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await using var db = Open();
        SqlConnection.ClearAllPools();
        await db.Database.EnsureDeletedAsync();
    }
}
