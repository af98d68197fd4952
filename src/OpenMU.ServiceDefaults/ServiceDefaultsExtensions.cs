using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace OpenMU.ServiceDefaults;

/// <summary>What every program of the system does alike: log, measure itself, say how it is, start and end.</summary>
public static class ServiceDefaultsExtensions
{
    /// <summary>Tag of health checks whose failure means that only a restart helps.</summary>
    public const string Live = "live";

    /// <summary>Tag of health checks whose failure means that the program cannot work at present.</summary>
    public const string Ready = "ready";

    /// <summary>Adds telemetry and health checks.</summary>
    public static TBuilder AddServiceDefaults<TBuilder>(this TBuilder builder)
        where TBuilder : IHostApplicationBuilder
    {
        // Statements and requests are of interest only when they fail.
        builder.Logging.AddFilter("Microsoft.EntityFrameworkCore", LogLevel.Warning);
        builder.Logging.AddFilter("Azure.Core", LogLevel.Warning);
        builder.Services.AddHealthChecks();
        return builder;
    }

    /// <summary>
    /// Health for probes and people: <c>/healthz/live</c> (restart when it fails), <c>/healthz/ready</c> (send no work when it fails)
    /// and <c>/healthz</c>, which is both.
    /// </summary>
    public static IEndpointRouteBuilder MapHealth(this IEndpointRouteBuilder routes)
    {
        Map("/healthz", "Says whether the program is well", _ => true);
        Map("/healthz/live", "Says whether the program works and need not be restarted", check => check.Tags.Contains(Live));
        Map("/healthz/ready", "Says whether the program reaches what it needs", check => check.Tags.Contains(Ready));
        return routes;

        void Map(string path, string summary, Func<HealthCheckRegistration, bool> which) => routes
            .MapGet(path, (HealthCheckService health, CancellationToken cancel) => ReportAsync(health, which, cancel))
            .WithTags("Health").WithSummary(summary)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable);
    }

    /// <summary>
    /// Builds a program, runs it until it is told to end, and lets it go in order. Wrong settings are one line each on the error stream.
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
