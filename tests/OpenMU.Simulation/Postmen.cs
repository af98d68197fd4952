using Microsoft.Extensions.Logging.Abstractions;
using OpenMU.Catalogue.Storage;
using OpenMU.Catalogue.Webhooks;
using OpenMU.Functions;

namespace OpenMU.Simulation;

/// <summary>
/// Two instances that deliver webhooks side by side, each started again some time after its end. They go on when all
/// else is done, until there is nothing to deliver.
/// </summary>
internal sealed class Postmen(
    VirtualWorld world, Mischief mischief, Programs programs, CatalogueDbFactory catalogue, SimulationPlan plan)
{
    private const int Instances = 2;

    private static readonly TimeSpan Every = TimeSpan.FromSeconds(20), Look = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan Patience = TimeSpan.FromDays(5), Again = TimeSpan.FromSeconds(30);

    private readonly Receivers receivers = new(world, mischief, plan);

    /// <summary>Adds the endpoints and starts the instances.</summary>
    public async Task BeginAsync()
    {
        await WebhookBooks.OpenAsync(catalogue);
        for (var i = 0; i < Instances; i++) Start();
    }

    /// <summary>Goes on until all is delivered.</summary>
    public void Finish(Action over)
    {
        // They have their troubles until the one who was away is back.
        mischief.Faults = plan.Faults;
        world.After(receivers.Back - world.Elapsed + Look, null, () => mischief.Faults = Faults.None);
        Watch(over);
    }

    /// <summary>Compares what was told with what happened.</summary>
    public Task<IReadOnlyList<string>> CloseAsync(Action<string>? report) =>
        WebhookBooks.CloseAsync(catalogue, receivers.Receipts, report);

    private void Watch(Action over)
    {
        using var db = catalogue.CreateDbContext();
        var isDone = !db.WebhookDeliveries.Any(d => d.State == WebhookDeliveryState.Pending);
        if (isDone || world.Elapsed > Patience) over();
        else world.After(Look, null, () => Watch(over));
    }

    private void Start()
    {
        var most = mischief.Faults.Skew;
        var process = new SimulatedProcess(world, world.Between(-most, most));
        process.Killed += () => world.After(Again, null, Start);
        var settings = new WebhookSettings();
        var (database, _) = programs.Connect(process);
        var deliver = new DeliverWebhooks(
            new WebhookQueue(database, settings, process.Clock),
            new WebhookSender(receivers.For(process), settings, process.Clock), process.Clock,
            NullLogger<DeliverWebhooks>.Instance);
        Repeat(process, deliver);
    }

    private void Repeat(SimulatedProcess process, DeliverWebhooks deliver) => world.After(
        Every, process, () => programs.Do(process, async () =>
        {
            try
            {
                await deliver.RunAsync(CancellationToken.None);
            }
            finally
            {
                Repeat(process, deliver);
            }
        }));
}
