using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Questions;
using OpenMU.Catalogue.Settings;
using OpenMU.Catalogue.Storage;
using OpenMU.Catalogue.Tracks;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace OpenMU.Catalogue;

/// <summary>
/// What every program needs of the catalogue: database, storage account, ledgers, queues and
/// telemetry, each built once.
/// </summary>
public static class CatalogueServices
{
    /// <summary>Adds them by the sections <c>Catalogue</c> and <c>Storage</c> of the configuration.</summary>
    public static IServiceCollection AddCatalogue(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddStrictOptions<CatalogueSettings>(configuration, "Catalogue");
        services.AddStrictOptions<StorageSettings>(configuration, "Storage");
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<CatalogueDbFactory>();
        services.AddSingleton<IDbContextFactory<CatalogueDb>>(provider =>
            provider.GetRequiredService<CatalogueDbFactory>());
        services.AddSingleton(provider => provider.GetRequiredService<StorageSettings>().Open());
        services.AddSingleton<JobQueues>();
        services.AddSingleton<QuestionStore>();
        services.AddSingleton<LyricsStore>();
        services.AddHealthChecks().AddCheck<DatabaseCheck>("catalogue", tags: ["ready"]);
        services.ConfigureOpenTelemetryTracerProvider(traces => traces.AddSource(Telemetry.Name));
        services.ConfigureOpenTelemetryMeterProvider(metrics => metrics.AddMeter(Telemetry.Name));
        return services;
    }

    /// <summary>Whether the database answers. A program without it is alive but not ready.</summary>
    private sealed class DatabaseCheck(IDbContextFactory<CatalogueDb> catalogue) : IHealthCheck
    {
        public async Task<HealthCheckResult> CheckHealthAsync(
            HealthCheckContext context, CancellationToken cancellationToken = default)
        {
            await using var db = catalogue.CreateDbContext();
            return await db.Database.CanConnectAsync(cancellationToken)
                ? HealthCheckResult.Healthy()
                : new HealthCheckResult(context.Registration.FailureStatus, "The catalogue does not answer.");
        }
    }
}
