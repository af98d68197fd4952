using System.CommandLine;
using OpenMU.Mir.Audio;
using OpenMU.Worker;
using Spectre.Console;

namespace OpenMU.Cli;

/// <summary><c>openmu ask FILE "..."</c>: what the model says to questions about a file, without a catalogue.</summary>
internal static class Ask
{
    public static Command Command()
    {
        var file = new Argument<string>("file") { Description = "An audio file of any format that ffmpeg reads." };
        var questions = new Argument<string[]>("questions")
        {
            Description = "Questions in words; all are answered in one listening.",
            Arity = ArgumentArity.OneOrMore
        };
        var model = new ModelOptions();
        var command = new Command("ask", "Answers questions about a file.") { file, questions };
        model.AddTo(command);
        command.SetAction((parsed, cancel) => RunAsync(
            parsed.GetRequiredValue(file), parsed.GetRequiredValue(questions), model.Of(parsed, orShipped: true),
            AnsiConsole.Console, Console.Error, cancel));
        return command;
    }

    internal static async Task<int> RunAsync(
        string file, IReadOnlyList<string> questions, WorkerOptions options, IAnsiConsole console, TextWriter error,
        CancellationToken cancel)
    {
        using var listener = ModelSession.Open(options)
            ?? throw new UsageException("There is no model: name a model folder with --model DIR.");
        await WorkingDecoder.RequireAsync(cancel);
        try
        {
            var analyser = new TrackAnalyser(DecodeLimits.Default, TimeProvider.System, listener);
            var replies = await WithProgressAsync(
                error, progress => analyser.AskAsync(file, questions, progress, cancel));
            return Print(console, questions, replies);
        }
        catch (UnreadableAudioException e)
        {
            await error.WriteLineAsync($"openmu: {file}: {e.Message}");
            return 1;
        }
    }

    private static int Print(IAnsiConsole console, IReadOnlyList<string> questions, IReadOnlyList<Reply> replies)
    {
        foreach (var (question, reply) in questions.Zip(replies))
        {
            console.WriteLine(question);
            console.WriteLine(reply.Written is { } written
                ? $"  {(written.Text.Length > 0 ? written.Text : "(nothing that the measurements back)")}"
                : $"  failed: {reply.Error!.Message}");
            if (reply.Written is { ToolCalls: > 0 } or { DroppedSentences: > 0 })
            {
                console.WriteLine($"  ({reply.Written.ToolCalls} measurements used, {reply.Written.DroppedSentences} "
                    + $"sentences left out, {reply.SecondsHeard:0} s heard)");
            }
        }

        return replies.All(reply => reply.Error is null) ? 0 : 1;
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
}
