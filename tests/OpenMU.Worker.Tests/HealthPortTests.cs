using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging.Abstractions;
using OpenMU.ServiceDefaults;
using OpenMU.Testing;

namespace OpenMU.Worker.Tests;

public sealed class HealthPortTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Probes_learn_whether_to_restart_the_worker_and_whether_it_can_work()
    {
        var services = new ServiceCollection().AddLogging();
        services.AddHealthChecks()
            .AddCheck("progress", () => HealthCheckResult.Healthy(), [ServiceDefaultsExtensions.Live])
            .AddCheck(
                "catalogue", () => HealthCheckResult.Unhealthy("The catalogue does not answer."),
                [ServiceDefaultsExtensions.Ready]);
        await using var provider = services.BuildServiceProvider();
        var options = new WorkerOptions { HealthPort = LoopbackPort.Free() };
        await using var port = new HealthPort(
            options, provider.GetRequiredService<HealthCheckService>(), NullLoggerFactory.Instance);
        await port.StartAsync(Cancel);
        using var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{options.HealthPort}") };

        (await client.GetStringAsync("/healthz/live", Cancel)).Should().Be("""{"status":"healthy"}""");
        using var ready = await client.GetAsync("/healthz/ready", Cancel);
        ready.StatusCode.Should().Be(HttpStatusCode.ServiceUnavailable);
        (await ready.Content.ReadAsStringAsync(Cancel)).Should().Contain("The catalogue does not answer.");
        using var both = await client.GetAsync("/healthz", Cancel);
        both.StatusCode.Should().Be(HttpStatusCode.ServiceUnavailable);
        await port.StopAsync(Cancel);
    }
}
