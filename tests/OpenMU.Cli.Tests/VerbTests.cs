using OpenMU.Testing;

namespace OpenMU.Cli.Tests;

/// <summary>Verbs that make files for other verbs, each through its parser as a user calls it.</summary>
public sealed class VerbTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("openmu-verbs-");

    public VerbTests()
    {
        File.WriteAllBytes(At("a.wav"), TestSound.Clicks(8, 22_050));
        var beats = string.Join(
            ", ", Enumerable.Range(0, 16).Select(beat => FormattableString.Invariant($"{beat / 2.0}")));
        string Clip(int number) =>
            $$"""{"id": "{{number}}", "file": "a.wav", "tempo": 120, "key": "A minor", "beats": [{{beats}}], "downbeats": [0, 2, 4, 6], "beats_per_bar": 4, "groove_family": "x", "chords": [[0, 8, "A:min"]]}""";
        File.WriteAllLines(At("truth.jsonl"), [Clip(1)]);
        // As many as one step of the beat network's training takes.
        File.WriteAllLines(At("clips.jsonl"), Enumerable.Range(1, 8).Select(Clip));
    }

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public async Task A_random_model_is_made_and_inspected()
    {
        await DoneAsync("random-model", At("model"), "--shape", "tiny", "--seed", "2");

        (await DoneAsync("inspect", At("model"), "--quick"))
            .Should().Contain("licence   open").And.Contain("The numbers were not read.");
        (await OpenMuProgram.RunAsync("random-model", At("model")))
            .Should().Match<(int Code, string Output, string Error)>(end => end.Code == ExitCode.NotDone
                && end.Error.Contains("there already"));
    }

    [Fact]
    public async Task A_conversion_without_its_sources_names_what_it_looked_for()
    {
        var (code, _, error) = await OpenMuProgram.RunAsync(
            "convert", At("out"), "--llama", folder.FullName, "--audiomae", At("none.pth"),
            "--projector", At("none.bin"));

        code.Should().Be(ExitCode.NotDone);
        error.Trim().Should().StartWith("openmu: ")
            .And.Contain("neither a folder of Hugging Face").And.NotContain("\n");
    }

    [Fact]
    public async Task Tools_are_measured_on_clips() =>
        (await DoneAsync("measure", At("truth.jsonl"), "--variant", "8khz", "--worst", "1"))
            .Should().StartWith("1 clips, 8khz");

    [Theory]
    [InlineData("train-chords", "--epochs", "1")]
    [InlineData("train-key", "--epochs", "1")]
    [InlineData("train-beats", "--rounds", "1")]
    public async Task Weights_are_made_from_clips(string verb, params string[] options)
    {
        await DoneAsync([verb, At("weights"), At("clips.jsonl"), .. options]);

        new FileInfo(At("weights")).Length.Should().BePositive();
    }

    [Fact]
    public async Task Truths_and_records_are_made_without_sound()
    {
        (await DoneAsync("synthesise", At("clips"), "--clips", "2", "--seconds", "8", "--no-audio", "--jobs", "1"))
            .Should().Contain("2 clips");

        File.ReadAllLines(Path.Combine(At("clips"), "truth.jsonl")).Should().HaveCount(2);
    }

    private static async Task<string> DoneAsync(params string[] arguments)
    {
        var (code, output, error) = await OpenMuProgram.RunAsync(arguments);
        code.Should().Be(ExitCode.Done, error);
        return output;
    }

    private string At(string name) => Path.Combine(folder.FullName, name);
}
