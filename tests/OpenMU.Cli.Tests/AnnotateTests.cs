using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using OpenMU.Cli.Home;
using OpenMU.Training;
using OpenMU.Training.Annotation;
using OpenMU.Training.Evaluation;

namespace OpenMU.Cli.Tests;

/// <summary>Against a chat endpoint on the loopback interface, spoken to over HTTP as any other.</summary>
public sealed class AnnotateTests : IAsyncLifetime
{
    private readonly string folder = Directory.CreateTempSubdirectory().FullName;
    private readonly ConcurrentQueue<JsonNode> requests = [];
    private readonly WebApplication server = Server();
    private Func<JsonNode, string> answer = Write;

    public async ValueTask InitializeAsync()
    {
        server.Urls.Add("http://127.0.0.1:0");
        server.MapPost("/v1/chat/completions", async (HttpRequest request) =>
        {
            var body = (await JsonNode.ParseAsync(request.Body))!;
            requests.Enqueue(body);
            var message = new JsonObject { ["role"] = "assistant", ["content"] = answer(body) };
            var choice = new JsonObject { ["index"] = 0, ["finish_reason"] = "stop", ["message"] = message };
            return Results.Text(new JsonObject
            {
                ["id"] = "1",
                ["object"] = "chat.completion",
                ["created"] = 1,
                ["model"] = "stand-in",
                ["choices"] = new JsonArray(choice)
            }.ToJsonString(), "application/json");
        });
        await server.StartAsync();
        await File.WriteAllLinesAsync(At("metadata.jsonl"), Enumerable.Range(0, 3).Select(k =>
            $$"""{"id": "clip{{k}}", "local_audio_path": "a/{{k}}.wav", "title": "Secret", "genre": "jazz", "tempo": 117.6}"""));
    }

    public async ValueTask DisposeAsync()
    {
        await server.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task Every_clip_gets_records_of_three_tasks_and_what_leaks_is_dropped()
    {
        var run = await RunAsync();

        run.Failures.Should().BeEmpty();
        run.Dropped.Should().Be(3);
        var records = BenchRecord.Read(At("out.jsonl")).ToList();
        records.CountBy(record => record.Task).Should().BeEquivalentTo([KeyValuePair.Create("captioning", 3),
            KeyValuePair.Create("reasoning", 3), KeyValuePair.Create("tools", 3)]);
        records.Should().OnlyContain(record => record.LocalAudioPath == $"a/{record.Clip!.Substring(4)}.wav");
        requests.Should().HaveCount(9).And.OnlyContain(request => (string)request["model"]! == "stand-in"
            && !request.ToJsonString(null).Contains("Secret") && request.ToJsonString(null).Contains("117.6"));
    }

    [Fact]
    public async Task A_run_goes_on_where_it_was_and_asks_nothing_twice()
    {
        await RunAsync();
        var records = await File.ReadAllTextAsync(At("out.jsonl"));
        var asked = requests.Count;
        await File.WriteAllLinesAsync(
            At("out.jsonl.done"), (await File.ReadAllLinesAsync(At("out.jsonl.done"))).Where(name => name != "clip1"));

        var run = await RunAsync();

        run.Progress.Should().Be(new BatchProgress(3, 3, 0, 0));
        (requests.Count - asked).Should().Be(3);
        (await File.ReadAllTextAsync(At("out.jsonl"))).Split('\n').Should().BeEquivalentTo(records.Split('\n'));
    }

    [Fact]
    public async Task A_model_out_of_form_is_asked_again_and_given_up_after_three_attempts()
    {
        var tries = 0;
        answer = request => Kind(request) == "captioning" && tries++ < 2 ? "Let me think..." : Write(request);
        (await RunAsync()).Failures.Should().BeEmpty();

        File.Delete(At("out.jsonl.done"));
        answer = _ => "Let me think...";
        (await RunAsync()).Failures.Should().HaveCount(3).And.OnlyContain(failure => failure.Contains("captioning"));
    }

    [Fact]
    public async Task The_command_speaks_to_the_endpoint_that_it_is_given()
    {
        var (code, output, error) = await OpenMuProgram.RunAsync(
            "bootstrap", At("metadata.jsonl"), At("out.jsonl"), "--endpoint", $"{server.Urls.Single()}/v1", "--model",
            "stand-in", "--jobs", "1");

        code.Should().Be(ExitCode.Done, error);
        output.Should().Contain("3 of 3 clips annotated, 3 answers dropped");
        BenchRecord.Read(At("out.jsonl")).Should().HaveCount(9);
    }

    private static WebApplication Server()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        return builder.Build();
    }

    private static string Write(JsonNode request) => Kind(request) switch
    {
        "captioning" => """[{"question": "", "answer": "A calm jazz trio plays at an easy pace."}]""",
        "tools" =>
            """[{"question": "How fast is it?", "answer": "The tempo is [GetAudioTempo()] beats per minute."}]""",
        _ =>
            """[{"question": "Why is it calm?", "answer": "The trio leaves much space."}, {"question": "Why jazz?", "answer": "Because the metadata says jazz."}]""",
    };

    private static string Kind(JsonNode request) =>
        AnnotationKind.All.Single(kind => kind.System == (string)request["messages"]![0]!["content"]!).Task;

    private async Task<AnnotationRun> RunAsync()
    {
        using var chat = Annotate.Connect(new Uri(new Uri(server.Urls.Single()), "v1"), "stand-in");
        var run = new AnnotationRun(chat, At("metadata.jsonl"), At("out.jsonl"), jobs: 1);
        await run.RunAsync(CancellationToken.None);
        return run;
    }

    private string At(string name) => Path.Combine(folder, name);
}
