using OpenMU.Model;
using OpenMU.Model.Families;
using OpenMU.Model.Text;
using OpenMU.Model.Weights;
using OpenMU.Music;
using OpenMU.Testing;
using OpenMU.Training.Data;
using OpenMU.Training;
using OpenMU.Training.Evaluation;
using OpenMU.Training.Pretraining;
using OpenMU.Training.Synthesis;
using static TorchSharp.torch;

namespace OpenMU.Cli.Tests;

/// <summary>A data folder of tones with drawn truths and their records, and a model folder of random weights.</summary>
internal static class ToyData
{
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
            Instruments = [.. random.Shuffled(MusicVocabulary.Instruments.Where(label => label.Name != "drums")).Take(random.Next(1, 6)).Select(label => label.Name)],
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

    /// <summary>Writes truth.jsonl, records.jsonl and the audio of so many clips.</summary>
    public static string Write(string folder, int clips)
    {
        Directory.CreateDirectory(Path.Combine(folder, "audio"));
        ClipTruth[] truths = [.. Enumerable.Range(0, clips).Select(Truth)];
        File.WriteAllLines(Path.Combine(folder, "truth.jsonl"), truths.Select(truth => truth.ToJson()));
        File.WriteAllLines(Path.Combine(folder, "records.jsonl"), truths.SelectMany(RecordWriter.Write).Select(record => record.ToJson()));
        foreach (var (i, truth) in truths.Index()) File.WriteAllBytes(Path.Combine(folder, truth.File), TestSound.Tone(3, 110 * (i + 1)));
        return folder;
    }

    /// <summary>Saves a model that has learnt nothing.</summary>
    public static string WriteModel(string folder)
    {
        var tokenizer = BpeTrainer.Train(Enumerable.Range(0, 20).Select(Truth).SelectMany(RecordWriter.Write).SelectMany(record => new[] { record.Instruction, record.Output }), 400, ["<s>", "<end>"]);
        var config = OpenMuConfig.Tiny with
        {
            Audio = OpenMuConfig.Tiny.Audio with { EmbedDim = 24, Depth = 1, NumHeads = 2, ContextualBlocks = [0], Pooling = 128 },
            Llama = OpenMuConfig.Tiny.Llama with { HiddenSize = 32, IntermediateSize = 48, NumHiddenLayers = 2, NumAttentionHeads = 4, NumKeyValueHeads = 2, VocabSize = tokenizer.VocabSize, BosTokenId = 0, StopTokenIds = [1] },
            Prompt = OpenMuConfig.Tiny.Prompt with { BeginOfText = "<s>", EndOfAnswer = "<end>" },
        };
        using var model = new OpenMu(config, WeightSource.Fresh(1));
        using var tags = new TagHead(config.Audio.EmbedDim, LinearProbe.Groups, WeightSource.Fresh(2));
        ModelFolder.Save(folder, config, model, null, tokenizer, tags, float32);
        return folder;
    }
}
