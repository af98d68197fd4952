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
    private const string TrainFont = "/usr/share/sounds/sf2/TimGM6mb.sf2",
        HeldOutFont = "/usr/share/sounds/sf2/FluidR3_GM.sf2";

    public static Command Command()
    {
        var output = new Argument<string>("output")
        {
            Description = "Folder for audio, truth.jsonl, records.jsonl and manifest.json. Clips "
                + "that are there already are kept."
        };
        var clips = new Option<int>("--clips")
        {
            Description = "How many clips.",
            DefaultValueFactory = _ => 160,
            HelpName = "N"
        }.AtLeast(1);
        var seconds = new Option<double>("--seconds")
        {
            Description = "Length of each.",
            DefaultValueFactory = _ => 24,
            HelpName = "SECONDS"
        }.Between(1, 3600);
        var seed = new Option<int>("--seed")
        {
            Description = "Seed of every random choice: the same seed makes the same again.",
            DefaultValueFactory = _ => 2026
        };
        var split = new Option<string>("--split")
        {
            Description = "Groove families and wordings: train or held-out.",
            DefaultValueFactory = _ => GrooveLibrary.Train
        };
        split.AcceptOnlyFromAmong(GrooveLibrary.Train, GrooveLibrary.HeldOut);
        var soundfonts = new Option<string[]>("--soundfont")
        {
            Description = "A file to play with; may be given several times. Default: "
                + $"{TrainFont}, for held-out {HeldOutFont}."
        };
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
            output, clips, seconds, seed, split, soundfonts, mma, jobs, noAudio
        };
        command.SetAction((parsed, cancel) =>
        {
            var set = parsed.GetRequiredValue(split);
            string[] fonts = parsed.GetValue(soundfonts) is { Length: > 0 } given
                ? given
                : [set == GrooveLibrary.HeldOut ? HeldOutFont : TrainFont];
            var options = new SynthesisOptions(
                parsed.GetRequiredValue(output), parsed.GetValue(clips), parsed.GetValue(seconds),
                parsed.GetValue(seed), set, fonts, parsed.GetRequiredValue(mma), parsed.GetValue(jobs),
                !parsed.GetValue(noAudio));
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
