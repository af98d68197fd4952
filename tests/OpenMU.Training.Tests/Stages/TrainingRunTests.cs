using OpenMU.Model.Audio;
using OpenMU.Model.Families;
using OpenMU.Model.Weights;
using OpenMU.Testing;
using OpenMU.Training.Data;
using OpenMU.Training.Evaluation;
using OpenMU.Training.Stages;
using TorchSharp;
using static TorchSharp.torch;

namespace OpenMU.Training.Tests.Stages;

[Collection(OneGenerator.Name)]
public sealed class TrainingRunTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("openmu-run-").FullName;

    public TrainingRunTests() => ToyDataSet.WriteTwoGenres(Data);

    private string Data => Path.Combine(folder, "data");

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void All_stages_together_make_a_model_that_tells_two_kinds_of_music_apart_and_is_not_sure_of_noise()
    {
        var path = Run("run", 60)!;
        foreach (var stage in TrainingStages.All)
            Losses("run", stage).Last().Should().BeLessThan(Losses("run", stage).First(), stage.Name());
        Directory.GetFiles(Path.Combine(folder, "run"), "checkpoint*", SearchOption.AllDirectories)
            .Should().BeEmpty("what is finished needs none");
        using var opened = ModelFolder.Open(path);
        opened.LicenceClass.Should().Be("open");
        opened.Tokenizer.VocabSize.Should().Be(opened.Config.Llama.VocabSize);
        var (pure, buzzing, noise) =
            (Tags(opened, Tone(false)), Tags(opened, Tone(true)), Tags(opened, NoiseSounds.Make(0, 99, 2)));
        pure["jazz"].Should().BeGreaterThan(0.7);
        buzzing["rock"].Should().BeGreaterThan(0.7);
        Math.Max(noise["jazz"], noise["rock"]).Should().BeLessThan(Math.Min(pure["jazz"], buzzing["rock"]));
    }

    [Theory]
    [InlineData(TrainingStage.Encoder)]
    [InlineData(TrainingStage.Tags)]
    [InlineData(TrainingStage.Language)]
    [InlineData(TrainingStage.Instruct)]
    public void A_run_stopped_in_any_stage_and_started_again_has_the_losses_of_an_unbroken_one(TrainingStage stoppedIn)
    {
        Run("unbroken", 10);
        using var cancel = new CancellationTokenSource();
        var stopper = new Stopper(stoppedIn, cancel);
        FluentActions.Invoking(() => Run("broken", 10, stopper, cancel: cancel.Token))
            .Should().Throw<OperationCanceledException>();
        Run("broken", 10);
        foreach (var stage in TrainingStages.All)
        {
            var (broken, unbroken) = (Losses("broken", stage), Losses("unbroken", stage));
            broken.Should().HaveSameCount(unbroken);
            for (var i = 0; i < broken.Length; i++)
                broken[i].Should().BeApproximately(unbroken[i], 1e-4, $"{stage.Name()}, line {i}");
        }
    }

    [Fact]
    public void Music_without_labels_teaches_the_encoder_and_nothing_else()
    {
        Recording[] unlabelled =
        [
            new("own/tone", () => Tone(true)), new("own/broken", () => []),
            new("own/noise", () => NoiseSounds.Make(1, 3, 2))
        ];
        var log = new MessageLog();
        Run("plain", 10);

        Run("more", 10, unlabelled: unlabelled, log: log);

        Losses("more", TrainingStage.Encoder).Should().NotEqual(Losses("plain", TrainingStage.Encoder));
        log.Messages.Should().Contain("32 clips, 8 sounds of noise, 3 recordings without labels")
            .And.Contain("1 of 3 recordings without labels left out: unreadable");
        using var scope = NewDisposeScope();
        using var music = SafeTensors.Open(Path.Combine(folder, "more", "features", "music.safetensors"));
        music.View("music").shape[0]
            .Should().Be((32 + 8) * 2, "two views of each clip and noise, of which alone there is something to say");
    }

    [Fact]
    public void Adapters_that_are_merged_leave_a_folder_without_adapters()
    {
        var path = Run("lora", 10, lora: new() { R = 4, Alpha = 8 })!;
        using var opened = ModelFolder.Open(path);
        opened.Adapter.Should().BeNull();
        opened.Config.Lora.Should().BeNull();
    }

    [Fact]
    public void A_finished_model_is_trained_further_and_keeps_its_tower_tags_and_tokenizer()
    {
        var path = Run("run", 10)!;
        var context = new TrainingContext(
            Path.Combine(folder, "further"), ToyDataSet.Config, ToyDataSet.Preset(20), CPU, float32)
        {
            Threads = 1
        };
        var further = new TrainingRun(context, new([Data], [], [])).FineTune(
            path, tower: false, CancellationToken.None).ModelFolder!;
        using var before = ModelFolder.Open(path);
        using var after = ModelFolder.Open(further);
        after.Version.Should().NotBe(before.Version);
        after.Tokenizer.Encode("A slow tune.").Should().Equal(before.Tokenizer.Encode("A slow tune."));
        var weights = before.Model.NamedWeights().ToDictionary(entry => entry.Key, entry => entry.Tensor);
        foreach (var (key, tensor) in after.Model.NamedWeights()
            .Where(entry => entry.Key.Contains("vision_tower", StringComparison.Ordinal)))
        {
            tensor.ShouldBeCloseTo(weights[key], 1e-6, key);
        }
        Losses("further", TrainingStage.Instruct).Last()
            .Should().BeLessThan(Losses("run", TrainingStage.Instruct).Last());
    }

    [Fact]
    public void The_tower_and_the_tags_of_a_finished_model_learn_on_where_that_is_asked_for()
    {
        var path = Run("run", 2)!;
        var context = new TrainingContext(
            Path.Combine(folder, "tower"), ToyDataSet.Config, ToyDataSet.Preset(40), CPU, float32)
        {
            Threads = 1
        };
        var further = new TrainingRun(context, new([Data], [], [])).FineTune(
            path, tower: true, CancellationToken.None).ModelFolder!;
        using var before = ModelFolder.Open(path);
        using var after = ModelFolder.Open(further);
        after.Tokenizer.Encode("A slow tune.").Should().Equal(before.Tokenizer.Encode("A slow tune."));
        after.TagHead!.HasLabelsOf(before.TagHead!.Groups).Should().BeTrue();
        Tensor Matrix(ModelFolder opened) => opened.Model.NamedWeights()
            .First(entry => entry.Key.EndsWith("blocks.0.mlp.fc1.weight", StringComparison.Ordinal)).Tensor;
        (Matrix(after) - Matrix(before)).abs().max().item<float>().Should().BeGreaterThan(0);
        Losses("tower", TrainingStage.Tags).Last().Should().BeLessThan(Losses("run", TrainingStage.Tags).Last());
    }

    [Fact]
    public void A_finished_model_that_only_gets_worse_stays_what_it_was()
    {
        var path = Run("run", 10)!;
        var preset = ToyDataSet.Preset(5);
        var context = new TrainingContext(
            Path.Combine(folder, "worse"), ToyDataSet.Config,
            preset with { Tags = preset.Tags with { LearningRate = 5 } }, CPU, float32)
        {
            Threads = 1
        };
        var further = new TrainingRun(context, new([Data], [], [])).FineTune(
            path, tower: true, CancellationToken.None).ModelFolder!;
        using var before = ModelFolder.Open(path);
        using var after = ModelFolder.Open(further);
        var weights = before.Model.NamedWeights().ToDictionary(entry => entry.Key, entry => entry.Tensor);
        foreach (var (key, tensor) in after.Model.NamedWeights()
            .Where(entry => entry.Key.Contains("vision_tower", StringComparison.Ordinal)))
        {
            tensor.ShouldBeCloseTo(weights[key], 1e-6, key);
        }
    }

    [Fact]
    public void A_tower_does_not_learn_on_from_clips_with_other_tags()
    {
        var path = Run("run", 10)!;
        File.WriteAllText(
            Path.Combine(path, "tags.json"),
            File.ReadAllText(Path.Combine(path, "tags.json")).Replace("\"metre\"", "\"bars\""));
        var context = new TrainingContext(
            Path.Combine(folder, "other"), ToyDataSet.Config, ToyDataSet.Preset(5), CPU, float32)
        {
            Threads = 1
        };
        FluentActions.Invoking(() =>
            new TrainingRun(context, new([Data], [], [])).FineTune(path, tower: true, CancellationToken.None))
            .Should().Throw<InvalidDataException>().WithMessage("*other tags than the clips*");
    }

    [Fact]
    public void Records_that_are_drawn_anew_are_trained_on_in_place_of_the_data_set_s_own()
    {
        var passes = new System.Collections.Concurrent.ConcurrentBag<int>();
        IEnumerable<BenchRecord> Redraw(int pass)
        {
            passes.Add(pass);
            return Enumerable.Range(0, 32).Select(i => new BenchRecord
            {
                Task = BenchRecord.Captioning,
                Instruction = $"Describe it, for the {pass}. time.",
                Output = "Some music.",
                Clip = $"toy-{i}"
            });
        }
        var context = new TrainingContext(
            Path.Combine(folder, "drawn"), ToyDataSet.Config, ToyDataSet.Preset(10), CPU, float32)
        {
            Threads = 1
        };
        new TrainingRun(context, new([Data], [], [], Redraw)).Run(TrainingStage.Instruct, CancellationToken.None);
        passes.Should().Contain([1, 2, 3]).And.NotContain(0);
    }

    private string? Run(
        string name, int steps, IProgress<StageProgress>? progress = null, LoraConfig? lora = null,
        IReadOnlyList<Recording>? unlabelled = null, MessageLog? log = null, CancellationToken cancel = default)
    {
        var context = new TrainingContext(
            Path.Combine(folder, name), ToyDataSet.Config, ToyDataSet.Preset(steps, lora), CPU, float32)
        {
            Threads = 1,
            Progress = progress,
            Log = log ?? new MessageLog()
        };
        return new TrainingRun(context, new([Data], ["A slow tune."], unlabelled ?? [])).Run(
            TrainingStage.Instruct, cancel).ModelFolder;
    }

    private double[] Losses(string run, TrainingStage stage) =>
        [.. File.ReadLines(Path.Combine(folder, run, stage.Name(), "log.csv")).Skip(1)
            .Select(line => double.Parse(line.Split(',')[1]))];

    private static float[] Tone(bool buzzing) =>
        [.. Enumerable.Range(0, 2 * Fbank.SampleRate).Select(i => ToyDataSet.Wave(310, buzzing, i, Fbank.SampleRate))];

    private static Dictionary<string, double> Tags(ModelFolder opened, float[] samples)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using var preprocessor = new AudioPreprocessor(opened.OpenMu.Config.Audio);
        var mean = opened.OpenMu.Encode(preprocessor.ModelInput(samples.AsSpan()).unsqueeze(0)).mean([0, 1]);
        var (group, confidences) = opened.TagHead!.Confidences(mean).Single(entry => entry.Group.Group == "genre");
        return group.Labels.Zip(confidences).ToDictionary(entry => entry.First, entry => entry.Second);
    }

    private sealed class Stopper(TrainingStage stage, CancellationTokenSource cancel) : IProgress<StageProgress>
    {
        public void Report(StageProgress value)
        {
            if (value.Stage == stage.Name()) cancel.Cancel();
        }
    }
}
