using System.Buffers.Binary;
using System.Text.Json;
using OpenMU.Model.Families;
using OpenMU.Training.Data;
using OpenMU.Training.Evaluation;
using OpenMU.Training.Stages;

namespace OpenMU.Training.Tests;

/// <summary>A folder as openmu synthesise writes it, with tones for music: pure ones and buzzing ones, of two genres that anybody can tell apart.</summary>
internal static class ToyData
{
    public static readonly OpenMuConfig Config = new()
    {
        Audio = new() { EmbedDim = 32, Depth = 2, NumHeads = 2, ChunkFrames = 64, ContextualBlocks = [0, 1], Pooling = 8 },
        Llama = new() { HiddenSize = 32, IntermediateSize = 64, NumHiddenLayers = 2, NumAttentionHeads = 2, NumKeyValueHeads = 1, VocabSize = 320, MaxPositionEmbeddings = 256, TieWordEmbeddings = true },
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
    }).ForEach((_, options) => options with { Batch = 8, Epochs = null, Steps = steps, LogEvery = 5, CheckpointEvery = 5, LearningRate = 3e-3, ProjectorLearningRate = null });

    /// <summary>Sixteen clips of four groove families for each of two genres, and a held-out one.</summary>
    public static void Write(string folder)
    {
        Directory.CreateDirectory(Path.Combine(folder, "audio"));
        using var truth = new StreamWriter(Path.Combine(folder, "truth.jsonl"));
        using var records = new StreamWriter(Path.Combine(folder, "records.jsonl"));
        for (var i = 0; i < 33; i++)
        {
            var genre = i % 2 == 0 ? "jazz" : "rock";
            var id = $"toy-{i}";
            WriteWave(Path.Combine(folder, "audio", id + ".wav"), 300 * (1 + 0.01 * i), 2.2, buzzing: genre == "rock");
            truth.WriteLine(JsonSerializer.Serialize(new { id, file = $"audio/{id}.wav", genre, moods = new[] { "calm" }, instruments = new[] { "piano" }, drums = genre == "rock", metre = "4/4", tempo_class = "slow", groove_family = $"{genre}-{i / 2 % 4}", split = i == 32 ? "held-out" : "train" }));
            records.WriteLine(new BenchRecord { Task = BenchRecord.Captioning, Instruction = "Describe this music.", Output = $"This is {genre}.", Clip = id }.ToJson());
            records.WriteLine(new BenchRecord { Task = BenchRecord.Choice, Instruction = "Which genre? (A) jazz (B) rock", Output = genre == "jazz" ? "(A) jazz" : "(B) rock", Clip = id, Choices = ["jazz", "rock"], Answer = genre }.ToJson());
        }
    }

    /// <summary>A sine, or a wave with all harmonics.</summary>
    public static float Wave(double hertz, bool buzzing, int at, int rate)
        => (float)(buzzing ? hertz * at / rate % 1 - 0.5 : 0.25 * Math.Sin(2 * Math.PI * hertz * at / rate));

    public static void WriteWave(string path, double hertz, double seconds, int rate = 22050, bool buzzing = false)
    {
        var samples = (int)(seconds * rate);
        var bytes = new byte[44 + 2 * samples];
        "RIFF"u8.CopyTo(bytes);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(4), bytes.Length - 8);
        "WAVEfmt "u8.CopyTo(bytes.AsSpan(8));
        int[] format = [16, 1 | (1 << 16), rate, rate * 2, 2 | (16 << 16)];
        for (var i = 0; i < format.Length; i++) BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(16 + 4 * i), format[i]);
        "data"u8.CopyTo(bytes.AsSpan(36));
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(40), 2 * samples);
        for (var i = 0; i < samples; i++) BinaryPrimitives.WriteInt16LittleEndian(bytes.AsSpan(44 + 2 * i), (short)(32767 * Wave(hertz, buzzing, i, rate)));
        File.WriteAllBytes(path, bytes);
    }
}
