using OpenMU.Model;
using OpenMU.Model.Audio;
using OpenMU.Model.Weights;
using OpenMU.Testing;

namespace OpenMU.Cli.Tests;

/// <summary><c>openmu train-tagger</c>, from tables of clips to a model folder that opens.</summary>
public sealed class TrainTaggerTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("openmu-train-tagger-");

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public async Task A_model_with_a_tag_head_gets_a_tagger_beside_it()
    {
        var (table, model) = (WriteClips(), SmallRandomModel.Write(folder.FullName));
        string before;
        using (var opened = ModelFolder.Open(model)) before = opened.Version;

        var (code, _, error) = await OpenMuProgram.RunAsync(
            "train-tagger", model, "--clips", table, "--steps", "1", "--threads", "1");

        code.Should().Be(0, error);
        error.Should().Contain("24 clips read").And.Contain("instrument, packages held out:");
        Tagger.ReadConfig(model)!.HeadShare.Should().BeGreaterThan(0);
        using var trained = ModelFolder.Open(model);
        trained.Version.Should().NotBe(before);
        trained.Labels.Should().Contain(
            [("instrument", "piano"), ("voice", "singing"), ("energy", "low")]);

        // Another body, whose convolutions stay.
        var other = SmallRandomModel.Write(folder.FullName, seed: 2);
        (code, _, error) = await OpenMuProgram.RunAsync(
            "train-tagger", other, "--clips", table, "--from", model, "--threads", "1");
        code.Should().Be(0, error);
        Tagger.ReadConfig(other)!.Channels.Should().Equal(Tagger.ReadConfig(model)!.Channels);
    }

    [Fact]
    public async Task What_a_tagger_says_of_clips_is_written_once_and_learnt_from()
    {
        var (table, model) = (WriteClips(), SmallRandomModel.Write(folder.FullName));
        string[] train = ["train-tagger", model, "--clips", table, "--steps", "1", "--threads", "1"];
        (await OpenMuProgram.RunAsync(train)).Code.Should().Be(0);
        string[] score = ["score-clips", model, table, "--threads", "1"];

        var (code, _, error) = await OpenMuProgram.RunAsync(score);

        code.Should().Be(0, error);
        var scores = new FileInfo(Path.ChangeExtension(table, ".safetensors"));
        using (var written = SafeTensors.Open(scores.FullName))
        {
            var labels = Tagger.ReadConfig(model)!.Groups.Sum(group => group.Labels.Count);
            written.Entries["logits"].Shape.Should().Equal([24 * 3, labels], "of 2 s there are three patches");
            written.Entries["counts"].Shape.Should().Equal(24);
        }

        var time = scores.LastWriteTimeUtc;
        (await OpenMuProgram.RunAsync(score)).Code.Should().Be(0);
        scores.Refresh();
        scores.LastWriteTimeUtc.Should().Be(time, "what is there is left alone");
        (code, _, error) = await OpenMuProgram.RunAsync(train);
        code.Should().Be(0, error);

        (code, _, error) = await OpenMuProgram.RunAsync("score-clips", folder.FullName, table);
        code.Should().Be(ExitCode.Usage);
        error.Trim().Should().StartWith("openmu: ").And.Contain("has no tagger.json").And.NotContain("\n");
    }

    [Theory]
    [InlineData("no model", "clips.tsv", "There is no folder")]
    [InlineData("random-1", "none.tsv", "There is no table")]
    public async Task What_is_not_there_is_one_clear_line(string model, string table, string problem)
    {
        WriteClips();
        SmallRandomModel.Write(folder.FullName);

        var (code, output, error) = await OpenMuProgram.RunAsync(
            "train-tagger", Path.Combine(folder.FullName, model), "--clips", Path.Combine(folder.FullName, table));

        (code, output).Should().Be((ExitCode.Usage, ""));
        error.Trim().Should().StartWith("openmu: ").And.Contain(problem).And.NotContain("\n");
    }

    private string WriteClips()
    {
        List<string> lines = ["file\tpackage\tsound:music\tinstrument:piano"];
        for (var i = 0; i < 24; i++)
        {
            var hertz = 300 + 60 * i;
            short[] samples = [.. Enumerable.Range(0, 2 * Fbank.SampleRate)
                .Select(t => (short)(8000 * Math.Sin(2 * Math.PI * hertz * t / Fbank.SampleRate)))];
            File.WriteAllBytes(Path.Combine(folder.FullName, $"{i}.wav"), TestSound.Wav(samples, Fbank.SampleRate));
            lines.Add($"{i}.wav\tpackage {i}\t{i % 2}\t{(i % 2 == 0 ? "" : i % 4 / 2)}");
        }

        var table = Path.Combine(folder.FullName, "clips.tsv");
        File.WriteAllLines(table, lines);
        return table;
    }
}
