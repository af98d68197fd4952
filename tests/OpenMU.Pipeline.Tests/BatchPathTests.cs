using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Azure.Storage.Queues.Models;
using Microsoft.Extensions.Logging.Abstractions;
using OpenMU.Catalogue.Questions;
using OpenMU.Catalogue.Storage;
using OpenMU.Functions;
using OpenMU.Model.Weights;
using OpenMU.Testing;

namespace OpenMU.Pipeline.Tests;

/// <summary>
/// Questions in bulk on their whole way: the site and the worker with the model that ships as processes of their own,
/// and only what the Functions host does between them called from here.
/// </summary>
public sealed class BatchPathTests(Emulator emulator)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Questions_are_asked_before_the_music_is_there_and_their_answers_read_as_they_come()
    {
        await using var stage = await Stage.SetAsync(emulator);
        var model = Path.Combine(SelectionPathTests.RepositoryRoot(), "models", "openmu-tiny");
        var version = FolderReport.Of(model, cancel: Cancel).Version;
        using var site = await WebProcess.StartAsync(stage, Cancel);
        var waiting = new WaitingQuestions(stage.Catalogue, stage.Jobs, TimeProvider.System);
        var body = new
        {
            questions = new[] { "How long is it?", "What is the tempo?" },
            tracks = new[] { new { fileName = "clicks.wav" }, new { fileName = "tone.wav" } },
        };

        var (first, isReplayed) = await AskAsync(site, body);
        isReplayed.Should().BeFalse();
        (await AskAsync(site, body)).Should().Be((first, true));
        var asked = await AskOnQueueAsync(stage, waiting);
        foreach (var file in (string[])
        [
            SelectionPathTests.Written(stage, "clicks.wav", TestSound.Clicks(9, TestSound.SampleRate)),
            SelectionPathTests.Written(stage, "tone.wav", TestSound.Tone(6, 330)),
        ])
        {
            await SelectionPathTests.UploadAsync(site, file);
        }
        await SelectionPathTests.Uploads(stage, version).DrainAsync(Cancel);
        using var worker = WorkerProcess.Start(
            stage, TimeSpan.FromMinutes(1), untilEmpty: false, ("Worker__modelFolder", model));

        var lines = await ReadAllAsync(site, first, waiting);
        lines.Select(line => line.GetProperty("position").GetInt32()).Should().BeEquivalentTo([0, 1, 2, 3]);
        lines.Should().OnlyContain(line => line.GetProperty("state").GetString() == "Ready");
        var answer = lines.Single(line => line.GetProperty("position").GetInt32() == 0).GetProperty("answer");
        answer.GetProperty("modelVersion").GetString().Should().Be(version);
        var reading = answer.GetProperty("toolCalls")[0].GetProperty("reading");
        reading.GetProperty("number").GetDouble().Should().BeApproximately(9, 0.1);
        reading.GetProperty("unit").GetString().Should().Be("s");
        (await ReadAllAsync(site, $"/v1/question-batches/{asked}", waiting)).Should().ContainSingle()
            .Which.GetProperty("answer").GetProperty("text").GetString().Should().Contain("9.0 seconds");
    }

    private static async Task<(string Location, bool IsReplayed)> AskAsync(WebProcess site, object body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/question-batches");
        request.Content = JsonContent.Create(body);
        request.Headers.Add("Idempotency-Key", "first");
        using var asked = await site.Client.SendAsync(request, Cancel);
        asked.StatusCode.Should().Be(HttpStatusCode.Accepted);
        return (asked.Headers.Location!.ToString(), asked.Headers.Contains("Idempotent-Replayed"));
    }

    /// <summary>What a partner does without the API, and what the Functions host makes of it.</summary>
    private static async Task<long> AskOnQueueAsync(Stage stage, WaitingQuestions waiting)
    {
        var names = PartnerQueueNames.Of(TrackBlob.DefaultTenant);
        var (asks, replies) = (stage.Storage.Queue(names.Asks), stage.Storage.Queue(names.Replies));
        await asks.CreateIfNotExistsAsync(cancellationToken: Cancel);
        await asks.SendMessageAsync(
            """{"idempotencyKey":"q-1","questions":["How long is it?"],"tracks":[{"fileName":"clicks.wav"}]}""", Cancel);
        var batches = new BatchStore(stage.Catalogue, stage.Jobs, TimeProvider.System);
        var queues = new PartnerQueues(
            batches, stage.Storage, new IngestOptions { Partners = TrackBlob.DefaultTenant },
            NullLogger<PartnerQueues>.Instance);
        (await queues.DrainAsync(Cancel)).Should().Be(1);
        QueueMessage reply = await replies.ReceiveMessageAsync(cancellationToken: Cancel);
        return JsonDocument.Parse(reply.Body.ToString()).RootElement.GetProperty("batchId").GetInt64();
    }

    // Polls with the last cursor until the batch is through.
    private static async Task<List<JsonElement>> ReadAllAsync(WebProcess site, string batch, WaitingQuestions waiting)
    {
        var (read, after) = (new List<JsonElement>(), "");
        while (true)
        {
            await waiting.RunAsync(Cancel);
            var now = await site.Client.GetFromJsonAsync<JsonElement>(batch, Cancel);
            var text = await site.Client.GetStringAsync($"{batch}/answers.jsonl{after}", Cancel);
            foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
            {
                var json = JsonDocument.Parse(line).RootElement;
                after = $"?after={json.GetProperty("cursor").GetString()}";
                read.Add(json.GetProperty("question"));
            }
            if (now.GetProperty("finishedAt").ValueKind == JsonValueKind.String) return read;
            await Task.Delay(100, Cancel);
        }
    }
}
