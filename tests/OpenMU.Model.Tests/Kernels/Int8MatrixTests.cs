using OpenMU.Model.Kernels;
using OpenMU.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace OpenMU.Model.Tests.Kernels;

public sealed class Int8MatrixTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();
    private readonly IDisposable noGrad = no_grad();

    public void Dispose()
    {
        noGrad.Dispose();
        scope.Dispose();
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(3, 127)]
    [InlineData(5, 128)]
    [InlineData(4, 300)]
    [InlineData(700, 1031)]
    public void Each_number_is_within_half_a_step_of_its_group_and_its_largest_is_exact(int outputs, int inputs)
    {
        var matrix = randn(outputs, inputs);
        matrix[0].zero_();

        var widened = Int8Matrix.Widened(Int8Matrix.Of(matrix), inputs);

        for (var first = 0; first < inputs; first += Int8Matrix.Group)
        {
            var (exact, stored) = (matrix[.., first..Math.Min(inputs, first + 128)],
                widened[.., first..Math.Min(inputs, first + 128)]);
            var largest = exact.abs().amax([1], keepdim: true);
            (exact - stored).abs().le(largest.mul_scalar(0.5001 / 127)).all().item<bool>().Should().BeTrue();
            stored.abs().amax([1], keepdim: true).ShouldBeCloseTo(largest, 1e-5);
        }
    }

    [Theory]
    [InlineData(1, 64, 48)]
    [InlineData(2, 352, 7)]
    [InlineData(3, 33, 5)]
    [InlineData(5, 17, 130)]
    [InlineData(8, 2048, 66)]
    [InlineData(9, 96, 40)]
    [InlineData(40, 1031, 1500)]
    public void A_product_is_that_of_the_stored_numbers(int rows, int inputs, int outputs)
    {
        var (x, packed) = (randn(rows, inputs), Int8Matrix.Of(randn(outputs, inputs).to(bfloat16)));
        var expected = x.to(float64).mm(Int8Matrix.Widened(packed, inputs).to(float64).t());

        MixedLinear.Product(x, packed, rounds: false).ShouldBeCloseTo(expected, 1e-5 * Math.Sqrt(inputs) * 4);
        var rounded = MixedLinear.Product(x, packed, rounds: true);
        (rounded.to(float64) - expected).abs().mean().item<double>().Should().BeLessThan(0.01 * Math.Sqrt(inputs));
    }

    [Theory]
    [InlineData(17, 33, 5)]
    [InlineData(20, 300, 9)]
    [InlineData(32, 4100, 2100)]
    public void With_many_rows_a_rounded_product_is_that_of_bfloat16_numbers(int rows, int inputs, int outputs)
    {
        var (x, packed) = (randn(rows, inputs), Int8Matrix.Of(randn(outputs, inputs)));
        var weights = Int8Matrix.Widened(packed, inputs).to(bfloat16).to(float64);

        var product = MixedLinear.Product(x, packed, rounds: true).to(float64);

        // Only the result is rounded beside the inputs: to 8 bits.
        var exact = x.to(bfloat16).to(float64).mm(weights.t());
        (product - exact).abs().le(exact.abs().mul_scalar(1 / 200d).add_scalar(0.01)).all().item<bool>()
            .Should().BeTrue();
    }

    [Fact]
    public void Each_row_has_the_same_bits_alone_and_among_others_and_for_any_number_of_threads()
    {
        var (x, packed) = (randn(16, 613), Int8Matrix.Of(randn(1101, 613)));
        var threads = KernelThreads.Count;
        try
        {
            KernelThreads.Count = 1;
            var alone = cat(
                [.. Enumerable.Range(0, 16).Select(i => MixedLinear.Product(x[i..(i + 1)], packed, rounds: false))],
                0);
            foreach (var count in new[] { 1, 2, 3 })
            {
                KernelThreads.Count = count;
                for (var rows = 1; rows <= 16; rows++)
                    MixedLinear.Product(x[..rows], packed, rounds: false).ShouldBeCloseTo(alone[..rows], 0);
            }
        }
        finally
        {
            KernelThreads.Count = threads;
        }
    }

    [Theory]
    [InlineData(2)]
    [InlineData(20)]
    public void Gradients_flow_through_matrices_of_several_blocks_one_after_the_other(int rows)
    {
        using var grad = enable_grad();
        // 2.7 and 2.2 million numbers, where a block has two.
        var (up, down) = (Int8Matrix.Of(randn(1300, 2100)), Int8Matrix.Of(randn(1700, 1300)));
        var x = randn(rows, 2100).requires_grad_();
        Int8Matrix.Product(Int8Matrix.Product(x, up, rounds: true), down, rounds: true).sum().backward();
        var expected = ones(rows, 1700).matmul(Int8Matrix.Widened(down, 1300)).matmul(Int8Matrix.Widened(up, 2100));
        x.grad!.ShouldBeCloseTo(expected, 0.05);
    }

    [Fact]
    public void Infinities_and_rows_of_another_length_are_refused()
    {
        var packing = () => Int8Matrix.Of(tensor(new[,] { { 1f, float.NaN } }));
        packing.Should().Throw<InvalidDataException>();
        var product = () => MixedLinear.Product(randn(1, 5), Int8Matrix.Of(randn(3, 6)), rounds: false);
        product.Should().Throw<ArgumentException>();
    }
}
