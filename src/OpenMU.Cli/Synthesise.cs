using System.CommandLine;
using OpenMU.Cli.Home;
using OpenMU.Training.Synthesis;
using Spectre.Console;

namespace OpenMU.Cli;

/// <summary>
/// <c>openmu synthesise</c>: makes clips whose truth is known exactly, and from it examples of all five tasks.
/// </summary>
internal static class Synthesise
{
    public static Command Command()
    {
        var output = new Argument<string>("output")
        {
            Description = "Folder for audio, truth.jsonl, records.jsonl and manifest.json. Clips "
                + "that are there already are kept."
        };
        var set = new ClipSetOptions(1, 3600, "Groove families and wordings: train or held-out.");
        var mma = new Option<string>("--mma-library")
        {
            Description = "Folder of MMA's grooves.",
            DefaultValueFactory = _ => GrooveLibrary.DefaultFolder
        };
        var jobs = new Option<int>("--jobs")
        {
            Description = "Clips at a time. The results do not depend on it.",
            DefaultValueFactory = _ => Environment.ProcessorCount,
            HelpName = "N"
        }.AtLeast(1);
        var noAudio = new Option<bool>("--no-audio") { Description = "Write truths and records only." };
        var command = new Command(
            "synthesise",
            "Makes music with known truth (MMA, FluidSynth), and examples of OpenMU-Bench's tasks about it.")
        {
            output, mma, jobs, noAudio
        };
        set.AddTo(command);
        command.SetAction((parsed, cancel) =>
        {
            var (clips, seconds, seed, split, fonts) = set.Of(parsed);
            var options = new SynthesisOptions(
                parsed.GetRequiredValue(output), clips, seconds, seed, split, fonts, parsed.GetRequiredValue(mma),
                parsed.GetValue(jobs), !parsed.GetValue(noAudio));
            return RunAsync(options, cancel);
        });
        return command;
    }

    private static async Task<int> RunAsync(SynthesisOptions options, CancellationToken cancel)
    {
        var run = new SynthesisRun(options);
        var making = run.MakeAsync(cancel);
        // A run that breaks off ends the display with its own error, not by waiting for clips that never come.
        await UpProgress.ShowAsync(
            AnsiConsole.Console,
            async () => making.IsFaulted ? throw (await Task.WhenAny(making)).Exception!.InnerException! : run.Progress,
            TimeProvider.System, cancel);
        var set = await making;
        foreach (var failure in run.Failures.Order(StringComparer.Ordinal)) Console.Error.WriteLine(failure);
        Console.WriteLine($"{set.Clips.Values.Sum()} clips: "
            + $"{string.Join(", ", set.Clips.Select(pair => $"{pair.Key} {pair.Value}"))}");
        Console.WriteLine($"{set.Records.Values.Sum()} records: "
            + $"{string.Join(", ", set.Records.Select(pair => $"{pair.Key} {pair.Value}"))}");
        return run.Failures.Count == 0 ? 0 : 1;
    }
}
