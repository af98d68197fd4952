using OpenMU.Model.Audio;
using OpenMU.Model.Families;
using OpenMU.Model.Text;
using OpenMU.Model.Weights;
using OpenMU.Music;
using OpenMU.Testing;
using OpenMU.Training.Pretraining;
using TorchSharp;
using static TorchSharp.torch;

namespace OpenMU.Model.Tests;

/// <summary>A model of a few thousand parameters that has learnt two answers by heart: one question calls a tool, the other needs none.</summary>
public sealed class MusicModelTests : IClassFixture<MusicModelTests.ByHeart>
{
    private const string Tempo = "What is the tempo?", Mood = "What is the mood?";
    private readonly ByHeart learnt;

    public MusicModelTests(ByHeart learnt) => this.learnt = learnt;

    [Fact]
    public void Texts_come_with_the_tools_values_in_the_order_of_their_instructions()
    {
        using var listener = learnt.Published();
        using var heard = listener.Encode(Sound(20_000), default);
        listener.Write(heard, [Mood, Tempo], new MusicalFacts { Bpm = 117.6 }, null, default)
            .Should().Equal(new WrittenText("It is calm.", 0, 0), new WrittenText("It runs at 117.6 BPM. So fast!", 1, 0));
        listener.Write(heard, [Tempo], null, null, default).Should().Equal(new WrittenText("It runs at [GetAudioTempo()] BPM. So fast!", 0, 0));
    }

    [Fact]
    public void What_no_tool_answers_is_left_out_and_counted()
    {
        using var listener = learnt.Published();
        using var heard = listener.Encode(Sound(8_000), default);
        listener.Write(heard, [Tempo], MusicalFacts.None, null, default).Should().Equal(new WrittenText("So fast!", 0, 1));
    }

    [Fact]
    public void A_model_that_reads_results_goes_on_behind_them()
    {
        using var listener = learnt.Reading();
        using var heard = listener.Encode(Sound(8_000), default);
        var written = listener.Write(heard, [Tempo, Mood, Tempo], new MusicalFacts { Bpm = 60 }, null, default);
        // What follows was learnt behind the value alone, which only the tool knows.
        written.Should().Equal(new WrittenText("It runs at 60.0 BPM. So slow!", 1, 0), new WrittenText("It is calm.", 0, 0), new WrittenText("It runs at 60.0 BPM. So slow!", 1, 0));
        listener.Write(heard, [Tempo], new MusicalFacts { Bpm = 117.6 }, null, default)[0].Text.Should().Be("It runs at 117.6 BPM. So fast!");
    }

    [Fact]
    public void A_track_is_heard_in_windows_over_its_whole_length()
    {
        using var model = learnt.Model(config => config with { Windows = 3 });
        using var listener = new MusicModel(model, learnt.Tokenizer);
        using var preprocessor = new AudioPreprocessor(model.Config.Audio);
        var window = preprocessor.WindowSamples;
        using (var all = listener.Encode(Sound(10 * window), default)) all.SecondsHeard.Should().BeApproximately(3.0 * window / 16000, 1e-3);
        using (var overlapping = listener.Encode(Sound(window + 1000), default)) overlapping.SecondsHeard.Should().BeApproximately((window + 1000) / 16000.0, 1e-3);
        using (var brief = listener.Encode(Sound(8_000), default)) brief.SecondsHeard.Should().Be(0.5);
        // The end counts: a track that changes there sounds different.
        var (same, changed) = (Sound(4 * window), Sound(4 * window));
        Array.Clear(changed, 3 * window, window);
        using var first = listener.Encode(same, default);
        using var second = listener.Encode(changed, default);
        first.Embedding.Zip(second.Embedding, (a, b) => a * b).Sum().Should().BeLessThan(0.9999f);
        first.Embedding.Sum(x => x * x).Should().BeApproximately(1, 1e-5f);
    }

    [Fact]
    public void With_one_window_the_music_is_that_of_the_published_start()
    {
        using var listener = learnt.Published();
        using var scope = NewDisposeScope();
        using var preprocessor = new AudioPreprocessor(learnt.PublishedModel.Config.Audio);
        var sound = Sound(3 * preprocessor.WindowSamples);
        using var heard = listener.Encode(sound, default);
        heard.Music.ShouldBeCloseTo(learnt.PublishedModel.Encode(preprocessor.ModelInput(sound).unsqueeze(0))[0], 1e-6);
    }

    [Fact]
    public void Padding_does_not_count_in_tags_and_embedding()
    {
        using var listener = learnt.Published();
        var audio = learnt.PublishedModel.Config.Audio;
        using var heard = listener.Encode(Sound(4_000), default);
        using var sounding = heard.Music[..(audio.MusicTokens / audio.NumChunks)].mean([0]);
        heard.Mean.ShouldBeCloseTo(sounding, 1e-6);
    }

    [Fact]
    public void Tags_are_those_of_the_mean_token()
    {
        var groups = new[] { new TagGroup { Group = "genre", Exclusive = true, Labels = ["rock", "jazz"] } };
        using var head = new TagHead(learnt.PublishedModel.Config.Audio.EmbedDim, groups, WeightSource.Fresh(3));
        using var listener = new MusicModel(learnt.PublishedModel, learnt.Tokenizer, head);
        using var heard = listener.Encode(Sound(50_000), default);
        listener.Tag(heard).Should().Equal(head.Score(heard.Mean)).And.ContainSingle(tag => tag.Group == "genre");
        using var untagged = learnt.Published();
        untagged.Tag(heard).Should().BeEmpty();
    }

    [Fact]
    public void Hostile_input_is_refused_with_its_reason_and_the_next_is_served()
    {
        using var listener = learnt.Published();
        listener.Invoking(l => l.Encode(Sound(1600), default)).Should().Throw<ArgumentException>().WithMessage("1600 samples at 16 kHz are fewer than a quarter of a second*");
        listener.Invoking(l => l.Encode([.. Sound(16000).Append(float.NaN)], default)).Should().Throw<ArgumentException>().WithMessage("*not numbers*");
        using var heard = listener.Encode(Sound(16000), default);
        var endless = string.Concat(Enumerable.Repeat("tempo mood ", 50_000));
        listener.Invoking(l => l.Write(heard, [Mood, endless], null, null, default)).Should().Throw<ArgumentException>().WithMessage("*positions*the model knows*");
        listener.Write(heard, [Mood], null, null, default)[0].Text.Should().Be("It is calm.");
    }

    [Fact]
    public void Cancelling_ends_the_writing_and_the_next_is_served()
    {
        using var listener = learnt.Published();
        using var cancel = new CancellationTokenSource();
        using var heard = listener.Encode(Sound(16000), default);
        cancel.Cancel();
        listener.Invoking(l => l.Encode(Sound(16000), cancel.Token)).Should().Throw<OperationCanceledException>();
        listener.Invoking(l => l.Write(heard, [Mood], null, null, cancel.Token)).Should().Throw<OperationCanceledException>();
        listener.Write(heard, [Mood], null, null, default)[0].Text.Should().Be("It is calm.");
    }

    private static float[] Sound(int samples)
    {
        var random = new Random(5);
        return [.. Enumerable.Range(0, samples).Select(i => (float)(0.3 * Math.Sin(i * 0.17) + 0.1 * (random.NextDouble() - 0.5)))];
    }

    public sealed class ByHeart : IDisposable
    {
        private static readonly string[] Answers = ["It runs at [GetAudioTempo()] BPM. So fast!", "It runs at [GetAudioTempo() → 117.6 ] BPM. So fast!", "It runs at [GetAudioTempo() → 60.0 ] BPM. So slow!", "It is calm."];
        private readonly OpenMu reading;

        public ByHeart()
        {
            Tokenizer = BpeTrainer.Train([.. Answers, .. Answers, Tempo, Mood, Tempo, Mood, "USER: ASSISTANT: USER: ASSISTANT:"], 400, ["<|pad|>", Tokenizer.BeginOfText, "<|end|>"]);
            PublishedModel = Learn(config => config, (Mood, Answers[3]), (Tempo, Answers[0]));
            reading = Learn(config => config with { ReadsToolResults = true }, (Mood, Answers[3]), (Tempo, Answers[1]), (Tempo, Answers[2]));
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
                Llama = new() { HiddenSize = 48, IntermediateSize = 96, NumHiddenLayers = 2, NumAttentionHeads = 4, NumKeyValueHeads = 2, VocabSize = Tokenizer.VocabSize, MaxPositionEmbeddings = 512, BosTokenId = 1, StopTokenIds = [2] },
                Prompt = new() { EndOfAnswer = "<|end|>" },
            };
            return new(change(config), WeightSource.Fresh(11));
        }

        private OpenMu Learn(Func<OpenMuConfig, OpenMuConfig> change, params (string Question, string Answer)[] lessons)
        {
            using var scope = NewDisposeScope();
            var model = Model(change);
            var prompt = new Prompt(model.Config.Prompt, Tokenizer);
            var random = new Generator(1);
            foreach (var parameter in model.Llama.parameters()) parameter.requires_grad_(true);
            using var optimiser = optim.AdamW([.. model.Llama.parameters()], 5e-3);
            for (var step = 0; step < 150; step++)
            {
                using var inner = NewDisposeScope();
                // Other music each time: the answers are learnt from the words.
                var batch = lessons.Select(lesson =>
                {
                    var (ids, labels) = prompt.ForTraining(lesson.Question, lesson.Answer);
                    return new MusicPrompt(ids, [randn(model.Config.Audio.MusicTokens, model.Config.Audio.EmbedDim, generator: random)], labels);
                }).ToArray();
                optimiser.zero_grad();
                model.Loss(model.Splice(batch)).backward();
                optimiser.step();
            }
            return model;
        }
    }
}
