using System.CommandLine;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using OpenMU.Catalogue.Questions;
using OpenMU.Mir.Audio;
using OpenMU.Worker;
using Spectre.Console;

namespace OpenMU.Cli;

/// <summary><c>openmu ask FILE "..."</c>: what the model says to questions about a file, without a catalogue.</summary>
internal static class Ask
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        Converters = { new JsonStringEnumConverter() },
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        WriteIndented = true,
    };

    public static Command Command()
    {
        var file = new Argument<string>("file") { Description = "An audio file of any format that ffmpeg reads." };
        var questions = new Argument<string[]>("questions")
        {
            Description = "Questions in words; all are answered in one listening.",
            Arity = ArgumentArity.OneOrMore
        };
        var json = new Option<bool>("--json")
        {
            Description = "Answers with the measurements that they were written from, model and prompt version, as one "
                + "JSON array."
        };
        var model = new ModelOptions();
        var command = new Command("ask", "Answers questions about a file.") { file, questions, json };
        model.AddTo(command);
        command.SetAction((parsed, cancel) => RunAsync(
            parsed.GetRequiredValue(file), parsed.GetRequiredValue(questions), model.Of(parsed, orShipped: true),
            parsed.GetValue(json) ? PrintJson : PrintText, Console.Error, cancel));
        return command;
    }

    internal static async Task<int> RunAsync(
        string file, IReadOnlyList<string> questions, WorkerOptions options, Action<IReadOnlyList<Asked>> print,
        TextWriter error, CancellationToken cancel)
    {
        using var listener = ModelSession.Open(options)
            ?? throw new UsageException("There is no model: name a model folder with --model DIR.");
        await WorkingDecoder.RequireAsync(cancel);
        try
        {
            var analyser = new TrackAnalyser(DecodeLimits.Default, TimeProvider.System, listener);
            var replies = await WithProgressAsync(
                error, progress => analyser.AskAsync(file, questions, progress, cancel));
            print([.. questions.Zip(replies, (question, reply) => new Asked(
                question, reply.Error is null ? reply.ToAnswer(listener, TimeProvider.System) : null,
                reply.Error?.Message))]);
            return replies.All(reply => reply.Error is null) ? 0 : 1;
        }
        catch (UnreadableAudioException e)
        {
            await error.WriteLineAsync($"openmu: {file}: {e.Message}");
            return 1;
        }
    }

    private static void PrintJson(IReadOnlyList<Asked> all) =>
        Console.Out.WriteLine(JsonSerializer.Serialize(all, Json));

    private static void PrintText(IReadOnlyList<Asked> all)
    {
        var console = AnsiConsole.Console;
        foreach (var (question, answer, error) in all)
        {
            console.WriteLine(question);
            console.WriteLine(answer is null ? $"  failed: {error}" : $"  {answer.Text}");
            if (answer is not null and ({ ToolCalls.Count: > 0 } or { DroppedSentences: > 0 }))
            {
                console.WriteLine($"  ({answer.ToolCalls.Count} measurements used, {answer.DroppedSentences} "
                    + $"sentences left out, {answer.SecondsHeard:0} s heard)");
            }
        }
    }

    // On the error stream, so that the answers can be piped.
    private static async Task<T> WithProgressAsync<T>(TextWriter error, Func<IProgress<double>?, Task<T>> work)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(error) });
        if (!console.Profile.Capabilities.Interactive) return await work(null);
        return await console.Progress()
            .AutoClear(true).Columns(new TaskDescriptionColumn(), new ProgressBarColumn()).StartAsync(async context =>
            {
                var bar = context.AddTask("measuring", maxValue: 1);
                return await work(new Progress<double>(share =>
                {
                    bar.Value = share;
                    if (share < 1) return;
                    bar.Description = "listening";
                    bar.IsIndeterminate = true;
                }));
            });
    }

    /// <summary>A question and its answer.</summary>
    /// <param name="Question">As asked.</param>
    /// <param name="Answer">Null where something went wrong.</param>
    /// <param name="Error">What went wrong.</param>
    internal sealed record Asked(string Question, Answer? Answer, string? Error);
}
