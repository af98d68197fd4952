using System.CommandLine;
using System.Globalization;
using System.Numerics;
using OpenMU.Model.Families;
using OpenMU.Model.Kernels;
using OpenMU.Training.Data;
using OpenMU.Training.Stages;
using OpenMU.Training.Synthesis;
using Spectre.Console;
using TorchSharp;

namespace OpenMU.Cli;

/// <summary><c>openmu train</c>: a model from clips and records; started again, it goes on where it stopped.</summary>
internal static class Train
{
    private static readonly Argument<string> Run = new("run")
    {
        Description = "Folder of the run. RUN/model is the model folder; a run that was stopped goes on."
    };
    private static readonly Option<string[]> Data = new("--data")
    {
        Description = "Folders that openmu synthesise wrote.",
        Required = true,
        AllowMultipleArgumentsPerToken = true
    };
    private static readonly Option<string[]> Text = new("--text")
    {
        Description = "Further texts about music: CSV files with a column 'caption', or lines.",
        AllowMultipleArgumentsPerToken = true
    };
    private static readonly Option<string[]> Unlabelled = new("--unlabelled")
    {
        Description = "Further music for the encoder: folders, searched recursively, or files of any format that "
            + "ffmpeg reads. No labels needed.",
        HelpName = "PATH",
        AllowMultipleArgumentsPerToken = true
    };
    private static readonly Option<string> Device = Evaluate.DeviceOption();
    private static readonly Option<string> Type = new("--type")
    {
        Description = "f32 or bf16: the type of activations. By default bf16 on cuda.",
        DefaultValueFactory = _ => ""
    };
    private static readonly Option<string> Preset = new("--preset")
    {
        Description = $"How the stages train: {string.Join(", ", TrainingPreset.All.Keys)}.",
        DefaultValueFactory = _ => "tiny"
    };
    private static readonly Option<string> Stage = new("--stage")
    {
        Description = $"The last stage to run: {TrainingStages.Names}.",
        DefaultValueFactory = _ => TrainingStages.All[^1].Name()
    };
    private static readonly Option<string> From =
        new("--from") { Description = "A finished model folder: stage 2 is trained, from its weights." };
    private static readonly Option<bool> Tower =
        new("--tower") { Description = "With --from: the tower and the tags learn on before stage 2." };
    private static readonly Option<string[]> Length = new("--length")
    {
        Description = "STAGE=LENGTH, as in encoder=90s tags=2m language=3e align=500.",
        AllowMultipleArgumentsPerToken = true
    };
    private static readonly Option<string[]> Batch =
        new("--batch") { Description = "STAGE=EXAMPLES of a batch.", AllowMultipleArgumentsPerToken = true };
    private static readonly Option<string[]> Rate =
        new("--rate") { Description = "STAGE=LEARNING RATE.", AllowMultipleArgumentsPerToken = true };
    private static readonly Option<int> Threads = new Option<int>("--threads")
    {
        Description = "Threads that read the clips, and of libtorch.",
        DefaultValueFactory = _ => Environment.ProcessorCount,
        HelpName = "N"
    }.AtLeast(1);
    private static readonly Option<int> Views = new Option<int>("--views")
    {
        Description = "How often each clip is encoded, each time a little differently; 0 leaves it to the preset.",
        HelpName = "N"
    }.AtLeast(0);
    private static readonly Option<string> Config =
        new("--config") { Description = "A config.json with other sizes than the preset's." };
    private static readonly Option<long> Seed = new("--seed")
    {
        Description = "Seed of every random choice: the same seed makes the same again.",
        DefaultValueFactory = _ => 42
    };

    public static Command Command()
    {
        var command = new Command("train", "Trains a model: encoder, tags, language model, projector, answers.")
        {
            Run, Data, Text, Unlabelled, Device, Type, Preset, Stage, Length, Batch, Rate, Threads, Views,
            Config, From, Tower, Seed
        };
        command.SetAction((parsed, cancel) => Task.Run(() => RunAll(parsed, cancel), CancellationToken.None));
        return command;
    }

    private static int RunAll(ParseResult parsed, CancellationToken cancel)
    {
        var device = torch.device(parsed.GetRequiredValue(Device));
        var cuda = device.type == DeviceType.CUDA;
        KernelThreads.Use(parsed.GetValue(Threads));
        // The tensor cores' short float32: three digits are enough for gradients, and it is several times faster.
        torch.backends.cuda.matmul.allow_tf32 = cuda;
        torch.backends.cudnn.allow_tf32 = cuda;
        var type = parsed.GetRequiredValue(Type) switch
        {
            "" => cuda ? torch.bfloat16 : torch.float32,
            "f32" => torch.float32,
            "bf16" => torch.bfloat16,
            var other => throw new UsageException($"'{other}' is no type: f32 or bf16."),
        };
        var last = StageOf(parsed.GetRequiredValue(Stage));
        if (parsed.GetValue(Tower) && parsed.GetValue(From) is not { Length: > 0 })
            throw new UsageException("--tower goes on from a finished model: name it with --from MODEL.");
        string[] texts = [.. (parsed.GetValue(Text) ?? []).SelectMany(TrainingTexts.Read)];
        TrainProgress.Show(AnsiConsole.Console, TimeProvider.System, progress =>
        {
            var log = new LineLogger(progress.WriteLine);
            var context = new TrainingContext(
                Path.GetFullPath(parsed.GetRequiredValue(Run)), Sizes(parsed), Settings(parsed), device, type)
            {
                Threads = parsed.GetValue(Threads),
                Progress = progress,
                Log = log,
            };
            var folders = parsed.GetRequiredValue(Data);
            var unlabelled = UnlabelledMusic.Find(parsed.GetValue(Unlabelled) ?? [], log, cancel);
            var run = new TrainingRun(context, new(folders, texts, unlabelled, RedrawnRecords.Of(folders)));
            if (parsed.GetValue(From) is { Length: > 0 } model) run.FineTune(model, parsed.GetValue(Tower), cancel);
            else run.Run(last, cancel);
        });
        return 0;
    }

    private static OpenMuConfig Sizes(ParseResult parsed)
        => parsed.GetValue(Config) is { Length: > 0 } file ? OpenMuConfig.FromJson(File.ReadAllText(file))
            : parsed.GetRequiredValue(Preset) == "reference" ? OpenMuConfig.Full
            : OpenMuConfig.Tiny;

    private static TrainingPreset Settings(ParseResult parsed)
    {
        var name = parsed.GetRequiredValue(Preset);
        if (!TrainingPreset.All.TryGetValue(name, out var preset))
            throw new UsageException($"There is no preset '{name}': {string.Join(", ", TrainingPreset.All.Keys)}.");
        preset = preset.ForEach((_, options) => options with { Seed = parsed.GetValue(Seed) });
        foreach (var (stage, length) in Pairs(parsed.GetValue(Length)))
            preset = preset.For(stage, options => Lasting(options, length));
        foreach (var (stage, batch) in Pairs(parsed.GetValue(Batch)))
            preset = preset.For(stage, options => options with { Batch = Number<int>(stage, batch) });
        foreach (var (stage, rate) in Pairs(parsed.GetValue(Rate)))
        {
            preset = preset.For(stage, options => options with
            {
                LearningRate = Number<double>(stage, rate),
                ProjectorLearningRate = options.ProjectorLearningRate is null ? null : Number<double>(stage, rate)
            });
        }
        return parsed.GetValue(Views) is > 0 and var views ? preset with { Views = views } : preset;
    }

    private static StageOptions Lasting(StageOptions options, string length)
    {
        try
        {
            return options.WithLength(length);
        }
        catch (FormatException e)
        {
            throw new UsageException(e.Message);
        }
    }

    private static T Number<T>(TrainingStage stage, string text) where T : INumber<T> =>
        T.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value)
        && T.IsPositive(value) && !T.IsZero(value)
            ? value
            : throw new UsageException($"'{stage.Name()}={text}' needs a number above 0 after the =.");

    private static IEnumerable<(TrainingStage Stage, string Value)> Pairs(string[]? texts)
    {
        foreach (var text in texts ?? [])
        {
            if (text.Split('=') is not [var stage, var value])
                throw new UsageException($"'{text}' is not STAGE=VALUE with one of the stages {TrainingStages.Names}.");
            yield return (StageOf(stage), value);
        }
    }

    private static TrainingStage StageOf(string name)
        => TrainingStages.All.Any(stage => stage.Name() == name)
            ? TrainingStages.Parse(name)
            : throw new UsageException($"There is no stage '{name}': {TrainingStages.Names}.");
}
