using OpenMU.Mir.Audio;
using OpenMU.Model.Audio;
using OpenMU.Testing;
using OpenMU.Training.Data;
using OpenMU.Training.Evaluation;
using OpenMU.Training.Stages;
using TorchSharp;
using static TorchSharp.torch;

namespace OpenMU.Training.Tests.Evaluation;

[Collection(OneGenerator.Name)]
public sealed class AblationStudiesTests(AblationStudiesTests.ShortRun trained)
    : IClassFixture<AblationStudiesTests.ShortRun>
{
    [Fact]
    public void Every_pooling_that_the_chunk_allows_is_trained_once_and_evaluated()
    {
        var study = trained.Studies().Tokens(trained.Clips, "");
        study.Conditions.Should().Equal("2 (48)", "4 (24)", "8 (12)", "16 (6)", "32 (3)");
        study.Series.Select(series => series.Name).Should().Contain(["captions, genre", "multiple choice"]);
        var models = Directory.GetFiles(
            Path.Combine(trained.Folder, "run", "studies", "tokens"), "config.json", SearchOption.AllDirectories)
            .ToDictionary(path => path, File.GetLastWriteTimeUtc);
        models.Should().HaveCount(5);

        trained.Studies().Tokens(trained.Clips, "").Should().BeEquivalentTo(study);
        models.Should().AllSatisfy(model => File.GetLastWriteTimeUtc(model.Key).Should().Be(model.Value));
    }

    [Fact]
    public void Adapters_of_every_rank_and_strength_stand_beside_the_whole_model()
    {
        var study = trained.Studies().Lora(trained.Clips, "");
        study.Conditions.Should().HaveCount(AblationStudies.Adapters.Count + 1)
            .And.StartWith("r 4, alpha 16").And.EndWith("all weights");
        Directory.GetFiles(trained.Folder, "music.safetensors", SearchOption.AllDirectories)
            .Should().BeEmpty("music tokens of variants are large and of no further use");
    }

    [Fact]
    public void A_run_that_has_not_come_so_far_is_refused()
        => FluentActions.Invoking(() => trained.Studies("nothing").Tokens(trained.Clips, ""))
            .Should().Throw<InvalidDataException>().WithMessage("*tags*");

    /// <summary>Trained up to the language model, a few steps each.</summary>
    public sealed class ShortRun : IDisposable
    {
        public ShortRun()
        {
            ToyDataSet.WriteTwoGenres(Data);
            new TrainingRun(Context("run"), new([Data], [], [])).Run(TrainingStage.Language, default);
            Clips = EvaluationClip.Load(
                Data, path => Resampler.Resample(WaveFile.Read(path).Samples, 22050, Fbank.SampleRate), limit: 2);
        }

        public string Folder { get; } = Directory.CreateTempSubdirectory("openmu-studies-").FullName;

        public IReadOnlyList<EvaluationClip> Clips { get; }

        private string Data => Path.Combine(Folder, "data");

        public AblationStudies Studies(string run = "run")
            => new(Context(run), new([Data], [], []), steps: 3, new() { Threads = 1, MaxNewTokens = 8 });

        public void Dispose() => Directory.Delete(Folder, recursive: true);

        private TrainingContext Context(string run)
            => new(Path.Combine(Folder, run), ToyDataSet.Config, ToyDataSet.Preset(3), CPU, float32) { Threads = 1 };
    }
}
