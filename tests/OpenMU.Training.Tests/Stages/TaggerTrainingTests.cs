using OpenMU.Model;
using OpenMU.Model.Audio;
using OpenMU.Model.Weights;
using OpenMU.Training.Data;
using OpenMU.Training.Stages;
using static TorchSharp.torch;

namespace OpenMU.Training.Tests.Stages;

public sealed class TaggerTrainingTests : IDisposable
{
    private static readonly TaggerConfig Config = new()
    {
        Channels = [8, 16, 24],
        Strides = [2, 2, 2],
        Groups = [new() { Group = "instrument", Labels = ["low", "high"] }],
    };

    private readonly DirectoryInfo root = Directory.CreateTempSubdirectory("openmu-tagger-");

    public void Dispose() => root.Delete(recursive: true);

    [Fact]
    public void The_network_that_ships_says_what_the_trained_one_says()
    {
        using var scope = NewDisposeScope();
        using var module = new TaggerModule(Config, teacherClasses: 5);
        var patches = randn(6, Tagger.PatchFrames, LogMelFrames.Bands);
        module.train();
        for (var i = 0; i < 3; i++) module.call(patches);
        module.eval();
        using var shipped = new Tagger(Config, WeightSource.From(module.Folded()));
        using var _ = no_grad();
        var (expected, actual) = (module.call(patches), shipped.call(patches));
        (expected - actual).abs().max().item<float>().Should().BeLessThan(1e-4f);
        (module.TagLogits(expected) - shipped.TagLogits(actual)).abs().max().item<float>().Should().BeLessThan(1e-4f);
        (module.SoundLogits(expected) - shipped.SoundLogits(actual)).abs().max().item<float>().Should()
            .BeLessThan(1e-4f);
    }

    [Fact]
    public void It_learns_labels_and_scores_beside_a_table_and_what_is_written_opens()
    {
        using var clips = TaggerClips.Read([WriteClips(scores: true)], CancellationToken.None);
        clips.Scores!.shape.Should().Equal(clips.Patches.Sum(), 3);
        using var training = new TaggerTraining(clips, Config, new() { Steps = 50, Batch = 8, Views = 2 });
        List<double[]> losses = [];
        training.Train((_, loss) => losses.Add(loss), CancellationToken.None);
        losses.Should().ContainSingle().Which.Should().OnlyContain(loss => double.IsFinite(loss) && loss > 0);
        var (config, weights, _) = training.Finish();
        Tagger.Write(root.FullName, config, weights);
        var (low, high) = Heard(root.FullName);
        high.Should().BeGreaterThan(low, "of a high tone it says high more than of a low one");
    }

    [Fact]
    public void The_layers_alone_learn_behind_a_body_that_stays()
    {
        using var scope = NewDisposeScope();
        using var clips = TaggerClips.Read([WriteClips(scores: false)], CancellationToken.None);
        // Norms that have seen some patches: what comes out of random convolutions then differs from patch to patch.
        using var module = new TaggerModule(Config, teacherClasses: 1);
        module.train();
        for (var i = 0; i < 20; i++)
            module.call(clips.PatchesOf([.. Enumerable.Range(0, 36).Select(clip => (clip, 0))]));
        using var body = new Tagger(Config, WeightSource.From(module.Folded()));
        using var heads = new TaggerHeads(clips, Config.Groups, body, _ => { }, CancellationToken.None);
        var (groups, layers, heldOut) = heads.Fit();
        heldOut.Should().NotBeEmpty();
        double Low(bool isLow) => heldOut.Where(heard => heard.Recording.Holds("instrument", "low") == isLow)
            .Average(heard => heard.Confidences[0][0]);
        Low(true).Should().BeGreaterThan(Low(false), "of packages that were not shown");
        var kept = body.state_dict().Where(entry => !layers.ContainsKey(entry.Key));
        Tagger.Write(root.FullName, Config with { Groups = groups }, kept.Concat(layers).ToDictionary());
        var (low, high) = Heard(root.FullName);
        high.Should().BeGreaterThan(low);
    }

    [Fact]
    public void Scores_of_another_table_are_refused()
    {
        var table = WriteClips(scores: true);
        File.WriteAllLines(table, File.ReadLines(table).SkipLast(1).ToArray());
        FluentActions.Invoking(() => TaggerClips.Read([table], CancellationToken.None))
            .Should().Throw<InvalidDataException>().WithMessage("*not of the*rows*");
    }

    // How sure it is of "high" for a low and for a high tone.
    private static (double Low, double High) Heard(string folder)
    {
        using var file = SafeTensors.Open(Path.Combine(folder, ModelFolder.TaggerFile));
        using var tagger = new Tagger(Tagger.ReadConfig(folder)!, WeightSource.From(file));
        double High(double hertz) => tagger.Hear(Sound(hertz, 2), 0.3f).Scores[1].Confidence;
        return (High(300), High(3000));
    }

    private string WriteClips(bool scores)
    {
        List<string> lines = ["file\tpackage\tsound:music\tinstrument:low\tinstrument:high"];
        for (var i = 0; i < 36; i++)
        {
            var high = i % 2;
            WriteWave(Path.Combine(root.FullName, $"{i}.wav"), Sound(high == 1 ? 2500 + 40 * i : 200 + 8 * i, 2));
            lines.Add($"{i}.wav\tpackage {i / 2}\t1\t{1 - high}\t{high}");
        }
        var table = Path.Combine(root.FullName, "clips.tsv");
        File.WriteAllLines(table, lines);
        if (!scores) return table;
        using var scope = NewDisposeScope();
        var counts = Enumerable.Repeat(3, 36).ToArray();
        SafeTensorsWriter.Write(
            Path.ChangeExtension(table, ".safetensors"),
            [
                NamedTensor.Of("logits", randn(36 * 3, 3).to(float16)),
                NamedTensor.Of("counts", tensor(counts, dtype: int32)),
            ]);
        return table;
    }

    private static float[] Sound(double hertz, double seconds) =>
        [.. Enumerable.Range(0, (int)(seconds * Fbank.SampleRate))
            .Select(i => (float)(0.3 * Math.Sin(2 * Math.PI * hertz * i / Fbank.SampleRate)))];

    private static void WriteWave(string path, float[] samples)
    {
        using var file = new BinaryWriter(File.Create(path));
        file.Write("RIFF"u8);
        file.Write(36 + 2 * samples.Length);
        file.Write("WAVEfmt "u8);
        file.Write(16);
        file.Write((short)1);
        file.Write((short)1);
        file.Write(Fbank.SampleRate);
        file.Write(2 * Fbank.SampleRate);
        file.Write((short)2);
        file.Write((short)16);
        file.Write("data"u8);
        file.Write(2 * samples.Length);
        foreach (var sample in samples) file.Write((short)(sample * 32767));
    }
}
