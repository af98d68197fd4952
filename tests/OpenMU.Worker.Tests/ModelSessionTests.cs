using OpenMU.Catalogue.Tracks;
using OpenMU.Mir.Audio;
using OpenMU.Music;
using OpenMU.Music.Questions;
using OpenMU.Testing;

namespace OpenMU.Worker.Tests;

/// <summary>What the shipped model says of sound that is no music.</summary>
public sealed class ModelSessionTests : IDisposable
{
    private static readonly ModelSession Tiny = ModelSession.Open(new WorkerOptions
    {
        ModelFolder = Golden.PathInRepository("../../models/openmu-tiny"),
        ModelThreads = 1,
    })!;

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("openmu-sound-");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => folder.Delete(recursive: true);

    [Theory]
    [InlineData(0.3, "No music: it sounds like noise.")]
    [InlineData(0.003, "No music: it sounds like noise.")]
    [InlineData(0, "No music: silence.")]
    public async Task White_noise_and_silence_have_no_tags_and_are_called_what_they_are(double level, string caption)
    {
        var path = Noise(level);
        using var progress = new JobProgress(new WorkerOptions(), TimeProvider.System);
        var analysis = await new TrackAnalyser(DecodeLimits.Default, TimeProvider.System, Tiny)
            .AnalyseAsync(path, SaidOfTrack.Nothing, progress, Cancel);

        analysis.Caption.Should().Be(caption);
        analysis.Description.Should().Be($"{caption} It lasts 6.0 seconds.");
        analysis.Tags.Should().BeEmpty();
        analysis.Sources.Single(source => source.Field == nameof(Analysis.Caption)).Source
            .Should().Be(Analysis.PlainSource);
    }

    [Fact]
    public async Task Asked_about_noise_it_hears_no_music()
    {
        var sound = await Tiny.ReadAsync(Noise(0.3), DecodeLimits.Default, Cancel);
        string[] questions = ["Which instruments play?", "What genre is it?", "What is the mood?"];

        var replies = await Tiny.AnswerAsync(sound, () => questions, new TrackKnowledge(), Cancel);

        replies.Select(reply => reply.Answer!.Text).Should().AllBe(HonestAnswer.NoMusic);
    }

    private string Noise(double level)
    {
        var (path, random) = (Path.Combine(folder.FullName, $"{level}.wav"), new Random(7));
        short[] samples = [.. Enumerable.Range(0, 6 * 22_050)
            .Select(_ => (short)Math.Round(level * 32_000 * ((2 * random.NextDouble()) - 1)))];
        File.WriteAllBytes(path, TestSound.Wav(samples, 22_050));
        return path;
    }
}
