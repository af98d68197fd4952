using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Storage;
using OpenMU.Functions;
using OpenMU.Mir.Audio;
using OpenMU.Web;
using OpenMU.Worker;
using Serilog;
using Serilog.Events;
using Serilog.Extensions.Logging;

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
/// web site that run in Azure. No Event Grid exists here, so the sweep that finds missed uploads runs every second instead.
/// </summary>
internal sealed class HomeSystem : IAsyncDisposable
{
    private const int UsualPort = 5080;
    private static readonly TimeSpan SweepEvery = TimeSpan.FromSeconds(1);

    // Half of the cloud's: whoever starts the system again after a crash should not wait long for what it held.
    private static readonly TimeSpan WorkerVisibility = TimeSpan.FromSeconds(30);

    private readonly CancellationTokenSource stop = new();
    private readonly List<IAsyncDisposable> owned = [];
    private readonly List<Task> loops = [];
    private ILoggerFactory logs = null!;
    private ModelSession? listener;

    private HomeSystem()
    {
    }

    public MusicStorage Storage { get; private set; } = null!;

    public CatalogueDbFactory Catalogue { get; private set; } = null!;

    public IngestTrack Ingest { get; private set; } = null!;

    /// <summary>The model that tracks are analysed with, as jobs name it.</summary>
    public string ModelVersion { get; private set; } = Job.NoModel;

    /// <summary>The catalogue page's.</summary>
    public string Address { get; private set; } = "";

    /// <summary>Starts everything; returns when the page answers.</summary>
    /// <exception cref="InvalidOperationException">Another system works on the same data, the port is taken, or the emulator does not start.</exception>
    /// <exception cref="InvalidDataException">The model's folder is no whole model.</exception>
    public static async Task<HomeSystem> StartAsync(HomeSettings settings, CancellationToken cancel)
    {
        var system = await OpenAsync(settings.Data, cancel);
        try
        {
            await system.ServeAsync(settings, cancel);
            system.StartLoops(settings);
            return system;
        }
        catch
        {
            await system.DisposeAsync();
            throw;
        }
    }

    /// <summary>Opens only storage and catalogue, for verbs that neither analyse nor serve.</summary>
    /// <exception cref="InvalidOperationException">Another system works on the same data, or the emulator does not start.</exception>
    public static async Task<HomeSystem> OpenAsync(DirectoryInfo data, CancellationToken cancel)
    {
        var system = new HomeSystem();
        try
        {
            data.Create();
            system.owned.Add(Lock(data));
            system.OpenLog(Path.Combine(data.FullName, "openmu.log"));

            var azurite = await Azurite.StartAsync(Path.Combine(data.FullName, "storage"), cancel);
            system.owned.Add(azurite);
            system.Storage = MusicStorage.FromConnectionString(azurite.ConnectionString);
            await system.Storage.CreateIfMissingAsync(cancel);

            system.Catalogue = CatalogueDbFactory.ForFile(Path.Combine(data.FullName, "catalogue.db"));
            await system.Catalogue.MigrateAsync(cancel);
            return system;
        }
        catch
        {
            await system.DisposeAsync();
            throw;
        }
    }

    /// <summary>Sends failed tracks and questions back for another five tries.</summary>
    /// <returns>How many jobs are queued again.</returns>
    public async Task<int> RedriveAsync(CancellationToken cancel)
    {
        var count = 0;
        foreach (var kind in Enum.GetValues<JobKind>())
            count += await new JobQueue(Storage, new JobLedger(Catalogue, TimeProvider.System, kind)).RedriveAsync(tenant: null, cancel);
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
        await Task.WhenAll(loops).ContinueWith(_ => { }, TaskScheduler.Default);
        for (var i = owned.Count - 1; i >= 0; i--) await owned[i].DisposeAsync();
        listener?.Dispose();
        stop.Dispose();
    }

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

    private void OpenLog(string path)
    {
        var log = new LoggerConfiguration()
            .MinimumLevel.Override("Azure", LogEventLevel.Warning)
            .MinimumLevel.Override("Microsoft", LogEventLevel.Warning)
            .WriteTo.File(path, fileSizeLimitBytes: 10 << 20, rollOnFileSizeLimit: true, retainedFileCountLimit: 3)
            .CreateLogger();
        logs = new SerilogLoggerFactory(log);
        owned.Add(log);
    }

    private async Task ServeAsync(HomeSettings settings, CancellationToken cancel)
    {
        var port = settings.Port ?? (IsFree(UsualPort) ? UsualPort : 0);
        if (port != 0 && !IsFree(port)) throw new InvalidOperationException($"Port {port} is taken: choose another one with --port.");
        var site = CatalogueSite.Build([], Catalogue, Storage, new SiteSettings { Tenant = settings.Tenant, Url = $"http://127.0.0.1:{port}" }, logs);
        owned.Add(site);
        await site.StartAsync(cancel);
        Address = site.Urls.First();
    }

    private void StartLoops(HomeSettings settings)
    {
        var workerOptions = new WorkerOptions
        {
            Parallelism = settings.Workers ?? Environment.ProcessorCount,
            Visibility = WorkerVisibility,
            TempFolder = Path.Combine(settings.Data.FullName, "work"),
            ModelFolder = settings.ModelFolder,
            ModelThreads = settings.ModelThreads,
        };
        listener = ModelSession.Open(workerOptions);
        var analyser = new TrackAnalyser(DecodeLimits.Default, TimeProvider.System, listener);
        ModelVersion = analyser.ModelVersion;
        var ingestOptions = new IngestOptions { ModelVersion = ModelVersion };
        Ingest = new IngestTrack(Catalogue, Storage, ingestOptions, TimeProvider.System, logs.CreateLogger<IngestTrack>());
        var sweep = new SweepUploads(Ingest, Catalogue, Storage, ingestOptions, TimeProvider.System, logs.CreateLogger<SweepUploads>());
        var failed = new FailedJob(Catalogue, Storage, TimeProvider.System, logs.CreateLogger<FailedJob>());
        var worker = new WorkerLoop(Catalogue, Storage, analyser, workerOptions, TimeProvider.System, logs.CreateLogger<WorkerLoop>());

        loops.Add(Task.Run(() => worker.RunAsync(stop.Token)));
        loops.Add(Task.Run(() => RepeatAsync(async () =>
        {
            await sweep.RunAsync(stop.Token);
            await failed.DrainAsync(stop.Token);
        })));
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
