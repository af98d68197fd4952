using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace OpenMU.Worker;

/// <summary>
/// The worker as a part of its program: begins with it, lets go of all it holds when the program is told to
/// end, and ends the program when its own work is done. The model is loaded here and not before, so that
/// probes are answered meanwhile.
/// </summary>
public sealed class WorkerService(IServiceProvider services, IHostApplicationLifetime program) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await services.GetRequiredService<WorkerLoop>().RunAsync(stoppingToken);
        program.StopApplication();
    }
}
