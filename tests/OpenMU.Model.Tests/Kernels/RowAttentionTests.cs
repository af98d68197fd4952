using OpenMU.Model.Kernels;
using OpenMU.Testing;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace OpenMU.Model.Tests.Kernels;

public class RowAttentionTests
{
    [Theory]
    [InlineData(1, 1, 1, 4, 8)]
    [InlineData(4, 2, 7, 9, 6)]
    [InlineData(16, 8, 300, 512, 128)]
    [InlineData(3, 3, 65, 65, 33)]
    public unsafe void It_is_softmax_attention_to_the_positions_that_are_filled(
        int heads, int kvHeads, int positions, int capacity, int dim)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var q = randn(heads, dim).mul_scalar(2);
        var (keys, values) = (randn(kvHeads, capacity, dim), randn(kvHeads, capacity, dim));
        foreach (var unused in new[] { keys, values })
            unused.narrow(1, positions, capacity - positions).copy_(tensor(float.NaN));
        var y = empty(heads, dim);

        RowAttention.Attend(
            RowKernels.DataOf(q), RowKernels.DataOf(keys), RowKernels.DataOf(values), RowKernels.DataOf(y),
            new(heads, kvHeads, positions, capacity, dim));

        var expected = functional.scaled_dot_product_attention(
            q.to(float64).view(1, kvHeads, heads / kvHeads, dim), keys.narrow(1, 0, positions).to(float64).unsqueeze(0),
            values.narrow(1, 0, positions).to(float64).unsqueeze(0));
        y.ShouldBeCloseTo(expected.view(heads, dim), 1e-5);
        GC.KeepAlive((q, keys, values));
    }
}
