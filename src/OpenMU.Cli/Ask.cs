using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using OpenMU.Catalogue.Questions;
using OpenMU.Mir.Audio;
using OpenMU.Worker;
using Spectre.Console;

namespace OpenMU.Cli;

/// <summary>
/// <c>openmu ask FILE "..."</c>: what the model says to questions about a file, without a catalogue; and
/// <c>openmu ask --track A --track B "..."</c>: about several, files or tracks of a catalogue.
/// </summary>
internal static class Ask
{
    private const int MaxTold = 60;

    internal static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        Converters = { new JsonStringEnumConverter() },
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        WriteIndented = true,
    };

    public static Command Command()
    {
        var file = new Argument<string>("file")
        {
            Description = "An audio file of any format that ffmpeg reads. With --track it is left out."
        };
        var questions = new Argument<string[]>("questions")
        {
            Description = "Questions in words; all are answered in one listening.",
            Arity = ArgumentArity.ZeroOrMore
        };
        var tracks = new Option<string[]>("--track")
        {
            Description = $"One of 2 to {Question.MaxTracks} tracks that the question is about: files, or ids of a "
                + "catalogue (--site). The answer cites them in their order, as in [1].",
            HelpName = "FILE|ID"
        };
        var site = new Option<Uri>("--site")
        {
            Description = "The catalogue whose tracks the ids are.",
            DefaultValueFactory = _ => new Uri("http://127.0.0.1:5080"),
            CustomParser = result => ToSite(result),
            HelpName = "URL"
        };
        var json = new Option<bool>("--json")
        {
            Description = "Answers with the measurements that they were written from, model and prompt version, as one "
                + "JSON array."
        };
        var model = new ModelOptions();
        var command = new Command("ask", "Answers questions about a file, or about several tracks.")
            { file, questions, tracks, site, json };
        model.AddTo(command);
        Action<IReadOnlyList<Asked>> PrintOf(ParseResult parsed) => parsed.GetValue(json) ? PrintJson : PrintText;
        command.Validators.Add(result =>
        {
            var (several, words) = (result.GetValue(tracks) ?? [], result.GetValue(questions) ?? []);
            if (several.Length == 0 && words.Length == 0) result.AddError("Ask something: openmu ask FILE \"Which key?\".");
            else if (several.Length is 1 or > Question.MaxTracks)
                result.AddError($"Name 2 to {Question.MaxTracks} tracks with --track, not {several.Length}.");
            else if (several.Length > 0 && words.Length > 0)
                result.AddError("With --track there is no FILE, and one question.");
        });
        command.SetAction((parsed, cancel) => parsed.GetValue(tracks) is { Length: > 0 } several
            ? AskSelection.RunAsync(
                several, parsed.GetRequiredValue(file), parsed.GetRequiredValue(site),
                () => model.Of(parsed), PrintOf(parsed), Console.Error, cancel)
            : RunAsync(
                parsed.GetRequiredValue(file), parsed.GetRequiredValue(questions), model.Of(parsed),
                PrintOf(parsed), Console.Error, cancel));
        return command;
    }

    private static Uri? ToSite(ArgumentResult result)
    {
        var text = result.Tokens.Count > 0 ? result.Tokens[0].Value : "";
        if (Uri.TryCreate(text, UriKind.Absolute, out var site) && site.Scheme is "http" or "https") return site;
        result.AddError($"--site {text}: name the address of a catalogue, such as http://127.0.0.1:5080.");
        return null;
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
            return Print(questions, replies, listener, print);
        }
        catch (UnreadableAudioException e)
        {
            await error.WriteLineAsync($"openmu: {file}: {e.Message}");
            return 1;
        }
    }

    internal static int Print(
        IReadOnlyList<string> questions, IReadOnlyList<Reply> replies, ModelSession listener,
        Action<IReadOnlyList<Asked>> print)
    {
        print([.. questions.Zip(replies, (question, reply) => new Asked(
            question, reply.Error is null ? reply.ToAnswer(listener, TimeProvider.System) : null,
            reply.Error?.Message))]);
        return replies.All(reply => reply.Error is null) ? 0 : 1;
    }

    // A measurement in a line: which tool, what it found, where in the track, how sure.
    private static string Told(ToolCall call)
    {
        var value = call.Value.Length <= MaxTold ? call.Value : $"{call.Value[..MaxTold]}...";
        if (call.Reading is not { } reading) return $"{call.Name}: {value}";
        var unit = reading.Unit is null ? "" : $" {reading.Unit}";
        var until = reading.ToSeconds is { } end ? $" of {reading.FromSeconds:0}-{end:0} s" : "";
        var sure = reading.Confidence is { } confidence ? $", {confidence:0%} sure" : "";
        return $"{call.Name}{until}: {value}{unit}{sure}";
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
                foreach (var call in answer.ToolCalls) console.WriteLine($"    {Told(call)}");
            }
        }
    }

    // On the error stream, so that the answers can be piped.
    internal static async Task<T> WithProgressAsync<T>(TextWriter error, Func<IProgress<double>?, Task<T>> work)
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
