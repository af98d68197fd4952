using Microsoft.Extensions.Logging.Abstractions;
using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Storage;
using OpenMU.Functions;

namespace OpenMU.Simulation;

/// <summary>The handlers of the function app in one process, with the timers of its triggers.</summary>
internal sealed class FunctionApp
{
    private readonly UploadQueue uploads;
    private readonly SweepUploads sweep;
    private readonly FailedJob failed;
    private readonly Removals removals;
    private readonly Action<Func<Task>> run;

    /// <param name="process">Whose they are.</param>
    /// <param name="catalogue">The process's way to the database.</param>
    /// <param name="storage">The process's way to storage.</param>
    /// <param name="jobs">The queues, as the process sends to them.</param>
    /// <param name="options">How files are taken in.</param>
    /// <param name="run">Runs a handler that nobody waits for.</param>
    public FunctionApp(
        SimulatedProcess process, CatalogueDbFactory catalogue, MusicStorage storage, JobQueues jobs,
        IngestOptions options, Action<Func<Task>> run)
    {
        (Process, Jobs, this.run) = (process, jobs, run);
        var missing = new MissingTracks(catalogue, options, process.Clock, NullLogger<MissingTracks>.Instance);
        var lyrics = new LyricsFiles(catalogue, storage, process.Clock, NullLogger<LyricsFiles>.Instance);
        Ingest = new IngestTrack(
            catalogue, storage, Jobs, missing, lyrics, options, process.Clock, NullLogger<IngestTrack>.Instance);
        uploads = new UploadQueue(Ingest, storage, NullLogger<UploadQueue>.Instance);
        sweep = new SweepUploads(
            new ContainerComparison(catalogue, options), uploads, missing, catalogue, storage, Jobs, options,
            process.Clock, NullLogger<SweepUploads>.Instance);
        failed = new FailedJob(Jobs, NullLogger<FailedJob>.Instance);
        removals = new Removals(Ingest, storage, NullLogger<Removals>.Instance);
    }

    public SimulatedProcess Process { get; }

    public JobQueues Jobs { get; }

    public IngestTrack Ingest { get; }

    /// <summary>Runs a handler.</summary>
    public void Do(Func<Task> work) => run(work);

    /// <summary>Starts the timers.</summary>
    public void Repeat(VirtualWorld world, SimulationPlan plan)
    {
        Every(world, TimeSpan.FromMinutes(1), () => removals.DrainAsync(CancellationToken.None));
        Every(world, TimeSpan.FromMinutes(1), () => failed.DrainAsync(CancellationToken.None));
        for (var i = 0; i < plan.UploadsAtOnce; i++)
            Every(world, TimeSpan.FromSeconds(5), () => uploads.DrainAsync(CancellationToken.None));
        Every(world, plan.SweepEvery, () => sweep.RunRecentAsync(CancellationToken.None));
        Every(world, 6 * plan.SweepEvery, () => sweep.RunAsync(CancellationToken.None));
    }

    // As the host runs a timer: never twice at once.
    private void Every(VirtualWorld world, TimeSpan period, Func<Task> work) => world.After(period, Process, () => Do(
        async () =>
        {
            try
            {
                await work();
            }
            finally
            {
                Every(world, period, work);
            }
        }));
}
