// RowKernels.cs - what stands between the products of a decoder, on rows of float32 numbers on the CPU. Decoding one
// token makes some seventy calls of libtorch in each layer where a few of these do, and a call costs microseconds
// whatever it computes.
// M rows, D width of a row, B batch, T positions, H heads, d head width.
using System.Numerics;
using static TorchSharp.torch;

namespace OpenMU.Model.Kernels;

/// <summary>
/// Norm, rotation and gate in one pass over memory. Each row is computed by itself and in the same order, so it gets
/// the same numbers, bit for bit, alone and in any batch.
/// </summary>
internal static unsafe class RowKernels
{
    /// <summary>Fewer numbers than this are computed on one thread: waking another would take as long.</summary>
    private const long ParallelThreshold = 64 * 1024;

    /// <summary>
    /// Whether these kernels take tensors: contiguous float32 on the CPU, of which no gradient is wanted.
    /// </summary>
    public static bool Take(Tensor x, Tensor with) => IsPlain(x) && IsPlain(with)
        && !(is_grad_enabled() && (x.requires_grad || with.requires_grad));

    /// <summary>x / sqrt(mean(x^2) + eps) * weight: (.., D) and (D) -> (.., D).</summary>
    public static Tensor RmsNorm(Tensor x, Tensor weight, double eps)
    {
        var result = empty(x.shape);
        var dim = (int)weight.shape[0];
        float* source = DataOf(x), w = DataOf(weight), target = DataOf(result);
        ForRows(x.numel() / dim, dim, row =>
        {
            float* from = source + row * dim, to = target + row * dim;
            var scale = 1 / MathF.Sqrt(SumOfSquares(from, dim) / dim + (float)eps);
            var i = 0;
            for (; i <= dim - Vector<float>.Count; i += Vector<float>.Count)
                Vector.Store(Vector.Load(from + i) * scale * Vector.Load(w + i), to + i);
            for (; i < dim; i++) to[i] = from[i] * scale * w[i];
        });
        Keep(x, weight);
        return result;
    }

    /// <summary>silu(gate) * up, written over the gate: (.., D) and (.., D) -> (.., D).</summary>
    public static Tensor SiluProduct(Tensor gate, Tensor up)
    {
        var dim = (int)gate.shape[^1];
        float* g = DataOf(gate), u = DataOf(up);
        ForRows(gate.numel() / dim, dim, row =>
        {
            float* x = g + row * dim, y = u + row * dim;
            var i = 0;
            for (; i <= dim - Vector<float>.Count; i += Vector<float>.Count)
            {
                var value = Vector.Load(x + i);
                Vector.Store(value / (Vector<float>.One + Vector.Exp(-value)) * Vector.Load(y + i), x + i);
            }
            for (; i < dim; i++) x[i] = x[i] / (1 + MathF.Exp(-x[i])) * y[i];
        });
        Keep(gate, up);
        return gate;
    }

    /// <summary>x * cos + rotate_half(x) * sin, written over x.</summary>
    /// <param name="x">(B, T, H, d).</param>
    /// <param name="cosines">(B, 1, T, d), the two halves of d equal.</param>
    /// <param name="sines">Likewise.</param>
    public static Tensor Rotate(Tensor x, Tensor cosines, Tensor sines)
    {
        var (heads, dim) = (x.shape[2], (int)x.shape[3]);
        var half = dim / 2;
        float* data = DataOf(x), c = DataOf(cosines), s = DataOf(sines);
        ForRows(x.numel() / dim, dim, row =>
        {
            float* low = data + row * dim, high = low + half;
            float* cos = c + row / heads * dim, sin = s + row / heads * dim;
            var i = 0;
            for (; i <= half - Vector<float>.Count; i += Vector<float>.Count)
            {
                var (a, b) = (Vector.Load(low + i), Vector.Load(high + i));
                var (cosine, sine) = (Vector.Load(cos + i), Vector.Load(sin + i));
                Vector.Store(a * cosine - b * sine, low + i);
                Vector.Store(b * cosine + a * sine, high + i);
            }
            for (; i < half; i++)
                (low[i], high[i]) = (low[i] * cos[i] - high[i] * sin[i], high[i] * cos[i] + low[i] * sin[i]);
        });
        Keep(cosines, sines);
        return x;
    }

    private static float SumOfSquares(float* x, int length)
    {
        Vector<float> even = default, odd = default;
        var i = 0;
        for (; i <= length - 2 * Vector<float>.Count; i += 2 * Vector<float>.Count)
        {
            var (first, second) = (Vector.Load(x + i), Vector.Load(x + i + Vector<float>.Count));
            (even, odd) = (even + first * first, odd + second * second);
        }
        var sum = Vector.Sum(even + odd);
        for (; i < length; i++) sum += x[i] * x[i];
        return sum;
    }

    private static void ForRows(long rows, int dim, Action<long> work)
    {
        if (rows * dim < ParallelThreshold)
        {
            for (var row = 0L; row < rows; row++) work(row);
            return;
        }
        KernelThreads.For((int)rows, 1, (start, end) =>
        {
            for (var row = (long)start; row < end; row++) work(row);
        });
    }

    // The collector sees no use of a tensor in the use of its address.
    private static void Keep(Tensor x, Tensor y)
    {
        GC.KeepAlive(x);
        GC.KeepAlive(y);
    }

    private static bool IsPlain(Tensor x) => x.dtype == float32 && x.device_type == TorchSharp.DeviceType.CPU
        && x.is_contiguous();

    /// <summary>Where its numbers lie.</summary>
    public static float* DataOf(Tensor x) => (float*)Bf16Product.DataOf(x.Handle);
}
