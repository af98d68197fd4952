using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace OpenMU.Model.Weights;

/// <summary>
/// Tensors over memory that they do not own: views of a memory-mapped file (torch.from_blob). Numbers that are not
/// aligned to their size, as in old formats, are copied, because libtorch requires alignment.
/// </summary>
internal static unsafe partial class MappedTensor
{
    /// <summary>
    /// A contiguous tensor over the numbers at <paramref name="start"/>. It must not be written to, and the
    /// memory must outlive it.
    /// </summary>
    public static Tensor Over(byte* start, ScalarType type, long[] shape)
    {
        if (shape.Contains(0)) return empty(shape, dtype: type);
        if ((nuint)start % (nuint)type.ElementSize() != 0) return Copy(start, type, shape);
        fixed (long* sizes = shape)
        {
            var handle = NewOverMemory((nint)start, &NoDeleter, sizes, shape.Length, (sbyte)type, (sbyte)type, 0, 0, 0);
            return handle != 0 ? Tensor.UnsafeCreateTensor(handle) : throw new InvalidOperationException(
                $"libtorch would not wrap [{string.Join(", ", shape)}] of {type}.");
        }
    }

    /// <summary>Some rows of such a tensor.</summary>
    public static Tensor Rows(byte* start, ScalarType type, IReadOnlyList<long> shape, long first, long count)
    {
        long[] rest = [.. shape.Skip(1)];
        return Over(
            start + first * rest.Aggregate((long)type.ElementSize(), (product, size) => product * size),
            type, [count, .. rest]);
    }

    private static Tensor Copy(byte* start, ScalarType type, long[] shape)
    {
        var bytes = shape.Aggregate((long)type.ElementSize(), (product, size) => product * size);
        using var raw = Over(start, ScalarType.Byte, [bytes]);
        var copy = empty(shape, dtype: type);
        using var target = Over((byte*)DataOf(copy.Handle), ScalarType.Byte, [bytes]);
        target.copy_(raw);
        return copy;
    }

    [LibraryImport("LibTorchSharp", EntryPoint = "THSTensor_data")]
    private static partial nint DataOf(nint tensor);

    // TorchSharp's own wrapper of from_blob takes managed arrays only; this is the native function below it.
    [LibraryImport("LibTorchSharp", EntryPoint = "THSTensor_new")]
    private static partial nint NewOverMemory(
        nint data, delegate* unmanaged[Cdecl]<nint, void> deleter, long* sizes, int dimensions, sbyte type, sbyte dtype,
        int deviceType, int deviceIndex, byte requiresGrad);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void NoDeleter(nint data)
    {
    }
}
