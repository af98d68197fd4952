using System.Diagnostics;
using System.Text.Json;
using OpenMU.Model.Audio;
using OpenMU.Model.Families;
using OpenMU.Testing;
using OpenMU.Training.Data;

namespace OpenMU.Cli.Tests;

public sealed class UnlabelledMusicTests : IDisposable
{
    private readonly string root = Directory.CreateTempSubdirectory("openmu-unlabelled-").FullName;
    private readonly MessageLog log = new();

    public void Dispose() => Directory.Delete(root, recursive: true);

    [Fact]
    public void Recordings_are_found_below_folders_and_are_called_the_same_wherever_the_folders_lie()
    {
        foreach (var place in new[] { "here", "there" })
        {
            foreach (var file in new[] { "a/one.wav", "a/deep/er/two.wav", "b/one.wav" }) WriteTone($"{place}/{file}");
            File.WriteAllText(At($"{place}/a/notes.txt"), "no music");
        }

        var here = Find(At("here/a"), At("here/b"), At("here/a/one.wav")).Select(sound => sound.Id).ToList();

        here.Should().Equal(
            "unlabelled/1/deep/er/two.wav", "unlabelled/1/one.wav", "unlabelled/2/one.wav", "unlabelled/3/one.wav");
        Find(At("there/a"), At("there/b"), At("there/a/one.wav")).Select(sound => sound.Id).Should().Equal(here);
    }

    [Fact]
    public async Task A_recording_of_any_format_is_heard_in_mono_at_16_kHz()
    {
        WriteTone("tone.wav");
        using (var ffmpeg = Process.Start(
            "ffmpeg", ["-v", "error", "-nostdin", "-i", At("tone.wav"), "-ac", "2", "-ar", "44100", At("tone.flac")]))
        {
            await ffmpeg.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        foreach (var sound in Find(root))
            sound.Read().Should().HaveCount(3 * Fbank.SampleRate).And.Contain(sample => sample > 0.2f);
        log.Messages.Should().BeEmpty();
    }

    [Fact]
    public void What_cannot_be_read_is_named_in_one_line_and_silent()
    {
        File.WriteAllText(At("broken\n.mp3"), "no music at all");
        File.WriteAllText(At("empty.wav"), "");

        Find(root).Should().HaveCount(2).And.OnlyContain(sound => sound.Read().Length == 0);

        log.Messages.Should().HaveCount(2)
            .And.OnlyContain(line => line.StartsWith("left out: ") && !line.Contains('\n'));
        log.Messages
            .Should().Contain(line => line.EndsWith("empty.wav: The file is empty, or it is a pipe or a device."));
    }

    [Fact]
    public void A_path_to_nothing_is_an_error() => FluentActions.Invoking(() => Find(At("gone")))
        .Should().Throw<DirectoryNotFoundException>().WithMessage("*gone*");

    [Fact]
    public async Task The_encoder_is_trained_on_what_could_be_read_and_the_run_goes_on_without_reading_it_again()
    {
        var (data, music, run) =
            (ToyDataSet.Write(At("data"), 2), Directory.CreateDirectory(At("music")).FullName, At("run"));
        var config = OpenMuConfig.Tiny with
        {
            Audio = OpenMuConfig.Tiny.Audio with { EmbedDim = 24, Depth = 1, NumHeads = 2, ContextualBlocks = [0] }
        };
        File.WriteAllText(At("config.json"), config.ToJson());
        WriteTone("music/tone.wav");
        File.WriteAllText(At("music/broken.mp3"), "no music at all");
        Task<int> Train() => OpenMU.Cli.Train.Command()
            .Parse([run, "--data", data, "--unlabelled", music, "--config", At("config.json"), "--stage", "encoder",
                "--length", "encoder=1", "--batch", "encoder=1", "--threads", "1"])
            .InvokeAsync(cancellationToken: TestContext.Current.CancellationToken);

        (await Train()).Should().Be(0);
        var features = Path.Combine(run, "features", "log_mel.safetensors");
        var made = File.GetLastWriteTimeUtc(features);
        (await Train()).Should().Be(0);

        JsonSerializer.Deserialize<string[]>(
            await File.ReadAllTextAsync(Path.Combine(run, "features", "log_mel.json")))!
            .Where(id => id.StartsWith("unlabelled/"))
            .Should().Equal("unlabelled/1/broken.mp3", "unlabelled/1/tone.wav");
        File.GetLastWriteTimeUtc(features).Should().Be(made);
        File.Exists(Path.Combine(run, "encoder", "weights.safetensors")).Should().BeTrue();
    }

    private string At(string name) => Path.Combine(root, name);

    private IReadOnlyList<Recording> Find(params string[] paths) =>
        UnlabelledMusic.Find(paths, log, TestContext.Current.CancellationToken);

    private void WriteTone(string name)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(At(name))!);
        File.WriteAllBytes(At(name), TestSound.Tone(3, 440));
    }
}
