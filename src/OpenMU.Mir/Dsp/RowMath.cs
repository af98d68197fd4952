using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace OpenMU.Mir.Dsp;

/// <summary>Products of row-major matrices of frames: x is [rows, n], w is [n, m], m a multiple of 8.</summary>
internal static class RowMath
{
    private const int Lanes = 8;

    /// <summary>y[r] += x[r] w for each row.</summary>
    public static void MultiplyAdd(ReadOnlySpan<float> x, int n, ReadOnlySpan<float> w, int m, Span<float> y, int rows)
    {
        if (x.Length < rows * n || w.Length < n * m || y.Length < rows * m || m % Lanes != 0)
            throw new ArgumentException("The shapes do not fit.");
        if (rows == 0) return;
        ref var px = ref MemoryMarshal.GetReference(x);
        ref var pw = ref MemoryMarshal.GetReference(w);
        ref var py = ref MemoryMarshal.GetReference(y);
        for (var c = 0; c < m; c += Lanes)
        {
            var r = 0;
            for (; r + 4 <= rows; r += 4)
            {
                Vector256<float> a = Load(ref py, r * m + c), b = Load(ref py, (r + 1) * m + c),
                    d = Load(ref py, (r + 2) * m + c), e = Load(ref py, (r + 3) * m + c);
                for (var k = 0; k < n; k++)
                {
                    var v = Load(ref pw, k * m + c);
                    a = Vector256.FusedMultiplyAdd(Vector256.Create(Unsafe.Add(ref px, r * n + k)), v, a);
                    b = Vector256.FusedMultiplyAdd(Vector256.Create(Unsafe.Add(ref px, (r + 1) * n + k)), v, b);
                    d = Vector256.FusedMultiplyAdd(Vector256.Create(Unsafe.Add(ref px, (r + 2) * n + k)), v, d);
                    e = Vector256.FusedMultiplyAdd(Vector256.Create(Unsafe.Add(ref px, (r + 3) * n + k)), v, e);
                }
                a.StoreUnsafe(ref py, (nuint)(r * m + c));
                b.StoreUnsafe(ref py, (nuint)((r + 1) * m + c));
                d.StoreUnsafe(ref py, (nuint)((r + 2) * m + c));
                e.StoreUnsafe(ref py, (nuint)((r + 3) * m + c));
            }
            for (; r < rows; r++)
            {
                var a = Load(ref py, r * m + c);
                for (var k = 0; k < n; k++)
                {
                    a = Vector256.FusedMultiplyAdd(
                        Vector256.Create(Unsafe.Add(ref px, r * n + k)), Load(ref pw, k * m + c), a);
                }
                a.StoreUnsafe(ref py, (nuint)(r * m + c));
            }
        }
    }

    private static Vector256<float> Load(ref float start, int at) => Vector256.LoadUnsafe(ref start, (nuint)at);
}
