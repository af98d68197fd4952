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
        Groups = [new() { Group = "instrument", Labels = ["steady", "pulsed"] }],
    };

    private const int Clips = 36, Classes = 3;

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
        clips.Scores!.shape.Should().Equal(clips.Patches.Sum(), Classes);
        using var training = new TaggerTraining(clips, Config, new() { Steps = 100, Batch = 8, Views = 2 });
        List<double[]> losses = [];
        training.Train((_, loss) => losses.Add(loss), CancellationToken.None);
        losses.Should().HaveCount(2);
        losses.SelectMany(loss => loss).Should().OnlyContain(loss => double.IsFinite(loss) && loss > 0);
        var (config, weights, _) = training.Finish();
        Tagger.Write(root.FullName, config, weights);
        var (steady, pulsed) = Heard(root.FullName);
        pulsed.Should().BeGreaterThan(steady + 0.1);
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
            module.call(clips.PatchesOf([.. Enumerable.Range(0, Clips).Select(clip => (clip, 0))]));
        using var body = new Tagger(Config, WeightSource.From(module.Folded()));
        using var heads = new TaggerHeads(clips, Config, body, _ => { }, CancellationToken.None);
        var (config, layers, heldOut) = heads.Fit();
        heldOut.Should().NotBeEmpty();
        double Steady(bool isSteady) => heldOut
            .Where(heard => heard.Recording.Holds("instrument", "steady") == isSteady)
            .Average(heard => heard.Confidences[0][0]);
        Steady(true).Should().BeGreaterThan(Steady(false) + 0.1, "of packages that were not shown");
        var kept = body.state_dict().Where(entry => !layers.ContainsKey(entry.Key));
        Tagger.Write(root.FullName, config, kept.Concat(layers).ToDictionary());
        var (steady, pulsed) = Heard(root.FullName);
        pulsed.Should().BeGreaterThan(steady + 0.1);
    }

    [Fact]
    public void Scores_of_another_table_are_refused()
    {
        var table = WriteClips(scores: true);
        File.WriteAllLines(table, File.ReadLines(table).SkipLast(1).ToArray());
        FluentActions.Invoking(() => TaggerClips.Read([table], CancellationToken.None))
            .Should().Throw<InvalidDataException>().WithMessage("*not of the*rows*");
    }

    // How sure it is of "pulsed" for a steady tone and for one that comes and goes.
    private static (double Steady, double Pulsed) Heard(string folder)
    {
        using var file = SafeTensors.Open(Path.Combine(folder, ModelFolder.TaggerFile));
        using var tagger = new Tagger(Tagger.ReadConfig(folder)!, WeightSource.From(file));
        double Pulsed(bool isPulsed) => tagger.Hear(Sound(700, isPulsed), 0.3f).Scores[1].Confidence;
        return (Pulsed(false), Pulsed(true));
    }

    private string WriteClips(bool scores)
    {
        List<string> lines = ["file\tpackage\tsound:music\tinstrument:steady\tinstrument:pulsed"];
        for (var i = 0; i < Clips; i++)
        {
            WriteWave(Path.Combine(root.FullName, $"{i}.wav"), Sound(300 + 40 * i, IsPulsed(i)));
            lines.Add($"{i}.wav\tpackage {i / 2}\t1\t{(IsPulsed(i) ? "0\t1" : "1\t0")}");
        }
        var table = Path.Combine(root.FullName, "clips.tsv");
        File.WriteAllLines(table, lines);
        if (!scores) return table;
        using var scope = NewDisposeScope();
        float[] said = [.. Enumerable.Range(0, Clips)
            .SelectMany(clip => Enumerable.Repeat(IsPulsed(clip) ? 2f : -2f, 3 * Classes))];
        SafeTensorsWriter.Write(
            Path.ChangeExtension(table, ".safetensors"),
            [
                NamedTensor.Of("logits", tensor(said, [Clips * 3, Classes]).to(float16)),
                NamedTensor.Of("counts", tensor(Enumerable.Repeat(3, Clips).ToArray(), dtype: int32)),
            ]);
        return table;
    }

    private static bool IsPulsed(int clip) => clip % 2 == 1;

    // Five times a second, which convolutions see wherever the pitch lies.
    private static float[] Sound(double hertz, bool isPulsed) =>
        [.. Enumerable.Range(0, 2 * Fbank.SampleRate)
            .Select(i => isPulsed && i / (Fbank.SampleRate / 10) % 2 == 1
                ? 0
                : (float)(0.3 * Math.Sin(2 * Math.PI * hertz * i / Fbank.SampleRate)))];

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
