using Microsoft.AspNetCore.Builder;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OpenMU.Catalogue;
using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Storage;
using OpenMU.Catalogue.Tracks;
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
/// <param name="ModelType">The type of its weights in memory; null leaves it to the device.</param>
/// <param name="HoldsNew">A new model's analyses are shown only when somebody publishes them.</param>
/// <param name="IsExposed">The page answers other machines too, and demands a key of everybody.</param>
internal sealed record HomeSettings(
    DirectoryInfo Data, string Tenant, int? Port, int? Workers, string? ModelFolder = null, int? ModelThreads = null,
    string? ModelType = null, bool HoldsNew = false, bool IsExposed = false);

/// <summary>
/// The cloud system in one process: the storage emulator for blobs and queues, SQLite for SQL, and the very handlers,
/// worker loop and web site that run in Azure, composed by the same calls. No Event Grid exists here, so the sweep that
/// finds missed uploads runs every second instead.
/// </summary>
internal sealed class HomeSystem : IAsyncDisposable
{
    /// <summary>What lies in the folder of data: the catalogue, uploads and queues, downloads of workers.</summary>
    public const string CatalogueFile = "catalogue.db", StorageFolder = "storage", WorkFolder = "work";

    /// <summary>What lies there besides: which folders were uploaded, and which of their files were deleted.</summary>
    public const string FoldersFile = "folders.json", DeletedFile = "deleted.json";

    private const string LockFile = "lock", AddressFile = "storage.address";

    private const int UsualPort = 5080;
    private static readonly TimeSpan SweepEvery = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(8);

    // Half of the cloud's: whoever starts the system again after a crash should not wait long for what it held.
    private static readonly TimeSpan WorkerVisibility = TimeSpan.FromSeconds(30);

    // Whoever presses Ctrl-C waits for the worker to let go, but not for a browser that still listens to a track.
    private static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(15);

    private readonly CancellationTokenSource stop = new();
    private readonly List<IAsyncDisposable> owned = [];
    private readonly List<Task> loops = [];
    private readonly DirectoryInfo data;
    private readonly Action<string> say;
    private readonly Lock remembering = new();
    private Azurite azurite = null!;
    private Serilog.Core.Logger log = null!;
    private IServiceProvider services = null!;
    private WebApplication? site;
    private int isAway;
    private int mendedStarts;

    private HomeSystem(DirectoryInfo data, Action<string> say) => (this.data, this.say) = (data, say);

    /// <summary>Catalogue, storage and queues.</summary>
    public IServiceProvider Services => services;

    public MusicStorage Storage => services.GetRequiredService<MusicStorage>();
    public CatalogueDbFactory Catalogue => services.GetRequiredService<CatalogueDbFactory>();
    public IngestTrack Ingest => services.GetRequiredService<IngestTrack>();

    /// <summary>Which folders were uploaded.</summary>
    public KnownFolders Folders => new(InData(FoldersFile));

    /// <summary>Which of their files were deleted from the catalogue.</summary>
    public DeletedFiles Deleted => new(InData(DeletedFile));

    /// <summary>The model that tracks are analysed with, as jobs name it.</summary>
    public string ModelVersion { get; private set; } = Job.NoModel;

    /// <summary>The catalogue page's.</summary>
    public string Address { get; private set; } = "";

    /// <summary>How often the storage was started; each time but the first, its last seconds may be lost.</summary>
    public int StorageStarts => azurite.Starts;

    /// <summary>
    /// The storage's last seconds may be lost: it was started again, or ended without saving the last time.
    /// </summary>
    public bool StorageWasCut => azurite.WasCut || azurite.Starts > 1;

    /// <summary>Starts everything; returns when the page answers.</summary>
    /// <param name="settings">What it runs with.</param>
    /// <param name="say">Receives one line for each trouble that the system gets over by itself; called
    /// by any thread.</param>
    /// <param name="cancel">Ends the start.</param>
    /// <exception cref="InvalidOperationException">Another system works on the same data, the port is taken, or the
    /// emulator does not start.</exception>
    /// <exception cref="InvalidDataException">The model's folder is no whole model.</exception>
    public static Task<HomeSystem> StartAsync(
        HomeSettings settings, Action<string> say, CancellationToken cancel) =>
        BeginAsync(settings.Data, say, async system =>
    {
        if (settings.ModelFolder is { } model && !File.Exists(Path.Combine(model, ModelFolder.ConfigFile)))
            throw new InvalidDataException($"{model} is no model folder: it has no {ModelFolder.ConfigFile}.");
        await system.ServeAsync(settings, cancel);
        system.StartLoops();
    }, cancel);

    /// <summary>Whether a folder is one that a system has worked on.</summary>
    public static bool Exists(DirectoryInfo data) => File.Exists(Path.Combine(data.FullName, CatalogueFile));

    /// <summary>
    /// How the storage is reached of a system that runs on a folder just now; null where none does. Its address lies in
    /// the folder while it runs, and a killed system's leads nowhere.
    /// </summary>
    public static string? RunningStorage(DirectoryInfo data)
    {
        var lockFile = Path.Combine(data.FullName, LockFile);
        if (!File.Exists(lockFile)) return null;
        try
        {
            // Free: a killed system has left it behind.
            using var _ = new FileStream(lockFile, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
            return null;
        }
        catch (IOException)
        {
            var address = Path.Combine(data.FullName, AddressFile);
            return File.Exists(address) ? File.ReadAllText(address) : null;
        }
    }

    /// <summary>Opens only storage and catalogue, for verbs that neither analyse nor serve.</summary>
    /// <exception cref="InvalidOperationException">Another system works on the same data, or the emulator does
    /// not start.</exception>
    public static Task<HomeSystem> OpenAsync(DirectoryInfo data, CancellationToken cancel) =>
        BeginAsync(data, _ => { }, async system =>
        {
            var configuration = new ConfigurationBuilder().AddCommandLine(await system.PrepareAsync(cancel)).Build();
            var provider = new ServiceCollection().AddLogging().AddCatalogue(configuration).BuildServiceProvider();
            system.services = provider;
            system.owned.Add(provider);
            await system.CreateIfMissingAsync(cancel);
        }, cancel);

    /// <summary>
    /// Notes a failure that will be got over: every one in the log, and the first since all was
    /// well as a line for people.
    /// </summary>
    public void Report(Exception failure)
    {
        log.Warning(failure, "Storage or catalogue could not be used; trying again");
        // The end of the emulator has been told already.
        if (azurite.IsRunning && Interlocked.Exchange(ref isAway, 1) == 0)
            say($"Storage or catalogue cannot be used, trying again: {Outage.FirstLine(failure)}");
    }

    /// <summary>
    /// Awaits a task, but fails as soon as a part of the system does: nobody waits for work that nothing does any more.
    /// </summary>
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

    private static async Task<HomeSystem> BeginAsync(
        DirectoryInfo data, Action<string> say, Func<HomeSystem, Task> begin, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        var system = new HomeSystem(data, say);
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
        if (File.Exists(data.FullName))
            throw new UsageException($"{data.FullName} is a file, not a folder: name another place with --data.");
        data.Create();
        owned.Add(Lock(data));
        log = new LoggerConfiguration()
            .MinimumLevel.Override("Azure", LogEventLevel.Warning)
            .MinimumLevel.Override("Microsoft", LogEventLevel.Warning)
            .WriteTo
            .File(
                InData("openmu.log"), fileSizeLimitBytes: 10 << 20, rollOnFileSizeLimit: true,
                retainedFileCountLimit: 3)
            .CreateLogger();
        owned.Add(log);
        azurite = await Azurite.StartAsync(InData(StorageFolder), cancel, say);
        if (!azurite.WasCut) mendedStarts = azurite.Starts;
        owned.Add(azurite);
        await File.WriteAllTextAsync(InData(AddressFile), azurite.ConnectionString, cancel);
        var database = new SqliteConnectionStringBuilder { DataSource = InData(CatalogueFile) };
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

    // An emulator that ends while it is given its container and queues is started again; any other failure is final.
    private async Task CreatePatientlyAsync(CancellationToken cancel)
    {
        while (true)
        {
            var starts = azurite.Starts;
            try
            {
                await CreateIfMissingAsync(cancel);
                return;
            }
            catch (Exception e) when (Outage.IsStorage(e) && (!azurite.IsRunning || azurite.Starts > starts))
            {
                Report(e);
                await Task.Delay(SweepEvery, cancel);
            }
        }
    }

    private async Task ServeAsync(HomeSettings settings, CancellationToken cancel)
    {
        string[] settled = await PrepareAsync(cancel);
        var port = settings.Port ?? (AzuritePorts.IsFree(UsualPort) ? UsualPort : 0);
        if (port != 0 && !AzuritePorts.IsFree(port))
            throw new InvalidOperationException($"Port {port} is taken: choose another one with --port.");
        var host = settings.IsExposed ? "0.0.0.0" : "127.0.0.1";
        var built = CatalogueSite.Build(
            [
                .. settled, $"--Site:Tenant={settings.Tenant}", $"--Site:Url=http://{host}:{port}",
                $"--Worker:Parallelism={settings.Workers ?? Environment.ProcessorCount}",
                // What leaves the folder leaves the storage before anything is uploaded: a copy is no rename here.
                $"--Worker:Visibility={WorkerVisibility}", $"--Ingest:RenameWithin={TimeSpan.Zero}",
                $"--Worker:TempFolder={InData(WorkFolder)}", $"--Worker:ModelFolder={settings.ModelFolder}",
                $"--Worker:ModelType={settings.ModelType}", $"--Ingest:HoldNewAnalyses={settings.HoldsNew}",
                $"--Ingest:Partners={settings.Tenant}",
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
        owned.Add(built);
        services = built.Services;
        services.GetRequiredService<IStartupValidator>().Validate();
        // What somebody deletes at the page is in the folder still.
        services.GetRequiredService<DeletedTracks>().Deleted += file =>
        {
            lock (remembering) Deleted.Add([file]);
        };
        loops.Add(Task.Run(
            () => azurite.KeepAliveAsync(Tell, TimeProvider.System, stop.Token), CancellationToken.None));
        await CreatePatientlyAsync(cancel);
        if (settings.IsExposed) await FirstKey.MakeAsync(services, settings.Tenant, say, cancel);
        site = built;
        await site.StartAsync(cancel);
        Address = site.Urls.First().Replace("0.0.0.0", Environment.MachineName, StringComparison.Ordinal);
    }

    private void StartLoops()
    {
        loops.AddRange(
            services.GetServices<IHostedService>().OfType<WorkerService>().Select(worker => worker.ExecuteTask!));
        // Here the worker's model is what jobs ask for, whatever it is; in Azure a setting says so to both programs.
        ModelVersion = services.GetRequiredService<TrackAnalyser>().ModelVersion;
        services.GetRequiredService<IngestOptions>().ModelVersion = ModelVersion;
        if (azurite.WasCut) mendedStarts = 0;
        loops.Add(Task.Run(SweepAsync));
        loops.Add(Task.Run(() => CallsOut.RunAsync(services, Report, SweepEvery, stop.Token)));
    }

    private void Tell(string line)
    {
        log.Warning("{Line}", line);
        say(line);
    }

    private string InData(string name) => Path.Combine(data.FullName, name);

    private static FileStream Lock(DirectoryInfo data)
    {
        // What the system says to a second lock, on Linux, macOS and Windows.
        const int WouldBlock = 11, MacWouldBlock = 35, SharingViolation = unchecked((int)0x80070020);
        try
        {
            return new FileStream(
                Path.Combine(data.FullName, LockFile), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1,
                FileOptions.DeleteOnClose);
        }
        catch (IOException e) when (e.HResult is WouldBlock or MacWouldBlock or SharingViolation)
        {
            throw new InvalidOperationException(
                $"Another openmu works on {data.FullName}: stop it first, or choose another folder with --data.");
        }
    }

    // Nothing that fails here is the end: the next sweep makes good what this one did not do.
    private async Task SweepAsync()
    {
        var (sweep, failed) = (services.GetRequiredService<SweepUploads>(), services.GetRequiredService<FailedJob>());
        var uploads = services.GetRequiredService<UploadQueue>();
        var pause = SweepEvery;
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await MendAsync();
                await sweep.RunAsync(stop.Token);
                await uploads.DrainAsync(stop.Token);
                await failed.DrainAsync(stop.Token);
                await services.GetRequiredService<QuestionSweep>().RunAsync(stop.Token);
                pause = SweepEvery;
                Interlocked.Exchange(ref isAway, 0);
            }
            catch (Exception e)
            {
                if (stop.IsCancellationRequested) return;
                Report(e);
                pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
            }

            await Task.Delay(pause, stop.Token).ContinueWith(_ => { }, TaskScheduler.Default);
        }
    }

    // An emulator that was killed forgets its last seconds: perhaps its container and queues, perhaps messages. One
    // message too many does no harm.
    private async Task MendAsync()
    {
        var starts = azurite.Starts;
        if (starts == mendedStarts) return;
        await Storage.CreateIfMissingAsync(stop.Token);
        foreach (var queue in services.GetRequiredService<JobQueues>().All)
        {
            // Those of failed tries, which were hidden on the queue, are gone as well.
            foreach (var job in await queue.Outbox.DueAsync(
                -JobLedger.LongestRetryDelay, front: null, int.MaxValue, stop.Token))
                await queue.EnqueueAsync(job, stop.Token);
        }

        mendedStarts = starts;
    }
}
