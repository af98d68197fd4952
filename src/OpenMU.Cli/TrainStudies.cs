using System.CommandLine;
using OpenMU.Model.Families;
using OpenMU.Model.Kernels;
using OpenMU.Model.Weights;
using OpenMU.Training.Evaluation;
using OpenMU.Training.Stages;
using OpenMU.Training.Synthesis;
using TorchSharp;

namespace OpenMU.Cli;

/// <summary>
/// <c>openmu study tokens</c> and <c>openmu study lora</c>: studies that train variants of a finished run.
/// </summary>
internal static class TrainStudies
{
    private static readonly Argument<string> Run = new("run")
    {
        Description = "Folder of a finished run of openmu train; variants are kept in RUN/studies "
            + "and go on where they stopped."
    };
    private static readonly Option<string[]> Data = Evaluate.DataOption();
    private static readonly Option<string[]> TrainData = new("--train-data")
    {
        Description = "The folders that the run was trained on.",
        Required = true,
        AllowMultipleArgumentsPerToken = true
    };
    private static readonly Option<int> Steps = new Option<int>("--steps")
    {
        Description = "Steps of stage 2 for each variant; stage 1 takes a third of them.",
        DefaultValueFactory = _ => 600,
        HelpName = "N"
    }.AtLeast(1);
    private static readonly Option<string> Preset =
        new("--preset") { Description = "The run's preset.", DefaultValueFactory = _ => "tiny" };
    private static readonly Option<string> Output = Studies.OutputOption();
    private static readonly Option<int?> Limit = Evaluate.LimitOption();
    private static readonly Option<string> Device = Evaluate.DeviceOption();
    private static readonly Option<int> Threads = new Option<int>("--threads")
    {
        Description = "Threads that read clips, and of libtorch.",
        DefaultValueFactory = _ => Environment.ProcessorCount,
        HelpName = "N"
    }.AtLeast(1);

    public static IEnumerable<Command> Commands() =>
    [
        Study("tokens", "P = 2 to 128 patches averaged into one music token.", (studies, clips, note, cancel) =>
            studies.Tokens(clips, note, cancel)),
        Study("lora", "Rank and alpha of the adapters.", (studies, clips, note, cancel) =>
            studies.Lora(clips, note, cancel)),
    ];

    private static Command Study(string name, string description, Func<AblationStudies, IReadOnlyList<EvaluationClip>,
        string, CancellationToken, OpenMU.Training.Evaluation.Study> run)
    {
        var command =
            new Command(name, description) { Run, Data, TrainData, Steps, Preset, Output, Limit, Device, Threads };
        command.SetAction((parsed, cancel) => Task.Run(() =>
        {
            var clips = Evaluate.Clips(parsed.GetRequiredValue(Data), parsed.GetValue(Limit));
            var note = $"{parsed.GetValue(Steps)} steps of stage 2 for each variant, {clips.Count} clips, values in "
                + $"percent. Made by `openmu study {name}`.";
            var studies = new AblationStudies(
                Context(parsed),
                new(parsed.GetRequiredValue(TrainData), [], [], RedrawnRecords.Of(parsed.GetRequiredValue(TrainData))),
                parsed.GetValue(Steps), new() { Threads = parsed.GetValue(Threads) },
                new LineLogger(Console.Error.WriteLine));
            Studies.Finish(run(studies, clips, note, cancel), parsed.GetRequiredValue(Output), name);
            return 0;
        }, CancellationToken.None));
        return command;
    }

    private static TrainingContext Context(ParseResult parsed)
    {
        var device = torch.device(parsed.GetRequiredValue(Device));
        var cuda = device.type == DeviceType.CUDA;
        KernelThreads.Use(parsed.GetValue(Threads));
        torch.backends.cuda.matmul.allow_tf32 = cuda;
        if (!TrainingPreset.All.TryGetValue(parsed.GetRequiredValue(Preset), out var preset))
        {
            throw new UsageException(
                $"There is no preset '{parsed.GetValue(Preset)}': {string.Join(", ", TrainingPreset.All.Keys)}.");
        }
        var folder = Path.GetFullPath(parsed.GetRequiredValue(Run));
        var config = Path.Combine(folder, "model", ModelFolder.ConfigFile);
        if (!File.Exists(config))
            throw new InvalidOperationException($"{config} is missing: train the run to its end first.");
        return new(
            folder, OpenMuConfig.FromJson(File.ReadAllText(config)) with { Lora = null }, preset, device,
            cuda ? torch.bfloat16 : torch.float32);
    }
}
