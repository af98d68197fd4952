using System.CommandLine;
using OpenMU.Model.Weights;
using OpenMU.Training.Data;
using OpenMU.Training.Evaluation;

namespace OpenMU.Cli;

/// <summary><c>openmu study NAME</c>: the paper's studies, each a table and a plot.</summary>
internal static class Studies
{
    private static readonly Argument<string> ModelArgument = new("model") { Description = "The model folder." };
    private static readonly Option<string[]> Data = Evaluate.DataOption();
    private static readonly Option<string[]> OtherData = new("--other-soundfont")
    {
        Description = "Folders of the same grooves played with another soundfont.",
        AllowMultipleArgumentsPerToken = true
    };
    private static readonly Option<string> Output = OutputOption();
    private static readonly Option<int?> Limit = Evaluate.LimitOption();
    private static readonly Option<string> Device = Evaluate.DeviceOption();
    private static readonly Option<string?> Type = ModelOptions.TypeOption();
    private static readonly Option<int> Threads = new Option<int>("--threads")
    {
        Description = "Threads that read clips, and of libtorch.",
        DefaultValueFactory = _ => Environment.ProcessorCount,
        HelpName = "N"
    }.AtLeast(1);

    public static Command Command()
    {
        var command = new Command("study", "Reruns the paper's studies: OUTPUT/NAME.md and OUTPUT/NAME.svg.");
        foreach (var study in RobustnessStudies().Concat(TrainStudies.Commands())) command.Add(study);
        return command;
    }

    internal static Option<string> OutputOption() => new("--output")
    {
        Description = "Folder for the table and the plot.",
        DefaultValueFactory = _ => "docs/studies"
    };

    private static IEnumerable<Command> RobustnessStudies() =>
    [
        Study(
            "noise", "Music against white noise and silence, in snippets of 1, 5, 10 and 30 seconds.", [],
            (studies, clips, note, _, cancel) => studies.Noise(clips, note, cancel)),
        Study("clips", "Several clips in one prompt.", [], (studies, clips, note, _, cancel) =>
            studies.Clips(clips, note, cancel)),
        Study(
            "robustness", "Noise, pitch, speed, level, MP3 and another soundfont.", [OtherData],
            (studies, clips, note, parsed, cancel) => studies.Robustness(clips, Further(clips, parsed), note, cancel)),
    ];

    private static Command Study(string name, string description, Option[] more, Func<RobustnessStudies,
        IReadOnlyList<EvaluationClip>, string, ParseResult, CancellationToken, OpenMU.Training.Evaluation.Study> run)
    {
        var command = new Command(name, description) { ModelArgument, Data, Output, Limit, Device, Type, Threads };
        foreach (var option in more) command.Add(option);
        command.SetAction((parsed, cancel) => Task.Run(() =>
        {
            using var folder = Evaluate.Open(
                parsed.GetRequiredValue(ModelArgument), parsed.GetRequiredValue(Device), parsed.GetValue(Threads),
                parsed.GetValue(Type));
            var clips = Evaluate.Clips(parsed.GetRequiredValue(Data), parsed.GetValue(Limit));
            var studies = new RobustnessStudies(
                folder.Model, folder.Tokenizer, folder.TagHead, new() { Threads = parsed.GetValue(Threads) },
                new LineLogger(Console.Error.WriteLine));
            Finish(
                run(studies, clips, Note(folder, clips, $"openmu study {name}"), parsed, cancel),
                parsed.GetRequiredValue(Output), name);
            return 0;
        }, CancellationToken.None));
        return command;
    }

    /// <summary>Writes a study and prints its table.</summary>
    internal static void Finish(OpenMU.Training.Evaluation.Study study, string output, string name)
    {
        study.Save(output, name);
        Console.WriteLine(study.ToMarkdown(name + ".svg"));
    }

    private static string Note(ModelFolder folder, IReadOnlyList<EvaluationClip> clips, string command) =>
        $"Model {folder.Version}, {clips.Count} clips, values in percent. Made by `{command}`.";

    private static List<(string, IReadOnlyList<EvaluationClip>)> Further(
        IReadOnlyList<EvaluationClip> clips, ParseResult parsed)
    {
        var further = new List<(string, IReadOnlyList<EvaluationClip>)>();
        foreach (var kilobits in ClipAudio.CanEncodeMp3 ? new[] { 128, 32 } : [])
        {
            further.Add(($"MP3, {kilobits} kbit/s", [.. clips.Select(clip =>
                clip with { Read = () => ClipAudio.ReadThroughMp3(clip.Truth.File, kilobits) })]));
        }
        if (parsed.GetValue(OtherData) is { Length: > 0 } other)
            further.Add(("another soundfont", Evaluate.Clips(other, parsed.GetValue(Limit))));
        return further;
    }
}
