// Bf16Product512.cs - the inner loops of Bf16Product where the processor has vectors of 512 bits. One row of x reads
// the matrix row by row, in the order in which it lies in memory; four rows of x share each load of four rows of it.
// What will be needed soon is asked for ahead: without that a core reads half as fast.
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace OpenMU.Model.Kernels;

/// <summary>Each sum is added in the same order in all methods: even and odd elements by turns, lane by lane.</summary>
internal static unsafe class Bf16Product512
{
    private const int Lane = 32;            // bfloat16 numbers in 512 bits
    private const int Ahead = 4096;         // numbers, 8 KB

    public static void Range(
        ushort* w, float* x, float* y, int start, int end, int rows, int inputs, int half, int outputs)
    {
        var o = start;
        for (; rows >= 4 && o + 4 <= end; o += 4)
        {
            var row = 0;
            for (; row + 4 <= rows; row += 4)
            {
                FourByFour(
                    w + (long)o * inputs, x + 2L * half * row, y + (long)row * outputs + o, inputs, half, outputs);
            }
            for (; row < rows; row++)
            {
                for (var i = o; i < o + 4; i++)
                    y[(long)row * outputs + i] = One(w + (long)i * inputs, x + 2L * half * row, inputs, half);
            }
        }
        for (; o < end; o++)
        {
            for (var row = 0; row < rows; row++)
                y[(long)row * outputs + o] = One(w + (long)o * inputs, x + 2L * half * row, inputs, half);
        }
    }

    private static float One(ushort* w, float* x, int inputs, int half)
    {
        Vector512<float> sum = default;
        var k = 0;
        for (; k <= inputs - Lane; k += Lane)
        {
            Sse.Prefetch0(w + k + Ahead);
            sum = Add(Vector512.Load((int*)(w + k)), Vector512.Load(x + k / 2), Vector512.Load(x + half + k / 2), sum);
        }
        return Sum(sum, w, x, k, inputs, half);
    }

    private static void FourByFour(ushort* w, float* x, float* y, int inputs, int half, int outputs)
    {
        ushort* w0 = w, w1 = w + inputs, w2 = w + 2L * inputs, w3 = w + 3L * inputs;
        float* x0 = x, x1 = x + 2L * half, x2 = x + 4L * half, x3 = x + 6L * half;
        var ahead = 4L * inputs;
        Vector512<float> s00 = default, s01 = default, s02 = default, s03 = default, s10 = default, s11 = default,
            s12 = default, s13 = default, s20 = default, s21 = default, s22 = default, s23 = default, s30 = default,
            s31 = default, s32 = default, s33 = default;
        var k = 0;
        for (; k <= inputs - Lane; k += Lane)
        {
            Sse.Prefetch0(w0 + ahead + k);
            Sse.Prefetch0(w1 + ahead + k);
            Sse.Prefetch0(w2 + ahead + k);
            Sse.Prefetch0(w3 + ahead + k);
            Vector512<int> p0 = Vector512.Load((int*)(w0 + k)), p1 = Vector512.Load((int*)(w1 + k)),
                p2 = Vector512.Load((int*)(w2 + k)), p3 = Vector512.Load((int*)(w3 + k));
            var (even, odd) = (Vector512.Load(x0 + k / 2), Vector512.Load(x0 + half + k / 2));
            s00 = Add(p0, even, odd, s00);
            s01 = Add(p1, even, odd, s01);
            s02 = Add(p2, even, odd, s02);
            s03 = Add(p3, even, odd, s03);
            (even, odd) = (Vector512.Load(x1 + k / 2), Vector512.Load(x1 + half + k / 2));
            s10 = Add(p0, even, odd, s10);
            s11 = Add(p1, even, odd, s11);
            s12 = Add(p2, even, odd, s12);
            s13 = Add(p3, even, odd, s13);
            (even, odd) = (Vector512.Load(x2 + k / 2), Vector512.Load(x2 + half + k / 2));
            s20 = Add(p0, even, odd, s20);
            s21 = Add(p1, even, odd, s21);
            s22 = Add(p2, even, odd, s22);
            s23 = Add(p3, even, odd, s23);
            (even, odd) = (Vector512.Load(x3 + k / 2), Vector512.Load(x3 + half + k / 2));
            s30 = Add(p0, even, odd, s30);
            s31 = Add(p1, even, odd, s31);
            s32 = Add(p2, even, odd, s32);
            s33 = Add(p3, even, odd, s33);
        }
        Store(s00, s01, s02, s03, w, x0, y, k, inputs, half);
        Store(s10, s11, s12, s13, w, x1, y + outputs, k, inputs, half);
        Store(s20, s21, s22, s23, w, x2, y + 2L * outputs, k, inputs, half);
        Store(s30, s31, s32, s33, w, x3, y + 3L * outputs, k, inputs, half);
    }

    private static void Store(
        Vector512<float> s0, Vector512<float> s1, Vector512<float> s2, Vector512<float> s3, ushort* w, float* x,
        float* y, int k, int inputs, int half)
    {
        y[0] = Sum(s0, w, x, k, inputs, half);
        y[1] = Sum(s1, w + inputs, x, k, inputs, half);
        y[2] = Sum(s2, w + 2L * inputs, x, k, inputs, half);
        y[3] = Sum(s3, w + 3L * inputs, x, k, inputs, half);
    }

    /// <summary>sum + even weights * even elements of x + odd weights * odd elements.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Add(
        Vector512<int> pair, Vector512<float> even, Vector512<float> odd, Vector512<float> sum)
        => Vector512.FusedMultiplyAdd(
            (pair & Vector512.Create(unchecked((int)0xFFFF0000))).AsSingle(), odd,
            Vector512.FusedMultiplyAdd(Vector512.ShiftLeft(pair, 16).AsSingle(), even, sum));

    /// <summary>The sum of the lanes, plus the inputs after the last whole vector.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Sum(Vector512<float> lanes, ushort* w, float* x, int k, int inputs, int half)
    {
        var sum = Vector512.Sum(lanes);
        for (; k < inputs; k++) sum += BitConverter.Int32BitsToSingle(w[k] << 16) * x[(k % 2) * half + k / 2];
        return sum;
    }
}
