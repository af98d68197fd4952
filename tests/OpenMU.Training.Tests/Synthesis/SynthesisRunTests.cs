using System.Buffers.Binary;
using System.Security.Cryptography;
using OpenMU.Training.Data;
using OpenMU.Training.Evaluation;
using OpenMU.Training.Evaluation.Mir;
using OpenMU.Training.Synthesis;

namespace OpenMU.Training.Tests.Synthesis;

/// <summary>Real clips by MMA and FluidSynth, short ones.</summary>
public sealed class SynthesisRunTests : IDisposable
{
    private const string Font = "/usr/share/sounds/sf2/TimGM6mb.sf2";
    private readonly string folder = Directory.CreateTempSubdirectory("openmu-synthesis-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task A_run_writes_audio_truth_records_and_manifest_whatever_the_number_of_jobs()
    {
        await Make("one", jobs: 1);
        await Make("two", jobs: 2);

        foreach (var file in new[] { "truth.jsonl", "records.jsonl", "manifest.json" })
        {
            (await File.ReadAllTextAsync(At("one", file))).Should().Be(await File.ReadAllTextAsync(At("two", file)));
        }

        var truths = (await File.ReadAllLinesAsync(At("one", "truth.jsonl"))).Select(ClipTruth.Parse).ToList();
        truths.Should().HaveCount(3);
        foreach (var made in truths)
        {
            var wav = await File.ReadAllBytesAsync(At("one", made.File));
            Convert.ToHexStringLower(SHA256.HashData(wav)).Should().Be(made.Sha256);
            BinaryPrimitives.ReadInt32LittleEndian(wav.AsSpan(24)).Should().Be(22_050);
            wav.Length.Should().Be(44 + (2 * 22_050 * 3));
            made.Chords[0].Start.Should().Be(0);
            made.Chords[^1].End.Should().BeApproximately(3, 1e-6);
            made.Downbeats.Should().BeSubsetOf(made.Beats);
            made.Instruments.Should().NotBeEmpty();
        }

        BenchRecord.Read(At("one", "records.jsonl"))
            .Should().OnlyContain(record => File.Exists(At("one", record.LocalAudioPath!)));
    }

    [Fact]
    public async Task Finished_clips_are_kept_and_others_made_again()
    {
        await Make("data", jobs: 2);
        var truth = await File.ReadAllTextAsync(At("data", "truth.jsonl"));
        string kept = At("data", "audio/train-5-00000.wav"), lost = At("data", "audio/train-5-00001.wav");
        var hash = SHA256.HashData(await File.ReadAllBytesAsync(lost));
        File.Delete(lost);
        await File.WriteAllTextAsync(kept, "left alone");

        await Make("data", jobs: 2);

        (await File.ReadAllTextAsync(kept)).Should().Be("left alone");
        SHA256.HashData(await File.ReadAllBytesAsync(lost)).Should().Equal(hash);
        (await File.ReadAllTextAsync(At("data", "truth.jsonl"))).Should().Be(truth);
    }

    [Fact]
    public void The_held_out_soundfont_is_not_for_training()
    {
        var font = Path.Combine(folder, "FluidR3_GM.sf2");
        File.WriteAllText(font, "");

        FluentActions.Invoking(() => new SynthesisRun(Options("x", 1) with { Soundfonts = [font] }))
            .Should().Throw<InvalidOperationException>().WithMessage("*held out*");
    }

    private async Task Make(string name, int jobs)
    {
        var run = new SynthesisRun(Options(name, jobs));
        await run.MakeAsync(CancellationToken.None);
        run.Failures.Should().BeEmpty();
    }

    private SynthesisOptions Options(string name, int jobs) => new(
        Path.Combine(folder, name), Clips: 3, Seconds: 3, Seed: 5, GrooveLibrary.Train, [Font],
        GrooveLibrary.DefaultFolder, jobs, Audio: true);

    private string At(string name, string file) => Path.Combine(folder, name, file);
}
