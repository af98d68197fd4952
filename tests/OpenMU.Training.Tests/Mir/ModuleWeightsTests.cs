using OpenMU.Mir.Dsp;
using OpenMU.Mir.Networks;
using OpenMU.Testing;
using OpenMU.Training.Mir;
using static TorchSharp.torch;

namespace OpenMU.Training.Tests.Mir;

/// <summary>
/// What torch trains is what the library runs: the same numbers from the same weights, on random input and from random
/// and shipped weights.
/// </summary>
[Collection(OneGenerator.Name)]
public class ModuleWeightsTests
{
    private const int Frames = 700;

    public static TheoryData<bool> Weights => [true, false];

    [Theory]
    [MemberData(nameof(Weights))]
    public void The_beat_network_is_the_function_that_torch_trains(bool shipped)
    {
        using var scope = NewDisposeScope();
        var weights = Of(BeatNetwork.Layout, shipped ? "beats" : null);
        using var module = new BeatModule(weights);
        var pass = new BeatNetwork.Pass(Frames);
        Random(pass.Input.Length, 1).CopyTo(pass.Input, 0);
        var (frames, tempo, metre) = module.call(tensor(pass.Input, [Frames, BeatNetwork.Inputs]));

        new BeatNetwork(weights).Forward(pass);

        ShouldEqual(pass.Output, frames);
        ShouldEqual(pass.Tempo, tempo);
        ShouldEqual(pass.Metre, metre);
    }

    [Theory]
    [MemberData(nameof(Weights))]
    public void The_chord_network_is_the_function_that_torch_trains(bool shipped)
    {
        using var scope = NewDisposeScope();
        var weights = Of(ChordNetwork.Layout, shipped ? "chords" : null);
        using var module = new ChordModule(weights);
        float[][] averages = [.. Enumerable.Range(0, 20).Select(i => Random(PitchFeatures.AverageSize, i))];
        var expected = module.call(ChordModule.Views(averages));
        var network = new ChordNetwork(weights);
        const int states = ChordNetwork.States;
        var scores = new float[averages.Length * states];

        for (var i = 0; i < averages.Length; i++) network.Score(averages[i], scores.AsSpan(i * states, states), new());

        ShouldEqual(scores, expected);
    }

    [Theory]
    [MemberData(nameof(Weights))]
    public void The_key_network_is_the_function_that_torch_trains(bool shipped)
    {
        using var scope = NewDisposeScope();
        var weights = Of(KeyNetwork.Layout, shipped ? "keys" : null);
        using var module = new KeyModule(weights);
        float[][] contents = [.. Enumerable.Range(0, 20).Select(i => Random(KeyNetwork.Size, i))];
        var network = new KeyNetwork(weights);

        float[] scores = [.. contents.SelectMany(stretch => network.Scores(stretch))];

        ShouldEqual(scores, module.call(KeyModule.Views(contents)));
    }

    [Theory]
    [InlineData("beats")]
    [InlineData("chords")]
    [InlineData("keys")]
    public void A_file_of_weights_goes_through_a_module_unchanged(string name)
    {
        using var stream = typeof(NetworkWeights).Assembly.GetManifestResourceStream($"OpenMU.Mir.Weights.{name}.bin")!;
        using var file = new MemoryStream();
        stream.CopyTo(file);
        file.Position = 0;
        using var written = new MemoryStream();

        Written(name, file).Write(written);

        written.ToArray().Should().Equal(file.ToArray());
    }

    [Fact]
    public void A_layout_of_other_parts_or_shapes_is_refused_by_name()
    {
        using var module = new KeyModule(Of(KeyNetwork.Layout, null));
        FluentActions.Invoking(() => ModuleWeights.Of(module, [KeyNetwork.Layout[0]], inputsFirst: false))
            .Should().Throw<InvalidOperationException>().WithMessage("*output.bias*");
        FluentActions.Invoking(() => ModuleWeights.Of(module, KeyNetwork.Layout, inputsFirst: true))
            .Should().Throw<InvalidOperationException>().WithMessage("output.weight is [204, 2] instead of [2, 204].");
    }

    private static NetworkWeights Written(string name, Stream file)
    {
        if (name == "beats")
        {
            using var module = new BeatModule(NetworkWeights.Read(file, BeatNetwork.Layout));
            return module.Weights;
        }

        if (name == "chords")
        {
            using var module = new ChordModule(NetworkWeights.Read(file, ChordNetwork.Layout));
            return module.Weights;
        }

        using var keys = new KeyModule(NetworkWeights.Read(file, KeyNetwork.Layout));
        return keys.Weights;
    }

    private static NetworkWeights Of(IReadOnlyList<WeightPart> layout, string? shipped)
    {
        var seed = 100;
        return shipped is null
            ? new(layout, part => Random(part.Count, seed++, 0.2f))
            : NetworkWeights.Shipped(shipped, layout);
    }

    private static float[] Random(int count, int seed, float scale = 1)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => scale * (2 * random.NextSingle() - 1))];
    }

    // Sums of some hundred products in another order: a few units in the last place of the largest number.
    private static void ShouldEqual(float[] actual, Tensor expected)
    {
        var largest = expected.abs().max().item<float>();
        tensor(actual, expected.shape).ShouldBeCloseTo(expected.detach(), 1e-5 * Math.Max(1, largest));
    }
}
