using Microsoft.Extensions.Logging.Abstractions;
using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Questions;
using OpenMU.Catalogue.Storage;
using OpenMU.Functions;
using OpenMU.Mir.Audio;
using OpenMU.Worker;

namespace OpenMU.Simulation;

/// <summary>
/// The programs: the host of the functions, the site and the workers, each started again some time after its end, as
/// the platform does.
/// </summary>
internal sealed class Programs(
    VirtualWorld world, Mischief mischief, StorageAccount account, string folder, SimulationPlan plan)
{
    private static readonly TimeSpan SoonUp = TimeSpan.FromSeconds(5), LateUp = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan EventAgain = TimeSpan.FromSeconds(30), StopsAfter = TimeSpan.FromMinutes(20);

    private readonly Dictionary<string, int> failures = [];
    private string model = "model-1";
    private FunctionApp? front;
    private (SimulatedProcess Process, QuestionStore Questions)? site;
    private int started;
    private bool isStopped;

    /// <summary>The model that is asked for.</summary>
    public string Model => model;

    /// <summary>The database's file.</summary>
    public string CatalogueFile => Path.Combine(folder, "catalogue.db");

    /// <summary>What handlers threw, other than outages.</summary>
    public IReadOnlyDictionary<string, int> Failures => failures;

    /// <summary>Starts all.</summary>
    public void Start()
    {
        StartFront();
        StartSite();
        for (var i = 0; i < plan.Workers; i++) StartWorker();
    }

    /// <summary>A blob has changed: Event Grid tells the functions, once they are up.</summary>
    public void Announce(string blobName)
    {
        if (front is { Process.IsDead: false } up) up.Do(() => up.Ingest.HandleAsync(blobName, CancellationToken.None));
        else world.After(EventAgain, null, () => Announce(blobName));
    }

    /// <summary>Somebody asks a question by the site, once it is up.</summary>
    /// <param name="tracks">Their numbers.</param>
    /// <param name="text">In words.</param>
    /// <param name="taken">Called when the site says that it is stored.</param>
    public void Ask(IReadOnlyList<long> tracks, string text, Action taken)
    {
        if (site is not { Process.IsDead: false } up) world.After(EventAgain, null, () => Ask(tracks, text, taken));
        else
        {
            Do(up.Process, async () =>
            {
                var question = await up.Questions.AskAsync(Owner.Library, tracks, text, CancellationToken.None);
                if (question is not null) taken();
            });
        }
    }

    /// <summary>A new model is asked for: the functions are started anew, the workers one after the other.</summary>
    public void ChangeModel()
    {
        model = "model-2";
        front!.Process.Kill();
        ModelChanged?.Invoke();
    }

    /// <summary>An operator sends back what has failed.</summary>
    public void Redrive()
    {
        if (front is { Process.IsDead: false } up)
        {
            foreach (var queue in up.Jobs.All) up.Do(() => queue.RedriveAsync(null, CancellationToken.None));
        }
        else world.After(EventAgain, null, Redrive);
    }

    /// <summary>All end, for good.</summary>
    public void Stop()
    {
        isStopped = true;
        Stopped?.Invoke();
    }

    private event Action? ModelChanged;

    private event Action? Stopped;

    private void StartFront()
    {
        var process = Start(StartFront);
        var (catalogue, storage) = Connect(process);
        var options = new IngestOptions { ModelVersion = model, KeepMissing = TimeSpan.FromHours(6) };
        front = new FunctionApp(
            process, catalogue, storage, Jobs(catalogue, storage, process), options, work => Do(process, work));
        front.Repeat(world, plan);
    }

    private void StartSite()
    {
        var process = Start(StartSite);
        var (catalogue, storage) = Connect(process);
        var jobs = Jobs(catalogue, storage, process);
        site = (process, new QuestionStore(catalogue, jobs, process.Clock));
    }

    private void StartWorker()
    {
        var process = Start(StartWorker);
        var (catalogue, storage) = Connect(process);
        var options = new WorkerOptions
        {
            Parallelism = plan.Parallelism,
            QuestionsAtOnce = plan.QuestionsAtOnce,
            PollInterval = TimeSpan.FromSeconds(5),
            TempFolder = Path.Combine(folder, $"worker-{started}"),
        };
        var log = NullLogger.Instance;
        var machine = new MachineHealth(DecodeLimits.Default, catalogue, storage, options, process.Clock, log)
        {
            Decoder = new WellPart(process.Clock),
        };
        var loop = new WorkerLoop(
            catalogue, storage, Jobs(catalogue, storage, process),
            new SimulatedAnalyser(world, process, model), machine, new ProcessHealth(log), options, process.Clock,
            NullLogger<WorkerLoop>.Instance);
        var stop = new CancellationTokenSource();
        ModelChanged += Stop;
        process.Killed += () => ModelChanged -= Stop;
        world.After(world.Between(StopsAfter / 2, 3 * StopsAfter), process, stop.Cancel);
        world.After(TimeSpan.Zero, process, () => Do(process, async () =>
        {
            await loop.RunAsync(stop.Token);
            process.Kill();
        }));

        void Stop() => world.After(world.Between(TimeSpan.Zero, LateUp), process, stop.Cancel);
    }

    private JobQueues Jobs(CatalogueDbFactory catalogue, MusicStorage storage, SimulatedProcess process) =>
        new(catalogue, storage, process.Clock, new QueueSettings { Window = plan.Window });

    private SimulatedProcess Start(Action again)
    {
        started++;
        var most = mischief.Faults.Skew;
        var process = new SimulatedProcess(world, world.Between(-most, most));
        Stopped += process.Kill;
        process.Killed += () =>
        {
            Stopped -= process.Kill;
            if (!isStopped) world.After(world.Between(SoonUp, LateUp), null, again);
        };
        return process;
    }

    /// <summary>The ways of a process to the database and to storage.</summary>
    internal (CatalogueDbFactory Catalogue, MusicStorage Storage) Connect(SimulatedProcess process) => (
        new CatalogueDbFactory(CatalogueFile, new DatabaseMischief(process, mischief, plan.Without)),
        MusicStorage.Within(account.For(process), StorageAccount.BlobEndpoint, StorageAccount.QueueEndpoint));

    // Nobody waits for it: what it throws is noted.
    internal void Do(SimulatedProcess process, Func<Task> work) => _ = NoteAsync(process, work);

    private async Task NoteAsync(SimulatedProcess process, Func<Task> work)
    {
        try
        {
            await work();
        }
        catch (Exception e)
        {
            if (process.IsDead || Outage.Is(e)) return;
            var code = (e as Azure.RequestFailedException)?.ErrorCode;
            var what = $"{work.Method.Name} {e.GetType().Name} {code}: {Outage.FirstLine(e)}";
            failures[what] = failures.GetValueOrDefault(what) + 1;
            process.Kill();
        }
    }

    private sealed class WellPart(TimeProvider time) : MachinePart("The decoder", time, NullLogger.Instance)
    {
        public override Task<bool> IsToBlameAsync(Exception failure) => Task.FromResult(false);

        protected override Task<string?> FindProblemAsync(CancellationToken cancel) => Task.FromResult<string?>(null);
    }
}
