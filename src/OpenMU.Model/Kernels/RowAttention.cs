// RowAttention.cs - attention of one new position to all positions of its sequence, float32 on the CPU.
// H heads, K key/value heads, G = H/K, S positions, C capacity of the cache, d head width.
using System.Numerics;

namespace OpenMU.Model.Kernels;

/// <summary>
/// softmax(q k / sqrt(d)) v, head by head. The G query heads of a key head read its keys and values once. Sums are
/// added in the same order whatever the number of threads.
/// </summary>
internal static unsafe class RowAttention
{
    /// <summary>Fewer multiplications than this run on one thread: waking another would take as long.</summary>
    private const long ParallelThreshold = 256 * 1024;

    [ThreadStatic] private static float[]? scores;

    /// <summary>Queries (H, d), keys and values (K, C, d) of which the first S positions count -> y (H, d).</summary>
    public static void Attend(float* q, float* keys, float* values, float* y, AttentionSizes sizes)
    {
        var (group, head) = (sizes.Heads / sizes.KvHeads, (long)sizes.Capacity * sizes.HeadDim);
        if ((long)sizes.Heads * sizes.Positions * sizes.HeadDim < ParallelThreshold) Range(0, sizes.KvHeads);
        else KernelThreads.For(sizes.KvHeads, 1, Range);

        void Range(int start, int end)
        {
            for (var k = start; k < end; k++)
            {
                var first = (long)k * group * sizes.HeadDim;
                Head(q + first, keys + k * head, values + k * head, y + first, group, sizes);
            }
        }
    }

    private static void Head(float* q, float* keys, float* values, float* y, int group, AttentionSizes sizes)
    {
        var (positions, dim) = (sizes.Positions, sizes.HeadDim);
        if (scores is null || scores.Length < group * positions)
            scores = GC.AllocateUninitializedArray<float>(2 * group * positions);
        var scale = 1 / MathF.Sqrt(dim);
        for (var s = 0; s < positions; s++)
        {
            for (var g = 0; g < group; g++)
                scores[g * positions + s] = scale * Dot(q + g * dim, keys + (long)s * dim, dim);
        }
        for (var g = 0; g < group; g++) Softmax(scores.AsSpan(g * positions, positions));
        new Span<float>(y, group * dim).Clear();
        for (var s = 0; s < positions; s++)
        {
            for (var g = 0; g < group; g++)
                Add(scores[g * positions + s], values + (long)s * dim, y + g * dim, dim);
        }
    }

    private static float Dot(float* x, float* y, int length)
    {
        Vector<float> even = default, odd = default;
        var i = 0;
        for (; i <= length - 2 * Vector<float>.Count; i += 2 * Vector<float>.Count)
        {
            even = Vector.MultiplyAddEstimate(Vector.Load(x + i), Vector.Load(y + i), even);
            odd = Vector.MultiplyAddEstimate(
                Vector.Load(x + i + Vector<float>.Count), Vector.Load(y + i + Vector<float>.Count), odd);
        }
        var sum = Vector.Sum(even + odd);
        for (; i < length; i++) sum += x[i] * y[i];
        return sum;
    }

    private static void Softmax(Span<float> x)
    {
        var (most, sum) = (float.NegativeInfinity, 0f);
        foreach (var value in x) most = MathF.Max(most, value);
        for (var i = 0; i < x.Length; i++) sum += x[i] = MathF.Exp(x[i] - most);
        for (var i = 0; i < x.Length; i++) x[i] /= sum;
    }

    private static void Add(float weight, float* x, float* y, int length)
    {
        var i = 0;
        for (; i <= length - Vector<float>.Count; i += Vector<float>.Count)
        {
            var sum = Vector.MultiplyAddEstimate(Vector.Create(weight), Vector.Load(x + i), Vector.Load(y + i));
            Vector.Store(sum, y + i);
        }

        for (; i < length; i++) y[i] += weight * x[i];
    }
}

/// <summary>The sizes of one attention.</summary>
/// <param name="Heads">H.</param>
/// <param name="KvHeads">K.</param>
/// <param name="Positions">S, the new one included.</param>
/// <param name="Capacity">C.</param>
/// <param name="HeadDim">d.</param>
internal readonly record struct AttentionSizes(int Heads, int KvHeads, int Positions, int Capacity, int HeadDim);
