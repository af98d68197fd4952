using System.Diagnostics;
using System.Net.Http.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenMU.Catalogue.Jobs;
using OpenMU.Functions;
using OpenMU.Testing;
using OpenMU.Web;
using OpenMU.Worker;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace OpenMU.Pipeline.Tests;

/// <summary>
/// What the system tells of its work: the whole path in one process, with exporters that keep what they are given.
/// </summary>
public sealed class TelemetryTests(Emulator emulator)
{
    private const string Track = "loud and clear.wav";

    private readonly List<Activity> spans = [];
    private readonly List<MetricSnapshot> metrics = [];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task One_trace_runs_from_the_upload_to_the_stored_analysis_and_one_from_the_question_to_its_answer()
    {
        await using var stage = await Stage.SetAsync(emulator);
        await using (var system = Build(stage, SmallRandomModel.Write(stage.Folder)))
        {
            await system.StartAsync(Cancel);
            using var client = new HttpClient { BaseAddress = new Uri(system.Urls.Single()) };
            await UploadAndIngestAsync(system, client);
            await stage.UntilAsync(jobs => jobs.Any(job => job is { State: JobState.Ready }));
            await client.PostAsJsonAsync(
                $"/v1/tracks/{(await stage.TracksAsync()).Single().Id}/questions",
                new { text = "Which key?" }, Cancel);
            await stage.UntilAsync(jobs => jobs.Count == 2 && jobs.TrueForAll(job => job is { State: JobState.Ready }));
            await system.StopAsync(Cancel);
        }

        Trace("analysis").Should().BeEquivalentTo(
            "POST /v1/tracks", "upload", "ingest", "enqueue", "analysis", "download", "encode", "generate", "store");
        Trace("question").Should().BeEquivalentTo(
            "POST /v1/tracks/{id:long}/questions", "enqueue", "question", "download", "decode", "encode",
            "generate", "store");
        spans.Single(span => span.DisplayName == "analysis").GetTagItem("openmu.job.attempt").Should().Be(1);
    }

    [Fact]
    public async Task Jobs_stages_tokens_and_speed_are_measured()
    {
        await using var stage = await Stage.SetAsync(emulator);
        await using (var system = Build(stage, SmallRandomModel.Write(stage.Folder)))
        {
            await system.StartAsync(Cancel);
            using var client = new HttpClient { BaseAddress = new Uri(system.Urls.Single()) };
            await UploadAndIngestAsync(system, client);
            await stage.UntilAsync(jobs => jobs.Any(job => job is { State: JobState.Ready }));
            await system.Services.GetRequiredService<SweepUploads>().RunAsync(Cancel);
            await system.StopAsync(Cancel);
        }

        Points("openmu.jobs").Should().Equal("kind=analysis outcome=ready");
        Points("openmu.job.tries").Should().Equal("kind=analysis outcome=ready");
        Points("openmu.job.wait").Should().Equal("kind=analysis");
        Points("openmu.queue.age").Should().Equal("kind=analysis", "kind=question");
        Points("openmu.stage.duration").Should().Equal(
            "stage=decode", "stage=download", "stage=encode", "stage=generate", "stage=measure", "stage=store");
        foreach (var plain in (string[])["openmu.analysis.realtime_factor", "openmu.tokens", "openmu.tokens.rate"])
            Points(plain).Should().Equal("");
        metrics.Select(metric => metric.Name).Should().NotContain("openmu.tracks.without_words");
    }

    [Fact]
    public async Task Told_where_a_worker_sends_its_traces_metrics_and_logs_there()
    {
        await using var stage = await Stage.SetAsync(emulator);
        await stage.Messages.EnqueueAsync(await stage.AddTrackAsync("home/a.wav", TestSound.Tone(0.5, 440)), Cancel);
        var received = new System.Collections.Concurrent.ConcurrentBag<string>();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        await using var collector = builder.Build();
        collector.Urls.Add("http://127.0.0.1:0");
        collector.MapPost("/{**path}", (string path) =>
        {
            received.Add(path);
            return Results.Ok();
        });
        await collector.StartAsync(Cancel);

        using var worker = WorkerProcess.Start(
            stage, TimeSpan.FromSeconds(30), untilEmpty: true,
            ("OTEL_EXPORTER_OTLP_ENDPOINT", collector.Urls.Single()), ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"));
        var (code, log) = await worker.EndAsync(Cancel);

        code.Should().Be(0, log);
        received.Distinct().Should().BeEquivalentTo("v1/traces", "v1/metrics", "v1/logs");
    }

    private static async Task UploadAndIngestAsync(WebApplication system, HttpClient client)
    {
        using var content = new ByteArrayContent(TestSound.Tone(2, 440));
        content.Headers.ContentType = new("application/octet-stream");
        (await client.PostAsync($"/v1/tracks?fileName={Uri.EscapeDataString(Track)}", content, Cancel))
            .EnsureSuccessStatusCode();
        // Event Grid brings the name and nothing else.
        system.Services.GetRequiredService<IngestOptions>().ModelVersion =
            system.Services.GetRequiredService<TrackAnalyser>().ModelVersion;
        (await system.Services.GetRequiredService<IngestTrack>().HandleAsync($"default/{Track}", Cancel))
            .Should().Be(IngestOutcome.Taken);
    }

    private WebApplication Build(Stage stage, string model) => CatalogueSite.Build(
        [
            "--Logging:LogLevel:Default=Error", $"--Catalogue:ConnectionString=Data Source={stage.CataloguePath}",
            $"--Storage:ConnectionString={stage.ConnectionString}", "--Site:Url=http://127.0.0.1:0",
            "--Site:AnswerSeconds=120",
            "--Worker:PollInterval=00:00:00.050", $"--Worker:TempFolder={WorkerProcess.Work(stage)}",
            $"--Worker:ModelFolder={model}", "--Worker:ModelThreads=1",
        ],
        builder =>
        {
            builder.Services.AddIngest(builder.Configuration).AddWorker(builder.Configuration);
            builder.Services.AddOpenTelemetry()
                .WithTracing(traces => traces.AddInMemoryExporter(spans))
                .WithMetrics(meters => meters.AddInMemoryExporter(metrics));
        });

    /// <summary>
    /// Names of all spans of the trace that a span belongs to, without the requests to storage and
    /// the looks at the page.
    /// </summary>
    private IEnumerable<string> Trace(string span)
    {
        var trace = spans.Single(activity => activity.DisplayName == span).TraceId;
        return spans.Where(activity => activity.TraceId == trace && activity.Source.Name != "System.Net.Http")
            .Select(activity => activity.DisplayName);
    }

    /// <summary>What a metric was split by.</summary>
    private SortedSet<string> Points(string metric)
    {
        var points = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var point in metrics.Last(snapshot => snapshot.Name == metric).MetricPoints)
        {
            var tags = new List<string>();
            foreach (var tag in point.Tags) tags.Add($"{tag.Key}={tag.Value}");
            points.Add(string.Join(' ', tags.Order(StringComparer.Ordinal)));
        }

        return points;
    }
}
