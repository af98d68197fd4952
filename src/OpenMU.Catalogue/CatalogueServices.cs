using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using OpenMU.Catalogue.Access;
using OpenMU.Catalogue.Exchange;
using OpenMU.Catalogue.Fields;
using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Meaning;
using OpenMU.Catalogue.Publishing;
using OpenMU.Catalogue.Questions;
using OpenMU.Catalogue.Requests;
using OpenMU.Catalogue.Settings;
using OpenMU.Catalogue.Similarity;
using OpenMU.Catalogue.Storage;
using OpenMU.Catalogue.Taxonomy;
using OpenMU.Catalogue.Tracks;
using OpenMU.Catalogue.Webhooks;
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
    /// <param name="services">Of the program.</param>
    /// <param name="configuration">Of the program.</param>
    /// <param name="isSearched">False for a program that reads and writes rows by their keys and nothing else.</param>
    public static IServiceCollection AddCatalogue(
        this IServiceCollection services, IConfiguration configuration, bool isSearched = true)
    {
        services.AddStrictOptions<CatalogueSettings>(configuration, "Catalogue");
        services.AddStrictOptions<StorageSettings>(configuration, "Storage");
        services.AddStrictOptions<QueueSettings>(configuration, "Queues");
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(provider =>
            new CatalogueDbFactory(provider.GetRequiredService<CatalogueSettings>(), isSearched));
        services.AddSingleton<IDbContextFactory<CatalogueDb>>(provider =>
            provider.GetRequiredService<CatalogueDbFactory>());
        services.AddSingleton(provider => provider.GetRequiredService<StorageSettings>().Open());
        services.AddSingleton<JobQueues>();
        services.AddSingleton<QuestionStore>();
        services.AddSingleton<WaitingQuestions>();
        services.AddSingleton<QuestionList>();
        services.AddSingleton<BatchStore>();
        services.AddSingleton<KeyedRequests>();
        services.AddSingleton<LyricsStore>();
        services.AddSingleton<CorrectionStore>();
        services.AddSingleton<CorrectionHistory>();
        services.AddSingleton<CorrectionImport>();
        services.AddSingleton<SimilarTracks>();
        services.AddSingleton<TaxonomyStore>();
        services.AddSingleton<TaxonomyReports>();
        services.AddSingleton<AnalysisComparison>();
        services.AddSingleton<Publisher>();
        services.AddSingleton<SentenceModel>();
        services.AddSingleton<TextEmbedder>();
        services.AddSingleton<MeaningSearch>();
        services.AddSingleton<DeletedTracks>();
        services.AddWebhooks(configuration);
        services.AddSingleton<TenantStore>();
        services.AddSingleton<TenantPrefixes>();
        services.AddSingleton<AuditLog>();
        services.AddSingleton<ApiKeyStore>();
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
