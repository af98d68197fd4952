// Int8Matrix.cs - weights as 8-bit integers: a row of K numbers is cut into groups of 128, each with its own float32
// scale, the largest magnitude of the group divided by 127. A row lies in memory as its ceil(K / 128) scales and then
// its K integers, so a matrix (O, K) is one int8 tensor (O, 4 * ceil(K / 128) + K) of just over one byte a number.
// M rows of x, K inputs, O outputs.
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using OpenMU.Model.Weights;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace OpenMU.Model.Kernels;

/// <summary>
/// Weight-only quantisation, symmetric and by groups. The activations and all sums stay float32. As with
/// <see cref="Bf16Product"/>, a row gets the same numbers, bit for bit, alone and in a batch of up to
/// <see cref="Bf16Product.MaximumRows"/>.
/// </summary>
internal static unsafe class Int8Matrix
{
    public const int Group = 128;

    private const int Lanes = 16, AheadBytes = 16 * 1024;
    private const long BufferFloats = 2 * 1024 * 1024, RoundedNumbers = 8 * 1024 * 1024, ParallelThreshold = 256 * 1024;

    /// <summary>
    /// Whether this thread multiplies on the CPU too as on any other device, for tests: no GPU is at hand where they
    /// run.
    /// </summary>
    [field: ThreadStatic]
    internal static bool ByTorch { get; set; }

    /// <summary>Bytes of a packed row of K numbers.</summary>
    public static long Width(long inputs) => 4 * Groups(inputs) + inputs;

    /// <summary>Whether a stored tensor is a packed matrix of this shape.</summary>
    public static bool IsPacked(ScalarType type, IReadOnlyList<long> stored, IReadOnlyList<long> shape) =>
        type == int8 && shape.Count == 2 && stored.SequenceEqual([shape[0], Width(shape[1])]);

    /// <summary>A matrix (O, K) of any floating-point type -> packed (O, Width(K)), on the CPU.</summary>
    /// <exception cref="InvalidDataException">It holds infinities or NaN.</exception>
    public static Tensor Of(Tensor matrix)
    {
        var (outputs, inputs) = (matrix.shape[0], matrix.shape[1]);
        var packed = empty([outputs, Width(inputs)], dtype: int8);
        var rows = Math.Max(1, BufferFloats / inputs);
        for (long first = 0; first < outputs; first += rows)
        {
            using var scope = NewDisposeScope();
            var count = Math.Min(rows, outputs - first);
            var block = matrix.narrow(0, first, count).to(float32, CPU).contiguous();
            if (!Finite.All(block)) throw new InvalidDataException("A matrix holds infinities or NaN.");
            var source = (float*)Bf16Product.DataOf(block.Handle);
            var target = (sbyte*)Bf16Product.DataOf(packed.Handle) + first * Width(inputs);
            KernelThreads.For((int)count, 1, (start, end) =>
            {
                for (long row = start; row < end; row++)
                    Pack(source + row * inputs, target + row * Width(inputs), (int)inputs);
            });
        }
        return packed;
    }

    /// <summary>Packed rows (n, Width(K)) -> float32 (n, K), on the device of the rows.</summary>
    public static Tensor Widened(Tensor packed, long inputs)
    {
        using var scope = NewDisposeScope();
        var result = empty([packed.shape[0], inputs]);
        Widen(packed.cpu().contiguous(), result);
        return result.to(packed.device).MoveToOuterDisposeScope();
    }

    /// <summary>x (.., K) times the transpose of a packed matrix (O, Width(K)) -> (.., O), in the type of x.</summary>
    /// <param name="x">(.., K).</param>
    /// <param name="packed">(O, Width(K)).</param>
    /// <param name="rounds">As <see cref="Weights.WeightSource.RoundsToBf16"/>, for more rows than the
    /// kernel's.</param>
    public static Tensor Product(Tensor x, Tensor packed, bool rounds)
    {
        var inputs = x.shape[^1];
        if (packed.shape[1] != Width(inputs))
            throw new ArgumentException($"Rows of {packed.shape[1]} bytes are not those of {inputs} inputs.");
        if (ByTorch || packed.device_type != TorchSharp.DeviceType.CPU) return Int8Torch.Product(x, packed);
        using var scope = NewDisposeScope();
        var wide = x.to(float32).contiguous();
        var needsGradient = is_grad_enabled() && x.requires_grad;
        var product = !needsGradient && x.numel() / inputs <= Bf16Product.MaximumRows
            ? Few(wide, packed, (int)inputs)
            : Many(wide, packed, inputs, rounds && !needsGradient, needsGradient);
        return product.to(x.dtype).MoveToOuterDisposeScope();
    }

    private static long Groups(long inputs) => (inputs + Group - 1) / Group;

    private static void Pack(float* row, sbyte* packed, int inputs)
    {
        var numbers = packed + 4 * Groups(inputs);
        for (var first = 0; first < inputs; first += Group)
        {
            var end = Math.Min(inputs, first + Group);
            var largest = 0f;
            for (var k = first; k < end; k++) largest = Math.Max(largest, Math.Abs(row[k]));
            var scale = largest / sbyte.MaxValue;
            Unsafe.WriteUnaligned(packed + 4 * (first / Group), scale);
            for (var k = first; k < end; k++) numbers[k] = scale > 0 ? (sbyte)MathF.Round(row[k] / scale) : (sbyte)0;
        }
    }

    /// <summary>Packed rows (n, Width(K)) -> float32 (n, K), both on the CPU and contiguous.</summary>
    private static void Widen(Tensor packed, Tensor result)
    {
        var inputs = result.shape[1];
        var source = (sbyte*)Bf16Product.DataOf(packed.Handle);
        var target = (float*)Bf16Product.DataOf(result.Handle);
        KernelThreads.For((int)packed.shape[0], 1, (start, end) =>
        {
            for (long row = start; row < end; row++)
                Unpack(source + row * Width(inputs), target + row * inputs, (int)inputs);
        });
    }

    private static void Unpack(sbyte* packed, float* row, int inputs)
    {
        var numbers = packed + 4 * Groups(inputs);
        for (var first = 0; first < inputs; first += Group)
        {
            var (scale, k, end) = (Scale(packed, first / Group), first, Math.Min(inputs, first + Group));
            for (; k <= end - Lanes; k += Lanes) (Sixteen(numbers + k) * Vector512.Create(scale)).Store(row + k);
            for (; k < end; k++) row[k] = numbers[k] * scale;
        }
    }

    /// <summary>
    /// Many rows: the matrix is widened a block at a time. Blocks are so large because libtorch's threads meet after
    /// each product, those of bfloat16 larger still: it brings a matrix into an order of its own first.
    /// </summary>
    private static Tensor Many(Tensor x, Tensor packed, long inputs, bool rounds, bool needsGradient)
    {
        var outputs = packed.shape[0];
        var rows = Math.Max(1, (rounds ? RoundedNumbers : BufferFloats) / inputs);
        var narrow = rounds ? x.to(bfloat16) : x;
        var parts = new List<Tensor>();
        for (long first = 0; first < outputs; first += rows)
        {
            var some = packed.narrow(0, first, Math.Min(rows, outputs - first));
            // The backward pass needs the block again, so it must not share the buffer.
            using var block = needsGradient
                ? empty([some.shape[0], inputs])
                : BlockBuffer.Of(some.shape[0], inputs, narrow.dtype, CPU);
            if (rounds) Round(some, block);
            else Widen(some, block);
            parts.Add(functional.linear(narrow, block));
        }
        return parts is [var whole] ? whole : cat(parts, -1);
    }

    /// <summary>Packed rows (n, Width(K)) -> bfloat16 (n, K), rounded to nearest even.</summary>
    private static void Round(Tensor packed, Tensor result)
    {
        var inputs = result.shape[1];
        var source = (sbyte*)Bf16Product.DataOf(packed.Handle);
        var target = (ushort*)Bf16Product.DataOf(result.Handle);
        KernelThreads.For((int)packed.shape[0], 1, (start, end) =>
        {
            for (long row = start; row < end; row++)
                UnpackRounded(source + row * Width(inputs), target + row * inputs, (int)inputs);
        });
    }

    private static void UnpackRounded(sbyte* packed, ushort* row, int inputs)
    {
        var numbers = packed + 4 * Groups(inputs);
        for (var first = 0; first < inputs; first += Group)
        {
            var (scale, k, end) = (Scale(packed, first / Group), first, Math.Min(inputs, first + Group));
            for (; k <= end - 2 * Lanes; k += 2 * Lanes)
            {
                var low = UpperHalf(Sixteen(numbers + k) * Vector512.Create(scale));
                Vector512.Narrow(low, UpperHalf(Sixteen(numbers + k + Lanes) * Vector512.Create(scale))).Store(row + k);
            }
            for (; k < end; k++) row[k] = (ushort)UpperHalf(Vector512.Create(numbers[k] * scale))[0];
        }
    }

    /// <summary>The bits of bfloat16, to nearest even; the numbers are finite.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<uint> UpperHalf(Vector512<float> numbers)
    {
        var bits = numbers.AsUInt32();
        var isOdd = (bits >>> 16) & Vector512<uint>.One;
        return (bits + isOdd + Vector512.Create(0x7fffu)) >>> 16;
    }

    private static Tensor Few(Tensor x, Tensor packed, int inputs)
    {
        var (outputs, rows) = ((int)packed.shape[0], (int)(x.numel() / inputs));
        var result = empty([.. x.shape[..^1], outputs]);
        var w = (sbyte*)Bf16Product.DataOf(packed.Handle);
        var source = (float*)Bf16Product.DataOf(x.Handle);
        var y = (float*)Bf16Product.DataOf(result.Handle);
        if ((long)outputs * inputs * rows < ParallelThreshold) Range(w, source, y, 0, outputs, rows, inputs, outputs);
        else KernelThreads.For(outputs, 4, (start, end) => Range(w, source, y, start, end, rows, inputs, outputs));
        return result;
    }

    private static void Range(sbyte* w, float* x, float* y, int start, int end, int rows, int inputs, int outputs)
    {
        var width = Width(inputs);
        var o = start;
        for (; o + 4 <= end; o += 4)
        {
            var row = 0;
            for (; Avx512F.IsSupported && row + 4 <= rows; row += 4)
            {
                float* columns = x + (long)row * inputs, results = y + (long)row * outputs + o;
                TwoByFour(w + o * width, width, columns, results, inputs, outputs);
                TwoByFour(w + (o + 2) * width, width, columns, results + 2, inputs, outputs);
            }
            for (; row + 2 <= rows; row += 2)
            {
                float* columns = x + (long)row * inputs, results = y + (long)row * outputs + o;
                TwoByTwo(w + o * width, width, columns, results, inputs, outputs);
                TwoByTwo(w + (o + 2) * width, width, columns, results + 2, inputs, outputs);
            }
            if (row < rows && Avx512F.IsSupported)
            {
                for (var i = o; i < o + 4; i++)
                    y[(long)row * outputs + i] = One(w + i * width, x + (long)row * inputs, inputs);
            }
            else if (row < rows)
            {
                FourByOne(w + o * width, width, x + (long)row * inputs, y + (long)row * outputs + o, inputs);
            }
        }
        for (; o < end; o++)
        {
            for (var row = 0; row < rows; row++)
                y[(long)row * outputs + o] = One(w + o * width, x + (long)row * inputs, inputs);
        }
    }

    // Each output of each row is added in the same order in the three methods below.
    private static float One(sbyte* w, float* x, int inputs)
    {
        var numbers = w + 4 * Groups(inputs);
        Vector512<float> total = default;
        for (var first = 0; first < inputs; first += Group)
        {
            var end = Math.Min(inputs, first + Group);
            Vector512<float> sum = default;
            Ahead(numbers + first);
            for (var k = first; k <= end - Lanes; k += Lanes)
                sum = Add(Sixteen(numbers + k), Vector512.Load(x + k), sum);
            total = Add(sum, Vector512.Create(Scale(w, first / Group)), total);
        }
        return Vector512.Sum(total) + Rest(w, x, inputs);
    }

    private static void FourByOne(sbyte* w, long width, float* x, float* y, int inputs)
    {
        sbyte* w0 = w + 4 * Groups(inputs), w1 = w0 + width, w2 = w1 + width, w3 = w2 + width;
        Vector512<float> t0 = default, t1 = default, t2 = default, t3 = default;
        for (var first = 0; first < inputs; first += Group)
        {
            var (group, end) = (first / Group, Math.Min(inputs, first + Group));
            Vector512<float> s0 = default, s1 = default, s2 = default, s3 = default;
            for (var k = first; k <= end - Lanes; k += Lanes)
            {
                var columns = Vector512.Load(x + k);
                s0 = Add(Sixteen(w0 + k), columns, s0);
                s1 = Add(Sixteen(w1 + k), columns, s1);
                s2 = Add(Sixteen(w2 + k), columns, s2);
                s3 = Add(Sixteen(w3 + k), columns, s3);
            }
            t0 = Add(s0, Vector512.Create(Scale(w, group)), t0);
            t1 = Add(s1, Vector512.Create(Scale(w + width, group)), t1);
            t2 = Add(s2, Vector512.Create(Scale(w + 2 * width, group)), t2);
            t3 = Add(s3, Vector512.Create(Scale(w + 3 * width, group)), t3);
        }
        y[0] = Vector512.Sum(t0) + Rest(w, x, inputs);
        y[1] = Vector512.Sum(t1) + Rest(w + width, x, inputs);
        y[2] = Vector512.Sum(t2) + Rest(w + 2 * width, x, inputs);
        y[3] = Vector512.Sum(t3) + Rest(w + 3 * width, x, inputs);
    }

    private static void TwoByTwo(sbyte* w, long width, float* x, float* y, int inputs, int outputs)
    {
        sbyte* w0 = w + 4 * Groups(inputs), w1 = w0 + width;
        var x1 = x + inputs;
        Vector512<float> t00 = default, t01 = default, t10 = default, t11 = default;
        for (var first = 0; first < inputs; first += Group)
        {
            var end = Math.Min(inputs, first + Group);
            Vector512<float> s00 = default, s01 = default, s10 = default, s11 = default;
            for (var k = first; k <= end - Lanes; k += Lanes)
            {
                var (columns0, columns1) = (Vector512.Load(x + k), Vector512.Load(x1 + k));
                var numbers = Sixteen(w0 + k);
                (s00, s10) = (Add(numbers, columns0, s00), Add(numbers, columns1, s10));
                numbers = Sixteen(w1 + k);
                (s01, s11) = (Add(numbers, columns0, s01), Add(numbers, columns1, s11));
            }
            var scale = Vector512.Create(Scale(w, first / Group));
            (t00, t10) = (Add(s00, scale, t00), Add(s10, scale, t10));
            scale = Vector512.Create(Scale(w + width, first / Group));
            (t01, t11) = (Add(s01, scale, t01), Add(s11, scale, t11));
        }
        y[0] = Vector512.Sum(t00) + Rest(w, x, inputs);
        y[1] = Vector512.Sum(t01) + Rest(w + width, x, inputs);
        y[outputs] = Vector512.Sum(t10) + Rest(w, x1, inputs);
        y[outputs + 1] = Vector512.Sum(t11) + Rest(w + width, x1, inputs);
    }

    /// <summary>Two outputs of four rows, which takes the thirty-two registers of AVX-512.</summary>
    private static void TwoByFour(sbyte* w, long width, float* x, float* y, int inputs, int outputs)
    {
        sbyte* w0 = w + 4 * Groups(inputs), w1 = w0 + width;
        float* x1 = x + inputs, x2 = x1 + inputs, x3 = x2 + inputs;
        Vector512<float> t00 = default, t01 = default, t10 = default, t11 = default, t20 = default, t21 = default,
            t30 = default, t31 = default;
        for (var first = 0; first < inputs; first += Group)
        {
            var end = Math.Min(inputs, first + Group);
            Vector512<float> s00 = default, s01 = default, s10 = default, s11 = default, s20 = default, s21 = default,
                s30 = default, s31 = default;
            Ahead(w0 + first);
            Ahead(w1 + first);
            for (var k = first; k <= end - Lanes; k += Lanes)
            {
                var (n0, n1, columns) = (Sixteen(w0 + k), Sixteen(w1 + k), Vector512.Load(x + k));
                (s00, s01) = (Add(n0, columns, s00), Add(n1, columns, s01));
                columns = Vector512.Load(x1 + k);
                (s10, s11) = (Add(n0, columns, s10), Add(n1, columns, s11));
                columns = Vector512.Load(x2 + k);
                (s20, s21) = (Add(n0, columns, s20), Add(n1, columns, s21));
                columns = Vector512.Load(x3 + k);
                (s30, s31) = (Add(n0, columns, s30), Add(n1, columns, s31));
            }
            var scale = Vector512.Create(Scale(w, first / Group));
            (t00, t10) = (Add(s00, scale, t00), Add(s10, scale, t10));
            (t20, t30) = (Add(s20, scale, t20), Add(s30, scale, t30));
            scale = Vector512.Create(Scale(w + width, first / Group));
            (t01, t11) = (Add(s01, scale, t01), Add(s11, scale, t11));
            (t21, t31) = (Add(s21, scale, t21), Add(s31, scale, t31));
        }
        (y[0], y[1]) = (Vector512.Sum(t00) + Rest(w, x, inputs), Vector512.Sum(t01) + Rest(w + width, x, inputs));
        y += outputs;
        (y[0], y[1]) = (Vector512.Sum(t10) + Rest(w, x1, inputs), Vector512.Sum(t11) + Rest(w + width, x1, inputs));
        y += outputs;
        (y[0], y[1]) = (Vector512.Sum(t20) + Rest(w, x2, inputs), Vector512.Sum(t21) + Rest(w + width, x2, inputs));
        y += outputs;
        (y[0], y[1]) = (Vector512.Sum(t30) + Rest(w, x3, inputs), Vector512.Sum(t31) + Rest(w + width, x3, inputs));
    }

    /// <summary>Asks for the group of 128 bytes that will be read soon: a core alone reads half as fast.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Ahead(sbyte* numbers)
    {
        if (!Sse.IsSupported) return;
        Sse.Prefetch0(numbers + AheadBytes);
        Sse.Prefetch0(numbers + AheadBytes + (Group / 2));
    }

    /// <summary>The inputs after the last whole vector; there are some in the last group only.</summary>
    private static float Rest(sbyte* w, float* x, int inputs)
    {
        var sum = 0f;
        var numbers = w + 4 * Groups(inputs);
        for (var k = inputs - inputs % Lanes; k < inputs; k++) sum += numbers[k] * x[k];
        return sum == 0 ? 0 : sum * Scale(w, (int)Groups(inputs) - 1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Scale(sbyte* packed, int group) => Unsafe.ReadUnaligned<float>(packed + 4 * group);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Add(Vector512<float> a, Vector512<float> b, Vector512<float> sum) =>
        Vector512.MultiplyAddEstimate(a, b, sum);

    /// <summary>
    /// Sixteen integers as floats. Where the processor has no vectors of 512 bits, each is two of 256.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Sixteen(sbyte* numbers)
    {
        if (Avx512F.IsSupported)
            return Vector512.ConvertToSingle(Avx512F.ConvertToVector512Int32(Vector128.Load(numbers)));
        return Vector512.Create(Eight(numbers), Eight(numbers + 8));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Eight(sbyte* numbers)
    {
        if (Avx2.IsSupported) return Vector256.ConvertToSingle(Avx2.ConvertToVector256Int32(numbers));
        var shorts = Vector128.WidenLower(Vector128.CreateScalar(Unsafe.ReadUnaligned<long>(numbers)).AsSByte());
        return Vector256.ConvertToSingle(Vector256.Create(Vector128.WidenLower(shorts), Vector128.WidenUpper(shorts)));
    }
}
