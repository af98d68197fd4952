using System.ClientModel;
using System.CommandLine;
using System.CommandLine.Parsing;
using Microsoft.Extensions.AI;
using OpenAI;
using OpenAI.Chat;
using OpenMU.Cli.Home;
using OpenMU.Training;
using OpenMU.Training.Annotation;
using Spectre.Console;

namespace OpenMU.Cli;

/// <summary>
/// <c>openmu bootstrap</c>: new captions, questions and tool calls from metadata, by any model behind an
/// OpenAI-compatible endpoint.
/// </summary>
internal static class Annotate
{
    /// <summary>Holds the endpoint's key, which does not belong on a command line. Servers at home need none.</summary>
    public const string KeyVariable = "OPENMU_CHAT_KEY";

    public static Command Command()
    {
        var metadata = new Argument<string>("metadata")
        {
            Description = "JSON lines: an object a clip, with local_audio_path and what is known of it."
        };
        var output = new Argument<string>("output")
        {
            Description = "JSON lines of records. Clips that are finished there are kept."
        };
        var endpoint = new Option<Uri>("--endpoint")
        {
            Description = "Base address of the chat API, such as http://localhost:11434/v1. Its "
                + $"key is read from {KeyVariable}.",
            HelpName = "URL",
            Required = true,
            CustomParser = ReadAddress,
        };
        var model = new Option<string>("--model") { Description = "Name of the model there.", Required = true };
        var jobs = new Option<int>("--jobs")
        {
            Description = "Clips at a time.",
            DefaultValueFactory = _ => 4,
            HelpName = "N"
        }.AtLeast(1);
        var command = new Command(
            "bootstrap", "Has a chat model write records of OpenMU-Bench from the metadata of clips.")
        {
            metadata, output, endpoint, model, jobs
        };
        command.SetAction(async (parsed, cancel) =>
        {
            if (!File.Exists(parsed.GetRequiredValue(metadata)))
                throw new UsageException($"{parsed.GetRequiredValue(metadata)} does not exist.");
            using var chat = Connect(parsed.GetRequiredValue(endpoint), parsed.GetRequiredValue(model));
            var run = new AnnotationRun(
                chat, parsed.GetRequiredValue(metadata), parsed.GetRequiredValue(output), parsed.GetValue(jobs));
            var writing = run.RunAsync(cancel);
            await UpProgress.ShowAsync(AnsiConsole.Console, async () => writing.IsCompleted
                ? await EndAsync(writing, run)
                : run.Progress with { Total = Math.Max(1, run.Progress.Total) }, TimeProvider.System, cancel);
            foreach (var failure in run.Failures.Order(StringComparer.Ordinal)) Console.Error.WriteLine(failure);
            Console.WriteLine(
                $"{run.Progress.Ready} of {run.Progress.Total} clips annotated, {run.Dropped} answers dropped");
            return run.Failures.Count == 0 ? 0 : 1;
        });
        return command;
    }

    /// <summary>A client for the endpoint.</summary>
    public static IChatClient Connect(Uri endpoint, string model)
    {
        var key = new ApiKeyCredential(
            Environment.GetEnvironmentVariable(KeyVariable) is { Length: > 0 } given ? given : "none");
        return new ChatClient(model, key, new OpenAIClientOptions { Endpoint = endpoint }).AsIChatClient();
    }

    private static Uri? ReadAddress(ArgumentResult result)
    {
        var text = result.Tokens.Single().Value;
        if (Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme is "http" or "https")
            return address;
        result.AddError(
            $"--endpoint must be an http or https address such as http://localhost:11434/v1, not '{text}'.");
        return null;
    }

    private static async Task<BatchProgress> EndAsync(Task writing, AnnotationRun run)
    {
        await writing;
        return run.Progress;
    }
}
