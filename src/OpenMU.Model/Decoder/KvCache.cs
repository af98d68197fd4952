// KvCache.cs - the KV cache of one sequence, and attention over whole sequences (training) or cached ones (generation).
// B batch, H heads, K key/value heads, G = H/K, n new positions, S all positions so far, d head width, L layers.
using OpenMU.Model.Families;
using OpenMU.Model.Kernels;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace OpenMU.Model.Decoder;

/// <summary>
/// The keys and values of one sequence in all layers, allocated once for <see cref="Capacity"/> positions.
/// </summary>
public sealed class KvCache : IDisposable
{
    private readonly Tensor keys, values;   // (L, K, capacity, d)
    private readonly LlamaConfig config;

    /// <exception cref="ArgumentOutOfRangeException">The capacity is not between 1 and
    /// max_position_embeddings.</exception>
    public KvCache(LlamaConfig config, int capacity, ScalarType type = ScalarType.Float32, Device? device = null)
    {
        if (capacity < 1 || capacity > config.MaxPositionEmbeddings)
        {
            throw new ArgumentOutOfRangeException(
                nameof(capacity),
                $"A cache of {capacity} positions: it must have 1 to {config.MaxPositionEmbeddings}.");
        }
        (this.config, Capacity) = (config, capacity);
        long[] shape = [config.NumHiddenLayers, config.NumKeyValueHeads, capacity, config.HeadDim];
        IsPlain = type == ScalarType.Float32 && (device ?? CPU).type == TorchSharp.DeviceType.CPU;
        keys = empty(shape, dtype: type, device: device).DetachFromDisposeScope();
        values = empty(shape, dtype: type, device: device).DetachFromDisposeScope();
    }

    public int Capacity { get; }

    /// <summary>Positions that are filled.</summary>
    public int Length { get; private set; }

    internal Device Device => keys.device;

    /// <summary>Whether our own kernels read it: float32 on the CPU.</summary>
    internal bool IsPlain { get; }

    /// <summary>A copy with room for <paramref name="capacity"/> positions.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The filled positions do not fit.</exception>
    public KvCache Fork(int capacity)
    {
        if (capacity < Length)
            throw new ArgumentOutOfRangeException(nameof(capacity), $"{Length} positions do not fit into {capacity}.");
        var fork = new KvCache(config, capacity, keys.dtype, keys.device);
        fork.CopyFrom(this, 0);
        return fork;
    }

    public void Dispose()
    {
        keys.Dispose();
        values.Dispose();
    }

    /// <summary>
    /// Copies another cache from position <paramref name="start"/> on; before it the two must already be equal.
    /// </summary>
    internal void CopyFrom(KvCache other, int start)
    {
        using var scope = NewDisposeScope();
        var count = other.Length - start;
        if (count > 0)
        {
            keys.narrow(2, start, count).copy_(other.keys.narrow(2, start, count));
            values.narrow(2, start, count).copy_(other.values.narrow(2, start, count));
        }
        Length = other.Length;
    }

    /// <summary>
    /// Stores the new positions' keys and values (K, n, d) of a layer and returns all of that layer's (K, S, d). The
    /// length changes only with <see cref="Advance"/>, once all layers are stored.
    /// </summary>
    internal (Tensor Keys, Tensor Values) Update(int layer, Tensor k, Tensor v)
    {
        var added = k.shape[1];
        var (layerKeys, layerValues) = (keys[layer], values[layer]);                    // (K, capacity, d)
        layerKeys.narrow(1, Length, added).copy_(k);
        layerValues.narrow(1, Length, added).copy_(v);
        return (layerKeys.narrow(1, 0, Length + added), layerValues.narrow(1, 0, Length + added));
    }

    /// <summary>
    /// <see cref="Update"/> with one new position's key and value (K, d), and its attention: q (H, d) -> y (H, d).
    /// </summary>
    internal unsafe void Attend(int layer, float* q, float* k, float* v, float* y, int heads)
    {
        var (kvHeads, dim) = (config.NumKeyValueHeads, config.HeadDim);
        var first = (long)layer * kvHeads * Capacity * dim;
        var (bytes, head) = (dim * sizeof(float), (long)Capacity * dim);
        float* layerKeys = RowKernels.DataOf(keys) + first, layerValues = RowKernels.DataOf(values) + first;
        for (var i = 0; i < kvHeads; i++)
        {
            Buffer.MemoryCopy(k + i * dim, layerKeys + i * head + (long)Length * dim, bytes, bytes);
            Buffer.MemoryCopy(v + i * dim, layerValues + i * head + (long)Length * dim, bytes, bytes);
        }
        RowAttention.Attend(q, layerKeys, layerValues, y, new(heads, kvHeads, Length + 1, Capacity, dim));
    }

    internal void Advance(int added) => Length += added;

    /// <summary>Drops everything after the first <paramref name="length"/> positions.</summary>
    internal void Truncate(int length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, Length);
        Length = length;
    }
}

/// <summary>
/// The attention of one forward pass: which keys and values the queries see, and where they are stored.
/// </summary>
internal abstract class AttentionPass
{
    /// <summary>q (B, H, n, d), k and v (B, K, n, d) -> (B, H, n, d).</summary>
    public abstract Tensor Attend(int layer, Tensor q, Tensor k, Tensor v);
}

/// <summary>Causal attention over whole sequences without a cache, as in training. Padding is masked.</summary>
/// <param name="mask">(B, T), 1 where a position is real; null when there is no padding.</param>
internal sealed class CausalAttention(Tensor? mask) : AttentionPass
{
    private readonly Tensor? allowed = mask is null ? null : Allowed(mask);     // (B, 1, T, T)

    public override Tensor Attend(int layer, Tensor q, Tensor k, Tensor v)
    {
        var (B, K, T, d) = (k.shape[0], k.shape[1], k.shape[2], k.shape[3]);
        var G = q.shape[1] / K;
        if (G > 1)
        {
            // Key head g serves the query heads g*G .. g*G+G-1.
            k = k.unsqueeze(2).expand(B, K, G, T, d).reshape(B, K * G, T, d);           // (B, H, T, d)
            v = v.unsqueeze(2).expand(B, K, G, T, d).reshape(B, K * G, T, d);           // (B, H, T, d)
        }
        return functional.scaled_dot_product_attention(q, k, v, allowed, is_casual: allowed is null);
    }

    /// <summary>
    /// (B, T) -> (B, 1, T, T). A padded position may attend to itself, because softmax over a fully masked row is NaN.
    /// </summary>
    private static Tensor Allowed(Tensor mask)
    {
        var T = mask.shape[1];
        var causal = ones(T, T, dtype: ScalarType.Bool, device: mask.device).tril();
        var real = mask.to(ScalarType.Bool).unsqueeze(1) & causal;                      // (B, T, T)
        return (real | eye(T, dtype: ScalarType.Bool, device: mask.device)).unsqueeze(1);
    }
}

/// <summary>
/// New positions of several sequences in one row (B = 1), each sequence with its own cache. Their lengths may
/// differ without any padding.
/// </summary>
internal sealed class CachedAttention(IReadOnlyList<(KvCache Cache, int Added)> sequences) : AttentionPass
{
    private readonly Tensor?[] allowed =
        [.. sequences.Select(sequence => sequence.Added == 1 ? null : Allowed(sequence.Cache, sequence.Added))];

    public override Tensor Attend(int layer, Tensor q, Tensor k, Tensor v)
    {
        var (qRows, kRows, vRows) = (q.transpose(1, 2), k.transpose(1, 2), v.transpose(1, 2));
        if (RowKernels.Take(qRows, kRows) && RowKernels.Take(qRows, vRows) && sequences.All(one => one.Cache.IsPlain))
            return AttendRows(layer, qRows, kRows, vRows);
        var outputs = new Tensor[sequences.Count];
        var row = 0;
        for (var i = 0; i < outputs.Length; i++)
        {
            outputs[i] = Attend(i, layer, q, k, v, row);                                                // (1, H, n, d)
            row += sequences[i].Added;
        }
        return outputs.Length == 1 ? outputs[0] : cat(outputs, 2);                                      // (1, H, N, d)
    }

    /// <summary>
    /// q (1, N, H, d), k and v (1, N, K, d) -> (1, H, N, d); by our own kernel where one position is new.
    /// </summary>
    private unsafe Tensor AttendRows(int layer, Tensor q, Tensor k, Tensor v)
    {
        var (N, H, K, d) = (q.shape[1], q.shape[2], k.shape[2], q.shape[3]);
        var result = empty(1, N, H, d);
        float* queries = RowKernels.DataOf(q), keys = RowKernels.DataOf(k), values = RowKernels.DataOf(v);
        var y = RowKernels.DataOf(result);
        var row = 0;
        for (var i = 0; i < sequences.Count; i++)
        {
            var (cache, n) = sequences[i];
            if (n == 1)
            {
                cache.Attend(
                    layer, queries + row * H * d, keys + row * K * d, values + row * K * d, y + row * H * d, (int)H);
            }
            else
            {
                var one = Attend(i, layer, q.transpose(1, 2), k.transpose(1, 2), v.transpose(1, 2), row);
                result.narrow(1, row, n).copy_(one.transpose(1, 2));
            }
            row += n;
        }
        GC.KeepAlive((q, k, v));
        return result.transpose(1, 2);
    }

    /// <summary>The i-th sequence, whose new positions begin at a row: (1, H, n, d).</summary>
    private Tensor Attend(int i, int layer, Tensor q, Tensor k, Tensor v, int row)
    {
        var (H, K, d) = (q.shape[1], k.shape[1], q.shape[3]);
        var (cache, n) = sequences[i];
        var (keys, values) = cache.Update(layer, k[0].narrow(1, row, n), v[0].narrow(1, row, n));       // (K, S, d)
        // The G query heads of one key head become G*n query rows, so keys and values are never repeated.
        var queries = q[0].narrow(1, row, n).reshape(1, K, H / K * n, d);                              // (1, K, G*n, d)
        var mask = allowed[i]?.repeat(H / K, 1);                                                       // (G*n, S)
        return functional.scaled_dot_product_attention(queries, keys.unsqueeze(0), values.unsqueeze(0), mask)
            .view(1, H, n, d);
    }

    /// <summary>(n, S): the i-th new position attends to everything up to itself.</summary>
    private static Tensor Allowed(KvCache cache, int added)
        => ones(added, cache.Length + added, dtype: ScalarType.Bool, device: cache.Device).tril(cache.Length);
}
