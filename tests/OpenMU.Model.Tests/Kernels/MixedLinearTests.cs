using OpenMU.Model.Kernels;
using OpenMU.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace OpenMU.Model.Tests.Kernels;

public class MixedLinearTests
{
    [Theory]
    [InlineData(1, 64, 48)]
    [InlineData(2, 352, 7)]
    [InlineData(3, 33, 5)]
    [InlineData(5, 17, 130)]
    [InlineData(8, 2048, 66)]
    [InlineData(9, 96, 40)]
    [InlineData(40, 1031, 1500)]
    public void A_product_with_a_bfloat16_matrix_is_that_of_its_widened_values(int rows, int inputs, int outputs)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var (x, weight) = (randn(rows, inputs), randn(outputs, inputs).to(bfloat16));
        var expected = x.to(float64).mm(weight.to(float64).t());
        MixedLinear.Product(x, weight, rounds: false).ShouldBeCloseTo(expected, 1e-5 * Math.Sqrt(inputs) * 4);
    }

    [Theory]
    [InlineData(17, 64, 48)]
    [InlineData(33, 33, 5)]
    [InlineData(20, 2048, 66)]
    [InlineData(40, 1031, 1500)]
    public void When_it_rounds_to_bfloat16_inputs_and_outputs_are_rounded_and_sums_are_not(
        int rows, int inputs, int outputs)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var (x, weight) = (randn(rows, inputs), randn(outputs, inputs).to(bfloat16));
        var exact = x.to(bfloat16).to(float64).mm(weight.to(float64).t());

        var product = MixedLinear.Product(x, weight, rounds: true);

        product.dtype.Should().Be(float32);
        product.ShouldBeCloseTo(product.to(bfloat16).to(float32), 0);
        // Half a unit in the last of 8 bits, beside what float32 sums lose.
        var allowed = exact.abs().mul_scalar(1 / 256.0).add_scalar(1e-5 * Math.Sqrt(inputs) * 4);
        (product.to(float64) - exact).abs().le(allowed).all().item<bool>().Should().BeTrue();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(16)]
    public void Few_rows_are_never_rounded(int rows)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var (x, weight) = (randn(rows, 96), randn(40, 96).to(bfloat16));

        MixedLinear.Product(x, weight, rounds: true)
            .ShouldBeCloseTo(MixedLinear.Product(x, weight, rounds: false), 0);
    }

    [Fact]
    public void Several_axes_stay_as_they_are()
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var (x, weight) = (randn(2, 3, 32), randn(10, 32).to(bfloat16));
        MixedLinear.Product(x, weight, rounds: false)
            .ShouldBeCloseTo(nn.functional.linear(x, weight.to(float32)), 1e-4);
        MixedLinear.Product(x.transpose(0, 1), weight, rounds: false)
            .ShouldBeCloseTo(nn.functional.linear(x, weight.to(float32)).transpose(0, 1), 1e-4);
    }

    [Fact]
    public void Each_row_has_the_same_bits_alone_and_among_others_and_for_any_number_of_threads()
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var (x, weight) = (randn(16, 600), randn(1101, 600).to(bfloat16));
        var threads = KernelThreads.Count;
        try
        {
            KernelThreads.Count = 1;
            var alone = cat(
                [.. Enumerable.Range(0, 16).Select(i => MixedLinear.Product(x[i..(i + 1)], weight, rounds: false))],
                0);
            foreach (var count in new[] { 1, 2, 3 })
            {
                KernelThreads.Count = count;
                for (var rows = 1; rows <= 16; rows++)
                {
                    MixedLinear.Product(x[..rows], weight, rounds: false)
                        .ShouldBeCloseTo(alone[..rows], 0, $"{rows} rows, {count} threads");
                }
            }
        }
        finally
        {
            KernelThreads.Count = threads;
        }
    }

    [Fact]
    public void Gradients_flow_through_a_frozen_bfloat16_matrix()
    {
        using var scope = NewDisposeScope();
        var weight = randn(6, 4).to(bfloat16);
        var x = randn(3, 4, requires_grad: true);
        MixedLinear.Product(x, weight, rounds: false).sum().backward();
        x.grad!.ShouldBeCloseTo(weight.to(float32).sum([0]).expand(3, 4), 1e-5);
    }
}
