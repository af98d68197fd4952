using System.Net;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenMU.Catalogue;
using OpenMU.Catalogue.Jobs;
using OpenMU.Testing;

namespace OpenMU.Worker.Tests;

/// <summary>A call that never comes back, in the worker's program as it is composed.</summary>
public sealed class StuckJobTests(Emulator emulator)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Where_somebody_probes_the_worker_asks_to_be_started_again()
    {
        await using var stage = await Stage.SetAsync(emulator);
        var port = LoopbackPort.Free();
        using var program = await StartAsync(stage, ("HealthPort", $"{port}"));
        using var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
        (await client.GetStringAsync("/healthz/live", Cancel)).Should().Contain("healthy");
        await EnqueueAsync(stage);

        var answer = "";
        while (!answer.Contains("cannot be ended", StringComparison.Ordinal))
        {
            await Task.Delay(50, Cancel);
            using var response = await client.GetAsync("/healthz/live", Cancel);
            if (response.StatusCode == HttpStatusCode.ServiceUnavailable)
                answer = await response.Content.ReadAsStringAsync(Cancel);
        }

        (await stage.JobsAsync()).Should().ContainSingle()
            .Which.Should().BeEquivalentTo(new { State = JobState.Queued, Attempts = 1 });
        await program.StopAsync(Cancel);
    }

    [Fact]
    public async Task Where_nobody_does_the_worker_ends_by_itself_and_says_why_in_one_line()
    {
        await using var stage = await Stage.SetAsync(emulator);
        using var program = await StartAsync(stage);
        await EnqueueAsync(stage);
        var worker = program.Services.GetServices<IHostedService>().OfType<WorkerService>().Single();

        var end = await worker.Awaiting(service => service.ExecuteTask!).Should().ThrowAsync<ProcessBrokenException>();

        end.Which.Message.Should().MatchRegex("^Job [0-9]+ cannot be ended: It made no progress for 00:00:01.$");
        await program.WaitForShutdownAsync(Cancel);
    }

    private static async Task EnqueueAsync(Stage stage) => await stage.Messages.EnqueueAsync(
        await stage.AddTrackAsync("home/a.wav", TestSound.Tone(0.5, 440)), Cancel);

    private static async Task<IHost> StartAsync(Stage stage, params (string Name, string Value)[] settings)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(
            new Dictionary<string, string?>(settings.Select(setting =>
                KeyValuePair.Create($"Worker:{setting.Name}", (string?)setting.Value)))
            {
                ["Catalogue:ConnectionString"] = $"Data Source={stage.CataloguePath}",
                ["Storage:ConnectionString"] = stage.ConnectionString,
                ["Worker:TempFolder"] = TestWorker.Work(stage),
                ["Worker:StallAfter"] = "00:00:01",
                ["Worker:PollInterval"] = "00:00:00.050",
            });
        builder.Services.AddCatalogue(builder.Configuration).AddWorker(builder.Configuration);
        builder.Services.AddSingleton<TrackAnalyser>(
            new ScriptedAnalyser((_, _) => Task.Delay(Timeout.Infinite, CancellationToken.None)));
        var program = builder.Build();
        await program.StartAsync(Cancel);
        return program;
    }
}
