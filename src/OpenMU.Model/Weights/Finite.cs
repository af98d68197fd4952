using System.Numerics;
using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace OpenMU.Model.Weights;

/// <summary>
/// Finds infinities and NaN, whose exponent bits are all set. The numbers are read as integers at the speed of memory;
/// torch.isfinite would make several copies.
/// </summary>
internal static class Finite
{
    /// <summary>Whether no element is infinite or NaN. Integers never are.</summary>
    public static bool All(Tensor tensor) => !IsFloatingPoint(tensor.dtype)
        || NamedTensor.Of("", tensor).Blocks().All(block => All(block.bytes, block.dtype));

    public static bool IsFloatingPoint(ScalarType type) =>
        type is ScalarType.Float64 or ScalarType.Float32 or ScalarType.Float16 or ScalarType.BFloat16;

    public static bool All(ReadOnlySpan<byte> numbers, ScalarType type) => type switch
    {
        ScalarType.Float64 => All(MemoryMarshal.Cast<byte, ulong>(numbers), 0x7FF0_0000_0000_0000UL),
        ScalarType.Float32 => All(MemoryMarshal.Cast<byte, uint>(numbers), 0x7F80_0000U),
        ScalarType.BFloat16 => All(MemoryMarshal.Cast<byte, ushort>(numbers), (ushort)0x7F80),
        ScalarType.Float16 => All(MemoryMarshal.Cast<byte, ushort>(numbers), (ushort)0x7C00),
        _ => true,
    };

    private static bool All<T>(ReadOnlySpan<T> bits, T exponent)
        where T : unmanaged, IBinaryInteger<T>
    {
        var mask = new Vector<T>(exponent);
        var i = 0;
        for (; i <= bits.Length - Vector<T>.Count; i += Vector<T>.Count)
        {
            if (Vector.EqualsAny(new Vector<T>(bits[i..]) & mask, mask)) return false;
        }
        for (; i < bits.Length; i++)
        {
            if ((bits[i] & exponent) == exponent) return false;
        }
        return true;
    }
}
