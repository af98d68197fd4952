using System.CommandLine;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using OpenMU.Cli.Hub;
using OpenMU.Training.Evaluation;
using OpenMU.Training.Evaluation.Text;

namespace OpenMU.Cli;

/// <summary>
/// <c>openmu benchmark FILE --model DIR --audio DIR</c>: a published benchmark in its own files, beside white noise and
/// the text alone.
/// </summary>
internal static class PublishedBenchmark
{
    private static readonly JsonSerializerOptions Json = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower
    };

    private static readonly Argument<string> File = new("file")
    {
        Description = "The benchmark's own file: muchomusic.csv or MuChoMusic's prepared JSON, RUL-MuchoMusic.json, a "
            + "CMI_*.jsonl of CMI-Bench, MMAU's JSON, MMAU-Pro's Parquet file, MusicCaps' table."
    };
    private static readonly Option<string> Model = new("--model")
    {
        Description = "Folder of the model, or the name that `openmu pull` gave it.",
        HelpName = "DIR"
    };
    private static readonly Option<string> Audio = new("--audio")
    {
        Description = "Folder of the sounds, in folders as the file names them or not.",
        HelpName = "DIR"
    };
    private static readonly Option<bool> Given = new("--given")
    {
        Description = "Score the answers that the file holds (model_output) instead of asking a model."
    };
    private static readonly Option<int?> Limit = new Option<int?>("--limit")
    {
        Description = "At most N sounds, spread evenly.",
        HelpName = "N"
    }.AtLeast(1);
    private static readonly Option<string> Device = Evaluate.DeviceOption();
    private static readonly Option<int> Threads = new Option<int>("--threads")
    {
        Description = "Threads that read sounds, and of libtorch.",
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
    private static readonly Option<string?> JsonFile = new("--json")
    {
        Description = "File for all answers, one JSON object a line.",
        HelpName = "FILE"
    };
    private static readonly Option<string?> Markdown =
        new("--markdown") { Description = "File for the table in Markdown.", HelpName = "FILE" };

    public static Command Command()
    {
        var command = new Command(
            "benchmark", "Scores a model on a published benchmark in its own files, beside noise and the text alone.")
            { File, Model, Audio, Given, Limit, Device, Threads, MaxTokens, WordNetFolder, JsonFile, Markdown };
        command.Validators.Add(result =>
        {
            if (result.GetValue(Given) ? result.GetValue(Model) is not null
                : result.GetValue(Model) is null || result.GetValue(Audio) is null)
            {
                result.AddError("Say --model DIR and --audio DIR to ask a model, or --given to score the answers in the file.");
            }
        });
        command.SetAction((parsed, cancel) => Task.Run(() => Run(parsed, cancel), CancellationToken.None));
        return command;
    }

    private static int Run(ParseResult parsed, CancellationToken cancel)
    {
        var path = parsed.GetRequiredValue(File);
        if (!System.IO.File.Exists(path)) throw new UsageException($"There is no file {path}.");
        var meteor = new Meteor(
            WordNet.Open(parsed.GetRequiredValue(WordNetFolder)) is { } words ? words.Synonyms : null);
        var table = parsed.GetValue(Given) ? GivenAnswers(path, meteor) : Ask(parsed, path, meteor, cancel);
        if (parsed.GetValue(Markdown) is { } markdown) System.IO.File.WriteAllText(markdown, table.ToMarkdown());
        Evaluate.Print(table);
        return 0;
    }

    private static ScoreTable GivenAnswers(string path, Meteor meteor)
    {
        (BenchRecord Record, string Text)[] answers = [.. BenchRecord.Read(path)
            .Where(record => record.Given is not null).Select(record => (record, record.Given!))];
        if (answers.Length == 0) throw new UsageException($"{path} holds no answers (model_output).");
        Console.WriteLine($"{Path.GetFileName(path)}: {answers.Length} answers. Percent, with 95 % intervals over sounds.");
        return BenchmarkRun.Score([(BenchmarkRun.Given, answers)], meteor);
    }

    private static ScoreTable Ask(ParseResult parsed, string path, Meteor meteor, CancellationToken cancel)
    {
        var benchmark = Benchmark.Load(path, parsed.GetRequiredValue(Audio), parsed.GetValue(Limit));
        foreach (var (reason, count) in benchmark.LeftOut) Console.Error.WriteLine($"{count} questions left out: {reason}.");
        using var folder = Evaluate.Open(
            ModelHome.Resolve(parsed.GetRequiredValue(Model)), parsed.GetRequiredValue(Device),
            parsed.GetValue(Threads));
        var (clock, start) = (TimeProvider.System, TimeProvider.System.GetTimestamp());
        var run = new BenchmarkRun(
            folder.Model, folder.Tokenizer, parsed.GetValue(MaxTokens), parsed.GetValue(Threads), meteor,
            new LineLogger(line =>
                Console.Error.WriteLine($"{clock.GetElapsedTime(start).TotalSeconds,6:F1} s  {line}")));
        var table = run.Run(benchmark, cancel);
        if (parsed.GetValue(JsonFile) is { } json)
            System.IO.File.WriteAllLines(json, run.Answers.Select(answer => JsonSerializer.Serialize(answer, Json)));
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{folder.Version} on {Path.GetFileName(path)}: {benchmark.Questions.Count} "
                + $"questions in {clock.GetElapsedTime(start).TotalSeconds:F0} s. Percent, with 95 % intervals over sounds."));
        return table;
    }
}
