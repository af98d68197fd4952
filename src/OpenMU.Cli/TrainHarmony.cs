using System.CommandLine;
using OpenMU.Mir;
using OpenMU.Mir.Audio;
using OpenMU.Mir.Dsp;
using OpenMU.Training.Data;
using OpenMU.Training.Mir;

namespace OpenMU.Cli;

/// <summary>
/// <c>openmu train-chords</c> and <c>openmu train-key</c>: make the weights that key and chords work with, from clips
/// whose truth is known.
/// </summary>
internal static class TrainHarmony
{
    public static Command ChordsCommand()
    {
        var start = new Option<FileInfo>("--from")
        {
            Description = "Weights to go on from, such as those that are built in, instead of beginning anew.",
            HelpName = "WEIGHTS"
        }.AcceptExistingOnly();
        var command = Command(
            "train-chords", "Trains the chord network; clips without chords teach what is no chord.", epochs: 8,
            (run, parsed, cancel) => TrainChords(run, parsed.GetValue(start), cancel));
        command.Add(start);
        return command;
    }

    public static Command KeyCommand() => Command(
        "train-key", "Trains the key layer on top of the chord network that is built in.", epochs: 60,
        (run, _, cancel) => TrainKey(run, cancel));

    private static Command Command(
        string name, string description, int epochs, Action<Run, ParseResult, CancellationToken> train)
    {
        var output = new Argument<string>("output") { Description = "File for the weights." };
        var truths = new Argument<string[]>("truths")
        {
            Description = "JSON lines of clips, as for measure; a file that is named twice counts twice.",
            Arity = ArgumentArity.OneOrMore
        };
        var times = new Option<int>("--epochs")
        {
            Description = "How often each clip is heard.",
            DefaultValueFactory = _ => epochs,
            HelpName = "N"
        }.AtLeast(1);
        var seed = new Option<int>("--seed")
        {
            Description = "Seed of every random choice: the same seed makes the same again.",
            DefaultValueFactory = _ => 1
        };
        var command = new Command(name, description) { output, truths, times, seed };
        command.SetAction(async (parsed, cancel) =>
        {
            RequireFiles(parsed.GetRequiredValue(truths));
            await WorkingDecoder.RequireAsync(cancel);
            var clips = await HearAsync(parsed.GetRequiredValue(truths), cancel);
            Console.WriteLine($"{clips.Count} clips");
            UseOneThread();
            var run = new Run(
                clips, parsed.GetValue(times), parsed.GetValue(seed), parsed.GetRequiredValue(output));
            train(run, parsed, cancel);
            return 0;
        });
        return command;
    }

    /// <summary>
    /// The networks are so small that libtorch's threads mostly wait for each other (docs/mir-training.md). On one
    /// thread the same seed also makes the same weights on any number of cores.
    /// </summary>
    internal static void UseOneThread() => TorchSharp.torch.set_num_threads(1);

    /// <summary>Looks for the files of truths before anything is decoded.</summary>
    /// <exception cref="UsageException">One does not exist.</exception>
    internal static void RequireFiles(IEnumerable<string> paths)
    {
        if (paths.FirstOrDefault(path => !File.Exists(path)) is { } missing)
            throw new UsageException($"{missing} does not exist.");
    }

    private static async Task<List<(ClipTruth, Chromagram)>> HearAsync(string[] truthPaths, CancellationToken cancel)
    {
        var clips = new List<(ClipTruth, Chromagram)>();
        // A file that is named several times counts as often, and is decoded once.
        foreach (var (path, times) in truthPaths.CountBy(path => path))
        {
            foreach (var line in await File.ReadAllLinesAsync(path, cancel))
            {
                var truth = ClipTruth.Parse(line);
                var waveform = await AudioFile.ReadMonoAsync(
                    Path.Combine(Path.GetDirectoryName(path)!, truth.File), TrackMeasurer.FeatureRate, null,
                    DecodeLimits.Default, cancel);
                var extractor = new ChromaExtractor(waveform.SampleRate);
                extractor.Push(waveform.Samples);
                clips.AddRange(Enumerable.Repeat((truth, extractor.Finish()), times));
            }
        }

        return clips;
    }

    private static void TrainChords(Run run, FileInfo? start, CancellationToken cancel)
    {
        using var trainer = Trainer(run.Seed, start);
        trainer.Train(
            [.. run.Clips.Select(clip => new TrainingClip(clip.Chromagram, clip.Truth.Chords))], run.Epochs,
            (epoch, loss) => Console.WriteLine($"epoch {epoch} loss {loss:F4}"), cancel);
        using var stream = File.Create(run.Output);
        trainer.Save(stream);
    }

    // The file is closed again before the training, which may overwrite it at its end.
    private static ChordTrainer Trainer(int seed, FileInfo? start)
    {
        if (start is null) return new ChordTrainer(seed);
        using var weights = start.OpenRead();
        return new ChordTrainer(seed, weights);
    }

    private static void TrainKey(Run run, CancellationToken cancel)
    {
        using var trainer = new KeyTrainer(run.Seed);
        (Chromagram, string)[] keyed =
        [
            .. run.Clips.Where(clip => clip.Truth.Key is not null).Select(clip => (clip.Chromagram, clip.Truth.Key!)),
        ];
        void Report(int epoch, double loss) => Console.WriteLine($"epoch {epoch} loss {loss:F4}");
        trainer.Train(keyed, run.Epochs, decay: 1e-4, Report, cancel);
        using var stream = File.Create(run.Output);
        trainer.Save(stream);
    }

    private sealed record Run(
        List<(ClipTruth Truth, Chromagram Chromagram)> Clips, int Epochs, int Seed, string Output);
}
