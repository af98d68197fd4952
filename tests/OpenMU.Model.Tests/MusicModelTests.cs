using OpenMU.Model.Audio;
using OpenMU.Model.Families;
using OpenMU.Model.Text;
using OpenMU.Model.Weights;
using OpenMU.Music;
using OpenMU.Music.Grounding;
using OpenMU.Testing;
using OpenMU.Training;
using OpenMU.Training.Pretraining;
using TorchSharp;
using static TorchSharp.torch;

namespace OpenMU.Model.Tests;

/// <summary>
/// A model of a few thousand parameters that has learnt two answers by heart: one question calls a
/// tool, the other needs none.
/// </summary>
public sealed class MusicModelTests : IClassFixture<MusicModelTests.ByHeart>
{
    private const string Tempo = "What is the tempo?", Mood = "What is the mood?";
    private readonly ByHeart learnt;

    public MusicModelTests(ByHeart learnt) => this.learnt = learnt;

    [Fact]
    public void Texts_come_with_the_tools_values_in_the_order_of_their_instructions()
    {
        using var musicModel = learnt.Published();
        using var track = musicModel.Encode(Sound(20_000), default);
        musicModel.Generate(track, [Mood, Tempo], new MusicalFacts { Bpm = 127.6 }, null, default)
            .Select(Counted).Should().Equal(
                ("It is calm.", 0, 0), ("It runs at 127.6 BPM. So fast!", 1, 0));
        musicModel.Generate(track, [Tempo], null, null, default)
            .Select(Counted).Should().Equal(("It runs at [GetAudioTempo()] BPM. So fast!", 0, 0));
    }

    [Fact]
    public void What_no_tool_answers_is_left_out_and_counted()
    {
        using var musicModel = learnt.Published();
        using var track = musicModel.Encode(Sound(8_000), default);
        musicModel.Generate(track, [Tempo], MusicalFacts.None, null, default)
            .Select(Counted).Should().Equal((GroundedText.NotSure, 0, 2));
    }

    [Fact]
    public void A_model_that_reads_results_goes_on_behind_them()
    {
        using var musicModel = learnt.Reading();
        using var track = musicModel.Encode(Sound(8_000), default);
        var written = musicModel.Generate(track, [Tempo, Mood, Tempo], new MusicalFacts { Bpm = 60 }, null, default);
        // What follows was learnt behind the value alone, which only the tool knows.
        written.Select(Counted).Should().Equal(
            ("It runs at 60.0 BPM. So slow!", 1, 0), ("It is calm.", 0, 0),
            ("It runs at 60.0 BPM. So slow!", 1, 0));
        musicModel.Generate(track, [Tempo], new MusicalFacts { Bpm = 127.6 }, null, default)[0].Text
            .Should().Be("It runs at 127.6 BPM. So fast!");
    }

    [Fact]
    public void A_track_is_heard_in_windows_over_its_whole_length()
    {
        using var model = learnt.Model(config => config with { Windows = 3 });
        using var musicModel = new MusicModel(model, learnt.Tokenizer);
        using var preprocessor = new AudioPreprocessor(model.Config.Audio);
        var window = preprocessor.WindowSamples;
        using (var all = musicModel.Encode(Sound(10 * window), default))
            all.SecondsEncoded.Should().BeApproximately(3.0 * window / 16000, 1e-3);
        using (var overlapping = musicModel.Encode(Sound(window + 1000), default))
            overlapping.SecondsEncoded.Should().BeApproximately((window + 1000) / 16000.0, 1e-3);
        using (var brief = musicModel.Encode(Sound(8_000), default)) brief.SecondsEncoded.Should().Be(0.5);
        // The end counts: a track that changes there sounds different.
        var (same, changed) = (Sound(4 * window), Sound(4 * window));
        Array.Clear(changed, 3 * window, window);
        using var first = musicModel.Encode(same, default);
        using var second = musicModel.Encode(changed, default);
        first.Embedding.Zip(second.Embedding, (a, b) => a * b).Sum().Should().BeLessThan(0.9999f);
        first.Embedding.Sum(x => x * x).Should().BeApproximately(1, 1e-5f);
    }

    [Fact]
    public void With_one_window_the_music_is_that_of_the_published_start()
    {
        using var musicModel = learnt.Published();
        using var scope = NewDisposeScope();
        using var preprocessor = new AudioPreprocessor(learnt.PublishedModel.Config.Audio);
        var sound = Sound(3 * preprocessor.WindowSamples);
        using var track = musicModel.Encode(sound, default);
        track.MusicTokens.ShouldBeCloseTo(
            learnt.PublishedModel.Encode(preprocessor.ModelInput(sound).unsqueeze(0))[0], 1e-6);
    }

    [Fact]
    public void Padding_does_not_count_in_tags_and_embedding()
    {
        using var musicModel = learnt.Published();
        var audio = learnt.PublishedModel.Config.Audio;
        using var track = musicModel.Encode(Sound(4_000), default);
        using var sounding = track.MusicTokens[..(audio.MusicTokens / audio.NumChunks)].mean([0]);
        track.MeanToken.ShouldBeCloseTo(sounding, 1e-6);
    }

    [Fact]
    public void Tags_are_those_of_the_mean_token()
    {
        var groups = new[] { new TagGroup { Group = "genre", Exclusive = true, Labels = ["rock", "jazz"] } };
        using var head = new TagHead(learnt.PublishedModel.Config.Audio.EmbedDim, groups, WeightSource.Random(3));
        using var musicModel = new MusicModel(learnt.PublishedModel, learnt.Tokenizer, head);
        using var track = musicModel.Encode(Sound(50_000), default);
        track.Tags.Should().Equal(head.Score(track.MeanToken))
            .And.ContainSingle(tag => tag.Group == "genre");
        using var untagged = learnt.Published();
        using var without = untagged.Encode(Sound(50_000), default);
        without.Tags.Should().BeEmpty();
    }

    [Fact]
    public void Hostile_input_is_refused_with_its_reason_and_the_next_is_served()
    {
        using var musicModel = learnt.Published();
        musicModel.Invoking(l => l.Encode(Sound(1600), default))
            .Should().Throw<ArgumentException>()
            .WithMessage("1600 samples at 16 kHz are fewer than a quarter of a second*");
        musicModel.Invoking(l => l.Encode([.. Sound(16000).Append(float.NaN)], default))
            .Should().Throw<ArgumentException>().WithMessage("*not numbers*");
        using var track = musicModel.Encode(Sound(16000), default);
        var endless = string.Concat(Enumerable.Repeat("tempo mood ", 50_000));
        musicModel.Invoking(l => l.Generate(track, [Mood, endless], null, null, default))
            .Should().Throw<ArgumentException>().WithMessage("*positions*the model knows*");
        musicModel.Generate(track, [Mood], null, null, default)[0].Text.Should().Be("It is calm.");
    }

    [Fact]
    public void Cancelling_ends_the_writing_and_the_next_is_served()
    {
        using var musicModel = learnt.Published();
        using var cancel = new CancellationTokenSource();
        using var track = musicModel.Encode(Sound(16000), default);
        cancel.Cancel();
        musicModel.Invoking(l => l.Encode(Sound(16000), cancel.Token)).Should().Throw<OperationCanceledException>();
        musicModel.Invoking(l => l.Generate(track, [Mood], null, null, cancel.Token))
            .Should().Throw<OperationCanceledException>();
        musicModel.Generate(track, [Mood], null, null, default)[0].Text.Should().Be("It is calm.");
    }

    private static (string Text, int Tools, int Dropped) Counted(GeneratedText text) =>
        (text.Text, text.Tools.Count, text.DroppedSentences);

    private static float[] Sound(int samples)
    {
        var random = new Random(5);
        return [.. Enumerable.Range(0, samples)
            .Select(i => (float)(0.3 * Math.Sin(i * 0.17) + 0.1 * (random.NextDouble() - 0.5)))];
    }

    public sealed class ByHeart : IDisposable
    {
        private static readonly string[] Answers =
        [
            "It runs at [GetAudioTempo()] BPM. So fast!", "It runs at [GetAudioTempo() → 127.6 ] BPM. So fast!",
            "It runs at [GetAudioTempo() → 60.0 ] BPM. So slow!", "It is calm."
        ];
        private readonly OpenMu reading;

        public ByHeart()
        {
            Tokenizer = BpeTrainer.Train(
                [.. Answers, .. Answers, Tempo, Mood, Tempo, Mood, "USER: ASSISTANT: USER: ASSISTANT:"], 400,
                ["<|pad|>", Tokenizer.BeginOfText, "<|end|>"]);
            PublishedModel = Learn(config => config, (Mood, Answers[3]), (Tempo, Answers[0]));
            reading = Learn(
                config => config with { ReadsToolResults = true }, (Mood, Answers[3]), (Tempo, Answers[1]),
                (Tempo, Answers[2]));
        }

        public Tokenizer Tokenizer { get; }

        public OpenMu PublishedModel { get; }

        public MusicModel Published() => new(PublishedModel, Tokenizer);

        public MusicModel Reading() => new(reading, Tokenizer);

        public void Dispose()
        {
            PublishedModel.Dispose();
            reading.Dispose();
        }

        /// <summary>Windows of 0.98 s, music of 6 tokens.</summary>
        public OpenMu Model(Func<OpenMuConfig, OpenMuConfig> change)
        {
            var config = new OpenMuConfig
            {
                Audio = new() { EmbedDim = 16, Depth = 2, NumHeads = 2, ContextualBlocks = [0, 1], ChunkFrames = 32 },
                Llama = new()
                {
                    HiddenSize = 48,
                    IntermediateSize = 96,
                    NumHiddenLayers = 2,
                    NumAttentionHeads = 4,
                    NumKeyValueHeads = 2,
                    VocabSize = Tokenizer.VocabSize,
                    MaxPositionEmbeddings = 512,
                    BosTokenId = 1,
                    StopTokenIds = [2]
                },
                Prompt = new() { EndOfAnswer = "<|end|>" },
            };
            return new(change(config), WeightSource.Random(11));
        }

        private OpenMu Learn(Func<OpenMuConfig, OpenMuConfig> change, params (string Question, string Answer)[] lessons)
        {
            using var scope = NewDisposeScope();
            var model = Model(change);
            var prompt = new Prompt(model.Config.Prompt, Tokenizer);
            var random = new Generator(1);
            foreach (var parameter in model.Llama.parameters()) parameter.requires_grad_(true);
            using var optimiser = new AdamW([new([.. ParameterGroup.Trainable(model.Llama)], 5e-3)]);
            for (var step = 0; step < 150; step++)
            {
                using var inner = NewDisposeScope();
                // Other music each time: the answers are learnt from the words.
                var batch = lessons.Select(lesson =>
                {
                    var (ids, labels) = prompt.ForTraining(lesson.Question, lesson.Answer);
                    return new MusicPrompt(ids, [randn(
                        model.Config.Audio.MusicTokens, model.Config.Audio.EmbedDim, generator: random)], labels);
                }).ToArray();
                model.Loss(model.Splice(batch)).backward();
                optimiser.Step(1);
            }
            return model;
        }
    }
}
