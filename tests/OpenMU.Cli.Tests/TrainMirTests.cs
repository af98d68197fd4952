using System.CommandLine;
using OpenMU.Mir.Networks;
using OpenMU.Testing;

namespace OpenMU.Cli.Tests;

/// <summary>
/// The commands that make the weights of the measuring tools, from the command line to a file that the tools read.
/// </summary>
public sealed class TrainMirTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("openmu-train-mir-").FullName;

    public TrainMirTests()
    {
        File.WriteAllBytes(Path.Combine(folder, "a.wav"), TestSound.Tone(3, hertz: 440));
        File.WriteAllLines(Truth, Enumerable.Range(0, 8).Select(i =>
            $$"""{"id": "a{{i}}", "file": "a.wav", "tempo": 120, "beats_per_bar": 4, "groove_family": "family{{i}}","""
            + """ "beats": [0.25, 0.75, 1.25, 1.75, 2.25, 2.75], "downbeats": [0.25, 2.25],"""
            + """ "key": "A major", "chords": [[0, 3, "A:maj"]]}"""));
    }

    private string Truth => Path.Combine(folder, "truth.jsonl");

    private string Output => Path.Combine(folder, "weights.bin");

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task Train_beats_writes_weights_that_the_beat_network_reads()
    {
        (await RunAsync(TrainBeats.Command(), "--rounds", "1", "--seed", "2")).Should().Be(0);
        Read(BeatNetwork.Layout)["output.weight"].Should().Contain(weight => weight != 0);
    }

    [Fact]
    public async Task Train_beats_says_how_many_clips_it_needs()
    {
        await FluentActions.Awaiting(() => RunAsync(TrainBeats.Command(), "--without", "family1"))
            .Should().ThrowAsync<InvalidDataException>().WithMessage("7 clips*at least 8*");
    }

    [Fact]
    public async Task Train_chords_writes_weights_that_the_chord_network_reads()
    {
        (await RunAsync(TrainHarmony.ChordsCommand(), "--epochs", "1")).Should().Be(0);
        Read(ChordNetwork.Layout)["hidden1.weight"].Should().Contain(weight => weight != 0);
    }

    [Fact]
    public async Task Train_key_writes_weights_that_hear_the_key_of_its_clips()
    {
        (await RunAsync(TrainHarmony.KeyCommand(), "--epochs", "5")).Should().Be(0);
        Read(KeyNetwork.Layout)["output.bias"][0].Should().BePositive("all clips are major");
    }

    private Task<int> RunAsync(Command command, params string[] options) =>
        command.Parse([Output, Truth, .. options])
            .InvokeAsync(new() { EnableDefaultExceptionHandler = false }, TestContext.Current.CancellationToken);

    private NetworkWeights Read(IReadOnlyList<WeightPart> layout)
    {
        using var file = File.OpenRead(Output);
        return NetworkWeights.Read(file, layout);
    }
}
