using System.ClientModel;
using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;
using OpenMU.Training.Evaluation;

namespace OpenMU.Training.Annotation;

/// <summary>
/// Has a chat model write records about clips from their metadata, several clips at a time. The names of
/// finished clips stand in OUTPUT.done; a run that was stopped goes on with the others, and lines of a clip
/// that was not finished are dropped.
/// </summary>
/// <param name="chat">The model.</param>
/// <param name="metadata">JSON lines: an object a clip, with its audio in local_audio_path or audio_path and perhaps an
/// id; everything else is in the prompt.</param>
/// <param name="output">Receives the records.</param>
/// <param name="jobs">Clips at a time.</param>
internal sealed class AnnotationRun(IChatClient chat, string metadata, string output, int jobs)
{
    // A model that does not keep to the form is asked again; what the connection suffers is
    // retried by the client itself.
    private const int Attempts = 3;

    private static readonly string[] NotInPrompt =
        ["id", "audio_id", "local_audio_id", "local_audio_path", "audio_path", "file", "title", "artist", "album"];
    private readonly ConcurrentBag<string> failures = [];
    private readonly Lock writing = new();
    private int total, finished, dropped;

    public IReadOnlyCollection<string> Failures => failures;

    /// <summary>Answers that were not kept.</summary>
    public int Dropped => dropped;

    public BatchProgress Progress => new(total, finished, failures.Count, 0);

    /// <exception cref="InvalidDataException">A line of metadata is no object or names no audio.</exception>
    public async Task RunAsync(CancellationToken cancel)
    {
        List<JsonObject> clips = [.. File.ReadLines(metadata).Where(line => line.Length > 0).Select(Clip)];
        var done = File.Exists(output + ".done") ? File.ReadAllLines(output + ".done").ToHashSet() : [];
        if (File.Exists(output))
        {
            File.WriteAllLines(output, [.. BenchRecord.Read(output).Where(record => done.Contains(record.Clip ?? ""))
                .Select(record => record.ToJson())]);
        }
        finished = clips.RemoveAll(clip => done.Contains(Name(clip)));
        total = finished + clips.Count;
        await Parallel.ForEachAsync(
            clips, new ParallelOptions { MaxDegreeOfParallelism = jobs, CancellationToken = cancel },
            async (clip, stop) =>
            {
                try
                {
                    List<string> lines = [];
                    foreach (var kind in AnnotationKind.All)
                        lines.AddRange((await WriteAsync(kind, clip, stop)).Select(record => record.ToJson()));
                    lock (writing)
                    {
                        File.AppendAllLines(output, lines);
                        File.AppendAllLines(output + ".done", [Name(clip)]);
                    }

                    Interlocked.Increment(ref finished);
                }
                catch (Exception e) when (e is ClientResultException or HttpRequestException or InvalidDataException)
                {
                    failures.Add($"{Name(clip)}: {e.Message}");
                }
            });
    }

    private async Task<IReadOnlyList<BenchRecord>> WriteAsync(
        AnnotationKind kind, JsonObject clip, CancellationToken cancel)
    {
        var fields = new JsonObject(clip.Where(field => !NotInPrompt.Contains(field.Key))
            .Select(field => KeyValuePair.Create(field.Key, field.Value?.DeepClone()))).ToJsonString();
        ChatMessage[] messages = [new(ChatRole.System, kind.System), new(ChatRole.User, fields)];
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var reply = await chat.GetResponseAsync(messages, new ChatOptions { Temperature = .7f }, cancel);
            if (AnnotationFilter.Parse(reply.Text) is not { Count: > 0 } pairs) continue;
            var kept = pairs.Where(pair => (kind.Instruction ?? pair.Question).Length > 0
                && AnnotationFilter.Keeps(kind.Task, pair.Question, pair.Answer, fields)).ToList();
            Interlocked.Add(ref dropped, pairs.Count - kept.Count);
            return [.. kept.Select(pair => new BenchRecord
            {
                Task = kind.Task,
                Instruction = kind.Instruction ?? pair.Question,
                Output = pair.Answer,
                LocalAudioPath = Audio(clip),
                Clip = Name(clip)
            })];
        }

        throw new InvalidDataException($"the model did not keep to the form for {kind.Task} in {Attempts} attempts.");
    }

    private JsonObject Clip(string line, int index)
    {
        try
        {
            if (JsonNode.Parse(line) is JsonObject clip && Audio(clip) != null) return clip;
        }
        catch (System.Text.Json.JsonException e)
        {
            throw new InvalidDataException($"{metadata}, line {index + 1}: {e.Message}", e);
        }

        throw new InvalidDataException($"{metadata}, line {index + 1}: an object with local_audio_path is expected.");
    }

    private static string? Audio(JsonObject clip) =>
        (clip["local_audio_path"] ?? clip["audio_path"] ?? clip["file"])?.ToString();

    private static string Name(JsonObject clip) => (clip["id"] ?? clip["audio_id"])?.ToString() ?? Audio(clip)!;
}
