using Microsoft.Extensions.Logging.Abstractions;
using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Storage;
using OpenMU.Functions;
using OpenMU.Mir.Audio;
using OpenMU.Worker;

namespace OpenMU.Simulation;

/// <summary>
/// The programs: the host of the functions and the workers, each started again some time after its end, as the
/// platform does.
/// </summary>
internal sealed class Programs(
    VirtualWorld world, Mischief mischief, StorageAccount account, string folder, SimulationPlan plan)
{
    private static readonly TimeSpan SoonUp = TimeSpan.FromSeconds(5), LateUp = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan EventAgain = TimeSpan.FromSeconds(30), StopsAfter = TimeSpan.FromMinutes(20);

    private readonly Dictionary<string, int> failures = [];
    private string model = "model-1";
    private FunctionApp? front;
    private int started;

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
        for (var i = 0; i < plan.Workers; i++) StartWorker();
    }

    /// <summary>A blob has changed: Event Grid tells the functions, once they are up.</summary>
    public void Announce(string blobName)
    {
        if (front is { Process.IsDead: false } up) up.Do(() => up.Ingest.HandleAsync(blobName, CancellationToken.None));
        else world.After(EventAgain, null, () => Announce(blobName));
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
            up.Do(() => up.Jobs.Analyses.RedriveAsync(null, CancellationToken.None));
        else world.After(EventAgain, null, Redrive);
    }

    private event Action? ModelChanged;

    private void StartFront()
    {
        var process = Start(StartFront);
        var (catalogue, storage) = Connect(process);
        var options = new IngestOptions { ModelVersion = model, KeepMissing = TimeSpan.FromHours(6) };
        front = new FunctionApp(process, catalogue, storage, options, work => Do(process, work));
        front.Repeat(world, plan.SweepEvery);
    }

    private void StartWorker()
    {
        var process = Start(StartWorker);
        var (catalogue, storage) = Connect(process);
        var options = new WorkerOptions
        {
            Parallelism = plan.Parallelism,
            QuestionsAtOnce = 1,
            PollInterval = TimeSpan.FromSeconds(5),
            TempFolder = Path.Combine(folder, $"worker-{started}"),
        };
        var log = NullLogger.Instance;
        var machine = new MachineHealth(DecodeLimits.Default, catalogue, storage, options, process.Clock, log)
        {
            Decoder = new WellPart(process.Clock),
        };
        var loop = new WorkerLoop(
            catalogue, storage, new JobQueues(catalogue, storage, process.Clock),
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

    private SimulatedProcess Start(Action again)
    {
        started++;
        var most = mischief.Faults.Skew;
        var process = new SimulatedProcess(world, world.Between(-most, most));
        process.Killed += () => world.After(world.Between(SoonUp, LateUp), null, again);
        return process;
    }

    private (CatalogueDbFactory Catalogue, MusicStorage Storage) Connect(SimulatedProcess process) => (
        new CatalogueDbFactory(CatalogueFile, new DatabaseMischief(process, mischief, plan.Without)),
        MusicStorage.Within(account.For(process), StorageAccount.BlobEndpoint, StorageAccount.QueueEndpoint));

    // Nobody waits for it: what it throws is noted.
    private void Do(SimulatedProcess process, Func<Task> work) => _ = NoteAsync(process, work);

    private async Task NoteAsync(SimulatedProcess process, Func<Task> work)
    {
        try
        {
            await work();
        }
        catch (Exception e)
        {
            if (Outage.Is(e)) return;
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
