using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace OpenMU.Worker;

/// <summary>
/// The worker as a part of its program: begins with it, lets go of all it holds when the program is told to
/// end, and ends the program when its own work is done. The model is fetched and loaded here and not before, so
/// that probes are answered meanwhile.
/// </summary>
public sealed class WorkerService(
    IServiceProvider services, ProcessHealth process, WorkerOptions options, IHostApplicationLifetime program)
    : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await services.GetRequiredService<ModelFetch>().RunAsync(stoppingToken);
            await services.GetRequiredService<WorkerLoop>().RunAsync(stoppingToken);
        }
        catch (ProcessBrokenException) when (process.IsStuck && options.HealthPort is not null)
        {
            // Such a process may not even end by itself; whoever probes it starts it again.
            await Task.Delay(Timeout.Infinite, stoppingToken).ContinueWith(_ => { }, TaskScheduler.Default);
            throw;
        }

        program.StopApplication();
    }
}
