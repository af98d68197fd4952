using Microsoft.EntityFrameworkCore;
using OpenMU.Catalogue.Access;
using OpenMU.Catalogue.Fields;
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
    private readonly Askers askers;
    private readonly Postmen? postmen;
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
        askers = new Askers(world, account, programs, catalogue, plan);
        if (plan.Webhooks) postmen = new Postmen(world, mischief, programs, catalogue, plan);
    }

    /// <summary>Runs a plan to its end.</summary>
    /// <param name="plan">What is simulated.</param>
    /// <param name="folder">An empty folder for the database and the workers' downloads.</param>
    /// <param name="report">Told how far it is; may be null.</param>
    public static async Task<Books> RunAsync(SimulationPlan plan, string folder, Action<string>? report = null)
    {
        var simulation = new Simulation(plan, folder, report);
        await simulation.catalogue.MigrateAsync(CancellationToken.None);
        var tenants = new TenantStore(simulation.catalogue, TimeProvider.System);
        foreach (var tenant in Visitors.Tenants.Prepend(Owner.Library))
            await tenants.AddAsync(tenant, [], new CorrectionAuthor("simulation", "cli"), CancellationToken.None);
        await Books.OpenAsync(simulation.catalogue, plan.Without);
        if (simulation.postmen is { } postmen) await postmen.BeginAsync();
        simulation.programs.Start();
        new Owner(simulation.world, simulation.mischief, simulation.account, simulation.programs, plan).Begin();
        simulation.askers.Begin();
        var visitors = new Visitors(simulation.world, simulation.account, simulation.programs, plan);
        visitors.Begin();
        simulation.Schedule();
        await simulation.world.RunUntilAsync(() => simulation.isOver);
        var books = await Books.CloseAsync(
            simulation.catalogue, simulation.account, simulation.programs, simulation.askers, simulation.mischief,
            simulation.world);
        List<string> wrong = [.. books.Wrong, .. await visitors.StarvedAsync(simulation.catalogue)];
        if (simulation.postmen is { } told) wrong.AddRange(await told.CloseAsync(simulation.report));
        return books with { Wrong = wrong };
    }

    private void Schedule()
    {
        if (!plan.IsFlood) world.After(plan.Uploading / 2, null, programs.ChangeModel);
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
        if (quietLooks > 2.5 * (plan.SweepEvery / Look) || world.Elapsed > plan.Uploading + Patience) End();
        else world.After(Look, null, () => Watch(quietLooks));
    }

    // Whoever is told by webhooks may be away for longer than there is anything else to do.
    private void End()
    {
        if (postmen is null) isOver = true;
        else
        {
            programs.Stop();
            postmen.Finish(() => isOver = true);
        }
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
