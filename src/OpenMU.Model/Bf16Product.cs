// Bf16Product.cs - a few rows times a bfloat16 matrix, straight from where it lies. M rows of x (at most 8), K inputs, O outputs.
// One token costs every weight once, so the speed is that of reading memory: nothing is written but the result.
// A bfloat16 is the upper half of a float32. Two of them are loaded as one 32-bit lane: shifted up it is the even one, masked the odd one;
// so x is laid out as its even and its odd elements, and no lane ever moves.
// Vector256 compiles to AVX2 with FMA where there is any, and to what the machine has elsewhere.
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using static TorchSharp.torch;

namespace OpenMU.Model;

/// <summary>
/// Each result is added up in the same order however many rows there are and however the work is cut, so a sequence gets the same
/// numbers, bit for bit, alone and among others.
/// </summary>
internal static unsafe partial class Bf16Product
{
    public const int MaximumRows = 8;

    private const int Lane = 16;    // bfloat16 numbers in 256 bits

    /// <summary>Below so many multiplications another thread would cost more than it brings.</summary>
    private const long WorthSharing = 512 * 1024;

    private static readonly Vector256<int> Odd = Vector256.Create(unchecked((int)0xFFFF0000));

    [ThreadStatic] private static float[]? split;

    /// <summary>x (.., K) float32 with at most 8 rows, weight (O, K) bfloat16, both contiguous on the CPU -> (.., O).</summary>
    public static Tensor Multiply(Tensor x, Tensor weight)
    {
        var (outputs, inputs) = ((int)weight.shape[0], (int)weight.shape[1]);
        var rows = (int)(x.numel() / inputs);
        var result = empty([.. x.shape[..^1], outputs]);
        var w = (ushort*)DataOf(weight.Handle);
        var source = (float*)DataOf(x.Handle);
        var y = (float*)DataOf(result.Handle);
        var half = (inputs + 1) / 2;
        if (split is null || split.Length < 2 * half * rows) split = GC.AllocateUninitializedArray<float>(2 * half * rows, pinned: true);
        var columns = (float*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(split));
        for (var row = 0; row < rows; row++) Split(source + (long)row * inputs, columns + 2L * half * row, inputs, half);
        if ((long)outputs * inputs * rows < WorthSharing) Range(w, columns, y, 0, outputs, rows, inputs, half, outputs);
        else Workers.For(outputs, 4, (start, end) => Range(w, columns, y, start, end, rows, inputs, half, outputs));
        return result;
    }

    private static void Split(float* x, float* columns, int inputs, int half)
    {
        for (var k = 0; k < inputs / 2; k++) (columns[k], columns[half + k]) = (x[2 * k], x[2 * k + 1]);
        if (inputs % 2 == 1) (columns[half - 1], columns[2 * half - 1]) = (x[inputs - 1], 0);
    }

    private static void Range(ushort* w, float* x, float* y, int start, int end, int rows, int inputs, int half, int outputs)
    {
        var o = start;
        if (rows == 1)
        {
            for (; o + 4 <= end; o += 4) FourByOne(w + (long)o * inputs, x, y + o, inputs, half);
        }
        for (; o + 2 <= end; o += 2)
        {
            var row = 0;
            for (; row + 2 <= rows; row += 2) TwoByTwo(w + (long)o * inputs, x + 2L * half * row, y + (long)row * outputs + o, inputs, half, outputs);
            if (row < rows)
            {
                One(w + (long)o * inputs, x + 2L * half * row, y + (long)row * outputs + o, inputs, half);
                One(w + (long)(o + 1) * inputs, x + 2L * half * row, y + (long)row * outputs + o + 1, inputs, half);
            }
        }
        for (; o < end; o++)
        {
            for (var row = 0; row < rows; row++) One(w + (long)o * inputs, x + 2L * half * row, y + (long)row * outputs + o, inputs, half);
        }
    }

    /// <summary>Four outputs of one row: four streams of weights share the loads of x.</summary>
    private static void FourByOne(ushort* w, float* x, float* y, int inputs, int half)
    {
        ushort* w0 = w, w1 = w + inputs, w2 = w + 2L * inputs, w3 = w + 3L * inputs;
        Vector256<float> e0 = default, e1 = default, e2 = default, e3 = default, o0 = default, o1 = default, o2 = default, o3 = default;
        var k = 0;
        for (; k <= inputs - Lane; k += Lane)
        {
            var (even, odd) = (Vector256.Load(x + k / 2), Vector256.Load(x + half + k / 2));
            var pair = Vector256.Load((int*)(w0 + k));
            (e0, o0) = (Even(pair, even, e0), OddOf(pair, odd, o0));
            pair = Vector256.Load((int*)(w1 + k));
            (e1, o1) = (Even(pair, even, e1), OddOf(pair, odd, o1));
            pair = Vector256.Load((int*)(w2 + k));
            (e2, o2) = (Even(pair, even, e2), OddOf(pair, odd, o2));
            pair = Vector256.Load((int*)(w3 + k));
            (e3, o3) = (Even(pair, even, e3), OddOf(pair, odd, o3));
        }
        y[0] = Sum(e0, o0, w0, x, k, inputs, half);
        y[1] = Sum(e1, o1, w1, x, k, inputs, half);
        y[2] = Sum(e2, o2, w2, x, k, inputs, half);
        y[3] = Sum(e3, o3, w3, x, k, inputs, half);
    }

    /// <summary>Two outputs of two rows.</summary>
    private static void TwoByTwo(ushort* w, float* x, float* y, int inputs, int half, int outputs)
    {
        ushort* w0 = w, w1 = w + inputs;
        float* x0 = x, x1 = x + 2L * half;
        Vector256<float> e00 = default, e01 = default, e10 = default, e11 = default, o00 = default, o01 = default, o10 = default, o11 = default;
        var k = 0;
        for (; k <= inputs - Lane; k += Lane)
        {
            var (p0, p1) = (Vector256.Load((int*)(w0 + k)), Vector256.Load((int*)(w1 + k)));
            var (lo0, lo1) = (Vector256.ShiftLeft(p0, 16).AsSingle(), Vector256.ShiftLeft(p1, 16).AsSingle());
            var (hi0, hi1) = ((p0 & Odd).AsSingle(), (p1 & Odd).AsSingle());
            var part = Vector256.Load(x0 + k / 2);
            (e00, e01) = (Vector256.MultiplyAddEstimate(lo0, part, e00), Vector256.MultiplyAddEstimate(lo1, part, e01));
            part = Vector256.Load(x0 + half + k / 2);
            (o00, o01) = (Vector256.MultiplyAddEstimate(hi0, part, o00), Vector256.MultiplyAddEstimate(hi1, part, o01));
            part = Vector256.Load(x1 + k / 2);
            (e10, e11) = (Vector256.MultiplyAddEstimate(lo0, part, e10), Vector256.MultiplyAddEstimate(lo1, part, e11));
            part = Vector256.Load(x1 + half + k / 2);
            (o10, o11) = (Vector256.MultiplyAddEstimate(hi0, part, o10), Vector256.MultiplyAddEstimate(hi1, part, o11));
        }
        y[0] = Sum(e00, o00, w0, x0, k, inputs, half);
        y[1] = Sum(e01, o01, w1, x0, k, inputs, half);
        y[outputs] = Sum(e10, o10, w0, x1, k, inputs, half);
        y[outputs + 1] = Sum(e11, o11, w1, x1, k, inputs, half);
    }

    private static void One(ushort* w, float* x, float* y, int inputs, int half)
    {
        Vector256<float> e = default, o = default;
        var k = 0;
        for (; k <= inputs - Lane; k += Lane)
        {
            var pair = Vector256.Load((int*)(w + k));
            (e, o) = (Even(pair, Vector256.Load(x + k / 2), e), OddOf(pair, Vector256.Load(x + half + k / 2), o));
        }
        y[0] = Sum(e, o, w, x, k, inputs, half);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Even(Vector256<int> pair, Vector256<float> x, Vector256<float> sum) => Vector256.MultiplyAddEstimate(Vector256.ShiftLeft(pair, 16).AsSingle(), x, sum);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> OddOf(Vector256<int> pair, Vector256<float> x, Vector256<float> sum) => Vector256.MultiplyAddEstimate((pair & Odd).AsSingle(), x, sum);

    /// <summary>The lanes' sum, and the inputs behind the last whole vector.</summary>
    private static float Sum(Vector256<float> even, Vector256<float> odd, ushort* w, float* x, int k, int inputs, int half)
    {
        var sum = Vector256.Sum(even + odd);
        for (; k < inputs; k++) sum += BitConverter.Int32BitsToSingle(w[k] << 16) * x[(k % 2) * half + k / 2];
        return sum;
    }

    [LibraryImport("LibTorchSharp", EntryPoint = "THSTensor_data")]
    private static partial nint DataOf(nint tensor);
}
