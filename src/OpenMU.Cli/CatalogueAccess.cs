using System.CommandLine;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using OpenMU.Catalogue;
using OpenMU.Catalogue.Settings;
using OpenMU.Catalogue.Storage;
using OpenMU.Cli.Home;

namespace OpenMU.Cli;

/// <summary>
/// The catalogue that a verb works on: that of a home folder, also while <c>openmu up</c> runs on it, or one that the
/// environment names as it does for the programs in Azure, reached by identity.
/// </summary>
internal sealed class CatalogueAccess : IAsyncDisposable
{
    private readonly IAsyncDisposable? owned;

    private CatalogueAccess(string where, IServiceProvider services, IAsyncDisposable? owned) =>
        (Where, Services, this.owned) = (where, services, owned);

    /// <summary>What to call it in a sentence.</summary>
    public string Where { get; }

    /// <summary>Catalogue, storage and queues.</summary>
    public IServiceProvider Services { get; }

    /// <summary>The folder of a catalogue at home; null for one in Azure.</summary>
    public DirectoryInfo? HomeFolder { get; private init; }

    /// <summary>Folders that are fed into a catalogue at home; null in Azure.</summary>
    public KnownFolders? Folders { get; private init; }

    /// <summary>Files of such folders that were deleted; null in Azure.</summary>
    public DeletedFiles? Deleted { get; private init; }

    public CatalogueDbFactory Catalogue => Services.GetRequiredService<CatalogueDbFactory>();

    /// <summary>What every such verb takes.</summary>
    public static Option<DirectoryInfo?> DataOption() => new("--data")
    {
        Description = "Folder of a catalogue at home, as `openmu up` was given it. Without it: the catalogue that "
            + "Catalogue__* and Storage__* in the environment name, as for the programs in Azure, if they do; else "
            + "OPENMU_DATA, else ./openmu-data.",
        HelpName = "DIR"
    };

    /// <summary>Whose library; of every verb that works on one.</summary>
    public static Option<string> TenantOption() => new("--tenant")
    {
        Description = "Whose library.",
        HelpName = "NAME",
        DefaultValueFactory = _ => TrackBlob.DefaultTenant
    };

    /// <summary>Opens the catalogue.</summary>
    /// <param name="data">As <see cref="DataOption"/> was given.</param>
    /// <param name="withStorage">Blobs and queues are needed too.</param>
    /// <param name="cancel">Ends the opening.</param>
    /// <exception cref="UsageException">There is none in the folder.</exception>
    public static async Task<CatalogueAccess> OpenAsync(
        DirectoryInfo? data, bool withStorage, CancellationToken cancel)
    {
        var environment = new ConfigurationBuilder().AddEnvironmentVariables().Build();
        if (data is null && environment["Catalogue:ConnectionString"] is { Length: > 0 })
            return OfEnvironment(environment, withStorage);

        var folder = data ?? Up.UsualData();
        if (!HomeSystem.Exists(folder))
        {
            throw new UsageException(
                $"There is no catalogue in {folder.FullName}: name the folder that `openmu up` was given with --data, "
                    + "or set Catalogue__connectionString for one in Azure.");
        }

        var running = HomeSystem.RunningStorage(folder);
        if (!withStorage || running is not null) return OfServices(folder.FullName, At(folder, running), folder);
        var home = await HomeSystem.OpenAsync(folder, cancel);
        return AtHome(folder.FullName, home.Services, home, folder);
    }

    public ValueTask DisposeAsync() => owned?.DisposeAsync() ?? ValueTask.CompletedTask;

    private static CatalogueAccess OfEnvironment(IConfiguration environment, bool withStorage)
    {
        var settings = StrictOptions.Read<CatalogueSettings>(environment, "Catalogue");
        if (withStorage) StrictOptions.Read<StorageSettings>(environment, "Storage");
        return OfServices(Named(settings), environment);
    }

    private static CatalogueAccess OfServices(string where, IConfiguration configuration, DirectoryInfo? folder = null)
    {
        var services = new ServiceCollection().AddLogging().AddCatalogue(configuration).BuildServiceProvider();
        return AtHome(where, services, services, folder);
    }

    private static CatalogueAccess AtHome(
        string where, IServiceProvider services, IAsyncDisposable owned, DirectoryInfo? folder) =>
        new(where, services, owned)
        {
            HomeFolder = folder,
            Folders = folder is null ? null : new KnownFolders(Path.Combine(folder.FullName, HomeSystem.FoldersFile)),
            Deleted = folder is null ? null : new DeletedFiles(Path.Combine(folder.FullName, HomeSystem.DeletedFile)),
        };

    private static IConfiguration At(DirectoryInfo folder, string? storage) => new ConfigurationBuilder()
        .AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Catalogue:ConnectionString"] = new SqliteConnectionStringBuilder
            {
                DataSource = Path.Combine(folder.FullName, HomeSystem.CatalogueFile)
            }.ToString(),
            ["Storage:ConnectionString"] = storage,
        }).Build();

    // Only what names the place: a connection string may hold a secret.
    private static string Named(CatalogueSettings settings)
    {
        var parts = new System.Data.Common.DbConnectionStringBuilder { ConnectionString = settings.ConnectionString };
        string[] names = ["Data Source", "Server", "Database", "Initial Catalog"];
        return string.Join(' ', names.Where(parts.ContainsKey).Select(name => parts[name]));
    }
}
