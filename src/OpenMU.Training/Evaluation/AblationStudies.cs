// AblationStudies.cs - the studies that train again: everything up to the language model is taken from a finished run,
// so that variants differ in the last two stages alone.
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using OpenMU.Model.Families;
using OpenMU.Model.Weights;
using OpenMU.Training.Stages;

namespace OpenMU.Training.Evaluation;

/// <summary>
/// Trains variants of a finished run and evaluates each: number of music tokens, rank and alpha of the adapters.
/// </summary>
/// <param name="run">The finished run; its context names folder, device and preset.</param>
/// <param name="data">What it was trained on.</param>
/// <param name="steps">Steps of stage 2 for each variant; stage 1 takes a third of them.</param>
/// <param name="options">How variants are evaluated.</param>
/// <param name="log">Receives what is being done.</param>
public sealed class AblationStudies(
    TrainingContext run, TrainingData data, int steps, EvaluationOptions options, ILogger? log = null)
{
    /// <summary>How many patches make one music token: the paper's P.</summary>
    public static IReadOnlyList<int> Poolings { get; } = [2, 4, 8, 16, 32, 64, 128];

    /// <summary>Rank and alpha of the paper's grid, as far as a small model has room for them.</summary>
    public static IReadOnlyList<(int R, double Alpha)> Adapters { get; } =
        [(4, 16), (4, 128), (16, 16), (16, 128), (64, 16), (64, 128)];

    private static readonly TrainingStage[] SharedStages =
        [TrainingStage.Encoder, TrainingStage.Tags, TrainingStage.Language];
    private readonly ILogger log = log ?? NullLogger.Instance;

    // Log-mel frames and their list, which all variants share.
    private RunFolder Cache => new(Path.Combine(run.Folder, "studies"));

    /// <summary>P = 2 to 128.</summary>
    public Study Tokens(IReadOnlyList<EvaluationClip> clips, string note, CancellationToken cancel = default)
        => Study(
            "tokens", "Number of music tokens", "P, patches averaged into one token (tokens of a clip)", clips, note,
            Poolings.Where(pooling => run.Config.Audio.Patches % pooling == 0).Select(pooling =>
            {
                var audio = run.Config.Audio with { Pooling = pooling };
                // Fewer patches a token are more tokens: the longest prompt grows by as many.
                var longer = Math.Max(0, audio.MusicTokens - run.Config.Audio.MusicTokens);
                return new Variant(
                    $"p{pooling}", $"{pooling} ({audio.MusicTokens})",
                    run.Config with { Audio = audio, MaxLength = run.Config.MaxLength + longer }, run.Preset);
            }), cancel);

    /// <summary>Adapters of several ranks and strengths, and the whole language model trained instead.</summary>
    public Study Lora(IReadOnlyList<EvaluationClip> clips, string note, CancellationToken cancel = default)
    {
        var preset = TrainingPreset.All["tiny-lora"];
        var grid = Adapters.Select(adapter => new Variant(
            FormattableString.Invariant($"r{adapter.R}-alpha{adapter.Alpha}"),
            FormattableString.Invariant($"r {adapter.R}, alpha {adapter.Alpha}"), run.Config,
            run.Preset with
            {
                Lora = new() { R = adapter.R, Alpha = adapter.Alpha },
                Merge = true,
                Instruct = preset.Instruct
            }));
        return Study(
            "lora", "Rank and alpha of the adapters", "adapters", clips, note,
            [.. grid, new Variant("whole", "all weights", run.Config, run.Preset with { Lora = null })], cancel);
    }

    private Study Study(
        string name, string title, string condition, IReadOnlyList<EvaluationClip> clips, string note,
        IEnumerable<Variant> variants, CancellationToken cancel)
    {
        var evaluations = variants.Select(variant =>
        {
            log.LogInformation("{Title}: {Condition}", title, variant.Condition);
            return (variant.Condition, Evaluate(
                Train(Path.Combine(run.Folder, "studies", name, variant.Name), variant, cancel), clips, cancel));
        }).ToArray();
        return OpenMU.Training.Evaluation.Study.Of(title, condition, evaluations, [Evaluator.Music], note);
    }

    /// <summary>
    /// Trains the last two stages in a folder of their own; a variant that was trained before is taken as it is.
    /// </summary>
    private string Train(string folder, Variant variant, CancellationToken cancel)
    {
        var files = new RunFolder(folder);
        if (File.Exists(Path.Combine(files.Model, ModelFolder.ConfigFile))) return files.Model;
        Share(files);
        StageOptions Shortened(StageOptions stage, int length) =>
            stage with { Steps = length, Minutes = null, Epochs = null };
        var preset = variant.Preset with
        {
            Align = Shortened(variant.Preset.Align, Math.Max(1, steps / 3)),
            Instruct = Shortened(variant.Preset.Instruct, steps),
            Views = 1
        };
        new TrainingRun(run with
        {
            Folder = folder,
            Config = variant.Config,
            Preset = preset,
            Threads = options.Threads,
            Log = log
        }, data).Run(TrainingStage.Instruct, cancel);
        // The clips were heard once for all variants; their music tokens are this variant's alone and large.
        foreach (var (mine, shared) in SharedFeatures(files).Where(pair => !File.Exists(pair.Shared)))
            File.Move(mine, shared);
        File.Delete(files.MusicTokens);
        return files.Model;
    }

    private IEnumerable<(string Mine, string Shared)> SharedFeatures(RunFolder files)
        =>
        [
            (files.LogMel, Cache.LogMel),
            (Path.ChangeExtension(files.LogMel, ".json"), Path.ChangeExtension(Cache.LogMel, ".json"))
        ];

    private void Share(RunFolder files)
    {
        foreach (var (mine, shared) in SharedFeatures(files).Where(pair => File.Exists(pair.Shared)))
            Link(mine, shared, File.CreateSymbolicLink);
        foreach (var stage in SharedStages)
        {
            var trained = Path.Combine(run.Folder, stage.Name());
            if (Directory.Exists(trained))
                Link(Path.Combine(files.Root, stage.Name()), trained, Directory.CreateSymbolicLink);
            else if (stage != TrainingStage.Encoder)
                throw new InvalidDataException($"{trained} is missing: the run has not come so far.");
        }
    }

    private static void Link(string path, string target, Func<string, string, FileSystemInfo> create)
    {
        if (!Path.Exists(path)) create(path, Path.GetFullPath(target));
    }

    private ScoreTable Evaluate(string model, IReadOnlyList<EvaluationClip> clips, CancellationToken cancel)
    {
        using var folder = ModelFolder.Open(model, run.Device);
        return new Evaluator(
            folder.OpenMu, folder.Tokenizer, tags: null,
            options with { Controls = false, Baselines = false, TextMeasures = false }, log).Run(clips, cancel);
    }

    private sealed record Variant(string Name, string Condition, OpenMuConfig Config, TrainingPreset Preset);
}
