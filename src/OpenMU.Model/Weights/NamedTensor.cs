using OpenMU.Model.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace OpenMU.Model.Weights;

/// <summary>
/// A tensor of a checkpoint: name, type and shape are known before any number is read, and the numbers are read a few
/// rows at a time. A matrix of gigabytes passes from one file to another through a buffer of megabytes.
/// </summary>
/// <param name="Key">Its name.</param>
/// <param name="Type">The type to store it in; what <paramref name="Rows"/> returns is converted to it.</param>
/// <param name="Shape">Its sizes; rows run along the first.</param>
/// <param name="Rows">First row and number of rows -> those rows (n, ...). A scalar counts as one row. The
/// caller disposes.</param>
public sealed record NamedTensor(string Key, ScalarType Type, IReadOnlyList<long> Shape, Func<long, long, Tensor> Rows)
{
    /// <summary>Bytes that are read, converted and written at a time.</summary>
    private const long BlockBytes = 16 << 20;

    public long Count => Shape.Aggregate(1L, (product, size) => product * size);

    public long Bytes => Count * Type.ElementSize();

    private long RowCount => Shape.Count == 0 ? 1 : Shape[0];

    /// <summary>A tensor in memory or in a memory map, which must stay alive until it has been read.</summary>
    public static NamedTensor Of(string key, Tensor tensor) => Of(key, tensor.dtype, tensor.shape, tensor.alias);

    /// <summary>A tensor that <paramref name="open"/> opens each time rows of it are read.</summary>
    public static NamedTensor Of(string key, ScalarType type, IReadOnlyList<long> shape, Func<Tensor> open) =>
        new(key, type, shape, (first, count) =>
        {
            using var whole = open();
            using var rows = whole.dim() == 0 ? whole.unsqueeze(0) : whole.alias();
            return rows.narrow(0, first, count);
        });

    /// <summary>The same tensor with another type to store it in, unless it holds integers.</summary>
    public NamedTensor As(ScalarType type) => Finite.IsFloatingPoint(Type) ? this with { Type = type } : this;

    /// <summary>The same matrix (O, K) as <see cref="Int8Matrix"/> packs it.</summary>
    public NamedTensor AsInt8() => new(Key, ScalarType.Int8, [Shape[0], Int8Matrix.Width(Shape[1])], (first, count) =>
    {
        using var rows = Rows(first, count);
        return Int8Matrix.Of(rows);
    });

    /// <summary>
    /// The numbers in order, in pieces of about 16 MiB: contiguous, on the CPU, in <see cref="Type"/>. Each is disposed
    /// when the next one is requested.
    /// </summary>
    public IEnumerable<Tensor> Blocks()
    {
        if (Count == 0) yield break;
        var rows = Math.Max(1, BlockBytes / Math.Max(1, Bytes / RowCount));
        for (long first = 0; first < RowCount; first += rows)
        {
            using var block = Block(first, Math.Min(rows, RowCount - first));
            yield return block;
        }
    }

    // Gradients are off on this thread for no longer than this: whoever takes the blocks may go on on another.
    private Tensor Block(long first, long rows)
    {
        using var _ = no_grad();
        using var stored = Rows(first, rows);
        using var converted = stored.to(Type, CPU);
        return converted.contiguous();
    }
}
