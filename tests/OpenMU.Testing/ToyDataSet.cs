using System.Text.Json;
using OpenMU.Model;
using OpenMU.Model.Families;
using OpenMU.Model.Text;
using OpenMU.Model.Weights;
using OpenMU.Music;
using OpenMU.Training;
using OpenMU.Training.Data;
using OpenMU.Training.Evaluation;
using OpenMU.Training.Pretraining;
using OpenMU.Training.Stages;
using OpenMU.Training.Synthesis;
using static TorchSharp.torch;

namespace OpenMU.Testing;

/// <summary>
/// Data folders as <c>openmu synthesise</c> writes them, with tones for music: of two genres that anybody can tell
/// apart, to train on, or with drawn truths and records of all tasks; and a model folder of random weights.
/// </summary>
public static class ToyDataSet
{
    public static readonly OpenMuConfig Config = new()
    {
        Audio =
            new() { EmbedDim = 32, Depth = 2, NumHeads = 2, ChunkFrames = 64, ContextualBlocks = [0, 1], Pooling = 8 },
        Llama = new()
        {
            HiddenSize = 32,
            IntermediateSize = 64,
            NumHiddenLayers = 2,
            NumAttentionHeads = 2,
            NumKeyValueHeads = 1,
            VocabSize = 320,
            MaxPositionEmbeddings = 256,
            TieWordEmbeddings = true
        },
        Prompt = new(),
        Licence = "open",
        MaxLength = 160,
    };

    public static TrainingPreset Preset(int steps, LoraConfig? lora = null) => (TrainingPreset.Tiny with
    {
        Decoder = new() { EmbedDim = 16, Depth = 1, NumHeads = 2 },
        Lora = lora,
        Merge = lora is not null,
        Views = 2,
        NoiseSounds = 8,
        BlockTokens = 32,
        DropPath = 0.1,
        Augmentation = AugmentationOptions.Light,
    }).ForEach((_, options) => options with
    {
        Batch = 8,
        Epochs = null,
        Steps = steps,
        LogEvery = 5,
        CheckpointEvery = 5,
        LearningRate = 3e-3,
        ProjectorLearningRate = null
    });

    /// <summary>Sixteen clips of four groove families for each of two genres, and a held-out one.</summary>
    public static void WriteTwoGenres(string folder)
    {
        Directory.CreateDirectory(Path.Combine(folder, "audio"));
        using var truth = new StreamWriter(Path.Combine(folder, "truth.jsonl"));
        using var records = new StreamWriter(Path.Combine(folder, "records.jsonl"));
        for (var i = 0; i < 33; i++)
        {
            var genre = i % 2 == 0 ? "jazz" : "rock";
            var id = $"toy-{i}";
            WriteWave(Path.Combine(folder, "audio", id + ".wav"), 300 * (1 + 0.01 * i), 2.2, buzzing: genre == "rock");
            truth.WriteLine(JsonSerializer.Serialize(new
            {
                id,
                file = $"audio/{id}.wav",
                genre,
                moods = new[] { "calm" },
                instruments = new[] { "piano" },
                drums = genre == "rock",
                metre = "4/4",
                tempo_class = "slow",
                groove_family = $"{genre}-{i / 2 % 4}",
                split = i == 32 ? "held-out" : "train"
            }));
            records.WriteLine(new BenchRecord
            {
                Task = BenchRecord.Captioning,
                Instruction = "Describe this music.",
                Output = $"This is {genre}.",
                Clip = id
            }.ToJson());
            records.WriteLine(new BenchRecord
            {
                Task = BenchRecord.Choice,
                Instruction = "Which genre? (A) jazz (B) rock",
                Output = genre == "jazz" ? "(A) jazz" : "(B) rock",
                Clip = id,
                Choices = ["jazz", "rock"],
                Answer = genre
            }.ToJson());
        }
    }

    /// <summary>A sine, or a wave with all harmonics.</summary>
    public static float Wave(double hertz, bool buzzing, int at, int rate)
        => (float)(buzzing ? hertz * at / rate % 1 - 0.5 : 0.25 * Math.Sin(2 * Math.PI * hertz * at / rate));

    /// <summary>A WAV file of such a wave; its loudness is that of 16 bits.</summary>
    public static void WriteWave(string path, double hertz, double seconds, int rate = 22050, bool buzzing = false)
        => File.WriteAllBytes(path, TestSound.Wav(
            [.. Enumerable.Range(0, (int)(seconds * rate)).Select(i => (short)(32767 * Wave(hertz, buzzing, i, rate)))],
            rate));

    /// <summary>What might be true of a clip.</summary>
    public static ClipTruth Truth(int index)
    {
        var random = new SeededRandom($"toy {index}");
        return new ClipTruth
        {
            Id = $"toy-{index}",
            File = $"audio/toy-{index}.wav",
            Seed = $"toy-{index}",
            Seconds = 3,
            Tempo = 100,
            TempoClass = random.Pick(MusicVocabulary.TempoClasses).Name,
            Metre = "4/4",
            BeatsPerBar = 4,
            Key = "C# minor",
            Genre = random.Pick(MusicVocabulary.Genres).Name,
            Moods = [.. random.Shuffled(MusicVocabulary.Moods).Take(random.Next(1, 4)).Select(label => label.Name)],
            Instruments = [.. random.Shuffled(MusicVocabulary.Instruments.Where(label => label.Name != "drums"))
                .Take(random.Next(1, 6))
                .Select(label => label.Name)],
            Drums = random.Chance(.7),
            Melody = false,
            GrooveFamily = "x",
            Groove = ["x"],
            Split = index % 2 == 0 ? "train" : "held-out",
            Soundfont = "x.sf2",
            TuningCents = 0,
            Beats = [],
            Downbeats = [],
            Chords = [],
        };
    }

    /// <summary>Writes truth.jsonl, records.jsonl and the audio of a number of clips.</summary>
    public static string Write(string folder, int clips)
    {
        Directory.CreateDirectory(Path.Combine(folder, "audio"));
        ClipTruth[] truths = [.. Enumerable.Range(0, clips).Select(Truth)];
        File.WriteAllLines(Path.Combine(folder, "truth.jsonl"), truths.Select(truth => truth.ToJson()));
        File.WriteAllLines(
            Path.Combine(folder, "records.jsonl"),
            truths.SelectMany(RecordWriter.Write).Select(record => record.ToJson()));
        foreach (var (i, truth) in truths.Index())
            File.WriteAllBytes(Path.Combine(folder, truth.File), TestSound.Tone(3, 110 * (i + 1)));
        return folder;
    }

    /// <summary>Saves a model that has learnt nothing.</summary>
    public static string WriteModel(string folder)
    {
        var tokenizer = BpeTrainer.Train(Enumerable.Range(0, 20).Select(Truth)
            .SelectMany(RecordWriter.Write)
            .SelectMany(record => new[] { record.Instruction, record.Output }), 400, ["<s>", "<end>"]);
        var config = OpenMuConfig.Tiny with
        {
            Audio = OpenMuConfig.Tiny.Audio with
            {
                EmbedDim = 24,
                Depth = 1,
                NumHeads = 2,
                ContextualBlocks = [0],
                Pooling = 128
            },
            Llama = OpenMuConfig.Tiny.Llama with
            {
                HiddenSize = 32,
                IntermediateSize = 48,
                NumHiddenLayers = 2,
                NumAttentionHeads = 4,
                NumKeyValueHeads = 2,
                VocabSize = tokenizer.VocabSize,
                BosTokenId = 0,
                StopTokenIds = [1]
            },
            Prompt = OpenMuConfig.Tiny.Prompt with { BeginOfText = "<s>", EndOfAnswer = "<end>" },
        };
        using var model = new OpenMu(config, WeightSource.Random(1));
        using var tags = new TagHead(config.Audio.EmbedDim, LinearProbe.Groups, WeightSource.Random(2));
        ModelFolder.Save(folder, config, model, null, tokenizer, tags, float32);
        return folder;
    }
}
