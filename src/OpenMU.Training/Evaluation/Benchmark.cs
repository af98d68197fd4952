// Benchmark.cs - a published benchmark that a user has the files of, put to a model, beside white noise and the text
// alone.
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using OpenMU.Mir.Audio;
using OpenMU.Model.Audio;
using OpenMU.Model.Families;
using OpenMU.Model.Text;
using OpenMU.Training.Evaluation.Text;

namespace OpenMU.Training.Evaluation;

/// <summary>The questions of a benchmark's file, and where their sounds lie.</summary>
/// <param name="Questions">With the path of the sound.</param>
/// <param name="LeftOut">What is not asked, and how many: by reason.</param>
public sealed record Benchmark(
    IReadOnlyList<(BenchRecord Record, string Sound)> Questions, IReadOnlyDictionary<string, int> LeftOut)
{
    /// <summary>Reads a file, and looks for the sounds that it names.</summary>
    /// <param name="path">One that <see cref="BenchRecord.Read"/> knows.</param>
    /// <param name="audio">The folder of the sounds: a sound lies where the file says, or has its name, with whatever
    /// ending, anywhere below.</param>
    /// <param name="limit">The largest number of sounds, spread evenly; null takes all.</param>
    /// <exception cref="InvalidDataException">The file is none of these, or none of its sounds is there.</exception>
    public static Benchmark Load(string path, string audio, int? limit = null)
    {
        var sounds = new SoundFiles(audio);
        var (found, leftOut) =
            (new List<(BenchRecord Record, string Sound)>(), new Dictionary<string, int>(StringComparer.Ordinal));
        foreach (var record in BenchRecord.Read(path))
        {
            var reason = !BenchmarkScores.Tasks.Contains(record.Task) ? $"'{record.Task}' has no measure here"
                : record.LocalAudioPath is null ? "about several sounds, or none"
                : sounds.Find(record.LocalAudioPath) is { } sound ? Take(sound)
                : $"no sound under {audio}";
            if (reason is not null) leftOut[reason] = leftOut.GetValueOrDefault(reason) + 1;

            string? Take(string sound)
            {
                found.Add((record, sound));
                return null;
            }
        }
        if (found.Count == 0)
        {
            throw new InvalidDataException(leftOut.Count == 0
                ? $"{path} holds no question."
                : $"Nothing of {path} can be asked: {string.Join("; ", leftOut.Select(reason => $"{reason.Value} x {reason.Key}"))}.");
        }
        var parts = found.Select(PartOf).Distinct().ToArray();
        var count = Math.Min(limit ?? parts.Length, parts.Length);
        var chosen = Enumerable.Range(0, count).Select(i => parts[(int)((long)i * parts.Length / count)]).ToHashSet();
        return new([.. found.Where(question => chosen.Contains(PartOf(question)))], leftOut);
    }

    /// <summary>What is heard for a question.</summary>
    internal static (string Sound, double? Start, double? End) PartOf((BenchRecord Record, string Sound) question)
        => (question.Sound, question.Record.Start, question.Record.End);

    /// <summary>The files of a folder by their names.</summary>
    private sealed class SoundFiles
    {
        private readonly string folder;
        private readonly Dictionary<string, string> byName = new(StringComparer.OrdinalIgnoreCase);

        public SoundFiles(string folder)
        {
            this.folder = folder;
            if (!Directory.Exists(folder)) throw new InvalidDataException($"There is no folder {folder}.");
            foreach (var file in Directory.GetFiles(folder, "*", SearchOption.AllDirectories)
                .Order(StringComparer.Ordinal))
            {
                var stem = Path.GetFileNameWithoutExtension(file);
                byName.TryAdd(Path.GetFileName(file), file);
                byName.TryAdd(stem, file);
                // MusicCaps' cuts are named [video]-[from-to].
                if (stem.StartsWith('[') && stem.IndexOf(']', StringComparison.Ordinal) is var end and > 0)
                    byName.TryAdd(stem[1..end], file);
            }
        }

        public string? Find(string name)
        {
            var there = Path.Combine(folder, name);
            if (File.Exists(there)) return there;
            var file = Path.GetFileName(name);
            var stem = Path.GetFileNameWithoutExtension(file);
            string[] names = [file, stem, Path.GetFileNameWithoutExtension(stem)];
            return names.Select(byName.GetValueOrDefault).FirstOrDefault(path => path is not null);
        }
    }
}

/// <summary>Asks a model, and scores: the same model and files give the same table.</summary>
/// <param name="model">The model.</param>
/// <param name="tokenizer">Of its language model.</param>
/// <param name="maxNewTokens">Longest answer.</param>
/// <param name="threads">Threads that read sound.</param>
/// <param name="meteor">With or without WordNet.</param>
/// <param name="log">Receives what is being done.</param>
public sealed class BenchmarkRun(
    ModelFamily model, Tokenizer tokenizer, int maxNewTokens, int threads, Meteor meteor, ILogger? log = null)
{
    /// <summary>Column of answers that a file holds.</summary>
    public const string Given = "given answers";

    /// <summary>Sounds that are held in memory at a time.</summary>
    private const int SoundsAtOnce = 32;

    private readonly ILogger log = log ?? NullLogger.Instance;
    private readonly BenchRunner runner = new(model, tokenizer, maxNewTokens);
    private readonly List<EvaluatedAnswer> answers = [];

    /// <summary>All answers of all columns.</summary>
    public IReadOnlyList<EvaluatedAnswer> Answers => answers;

    /// <summary>The model, white noise as long and as loud in the sound's place, and no sound at all.</summary>
    public ScoreTable Run(Benchmark benchmark, CancellationToken cancel = default)
    {
        var systems = new[] { model.Config.Family, Evaluator.WhiteNoise, Evaluator.TextOnly }
            .Select(name => (Name: name, Answers: new List<(BenchRecord Record, string Text)>())).ToArray();
        var done = 0;
        foreach (var part in benchmark.Questions.GroupBy(Benchmark.PartOf).Chunk(SoundsAtOnce))
        {
            var sounds = part.Select(question => question.Key).ToArray();
            BenchRecord[][] records = [.. part.Select(sound => sound.Select(question => question.Record).ToArray())];
            using (var heard = Encode(sounds, sound => Read(sound), cancel))
                Ask(systems[0].Answers, records, sound => [heard.Music[sound]], cancel);
            using (var noise = Encode(
                sounds, sound => ControlSound.WhiteNoise(Read(sound), Array.IndexOf(sounds, sound)), cancel))
            {
                Ask(systems[1].Answers, records, sound => [noise.Music[sound]], cancel);
            }
            Ask(systems[2].Answers, records, _ => [], cancel);
            log.LogInformation("{Done} of {All} questions", done += records.Sum(of => of.Length), benchmark.Questions.Count);
        }
        return Table(systems.Select(system => (system.Name, (IReadOnlyList<(BenchRecord, string)>)system.Answers)));
    }

    /// <summary>Scores answers that are there already, such as those that a benchmark's file holds.</summary>
    public static ScoreTable Score(
        IEnumerable<(string System, IReadOnlyList<(BenchRecord Record, string Text)> Answers)> systems, Meteor meteor)
    {
        List<ScoredExample> examples = [], corpus = [];
        foreach (var (system, texts) in systems)
        {
            var scores = new BenchmarkScores(meteor, system).Of(texts);
            examples.AddRange(scores.Examples);
            corpus.AddRange(scores.Corpus);
        }
        return ScoreTable.Of(examples, corpus);
    }

    private ScoreTable Table(
        IEnumerable<(string System, IReadOnlyList<(BenchRecord Record, string Text)> Answers)> systems)
    {
        var all = systems.ToArray();
        answers.AddRange(all.SelectMany(system => system.Answers.Select(answer => new EvaluatedAnswer(
            system.System, answer.Record.Task, answer.Record.Clip, answer.Record.Instruction, answer.Record.Output,
            answer.Text, new Dictionary<string, double>()))));
        return Score(all, meteor);
    }

    private void Ask(
        List<(BenchRecord Record, string Text)> answered, BenchRecord[][] records,
        Func<int, IReadOnlyList<TorchSharp.torch.Tensor>> music, CancellationToken cancel)
    {
        var asked = records.SelectMany((of, sound) => of.Select(record => (Record: record, Sound: sound))).ToArray();
        answered.AddRange(asked.Zip(
            runner.Answer(
                [.. asked.Select(question => new BenchPrompt(question.Record.Instruction, music(question.Sound)))],
                cancel: cancel),
            (question, text) => (question.Record, text)));
    }

    private EncodedClips Encode(
        (string Sound, double? Start, double? End)[] sounds,
        Func<(string Sound, double? Start, double? End), float[]> read, CancellationToken cancel)
        => EncodedClips.Encode(
            model, [.. sounds.Select(sound => (Func<float[]>)(() => read(sound)))], threads, cancel: cancel);

    private static float[] Read((string Sound, double? Start, double? End) part)
    {
        var samples = AudioFile.ReadMonoAsync(
            part.Sound, Fbank.SampleRate, part.End, DecodeLimits.Default, CancellationToken.None).GetAwaiter()
            .GetResult().Samples;
        var start = Math.Min(samples.Length, (int)((part.Start ?? 0) * Fbank.SampleRate));
        if (samples.Length - start < AudioPreprocessor.MinimumSamples)
            throw new InvalidDataException($"{part.Sound} has no sound from {part.Start ?? 0} s on.");
        return samples[start..];
    }
}
