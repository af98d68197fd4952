using System.CommandLine;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using OpenMU.Mir;
using OpenMU.Mir.Audio;
using OpenMU.Model.Kernels;
using OpenMU.Model.Weights;
using OpenMU.Music;
using OpenMU.Training.Data;
using OpenMU.Training.Evaluation;
using OpenMU.Training.Evaluation.Text;
using OpenMU.Worker;
using Spectre.Console;
using TorchSharp;

namespace OpenMU.Cli;

/// <summary>
/// <c>openmu evaluate MODEL --data CLIPS</c>: how well a model understands clips whose truth is known.
/// </summary>
internal static class Evaluate
{
    private static readonly JsonSerializerOptions Json = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower
    };

    private static readonly JsonSerializerOptions AnswerJson = new(Json)
    {
        Converters = { new System.Text.Json.Serialization.JsonStringEnumConverter() }
    };

    private static readonly Argument<string> ModelArgument = new("model") { Description = "The model folder." };
    private static readonly Option<string[]> Data = ClipsOption();
    private static readonly Option<string[]> TrainData = new("--train-data")
    {
        Description = "Folders of the clips that the model was trained on; baselines learn from them.",
        AllowMultipleArgumentsPerToken = true
    };
    private static readonly Option<int?> Limit = LimitOption();
    private static readonly Option<int?> TrainLimit = new Option<int?>("--train-limit")
    {
        Description = "At most N training clips of each folder, spread evenly.",
        HelpName = "N"
    }.AtLeast(1);
    private static readonly Option<bool> Controls =
        new("--controls") { Description = "Ask everything again about white noise and about silence." };
    private static readonly Option<bool> Measured = new("--measured")
    {
        Description = "Ask for captions once more, with tempo and mode in the prompt as the tools "
            + "measure them: what the product does."
    };
    private static readonly Option<bool> Baselines = new("--baselines")
    {
        Description = "Answer everything again without music; with --train-data also by the most frequent answer, the "
            + "nearest neighbour and a linear probe."
    };
    private static readonly Option<string> Device = DeviceOption();
    private static readonly Option<string?> Type = ModelOptions.TypeOption();
    private static readonly Option<int> Threads = new Option<int>("--threads")
    {
        Description = "Threads that read clips, and of libtorch.",
        DefaultValueFactory = _ => Environment.ProcessorCount,
        HelpName = "N"
    }.AtLeast(1);
    private static readonly Option<int> MaxTokens = new Option<int>("--max-tokens")
    {
        Description = "Longest answer, in tokens.",
        DefaultValueFactory = _ => 128,
        HelpName = "N"
    }.AtLeast(1);
    private static readonly Option<string> WordNetFolder = new("--wordnet")
    {
        Description = "Folder of WordNet's database, for METEOR.",
        HelpName = "DIR",
        DefaultValueFactory = _ => WordNet.Folder
    };
    private static readonly Option<string?> BertScoreFolder = new("--bert-score")
    {
        Description = "Folder of a RoBERTa model as Hugging Face saves it (published figures: roberta-large), for "
            + "BERTScore; without it the measure is left out.",
        HelpName = "DIR"
    };
    private static readonly Option<int?> BertScoreLayer = new("--bert-score-layer")
    {
        Description = "The RoBERTa layer that is compared. By default 17 of 24, 10 of 12, 5 of 6, else the last.",
        HelpName = "N"
    };
    private static readonly Option<string?> JsonFile = new("--json")
    {
        Description = "File for all answers with their scores, one JSON object a line.",
        HelpName = "FILE"
    };
    private static readonly Option<string?> Markdown =
        new("--markdown") { Description = "File for the table in Markdown.", HelpName = "FILE" };

    private static readonly Option<bool> Questions = new("--questions")
    {
        Description = "Ask the set of 60 questions about each clip instead, as the product is asked, and judge the answers "
            + "by rules."
    };
    private static readonly Option<string[]> Recordings = new("--recordings")
    {
        Description = "With --questions: files of any format that ffmpeg reads, of which no truth is known.",
        AllowMultipleArgumentsPerToken = true,
        HelpName = "FILE"
    };

    public static Command Command()
    {
        var command = new Command(
            "evaluate", "Scores a model on clips with known truth, beside noise, silence and baselines.")
            {
                ModelArgument, Data, TrainData, Limit, TrainLimit, Measured, Controls, Baselines, Questions,
                Recordings, Device, Type, Threads, MaxTokens, WordNetFolder, BertScoreFolder, BertScoreLayer,
                JsonFile, Markdown
            };
        command.Validators.Add(result =>
        {
            var isAsked = result.GetValue(Questions);
            if (!isAsked && result.GetValue(Recordings) is { Length: > 0 })
                result.AddError("--recordings needs --questions.");
            else if (result.GetValue(Data) is not { Length: > 0 }
                && !(isAsked && result.GetValue(Recordings) is { Length: > 0 }))
                result.AddError(isAsked ? "--questions needs --data or --recordings." : "Option '--data' is required.");
        });
        command.SetAction((parsed, cancel) => parsed.GetValue(Questions)
            ? AskAsync(parsed, cancel)
            : Task.Run(() => Run(parsed, cancel), CancellationToken.None));
        return command;
    }

    internal static Option<string[]> DataOption(bool isRequired = true) => ClipsOption(isRequired);

    private static Option<string[]> ClipsOption(bool isRequired = false) => new("--data")
    {
        Description = "Folders that openmu synthesise wrote: clips that no training has seen.",
        Required = isRequired,
        AllowMultipleArgumentsPerToken = true
    };

    private static async Task<int> AskAsync(ParseResult parsed, CancellationToken cancel)
    {
        var options = new WorkerOptions
        {
            ModelFolder = parsed.GetRequiredValue(ModelArgument),
            ModelThreads = parsed.GetValue(Threads)
        };
        await using var answers = parsed.GetValue(JsonFile) is { } file ? File.CreateText(file) : null;
        await EvaluateQuestions.RunAsync(
            options, [.. (parsed.GetValue(Data) ?? []).SelectMany(folder => Limited(ClipTruth.Read(folder), parsed.GetValue(Limit)))],
            parsed.GetValue(Recordings) ?? [], judged => answers?.WriteLine(JsonSerializer.Serialize(judged, AnswerJson)),
            AnsiConsole.Console, cancel);
        return 0;
    }

    private static IEnumerable<ClipTruth> Limited(IReadOnlyList<ClipTruth> clips, int? limit)
    {
        var count = Math.Min(limit ?? clips.Count, clips.Count);
        return Enumerable.Range(0, count).Select(i => clips[(int)((long)i * clips.Count / count)]);
    }

    internal static Option<int?> LimitOption() =>
        new Option<int?>("--limit") { Description = "At most N clips of each folder, spread evenly.", HelpName = "N" }
            .AtLeast(1);

    internal static Option<string> DeviceOption() => new Option<string>("--device")
    {
        Description = "Where the model computes: cpu, cuda or cuda:N.",
        DefaultValueFactory = _ => "cpu"
    }.OnlyDevices();

    /// <summary>Opens a model for questions only: its adapters become part of its matrices.</summary>
    internal static ModelFolder Open(string folder, string device, int threads, string? type = null)
    {
        KernelThreads.Use(threads);
        var model = ModelFolder.Open(
            folder, torch.device(device), type: type is null ? null : WeightTypes.ByName[type]);
        if (model.Adapter is not null) model.Model.Llama.MergeAdapter();
        return model;
    }

    internal static IReadOnlyList<EvaluationClip> Clips(IEnumerable<string> folders, int? limit) =>
        [.. folders.SelectMany(folder => EvaluationClip.Load(folder, ClipAudio.Read, limit))];

    private static int Run(ParseResult parsed, CancellationToken cancel)
    {
        using var bertScore = parsed.GetValue(BertScoreFolder) is { } roberta
            ? BertScore.Open(roberta, torch.device(parsed.GetRequiredValue(Device)), parsed.GetValue(BertScoreLayer))
            : null;
        using var folder = Open(
            parsed.GetRequiredValue(ModelArgument), parsed.GetRequiredValue(Device), parsed.GetValue(Threads),
            parsed.GetValue(Type));
        var clips = Clips(parsed.GetRequiredValue(Data), parsed.GetValue(Limit));
        var options = new EvaluationOptions
        {
            Controls = parsed.GetValue(Controls),
            Baselines = parsed.GetValue(Baselines),
            Facts = parsed.GetValue(Measured) ? clip => Facts(clip, cancel) : null,
            Training = Clips(parsed.GetValue(TrainData) ?? [], parsed.GetValue(TrainLimit)),
            Threads = parsed.GetValue(Threads),
            MaxNewTokens = parsed.GetValue(MaxTokens),
            WordNetFolder = parsed.GetRequiredValue(WordNetFolder),
            BertScore = bertScore,
        };
        var clock = TimeProvider.System;
        var start = clock.GetTimestamp();
        var evaluation = new Evaluator(folder.Model, folder.Tokenizer, folder.TagHead, options, new LineLogger(line =>
            Console.Error.WriteLine($"{clock.GetElapsedTime(start).TotalSeconds,6:F1} s  {line}")), folder.Tagger);
        var table = evaluation.Run(clips, cancel);
        if (parsed.GetValue(JsonFile) is { } json)
            File.WriteAllLines(json, evaluation.Answers.Select(answer => JsonSerializer.Serialize(answer, Json)));
        if (parsed.GetValue(Markdown) is { } markdown) File.WriteAllText(markdown, table.ToMarkdown());
        AnsiConsole.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{folder.Version}: {clips.Count} clips, {evaluation.Answers.Count} answers "
                + $"in {clock.GetElapsedTime(start).TotalSeconds:F0} s. Percent, with 95 % intervals over clips."));
        Print(table);
        return 0;
    }

    private static MusicalFacts Facts(EvaluationClip clip, CancellationToken cancel) =>
        TrackMeasurer.MeasureAsync(clip.Truth.File, DecodeLimits.Default, progress: null, cancel).GetAwaiter()
            .GetResult().Facts;

    /// <summary>As a table on a terminal, as Markdown elsewhere.</summary>
    internal static void Print(ScoreTable table)
    {
        if (Console.IsOutputRedirected)
        {
            Console.Write(table.ToMarkdown());
            return;
        }
        var grid = new Table().Border(TableBorder.Rounded).AddColumns("task", "measure", "examples");
        foreach (var system in table.Systems) grid.AddColumn(new TableColumn(system).RightAligned());
        foreach (var row in table.Rows)
        {
            grid.AddRow([row.Task, row.Measure, $"{row.Examples}",
                .. table.Systems.Select(system => Markup.Escape(table.Cell(row, system)))]);
        }
        AnsiConsole.Write(grid);
    }
}
