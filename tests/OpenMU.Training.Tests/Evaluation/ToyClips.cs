using OpenMU.Model;
using OpenMU.Model.Families;
using OpenMU.Model.Text;
using OpenMU.Model.Weights;
using OpenMU.Music;
using OpenMU.Training.Data;
using OpenMU.Training.Evaluation;
using OpenMU.Training.Evaluation.Text;
using OpenMU.Training.Pretraining;

namespace OpenMU.Training.Tests.Evaluation;

/// <summary>
/// Four tones that stand for music, with what is true of them and records of all tasks; and a model too
/// small to know anything.
/// </summary>
internal static class ToyClips
{
    private static readonly string[] Genres = ["jazz", "rock", "polka", "march"];

    public static IReadOnlyList<EvaluationClip> All { get; } = [.. Genres.Select(Clip)];

    public static Tokenizer Tokenizer { get; } = BpeTrainer.Train(
        All.SelectMany(clip => clip.Records).Select(record => record.Instruction + record.Output), 300,
        ["<s>", "</s>", "<end>"]);

    public static OpenMuConfig Config { get; } = OpenMuConfig.Tiny with
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
            VocabSize = Tokenizer.VocabSize,
            BosTokenId = 0,
            StopTokenIds = [2]
        },
        Prompt = OpenMuConfig.Tiny.Prompt with { BeginOfText = "<s>", EndOfAnswer = "<end>" },
    };

    public static OpenMu Model() => new(Config, WeightSource.Random(1));

    public static TagHead Tags() => new(Config.Audio.EmbedDim, LinearProbe.Groups, WeightSource.Random(2));

    private static EvaluationClip Clip(string genre, int index)
    {
        var clip = new ClipTruth
        {
            Id = genre,
            File = $"{genre}.wav",
            Genre = genre,
            Instruments = [MusicVocabulary.Instruments[index].Name],
            Drums = index % 2 == 0,
            Moods = ["calm"],
            TempoClass = MusicVocabulary.TempoClasses[index % 3].Name,
            Metre = "4/4",
            Key = "A minor"
        };
        BenchRecord Record(string task, string instruction, string output) =>
            new() { Task = task, Instruction = instruction, Output = output, Clip = genre };
        return new(clip,
        [
            Record(
                BenchRecord.Captioning, "Describe it.",
                $"A {clip.TempoClass} {genre} piece with {clip.Instruments[0]}."),
            Record(BenchRecord.Reasoning, "Where is it played?", $"As {genre}, at a feast."),
            Record(BenchRecord.Lyrics, "What is it about?\nla la", "It is about love.") with { Answer = "love" },
            Record(BenchRecord.Tools, "How fast is it?", "The tempo is [GetAudioTempo()] BPM."),
            Record(BenchRecord.Choice, MuChoMusic.Prompt("Which genre?", Genres), $"({"ABCD"[index]}) {genre}") with
            {
                Choices = Genres,
                Answer = genre
            },
        ], () => [.. Enumerable.Range(0, 24_000)
            .Select(i => (float)(0.3 * Math.Sin(2 * Math.PI * 110 * (1 << index) * i / 16_000)))]);
    }
}
