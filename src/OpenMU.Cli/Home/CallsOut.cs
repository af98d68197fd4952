using Microsoft.Extensions.DependencyInjection;
using OpenMU.Functions;

namespace OpenMU.Cli.Home;

/// <summary>
/// What a home system does over the network on behalf of its users, as timers do in Azure. It has a loop of its own,
/// for whoever is called may take his time.
/// </summary>
internal static class CallsOut
{
    /// <summary>Runs until it is stopped; nothing that fails is the end.</summary>
    /// <param name="services">The system's.</param>
    /// <param name="report">Told of each failure.</param>
    /// <param name="pause">Between two looks.</param>
    /// <param name="stop">Ends it.</param>
    public static Task RunAsync(
        IServiceProvider services, Action<Exception> report, TimeSpan pause, CancellationToken stop) => Task.WhenAll(
            RepeatAsync(services.GetRequiredService<DeliverWebhooks>().RunAsync, report, pause, stop),
            RepeatAsync(services.GetRequiredService<PullUploads>().RunAsync, report, pause, stop));

    private static async Task RepeatAsync(
        Func<CancellationToken, Task> run, Action<Exception> report, TimeSpan pause, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await run(stop);
            }
            catch (Exception e)
            {
                if (stop.IsCancellationRequested) return;
                report(e);
            }

            await Task.Delay(pause, stop).ContinueWith(_ => { }, TaskScheduler.Default);
        }
    }
}
