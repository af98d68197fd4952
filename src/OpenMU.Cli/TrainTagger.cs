using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using OpenMU.Model;
using OpenMU.Model.Audio;
using OpenMU.Model.Weights;
using OpenMU.Music;
using OpenMU.Training.Data;
using OpenMU.Training.Stages;
using TorchSharp;

namespace OpenMU.Cli;

/// <summary>
/// <c>openmu train-tagger MODEL --clips TABLE...</c>: trains the network that gives a model its tags.
/// </summary>
internal static class TrainTagger
{
    // 0.45 million weights, which see 0.96 s as 3 x 2 places at the end.
    private static readonly int[] Channels = [16, 48, 96, 96, 192, 192, 192, 384, 512];
    private static readonly int[] Strides = [2, 2, 2, 1, 2, 1, 1, 2, 1];

    private const double HeadShare = 0.25, HeadSoundShare = 0.5;

    public static Command Command()
    {
        var defaults = new TaggerOptions();
        var model = new Argument<string>("model") { Description = "The model folder; its tagger is replaced." };
        var tables = new Option<string[]>("--clips")
        {
            Description = "Tables of clips (mono WAV): columns file, package and group:label (0 to 1; nothing where it is "
                + "not known), also sound:music, sound:speech, sound:noise, sound:other. A teacher's scores may lie "
                + "beside a table as .safetensors.",
            HelpName = "TABLE",
            Required = true,
            AllowMultipleArgumentsPerToken = true,
        };
        var from = new Option<string?>("--from")
        {
            Description = "A folder with a tagger (tagger.json, tagger.safetensors) whose convolutions are kept as they "
                + "are: only the layers behind them learn, in seconds once the clips are heard.",
            HelpName = "FOLDER",
        };
        var steps = new Option<int>("--steps")
        {
            Description = "Batches to learn from, without --from.",
            DefaultValueFactory = _ => defaults.Steps,
            HelpName = "N",
        };
        var seed = new Option<int>("--seed")
        {
            Description = "Of initial weights and random choices.",
            DefaultValueFactory = _ => defaults.Seed,
            HelpName = "N",
        };
        var threads = new Option<int>("--threads")
        {
            Description = "Threads of the arithmetic.",
            DefaultValueFactory = _ => Environment.ProcessorCount,
            HelpName = "N",
        };
        var command = new Command(
            "train-tagger",
            "Trains a small network of its own for tags, voices, and music or not, which has a say beside the model's "
                + "tag head. Other weights stay; the model's version changes.")
        {
            model, tables, from, steps, seed, threads,
        };
        command.SetAction((parsed, cancel) => Task.Run(
            () =>
            {
                var folder = parsed.GetRequiredValue(model);
                if (!Directory.Exists(folder)) throw new UsageException($"There is no folder {folder}.");
                var missing = parsed.GetRequiredValue(tables).FirstOrDefault(table => !File.Exists(table));
                if (missing is not null) throw new UsageException($"There is no table {missing}.");
                using var clips = TaggerClips.Read(parsed.GetRequiredValue(tables), cancel);
                Say($"{clips.Clips.Count} clips read");
                (TaggerConfig Config, IReadOnlyDictionary<string, torch.Tensor> Weights,
                    IReadOnlyList<HeardRecording> HeldOut) trained;
                // Closed before its tagger is replaced.
                using (var opened = Evaluate.Open(folder, "cpu", parsed.GetValue(threads)))
                {
                    trained = parsed.GetValue(from) is { } other
                        ? Heads(opened, other, clips, cancel)
                        : Network(
                            opened, clips, new() { Steps = parsed.GetValue(steps), Seed = parsed.GetValue(seed) },
                            cancel);
                }

                Tagger.Write(folder, trained.Config, trained.Weights);
                foreach (var group in RecordingCalibration.Judge(trained.Config.Groups, trained.HeldOut))
                {
                    Say($"{group.Group}, packages held out: {group.Right} of {group.Judged} stated are right, in "
                        + $"{group.Covered} of {group.Recordings} clips");
                }
                return ExitCode.Done;
            },
            CancellationToken.None));
        return command;
    }

    private static (TaggerConfig, IReadOnlyDictionary<string, torch.Tensor>, IReadOnlyList<HeardRecording>) Network(
        ModelFolder model, TaggerClips clips, TaggerOptions options, CancellationToken cancel)
    {
        var watch = Stopwatch.StartNew();
        var config = Beside(model, new() { Channels = Channels, Strides = Strides, Groups = Groups() });
        using var training = new TaggerTraining(clips, config, options);
        training.Train(
            (step, losses) => Say(string.Create(
                CultureInfo.InvariantCulture,
                $"step {step}, {watch.Elapsed.TotalSeconds:0} s: teacher {losses[0]:0.000}, labels {losses[1]:0.000}, "
                + $"sound {losses[2]:0.000}")),
            cancel);
        return training.Finish(HeadOf(model));
    }

    private static (TaggerConfig, IReadOnlyDictionary<string, torch.Tensor>, IReadOnlyList<HeardRecording>) Heads(
        ModelFolder model, string other, TaggerClips clips, CancellationToken cancel)
    {
        var config = Tagger.ReadConfig(other)
            ?? throw new UsageException($"The folder {other} has no {ModelFolder.TaggerConfigFile}.");
        using var file = SafeTensors.Open(Path.Combine(other, ModelFolder.TaggerFile));
        using var body = new Tagger(config, WeightSource.From(file));
        config = Beside(model, config with { Groups = Groups() });
        using var heads = new TaggerHeads(clips, config, body, heard => Say($"{heard} clips heard"), cancel);
        var (finished, layers, heldOut) = heads.Fit(HeadOf(model));
        var kept = file.NamedTensors().Where(entry => !layers.ContainsKey(entry.Key))
            .ToDictionary(entry => entry.Key, entry => file.View(entry.Key).clone());
        return (finished, kept.Concat(layers).ToDictionary(), heldOut);
    }

    private static TaggerConfig Beside(ModelFolder model, TaggerConfig config) => config with
    {
        HeadShare = model.TagHead is null ? 0 : HeadShare,
        HeadSoundShare = model.TagHead?.Sound is null ? 0 : HeadSoundShare,
    };

    // What the tag head says of a clip; null where the model has none.
    private static Func<LabelledRecording, HeardTags>? HeadOf(ModelFolder model)
    {
        if (model.TagHead is not { } head) return null;
        var listener = new MusicModel(model.Model, model.Tokenizer, head);
        return clip =>
        {
            if (ClipAudio.Read(clip.File) is not { Length: >= AudioPreprocessor.MinimumSamples } samples)
                return new(null, [], []);
            using var track = listener.Encode(samples, CancellationToken.None);
            return new(track.Sound, track.Tags, track.Scores);
        };
    }

    private static IReadOnlyList<TagGroup> Groups() =>
    [
        .. MusicVocabulary.TagGroups.Select(group => new TagGroup
        {
            Group = group.Name,
            Labels = [.. group.Labels.Select(label => label.Name)],
            // Music has often several, and how likely each is says more where they do not share one whole.
            Most = group.Name == MusicTerms.Genre ? 1 : null,
        }),
        new() { Group = MusicTerms.Voice, Labels = ["none", "speech", "singing"] },
        new() { Group = MusicTerms.Energy, Labels = ["low", "medium", "high"], Most = 1 },
    ];

    private static void Say(string line) => Console.Error.WriteLine(line);
}
