using System.Diagnostics;
using Azure.Identity;
using Azure.Monitor.OpenTelemetry.Exporter;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace OpenMU.ServiceDefaults;

/// <summary>What every program of the system does alike: log, measure itself, say how it is, start and end.</summary>
public static class ServiceDefaultsExtensions
{
    /// <summary>Tag of health checks whose failure means that only a restart helps.</summary>
    public const string Live = "live";

    /// <summary>Tag of health checks whose failure means that the program cannot work at present.</summary>
    public const string Ready = "ready";

    // Spelled as OpenTelemetry's specification and Azure Monitor spell them, without a section of ours.
    private const string OtlpEndpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";
    private const string AzureMonitor = "APPLICATIONINSIGHTS_CONNECTION_STRING";
    private const string AzureMonitorIdentity = "APPLICATIONINSIGHTS_AUTHENTICATION_STRING";

    /// <summary>Adds telemetry and health checks.</summary>
    public static TBuilder AddServiceDefaults<TBuilder>(this TBuilder builder)
        where TBuilder : IHostApplicationBuilder
    {
        // Statements and requests are of interest only when they fail.
        builder.Logging.AddFilter("Microsoft.EntityFrameworkCore", LogLevel.Warning);
        builder.Logging.AddFilter("Azure.Core", LogLevel.Warning);
        builder.Services.AddHealthChecks();
        AddTelemetry(builder);
        return builder;
    }

    /// <summary>
    /// Whether a setting names somebody to send telemetry to; at home none does, and nothing is collected.
    /// </summary>
    public static bool Exports(this IConfiguration configuration) =>
        configuration.Has(OtlpEndpoint) || configuration.Has(AzureMonitor);

    /// <summary>
    /// Health for probes and people: <c>/healthz/live</c> (restart when it fails), <c>/healthz/ready</c> (send no work
    /// when it fails) and <c>/healthz</c>, which is both.
    /// </summary>
    public static IEndpointRouteBuilder MapHealth(this IEndpointRouteBuilder routes)
    {
        Map("/healthz", "getHealth", "Says whether the program is well", _ => true);
        Map("/healthz/live", "getLiveness", "Says whether the program works and need not be restarted", check =>
            check.Tags.Contains(Live));
        Map(
            "/healthz/ready", "getReadiness", "Says whether the program reaches what it needs",
            check => check.Tags.Contains(Ready));
        return routes;

        void Map(string path, string name, string summary, Func<HealthCheckRegistration, bool> which) => routes
            .MapGet(path, (HealthCheckService health, CancellationToken cancel) => ReportAsync(health, which, cancel))
            .WithName(name).WithTags("Health").WithSummary(summary)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable);
    }

    /// <summary>
    /// Builds a program, runs it until it is told to end, and lets it go in order. Wrong settings are one line
    /// each on the error stream.
    /// </summary>
    /// <returns>The exit code: 0, or 1 where a setting is wrong or a part of the program failed.</returns>
    public static async Task<int> RunProgramAsync(Func<IHost> build)
    {
        try
        {
            var host = build();
            try
            {
                host.Services.GetService<IStartupValidator>()?.Validate();
                await host.StartAsync();
                await host.WaitForShutdownAsync();
                var parts = host.Services.GetServices<IHostedService>().OfType<BackgroundService>();
                return parts.Any(part => part.ExecuteTask is { IsFaulted: true }) ? 1 : 0;
            }
            finally
            {
                if (host is IAsyncDisposable disposable) await disposable.DisposeAsync();
                else host.Dispose();
            }
        }
        catch (Exception e) when (WrongSettings(e) is { } lines)
        {
            foreach (var line in lines) await Console.Error.WriteLineAsync(line);
            return 1;
        }
    }

    /// <summary>The lines to show for an exception that a wrong setting has caused; null for any other.</summary>
    public static IReadOnlyList<string>? WrongSettings(Exception exception) => exception switch
    {
        OptionsValidationException wrong => [.. wrong.Failures],
        AggregateException several when several.InnerExceptions.All(inner => inner is OptionsValidationException) =>
            [.. several.InnerExceptions.Cast<OptionsValidationException>().SelectMany(inner => inner.Failures)],
        _ => null,
    };

    private static void AddTelemetry(IHostApplicationBuilder builder)
    {
        // What is collected wherever somebody collects; the catalogue adds the system's own activities and instruments.
        builder.Services.ConfigureOpenTelemetryTracerProvider(traces => traces
            .AddAspNetCoreInstrumentation(requests =>
                requests.Filter = context => !context.Request.Path.StartsWithSegments("/healthz"))
            // Without a cause it is a look at an empty queue, every second.
            .AddHttpClientInstrumentation(requests =>
                requests.FilterHttpRequestMessage = _ => Activity.Current?.ParentId is not null));
        builder.Services.ConfigureOpenTelemetryMeterProvider(metrics => metrics
            .AddAspNetCoreInstrumentation().AddHttpClientInstrumentation().AddRuntimeInstrumentation());
        if (!builder.Configuration.Exports()) return;

        var telemetry = builder.Services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService(builder.Environment.ApplicationName))
            .WithTracing().WithMetrics().WithLogging(null, logs => logs.IncludeFormattedMessage = true);
        if (builder.Configuration.Has(OtlpEndpoint))
        {
            if (!Uri.TryCreate(builder.Configuration[OtlpEndpoint], UriKind.Absolute, out var address)
                || address.Scheme is not ("http" or "https"))
                throw Wrong($"{OtlpEndpoint} must be an http or https address, such as http://localhost:4317.");
            telemetry.UseOtlpExporter();
        }

        if (builder.Configuration.Has(AzureMonitor)) UseAzureMonitor(telemetry, builder.Configuration);
    }

    private static void UseAzureMonitor(OpenTelemetryBuilder telemetry, IConfiguration configuration)
    {
        var connection = configuration[AzureMonitor]!;
        if (!connection.Contains("InstrumentationKey=", StringComparison.OrdinalIgnoreCase))
            throw Wrong($"{AzureMonitor} must be a connection string, InstrumentationKey=...;IngestionEndpoint=...");
        telemetry.UseAzureMonitorExporter(azure =>
        {
            azure.ConnectionString = connection;
            // Everything is kept: metrics count, and a trace with holes explains nothing. An operator may
            // set OTEL_TRACES_SAMPLER.
            azure.SamplingRatio = 1;
            if (configuration.Has(AzureMonitorIdentity))
                azure.Credential = new ManagedIdentityCredential(Identity(configuration[AzureMonitorIdentity]!));
        });
    }

    /// <summary>
    /// <c>ClientId=...;Authorization=AAD</c>, as the Functions host takes it, or without a client id the
    /// machine's own identity.
    /// </summary>
    private static ManagedIdentityId Identity(string text)
    {
        var client = text.Split(';').Select(part => part.Split('=', 2))
            .FirstOrDefault(part => part is ["ClientId", { Length: > 0 }])?[1];
        return client is null ? ManagedIdentityId.SystemAssigned : ManagedIdentityId.FromUserAssignedClientId(client);
    }

    private static bool Has(this IConfiguration configuration, string setting) =>
        !string.IsNullOrEmpty(configuration[setting]);

    private static OptionsValidationException Wrong(string line) => new("", typeof(OpenTelemetryBuilder), [line]);

    private static async Task<Results<Ok<Health>, ProblemHttpResult>> ReportAsync(
        HealthCheckService health, Func<HealthCheckRegistration, bool> which, CancellationToken cancel)
    {
        var report = await health.CheckHealthAsync(which, cancel);
        var ill = report.Entries.Where(entry => entry.Value.Status == HealthStatus.Unhealthy).ToList();
        return ill.Count == 0
            ? TypedResults.Ok(new Health(report.Status == HealthStatus.Healthy ? "healthy" : "degraded"))
            : TypedResults.Problem(
                string.Join(' ', ill.Select(entry => entry.Value.Description ?? $"{entry.Key} fails.")),
                statusCode: StatusCodes.Status503ServiceUnavailable);
    }

    /// <summary>A program's state of health.</summary>
    private sealed record Health(string Status);
}
