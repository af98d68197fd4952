using OpenMU.Model.Decoder;
using OpenMU.Model.Families;
using OpenMU.Model.Weights;
using OpenMU.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace OpenMU.Model.Tests.Decoder;

public sealed class RopeScalingTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    public void Dispose() => scope.Dispose();

    // theta 500000, d 128: frequency i is 500000^(-2i/128); wavelengths of 2048 and 8192 positions lie
    // between i = 28 and 35.
    [Theory]
    [InlineData(0, 1.0, 1.0)]
    [InlineData(28, 0.003211446, 0.003211446)]
    [InlineData(29, 0.002616099, 0.002166571)]
    [InlineData(32, 0.001414214, 0.0005248462)]
    [InlineData(35, 0.000764497, 9.556212e-05)]
    [InlineData(63, 2.455141e-06, 3.068926e-07)]
    public void Quick_rotations_stay_slow_ones_are_divided_and_those_between_are_blended(
        int index, double plain, double scaled)
    {
        var frequency = Math.Pow(500000, -2.0 * index / 128);
        frequency.Should().BeApproximately(plain, plain * 1e-5);
        RopeScaling.Scale((float)frequency, new()).Should().BeApproximately((float)scaled, (float)(scaled * 1e-5));
    }

    [Fact]
    public void Positions_that_are_all_slowed_by_a_factor_are_those_of_a_plain_model_that_lie_so_much_closer()
    {
        using var _ = no_grad();
        var config = GoldenModels.Llama();
        using var file = SafeTensors.Open(Golden.PathOf("llama/hf-bf16/model.safetensors"));
        using var plain = new Llama(config, WeightSource.From(file));
        // No rotation turns once in a single position, so all of them are slow.
        using var scaled = new Llama(
            config with { RopeScaling = new() { Factor = 4, OriginalMaxPositionEmbeddings = 1 } },
            WeightSource.From(file));
        var embeddings = plain.Embed(tensor(new long[] { 504, 7, 300, 12, 45, 7 }).unsqueeze(0));
        long[] positions = [0, 1, 2, 3, 4, 5];
        var expected = plain.Hidden(embeddings, null, tensor(positions).unsqueeze(0));
        scaled.Hidden(embeddings, null, tensor(positions.Select(position => 4 * position).ToArray()).unsqueeze(0))
            .ShouldBeCloseTo(expected, 1e-4);
        (scaled.Hidden(embeddings) - expected).abs().max().item<float>().Should().BeGreaterThan(1e-3f);
    }

    [Theory]
    [InlineData(0, 1, 4)]
    [InlineData(8, 0, 4)]
    [InlineData(8, 4, 4)]
    public void Numbers_that_make_no_scaling_are_refused(double factor, double low, double high)
    {
        var config = new OpenMuConfig
        {
            Llama = new() { RopeScaling = new() { Factor = factor, LowFreqFactor = low, HighFreqFactor = high } }
        };
        config.Invoking(c => c.Validate()).Should().Throw<ArgumentException>().WithMessage("*rope_scaling*");
    }
}
