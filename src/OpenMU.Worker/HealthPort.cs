using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenMU.ServiceDefaults;

namespace OpenMU.Worker;

/// <summary>
/// Answers the probes of whatever runs the worker, where the options name a port; the checks are the program's own.
/// </summary>
public sealed class HealthPort(
    WorkerOptions options, HealthCheckService health, ILoggerFactory logs) : IHostedService, IAsyncDisposable
{
    private WebApplication? site;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (options.HealthPort is not { } port) return;
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls($"http://*:{port}");
        builder.Services.AddSingleton(logs);
        builder.Services.AddSingleton(health);
        site = builder.Build();
        site.MapHealth();
        await site.StartAsync(cancellationToken);
    }

    public Task StopAsync(CancellationToken cancellationToken) =>
        site?.StopAsync(cancellationToken) ?? Task.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        if (site is not null) await site.DisposeAsync();
    }
}
