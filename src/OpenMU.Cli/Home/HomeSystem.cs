using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenMU.Catalogue;
using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Storage;
using OpenMU.Functions;
using OpenMU.Model.Weights;
using OpenMU.Web;
using OpenMU.Worker;
using Serilog;
using Serilog.Events;

namespace OpenMU.Cli.Home;

/// <summary>What <c>openmu up</c> runs with.</summary>
/// <param name="Data">Folder of everything that lasts: uploads, catalogue, log.</param>
/// <param name="Tenant">The library that the files belong to.</param>
/// <param name="Port">Port of the page; null takes the usual one, or a free one if that is taken.</param>
/// <param name="Workers">Tracks analysed at once; null for one per processor.</param>
/// <param name="ModelFolder">The model that listens; null only measures.</param>
/// <param name="ModelThreads">Threads that compute for it; null for one per processor.</param>
internal sealed record HomeSettings(DirectoryInfo Data, string Tenant, int? Port, int? Workers, string? ModelFolder = null, int? ModelThreads = null);

/// <summary>
/// The cloud system in one process: the storage emulator for blobs and queues, SQLite for SQL, and the very handlers, worker loop and
/// web site that run in Azure, composed by the same calls. No Event Grid exists here, so the sweep that finds missed uploads runs every
/// second instead.
/// </summary>
internal sealed class HomeSystem : IAsyncDisposable
{
    private const int UsualPort = 5080;
    private static readonly TimeSpan SweepEvery = TimeSpan.FromSeconds(1);

    // Half of the cloud's: whoever starts the system again after a crash should not wait long for what it held.
    private static readonly TimeSpan WorkerVisibility = TimeSpan.FromSeconds(30);

    // Whoever presses Ctrl-C waits for the worker to let go, but not for a browser that still listens to a track.
    private static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(15);

    private readonly CancellationTokenSource stop = new();
    private readonly List<IAsyncDisposable> owned = [];
    private readonly List<Task> loops = [];
    private readonly DirectoryInfo data;
    private Serilog.Core.Logger log = null!;
    private IServiceProvider services = null!;
    private WebApplication? site;

    private HomeSystem(DirectoryInfo data) => this.data = data;

    public MusicStorage Storage => services.GetRequiredService<MusicStorage>();

    public CatalogueDbFactory Catalogue => services.GetRequiredService<CatalogueDbFactory>();

    public IngestTrack Ingest => services.GetRequiredService<IngestTrack>();

    /// <summary>The model that tracks are analysed with, as jobs name it.</summary>
    public string ModelVersion { get; private set; } = Job.NoModel;

    /// <summary>The catalogue page's.</summary>
    public string Address { get; private set; } = "";

    /// <summary>Starts everything; returns when the page answers.</summary>
    /// <exception cref="InvalidOperationException">Another system works on the same data, the port is taken, or the emulator does not start.</exception>
    /// <exception cref="InvalidDataException">The model's folder is no whole model.</exception>
    public static Task<HomeSystem> StartAsync(HomeSettings settings, CancellationToken cancel) => BeginAsync(settings.Data, async system =>
    {
        if (settings.ModelFolder is { } model && !File.Exists(Path.Combine(model, ModelFolder.ConfigFile)))
            throw new InvalidDataException($"{model} is no model folder: it has no {ModelFolder.ConfigFile}.");
        await system.ServeAsync(settings, cancel);
        system.StartLoops();
    }, cancel);

    /// <summary>Opens only storage and catalogue, for verbs that neither analyse nor serve.</summary>
    /// <exception cref="InvalidOperationException">Another system works on the same data, or the emulator does not start.</exception>
    public static Task<HomeSystem> OpenAsync(DirectoryInfo data, CancellationToken cancel) => BeginAsync(data, async system =>
    {
        var configuration = new ConfigurationBuilder().AddCommandLine(await system.PrepareAsync(cancel)).Build();
        var provider = new ServiceCollection().AddLogging().AddCatalogue(configuration).BuildServiceProvider();
        system.services = provider;
        system.owned.Add(provider);
        await system.CreateIfMissingAsync(cancel);
    }, cancel);

    /// <summary>Sends failed tracks and questions back for as many tries again.</summary>
    /// <returns>How many jobs are queued again.</returns>
    public async Task<int> RedriveAsync(CancellationToken cancel)
    {
        var count = 0;
        foreach (var queue in services.GetRequiredService<JobQueues>().All) count += await queue.RedriveAsync(tenant: null, cancel);
        return count;
    }

    /// <summary>Awaits a task, but fails as soon as a part of the system does: nobody waits for work that nothing does any more.</summary>
    public async Task<T> WhileRunningAsync<T>(Task<T> task)
    {
        await await Task.WhenAny([task, .. loops]);
        return await task;
    }

    /// <summary>Stops in order: the worker releases what it holds, the page closes, the emulator ends.</summary>
    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        if (site is not null) await StopAsync(site);
        await Task.WhenAll(loops).ContinueWith(_ => { }, TaskScheduler.Default);
        for (var i = owned.Count - 1; i >= 0; i--) await owned[i].DisposeAsync();
        stop.Dispose();
    }

    private static async Task StopAsync(WebApplication site)
    {
        try
        {
            await site.StopAsync();
        }
        catch (OperationCanceledException)
        {
            // The time is up; what the worker could not give back comes back when its lease ends.
        }
    }

    private static async Task<HomeSystem> BeginAsync(DirectoryInfo data, Func<HomeSystem, Task> begin, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        var system = new HomeSystem(data);
        try
        {
            await begin(system);
            return system;
        }
        catch
        {
            await system.DisposeAsync();
            throw;
        }
    }

    /// <summary>Takes the folder, opens the log and starts the emulator.</summary>
    /// <returns>The settings of catalogue and storage, spelled as a command line.</returns>
    private async Task<string[]> PrepareAsync(CancellationToken cancel)
    {
        data.Create();
        owned.Add(Lock(data));
        log = new LoggerConfiguration()
            .MinimumLevel.Override("Azure", LogEventLevel.Warning)
            .MinimumLevel.Override("Microsoft", LogEventLevel.Warning)
            .WriteTo.File(InData("openmu.log"), fileSizeLimitBytes: 10 << 20, rollOnFileSizeLimit: true, retainedFileCountLimit: 3)
            .CreateLogger();
        owned.Add(log);
        var azurite = await Azurite.StartAsync(InData("storage"), cancel);
        owned.Add(azurite);
        var database = new SqliteConnectionStringBuilder { DataSource = InData("catalogue.db") };
        return
        [
            $"--Catalogue:Provider={CatalogueProvider.Sqlite}", $"--Catalogue:ConnectionString={database}",
            $"--Storage:ConnectionString={azurite.ConnectionString}",
        ];
    }

    private async Task CreateIfMissingAsync(CancellationToken cancel)
    {
        await Storage.CreateIfMissingAsync(cancel);
        await Catalogue.MigrateAsync(cancel);
    }

    private async Task ServeAsync(HomeSettings settings, CancellationToken cancel)
    {
        string[] settled = await PrepareAsync(cancel);
        var port = settings.Port ?? (IsFree(UsualPort) ? UsualPort : 0);
        if (port != 0 && !IsFree(port)) throw new InvalidOperationException($"Port {port} is taken: choose another one with --port.");
        site = CatalogueSite.Build(
            [
                .. settled, $"--Site:Tenant={settings.Tenant}", $"--Site:Url=http://127.0.0.1:{port}",
                $"--Worker:Parallelism={settings.Workers ?? Environment.ProcessorCount}", $"--Worker:Visibility={WorkerVisibility}",
                $"--Worker:TempFolder={InData("work")}", $"--Worker:ModelFolder={settings.ModelFolder}",
                .. settings.ModelThreads is { } threads ? [$"--Worker:ModelThreads={threads}"] : Array.Empty<string>(),
            ],
            builder =>
            {
                builder.Logging.ClearProviders().AddSerilog(log);
                builder.Services.AddIngest(builder.Configuration).AddWorker(builder.Configuration);
                builder.Services.Configure<HostOptions>(host =>
                {
                    host.ShutdownTimeout = ShutdownTimeout;
                    host.ServicesStopConcurrently = true;
                });
            });
        owned.Add(site);
        services = site.Services;
        await CreateIfMissingAsync(cancel);
        await site.StartAsync(cancel);
        Address = site.Urls.First();
    }

    private void StartLoops()
    {
        loops.AddRange(services.GetServices<IHostedService>().OfType<WorkerService>().Select(worker => worker.ExecuteTask!));
        // Here the worker's model is what jobs ask for, whatever it is; in Azure a setting says so to both programs.
        ModelVersion = services.GetRequiredService<TrackAnalyser>().ModelVersion;
        services.GetRequiredService<IngestOptions>().ModelVersion = ModelVersion;
        var (sweep, failed) = (services.GetRequiredService<SweepUploads>(), services.GetRequiredService<FailedJob>());
        loops.Add(Task.Run(() => RepeatAsync(async () =>
        {
            await sweep.RunAsync(stop.Token);
            await failed.DrainAsync(stop.Token);
        })));
    }

    private string InData(string name) => Path.Combine(data.FullName, name);

    private static FileStream Lock(DirectoryInfo data)
    {
        try
        {
            return new FileStream(Path.Combine(data.FullName, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose);
        }
        catch (IOException)
        {
            throw new InvalidOperationException($"Another openmu works on {data.FullName}: stop it first, or choose another folder with --data.");
        }
    }

    private async Task RepeatAsync(Func<Task> step)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await step();
                await Task.Delay(SweepEvery, stop.Token);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
            }
        }
    }

    private static bool IsFree(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
