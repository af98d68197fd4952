using OpenMU.Model.Decoder;
using OpenMU.Model.Families;
using OpenMU.Model.Kernels;
using OpenMU.Model.Weights;
using OpenMU.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace OpenMU.Model.Tests.Kernels;

/// <summary>
/// What a GPU would do, on torch's CPU device: the same operations, so that only the device is not tested.
/// </summary>
public sealed class Int8TorchTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();
    private readonly IDisposable noGrad = no_grad();

    public Int8TorchTests() => manual_seed(1);

    public void Dispose()
    {
        Int8Matrix.ByTorch = false;
        noGrad.Dispose();
        scope.Dispose();
    }

    [Theory]
    [InlineData(1, 128, 48)]
    [InlineData(2, 352, 7)]
    [InlineData(5, 17, 130)]
    [InlineData(8, 2048, 4099)]
    [InlineData(40, 1031, 1500)]
    public void A_product_by_torch_is_that_of_our_kernel(int rows, int inputs, int outputs)
    {
        var (x, packed) = (randn(rows, inputs), Int8Matrix.Of(randn(outputs, inputs)));
        var expected = MixedLinear.Product(x, packed, rounds: false);

        Int8Torch.Product(x, packed).ShouldBeCloseTo(expected, 1e-5 * Math.Sqrt(inputs) * 4);
        var narrow = Int8Torch.Product(x.to(bfloat16), packed);
        narrow.dtype.Should().Be(bfloat16);
        (narrow.to(float32) - expected).norm().item<float>().Should().BeLessThan(0.01f * expected.norm().item<float>());
    }

    [Fact]
    public void Any_number_of_dimensions_and_a_row_of_zeros_are_multiplied()
    {
        var matrix = randn(6, 300);
        matrix[2].zero_();
        var packed = Int8Matrix.Of(matrix);

        var product = Int8Torch.Product(ones(2, 3, 300), packed);

        product.shape.Should().Equal(2, 3, 6);
        product[.., .., 2].abs().max().item<float>().Should().Be(0);
        product[1, 2].ShouldBeCloseTo(Int8Matrix.Widened(packed, 300).sum(1), 1e-4);
    }

    [Fact]
    public void A_language_model_in_int8_gives_the_same_logits_by_torch()
    {
        using var model = new Llama(GoldenModels.Llama(), WeightSource.Random(1).StoringMatricesAs(int8));
        var expected = Logits(model);

        Int8Matrix.ByTorch = true;

        Logits(model).ShouldBeCloseTo(expected, 1e-4 * expected.abs().max().item<float>());
    }

    [Fact]
    public void With_activations_in_bfloat16_as_on_a_GPU_the_logits_are_close()
    {
        var random = WeightSource.Random(1).StoringMatricesAs(int8);
        using var exact = new Llama(GoldenModels.Llama(), random);
        var expected = Logits(exact);
        Int8Matrix.ByTorch = true;
        using var model = new Llama(
            GoldenModels.Llama(), WeightSource.Random(1).On(CPU, bfloat16).StoringMatricesAs(int8));

        var error = (Logits(model).to(float32) - expected).norm().item<float>();

        error.Should().BeLessThan(0.05f * expected.norm().item<float>());
    }

    [Fact]
    public void An_adapter_that_is_merged_for_good_changes_the_products()
    {
        Int8Matrix.ByTorch = true;
        using var model = new Llama(GoldenModels.Llama(), WeightSource.Random(1).StoringMatricesAs(int8));
        using var adapter = new Lora(
            GoldenModels.Llama(), new LoraConfig { R = 4, Alpha = 64 }, WeightSource.Random(2));
        foreach (var (_, parameter) in adapter.NamedParameters()) parameter.normal_(0, 0.1);
        var before = Logits(model);
        model.SetAdapter(adapter);

        model.MergeAndUnload();

        var merged = Logits(model);
        merged.allclose(before, 0.1, 0.1).Should().BeFalse();
        Int8Matrix.ByTorch = false;
        merged.ShouldBeCloseTo(Logits(model), 1e-4 * merged.abs().max().item<float>());
    }

    private static Tensor Logits(Llama model)
    {
        var ids = arange(Scalars.Of(0), Scalars.Of(20), Scalars.Of(1), dtype: int64).unsqueeze(0);
        return model.Logits(model.Hidden(model.Embed(ids))).clone();
    }
}
