// Matrix.cs - the one product in which nearly all the language model's work lies. M rows of x, K inputs, O outputs.
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace OpenMU.Model.Kernels;

/// <summary>
/// Products with matrices that are stored narrower than they are multiplied. libtorch's bfloat16 products on a CPU are 8 to 100 times slower
/// than its float32 ones, so a matrix is widened a block of rows at a time into a scratch that stays in the cache, and multiplied there.
/// </summary>
internal static class MixedLinear
{
    private const long ScratchFloats = 512 * 1024;

    [ThreadStatic] private static Tensor? scratch;

    /// <summary>x (.., K) times the transpose of weight (O, K) -> (.., O), in the type of x.</summary>
    public static Tensor Product(Tensor x, Tensor weight)
    {
        if (weight.dtype == x.dtype) return functional.linear(x, weight);
        // Autograd needs the widened matrix again on the way back.
        if (is_grad_enabled() && x.requires_grad) return functional.linear(x, weight.to(x.dtype));
        var few = x.numel() <= Bf16Product.MaximumRows * weight.shape[1];
        return few && weight.dtype == bfloat16 && x.dtype == float32 && weight.device_type == TorchSharp.DeviceType.CPU && weight.is_contiguous()
            ? Bf16Product.Multiply(x.contiguous(), weight)
            : WidenedProduct(x, weight);
    }

    private static Tensor WidenedProduct(Tensor x, Tensor weight)
    {
        using var scope = NewDisposeScope();
        var (outputs, inputs) = (weight.shape[0], weight.shape[1]);
        var rows = Math.Max(1, ScratchFloats / inputs);
        if (scratch is null || scratch.numel() < rows * inputs || scratch.dtype != x.dtype || scratch.device != x.device)
        {
            scratch?.Dispose();
            scratch = empty(Math.Max(ScratchFloats, inputs), dtype: x.dtype, device: x.device).DetachFromDisposeScope();
        }
        var result = empty([.. x.shape[..^1], outputs], dtype: x.dtype, device: x.device);
        for (long row = 0; row < outputs; row += rows)
        {
            var count = Math.Min(rows, outputs - row);
            var block = scratch.narrow(0, 0, count * inputs).view(count, inputs);
            block.copy_(weight.narrow(0, row, count));
            result.narrow(-1, row, count).copy_(functional.linear(x, block));
        }
        return result.MoveToOuterDisposeScope();
    }
}
