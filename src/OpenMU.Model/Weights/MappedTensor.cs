using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace OpenMU.Model.Weights;

/// <summary>Tensors over memory that somebody else owns: a window on a mapped file.</summary>
internal static unsafe partial class MappedTensor
{
    /// <summary>A contiguous tensor whose numbers lie at <paramref name="start"/>. It must not be written to, and the memory must outlive it.</summary>
    public static Tensor Over(byte* start, ScalarType type, long[] shape)
    {
        if (shape.Contains(0)) return empty(shape, dtype: type);
        fixed (long* sizes = shape)
        {
            var handle = NewOverMemory((nint)start, &Nothing, sizes, shape.Length, (sbyte)type, (sbyte)type, 0, 0, 0);
            return handle != 0 ? Tensor.UnsafeCreateTensor(handle) : throw new InvalidOperationException($"libtorch would not wrap [{string.Join(", ", shape)}] of {type}.");
        }
    }

    // TorchSharp's own wrapper of from_blob takes managed arrays only; this is the native function below it.
    [LibraryImport("LibTorchSharp", EntryPoint = "THSTensor_new")]
    private static partial nint NewOverMemory(nint data, delegate* unmanaged[Cdecl]<nint, void> deleter, long* sizes, int dimensions, sbyte type, sbyte dtype, int deviceType, int deviceIndex, byte requiresGrad);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Nothing(nint data)
    {
    }
}
