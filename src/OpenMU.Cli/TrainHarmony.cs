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
    public static Command ChordsCommand() => Command(
        "train-chords", "Trains the chord network; clips without chords teach what is no chord.",
        epochs: 8, TrainChords);

    public static Command KeyCommand() => Command(
        "train-key", "Trains the key layer on top of the chord network that is built in.", epochs: 60, TrainKey);

    private static Command Command(
        string name, string description, int epochs,
        Action<List<(ClipTruth, Chromagram)>, int, int, string, CancellationToken> train)
    {
        var output = new Argument<string>("output") { Description = "File for the weights." };
        var truths = new Argument<string[]>("truths")
        {
            Description = "JSON lines of clips, as for measure.",
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
            train(clips, parsed.GetValue(times), parsed.GetValue(seed), parsed.GetRequiredValue(output), cancel);
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
        foreach (var path in truthPaths)
        {
            foreach (var line in await File.ReadAllLinesAsync(path, cancel))
            {
                var truth = ClipTruth.Parse(line);
                var waveform = await AudioFile.ReadMonoAsync(
                    Path.Combine(Path.GetDirectoryName(path)!, truth.File), TrackMeasurer.FeatureRate, null,
                    DecodeLimits.Default, cancel);
                var extractor = new ChromaExtractor(waveform.SampleRate);
                extractor.Push(waveform.Samples);
                clips.Add((truth, extractor.Finish()));
            }
        }

        return clips;
    }

    private static void TrainChords(
        List<(ClipTruth Truth, Chromagram Chromagram)> clips, int epochs, int seed, string output,
        CancellationToken cancel)
    {
        using var trainer = new ChordTrainer(seed);
        trainer.Train(
            [.. clips.Select(clip => new TrainingClip(clip.Chromagram, clip.Truth.Chords))], epochs,
            (epoch, loss) => Console.WriteLine($"epoch {epoch} loss {loss:F4}"), cancel);
        using var stream = File.Create(output);
        trainer.Save(stream);
    }

    private static void TrainKey(
        List<(ClipTruth Truth, Chromagram Chromagram)> clips, int epochs, int seed, string output,
        CancellationToken cancel)
    {
        using var trainer = new KeyTrainer(seed);
        (Chromagram, string)[] keyed =
        [
            .. clips.Where(clip => clip.Truth.Key is not null).Select(clip => (clip.Chromagram, clip.Truth.Key!)),
        ];
        void Report(int epoch, double loss) => Console.WriteLine($"epoch {epoch} loss {loss:F4}");
        trainer.Train(keyed, epochs, decay: 1e-4, Report, cancel);
        using var stream = File.Create(output);
        trainer.Save(stream);
    }
}
