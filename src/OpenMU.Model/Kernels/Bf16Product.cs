// Bf16Product.cs - a few rows times a bfloat16 matrix, read where it is stored. M rows of x (at most 16), K inputs, O
// outputs. Decoding one token reads every weight once, so memory bandwidth bounds the speed: nothing but the result is
// written. A bfloat16 is the upper half of a float32. Two of them are loaded as one 32-bit lane: shifted left it is the
// even one, masked it is the odd one. x is therefore split into its even and odd elements, and no lane is ever
// shuffled. Vector256 compiles to AVX2 with FMA where available, and to the platform's own instructions elsewhere.
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using static TorchSharp.torch;

namespace OpenMU.Model.Kernels;

/// <summary>
/// Each sum is added in the same order whatever the number of rows and threads, so a sequence gets the same numbers,
/// bit for bit, alone and in a batch.
/// </summary>
internal static unsafe partial class Bf16Product
{
    public const int MaximumRows = 16;

    private const int Lane = 16;    // bfloat16 numbers in 256 bits

    /// <summary>
    /// Fewer multiplications than this run on one thread: waking another would cost more than it saves.
    /// </summary>
    private const long ParallelThreshold = 512 * 1024;

    private static readonly Vector256<int> Odd = Vector256.Create(unchecked((int)0xFFFF0000));

    [ThreadStatic] private static float[]? split;

    /// <summary>
    /// x (.., K) float32 with at most 16 rows, weight (O, K) bfloat16, both contiguous on the CPU -> (.., O).
    /// </summary>
    public static Tensor Multiply(Tensor x, Tensor weight)
    {
        var (outputs, inputs) = ((int)weight.shape[0], (int)weight.shape[1]);
        var rows = (int)(x.numel() / inputs);
        var result = empty([.. x.shape[..^1], outputs]);
        var w = (ushort*)DataOf(weight.Handle);
        var source = (float*)DataOf(x.Handle);
        var y = (float*)DataOf(result.Handle);
        var half = (inputs + 1) / 2;
        if (split is null || split.Length < 2 * half * rows)
            split = GC.AllocateUninitializedArray<float>(2 * half * rows, pinned: true);
        var columns = (float*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(split));
        for (var row = 0; row < rows; row++)
            Split(source + (long)row * inputs, columns + 2L * half * row, inputs, half);
        if ((long)outputs * inputs * rows < ParallelThreshold)
        {
            Range(w, columns, y, 0, outputs, rows, inputs, half, outputs);
        }
        else
        {
            KernelThreads.For(
                outputs, 4, (start, end) => Range(w, columns, y, start, end, rows, inputs, half, outputs));
        }
        return result;
    }

    private static void Split(float* x, float* columns, int inputs, int half)
    {
        for (var k = 0; k < inputs / 2; k++) (columns[k], columns[half + k]) = (x[2 * k], x[2 * k + 1]);
        if (inputs % 2 == 1) (columns[half - 1], columns[2 * half - 1]) = (x[inputs - 1], 0);
    }

    private static void Range(
        ushort* w, float* x, float* y, int start, int end, int rows, int inputs, int half, int outputs)
    {
        if (Avx512F.IsSupported)
        {
            Bf16Product512.Range(w, x, y, start, end, rows, inputs, half, outputs);
            return;
        }
        var o = start;
        for (; o + 4 <= end; o += 4)
        {
            var row = 0;
            for (; row + 2 <= rows; row += 2)
            {
                FourByTwo(
                    w + (long)o * inputs, x + 2L * half * row, y + (long)row * outputs + o, inputs, half, outputs);
            }
            if (row < rows)
                FourByOne(w + (long)o * inputs, x + 2L * half * row, y + (long)row * outputs + o, inputs, half);
        }
        for (; o < end; o++)
        {
            for (var row = 0; row < rows; row++)
                OneByOne(w + (long)o * inputs, x + 2L * half * row, y + (long)row * outputs + o, inputs, half);
        }
    }

    /// <summary>Four outputs of one row: each load of x serves four streams of weights.</summary>
    private static void FourByOne(ushort* w, float* x, float* y, int inputs, int half)
    {
        ushort* w0 = w, w1 = w + inputs, w2 = w + 2L * inputs, w3 = w + 3L * inputs;
        Vector256<float> s0 = default, s1 = default, s2 = default, s3 = default;
        var k = 0;
        for (; k <= inputs - Lane; k += Lane)
        {
            var (even, odd) = (Vector256.Load(x + k / 2), Vector256.Load(x + half + k / 2));
            s0 = Add(Vector256.Load((int*)(w0 + k)), even, odd, s0);
            s1 = Add(Vector256.Load((int*)(w1 + k)), even, odd, s1);
            s2 = Add(Vector256.Load((int*)(w2 + k)), even, odd, s2);
            s3 = Add(Vector256.Load((int*)(w3 + k)), even, odd, s3);
        }
        y[0] = Sum(s0, w0, x, k, inputs, half);
        y[1] = Sum(s1, w1, x, k, inputs, half);
        y[2] = Sum(s2, w2, x, k, inputs, half);
        y[3] = Sum(s3, w3, x, k, inputs, half);
    }

    /// <summary>
    /// Four outputs of two rows: with many rows x no longer fits the first-level cache, so each of its
    /// loads serves four outputs.
    /// </summary>
    private static void FourByTwo(ushort* w, float* x, float* y, int inputs, int half, int outputs)
    {
        ushort* w0 = w, w1 = w + inputs, w2 = w + 2L * inputs, w3 = w + 3L * inputs;
        float* x0 = x, x1 = x + 2L * half;
        Vector256<float> s00 = default, s01 = default, s02 = default, s03 = default, s10 = default, s11 = default,
            s12 = default, s13 = default;
        var k = 0;
        for (; k <= inputs - Lane; k += Lane)
        {
            var (even0, odd0) = (Vector256.Load(x0 + k / 2), Vector256.Load(x0 + half + k / 2));
            var (even1, odd1) = (Vector256.Load(x1 + k / 2), Vector256.Load(x1 + half + k / 2));
            var pair = Vector256.Load((int*)(w0 + k));
            (s00, s10) = (Add(pair, even0, odd0, s00), Add(pair, even1, odd1, s10));
            pair = Vector256.Load((int*)(w1 + k));
            (s01, s11) = (Add(pair, even0, odd0, s01), Add(pair, even1, odd1, s11));
            pair = Vector256.Load((int*)(w2 + k));
            (s02, s12) = (Add(pair, even0, odd0, s02), Add(pair, even1, odd1, s12));
            pair = Vector256.Load((int*)(w3 + k));
            (s03, s13) = (Add(pair, even0, odd0, s03), Add(pair, even1, odd1, s13));
        }
        y[0] = Sum(s00, w0, x0, k, inputs, half);
        y[1] = Sum(s01, w1, x0, k, inputs, half);
        y[2] = Sum(s02, w2, x0, k, inputs, half);
        y[3] = Sum(s03, w3, x0, k, inputs, half);
        y[outputs] = Sum(s10, w0, x1, k, inputs, half);
        y[outputs + 1] = Sum(s11, w1, x1, k, inputs, half);
        y[outputs + 2] = Sum(s12, w2, x1, k, inputs, half);
        y[outputs + 3] = Sum(s13, w3, x1, k, inputs, half);
    }

    private static void OneByOne(ushort* w, float* x, float* y, int inputs, int half)
    {
        Vector256<float> sum = default;
        var k = 0;
        for (; k <= inputs - Lane; k += Lane)
            sum = Add(Vector256.Load((int*)(w + k)), Vector256.Load(x + k / 2), Vector256.Load(x + half + k / 2), sum);
        y[0] = Sum(sum, w, x, k, inputs, half);
    }

    /// <summary>sum + even weights * even elements of x + odd weights * odd elements.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Add(
        Vector256<int> pair, Vector256<float> even, Vector256<float> odd, Vector256<float> sum)
        => Vector256.MultiplyAddEstimate((pair & Odd).AsSingle(), odd, Vector256.MultiplyAddEstimate(
            Vector256.ShiftLeft(pair, 16).AsSingle(), even, sum));

    /// <summary>The sum of the lanes, plus the inputs after the last whole vector.</summary>
    private static float Sum(Vector256<float> lanes, ushort* w, float* x, int k, int inputs, int half)
    {
        var sum = Vector256.Sum(lanes);
        for (; k < inputs; k++) sum += BitConverter.Int32BitsToSingle(w[k] << 16) * x[(k % 2) * half + k / 2];
        return sum;
    }

    [LibraryImport("LibTorchSharp", EntryPoint = "THSTensor_data")]
    internal static partial nint DataOf(nint tensor);
}
