// Int8Torch.cs - products with int8 matrices by torch's own operations, for devices on which our kernels do not run.
// M rows of x, K inputs, O outputs, G = ceil(K / 128) groups.
using System.Runtime.CompilerServices;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace OpenMU.Model.Kernels;

/// <summary>
/// The packed matrix lies on the device in one byte a number; each product widens it to the type of the activations,
/// a slice of rows at a time, so that no more than a slice of it exists twice.
/// </summary>
internal static class Int8Torch
{
    // 16 MB of bfloat16: it stays in the second-level cache of a data centre's GPU, and few launches widen a matrix.
    private const long SliceNumbers = 8 << 20;

    // Torch cannot look at bytes as floats here, so the scales of a matrix are taken out of it at its first product.
    private static readonly ConditionalWeakTable<Tensor, Tensor> Scales = [];

    /// <summary>x (.., K) times the transpose of a packed matrix (O, Width(K)) -> (.., O), in the type of x.</summary>
    public static Tensor Product(Tensor x, Tensor packed)
    {
        using var scope = NewDisposeScope();
        var (inputs, outputs) = (x.shape[^1], packed.shape[0]);
        var scales = Scales.GetValue(packed, matrix => ScalesOf(matrix, inputs));                   // (O, G)
        var rows = Math.Max(1, SliceNumbers / inputs);
        var parts = new List<Tensor>();
        for (long first = 0; first < outputs; first += rows)
        {
            var count = Math.Min(rows, outputs - first);
            using var slice = Widened(packed.narrow(0, first, count), scales.narrow(0, first, count), inputs, x.dtype);
            parts.Add(functional.linear(x, slice));
        }
        return (parts is [var whole] ? whole : cat(parts, -1)).MoveToOuterDisposeScope();
    }

    /// <summary>Must be told of a matrix whose numbers have changed.</summary>
    public static void Forget(Tensor packed)
    {
        if (!Scales.TryGetValue(packed, out var scales)) return;
        Scales.Remove(packed);
        scales.Dispose();
    }

    private static Tensor Widened(Tensor packed, Tensor scales, long inputs, ScalarType type)
    {
        using var scope = NewDisposeScope();
        var (rows, whole) = (packed.shape[0], inputs / Int8Matrix.Group);
        // An integer of 8 bits is exact in any type; the scale is applied in float32 and the result rounded once.
        var numbers = packed.narrow(1, packed.shape[1] - inputs, inputs).to(type).contiguous();     // (n, K)
        var split = whole * Int8Matrix.Group;
        numbers.narrow(1, 0, split).view(rows, whole, Int8Matrix.Group)
            .mul_(scales.narrow(1, 0, whole).unsqueeze(-1));
        if (split < inputs) numbers.narrow(1, split, inputs - split).mul_(scales.narrow(1, whole, 1));
        return numbers.MoveToOuterDisposeScope();
    }

    private static unsafe Tensor ScalesOf(Tensor packed, long inputs)
    {
        using var scope = NewDisposeScope();
        var bytes = packed.narrow(1, 0, packed.shape[1] - inputs).cpu().contiguous();
        var scales = empty([packed.shape[0], bytes.shape[1] / sizeof(float)]);
        var (source, target) = (Bf16Product.DataOf(bytes.Handle), Bf16Product.DataOf(scales.Handle));
        Buffer.MemoryCopy((void*)source, (void*)target, bytes.numel(), bytes.numel());
        return scales.to(packed.device).DetachFromDisposeScope();
    }
}
