using Microsoft.Data.Sqlite;
using OpenMU.Catalogue.Storage;

namespace OpenMU.Catalogue.Tests;

/// <summary>A real, migrated SQLite catalogue in a folder of its own, gone when disposed.</summary>
public sealed class CatalogueFile : IAsyncDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("openmu-catalogue-").FullName;

    private CatalogueFile() => Factory = CatalogueDbFactory.ForFile(Path);

    public string Path => System.IO.Path.Combine(folder, "catalogue.db");

    public CatalogueDbFactory Factory { get; }

    public static async Task<CatalogueFile> CreateAsync()
    {
        var file = new CatalogueFile();
        await file.Factory.MigrateAsync(TestContext.Current.CancellationToken);
        return file;
    }

    /// <summary>Waits until what was written can be found by its words; here that is at once.</summary>
    public Task SettledAsync() => Task.CompletedTask;

    public CatalogueDb Open() => Factory.CreateDbContext();

    public ValueTask DisposeAsync()
    {
        SqliteConnection.ClearAllPools();
        Directory.Delete(folder, recursive: true);
        return ValueTask.CompletedTask;
    }
}
