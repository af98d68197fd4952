using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenMU.Catalogue;
using OpenMU.Catalogue.Meaning;
using OpenMU.Catalogue.Settings;
using OpenMU.Catalogue.Storage;
using OpenMU.Mir.Audio;
using OpenMU.ServiceDefaults;

namespace OpenMU.Worker;

/// <summary>The back of the batch, for the worker's container and for a home set-up.</summary>
public static class WorkerServices
{
    /// <summary>
    /// Adds the worker by the section <c>Worker</c> of the configuration; the catalogue must be there.
    /// </summary>
    public static IServiceCollection AddWorker(this IServiceCollection services, IConfiguration configuration)
    {
        Telemetry.Devices = GpuMemory.Read;
        services.AddHealthChecks()
            .AddCheck<ModelFetch>("model", tags: [ServiceDefaultsExtensions.Ready])
            .AddCheck<MachineHealth>("machine", tags: [ServiceDefaultsExtensions.Ready])
            .AddCheck<ProcessHealth>("worker", tags: [ServiceDefaultsExtensions.Live, ServiceDefaultsExtensions.Ready]);
        if (SentenceModel.IsCarried) services.AddHostedService<TextEmbedderService>();
        return services
            .AddStrictOptions<WorkerOptions>(configuration, "Worker")
            // A worker without a model has no session; the container holds null for it.
            .AddSingleton(provider => ModelSession.Open(provider.GetRequiredService<WorkerOptions>())!)
            .AddSingleton(provider => new TrackAnalyser(
                DecodeLimits.Default, provider.GetRequiredService<TimeProvider>(), provider.GetService<ModelSession>()))
            .AddSingleton(provider => new MachineHealth(
                DecodeLimits.Default, provider.GetRequiredService<IDbContextFactory<CatalogueDb>>(),
                provider.GetRequiredService<MusicStorage>(), provider.GetRequiredService<WorkerOptions>(),
                provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<MachineHealth>>()))
            .AddSingleton(provider => new ProcessHealth(provider.GetRequiredService<ILogger<ProcessHealth>>()))
            .AddSingleton<ModelFetch>()
            .AddSingleton<WorkerLoop>()
            .AddHostedService<HealthPort>()
            .AddHostedService<WorkerService>();
    }
}
