// MixedLinear.cs - the linear layer in which the language model spends nearly all its time. K inputs, O outputs.
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace OpenMU.Model.Kernels;

/// <summary>
/// Products with matrices whose stored type is narrower than that of the activations. By default the activations stay
/// float32, and a matrix is converted a block of rows at a time into a buffer that stays in the cache: without the
/// processor's own instructions libtorch's bfloat16 products are 8 to 100 times slower than float32 ones.
/// </summary>
public static class MixedLinear
{
    private const long BufferFloats = 512 * 1024;

    /// <summary>Rows (n, K) of a stored matrix as numbers: they are unpacked where the matrix is int8.</summary>
    internal static Tensor Widened(Tensor rows, long inputs) =>
        rows.dtype == int8 ? Int8Matrix.Widened(rows, inputs) : rows;

    /// <summary>x (.., K) times the transpose of weight (O, K) -> (.., O), in the type of x.</summary>
    /// <param name="x">(.., K).</param>
    /// <param name="weight">(O, K); as <see cref="Int8Matrix"/> packs it where it is int8.</param>
    /// <param name="rounds">As <see cref="Weights.WeightSource.RoundsToBf16"/>.</param>
    internal static Tensor Product(Tensor x, Tensor weight, bool rounds)
    {
        if (weight.dtype == x.dtype) return functional.linear(x, weight);
        if (weight.dtype == int8) return Int8Matrix.Product(x, weight, rounds);
        // The backward pass needs the converted matrix again, so it must not share the buffer.
        if (is_grad_enabled() && x.requires_grad) return functional.linear(x, weight.to(x.dtype));
        var ours = weight.dtype == bfloat16 && x.dtype == float32
            && weight.device_type == TorchSharp.DeviceType.CPU && weight.is_contiguous();
        var rows = x.numel() / weight.shape[1];
        if (ours && rows <= Bf16Product.MaximumRows) return Bf16Product.Multiply(x.contiguous(), weight);
        return ours && rounds ? RoundedProduct(x, weight) : BlockwiseProduct(x, weight);
    }

    private static Tensor RoundedProduct(Tensor x, Tensor weight)
    {
        using var scope = NewDisposeScope();
        return functional.linear(x.to(bfloat16), weight).to(float32).MoveToOuterDisposeScope();
    }

    private static Tensor BlockwiseProduct(Tensor x, Tensor weight)
    {
        using var scope = NewDisposeScope();
        var (outputs, inputs) = (weight.shape[0], weight.shape[1]);
        var rows = Math.Max(1, BufferFloats / inputs);
        var result = empty([.. x.shape[..^1], outputs], dtype: x.dtype, device: x.device);
        for (long row = 0; row < outputs; row += rows)
        {
            var count = Math.Min(rows, outputs - row);
            using var block = BlockBuffer.Of(count, inputs, x.dtype, x.device);
            block.copy_(weight.narrow(0, row, count));
            result.narrow(-1, row, count).copy_(functional.linear(x, block));
        }
        return result.MoveToOuterDisposeScope();
    }
}
