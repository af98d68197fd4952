using OpenMU.Model.Kernels;
using OpenMU.Testing;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace OpenMU.Model.Tests.Kernels;

public class RowKernelsTests
{
    public static TheoryData<int, int> Sizes =>
        new() { { 1, 1 }, { 1, 64 }, { 3, 7 }, { 5, 96 }, { 2, 1031 }, { 300, 512 } };

    [Theory, MemberData(nameof(Sizes))]
    public void A_norm_is_the_formula(int rows, int dim)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var (x, weight) = (randn(rows, dim).mul_scalar(3), randn(dim));
        var wide = x.to(float64);
        var expected = wide * rsqrt(wide.pow2().mean([-1], keepdim: true).add_scalar(1e-6)) * weight.to(float64);

        RowKernels.RmsNorm(x, weight, 1e-6).ShouldBeCloseTo(expected, 1e-5);
    }

    [Theory, MemberData(nameof(Sizes))]
    public void A_gate_is_the_formula_also_where_the_exponential_overflows(int rows, int dim)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var (gate, up) = (randn(rows, dim).mul_scalar(60), randn(rows, dim));
        var wide = gate.to(float64);
        var expected = functional.silu(wide) * up.to(float64);

        RowKernels.SiluProduct(gate, up).ShouldBeCloseTo(expected, 1e-4);
        gate.ShouldBeCloseTo(expected, 1e-4);
    }

    [Theory]
    [InlineData(1, 1, 2, 6)]
    [InlineData(2, 5, 3, 64)]
    [InlineData(1, 40, 32, 128)]
    public void A_rotation_is_the_formula(int batch, int length, int heads, int dim)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var x = randn(batch, length, heads, dim);
        var angles = randn(batch, length, 1, dim / 2).repeat(1, 1, 1, 2);
        var (cosines, sines) = (angles.cos(), angles.sin());
        var halves = x.chunk(2, -1);
        var expected = (x * cosines).add_tensor(cat([-halves[1], halves[0]], -1) * sines);

        RowKernels.Rotate(x, cosines.transpose(1, 2).contiguous(), sines.transpose(1, 2).contiguous())
            .ShouldBeCloseTo(expected, 1e-6);
    }

    [Fact]
    public void A_row_is_the_same_bit_for_bit_alone_and_among_others()
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var (x, up, weight) = (randn(400, 335), randn(400, 335), randn(335));
        var norms = RowKernels.RmsNorm(x, weight, 1e-5);
        var gates = RowKernels.SiluProduct(x.clone(), up);
        foreach (var row in new[] { 0, 1, 7, 399 })
        {
            var alone = x[row].clone();
            RowKernels.RmsNorm(alone, weight, 1e-5).ShouldBeCloseTo(norms[row], 0);
            RowKernels.SiluProduct(alone, up[row].clone()).ShouldBeCloseTo(gates[row], 0);
        }
    }

    [Fact]
    public void Only_plain_float32_on_the_processor_without_gradients_is_taken()
    {
        using var scope = NewDisposeScope();
        var x = randn(4, 8);
        RowKernels.Take(x, x).Should().BeTrue();
        RowKernels.Take(x.t(), x).Should().BeFalse("its rows are not in a row");
        RowKernels.Take(x, x.to(float64)).Should().BeFalse();
        RowKernels.Take(x.to(bfloat16), x).Should().BeFalse();
        var learnt = randn(8, requires_grad: true);
        RowKernels.Take(x, learnt).Should().BeFalse("its gradient is wanted");
        using var _ = no_grad();
        RowKernels.Take(x, learnt).Should().BeTrue();
    }
}
