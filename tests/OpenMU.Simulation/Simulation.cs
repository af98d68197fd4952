using Microsoft.EntityFrameworkCore;
using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Storage;

namespace OpenMU.Simulation;

/// <summary>
/// The real handlers and the real worker on the real database's SQLite, over a double of the storage account, in a
/// time of its own: uploads in a storm of faults, then calm until nothing is left to do, then the books.
/// </summary>
public sealed class Simulation
{
    private static readonly TimeSpan Patience = TimeSpan.FromHours(24), Look = TimeSpan.FromMinutes(1);

    private readonly SimulationPlan plan;
    private readonly VirtualWorld world;
    private readonly Mischief mischief;
    private readonly StorageAccount account;
    private readonly Programs programs;
    private readonly CatalogueDbFactory catalogue;
    private readonly Action<string>? report;
    private bool isOver;

    private Simulation(SimulationPlan plan, string folder, Action<string>? report)
    {
        (this.plan, this.report) = (plan, report);
        world = new VirtualWorld(plan.Seed);
        mischief = new Mischief(world) { Faults = plan.Faults.For(plan.Parallelism) };
        account = new StorageAccount(world, mischief);
        programs = new Programs(world, mischief, account, folder, plan);
        catalogue = CatalogueDbFactory.ForFile(programs.CatalogueFile);
    }

    /// <summary>Runs a plan to its end.</summary>
    /// <param name="plan">What is simulated.</param>
    /// <param name="folder">An empty folder for the database and the workers' downloads.</param>
    /// <param name="report">Told how far it is; may be null.</param>
    public static async Task<Books> RunAsync(SimulationPlan plan, string folder, Action<string>? report = null)
    {
        var simulation = new Simulation(plan, folder, report);
        await simulation.catalogue.MigrateAsync(CancellationToken.None);
        await Books.OpenAsync(simulation.catalogue, plan.Without);
        simulation.programs.Start();
        new Owner(simulation.world, simulation.mischief, simulation.account, simulation.programs, plan).Begin();
        simulation.Schedule();
        await simulation.world.RunUntilAsync(() => simulation.isOver);
        return await Books.CloseAsync(
            simulation.catalogue, simulation.account, simulation.programs, simulation.mischief, simulation.world);
    }

    private void Schedule()
    {
        world.After(plan.Uploading / 2, null, programs.ChangeModel);
        world.After((plan.Uploading / 2) + TimeSpan.FromMinutes(30), null, programs.Redrive);
        // What was uploaded last is changed up to an hour later.
        var calm = plan.Uploading + TimeSpan.FromMinutes(70);
        world.After(calm, null, () => mischief.Faults = Faults.None);
        world.After(calm + TimeSpan.FromMinutes(30), null, programs.Redrive);
        world.After(calm + TimeSpan.FromHours(1), null, () => Watch(quietLooks: 0));
        Report();
    }

    // Quiet is what stays so for two sweeps of the whole container.
    private void Watch(int quietLooks)
    {
        quietLooks = IsQuiet() ? quietLooks + 1 : 0;
        if (quietLooks > 2.5 * (plan.SweepEvery / Look) || world.Elapsed > plan.Uploading + Patience) isOver = true;
        else world.After(Look, null, () => Watch(quietLooks));
    }

    private bool IsQuiet()
    {
        if (Books.Queues.Any(name => account.Queue(name).Count > 0)) return false;
        using var db = catalogue.CreateDbContext();
        return !db.Jobs.Any(j => j.State == JobState.Queued || j.State == JobState.Analysing);
    }

    private void Report()
    {
        if (report is null) return;
        using var db = catalogue.CreateDbContext();
        report($"{world.Elapsed:d\\.hh\\:mm} in the world: {account.Tracks.Count} blobs, "
            + $"{account.Queue(StorageNames.Analysis).Count} messages, "
            + $"{db.Jobs.AsNoTracking().Count(j => j.State == JobState.Ready)} analyses, {world.Events} events");
        world.After(TimeSpan.FromMinutes(30), null, Report);
    }
}
