// KvCache.cs - what attention remembers of a sequence, and the two ways in which queries meet keys.
// B batch, H heads, K key/value heads, G = H/K, n new positions, S all positions so far, d head width, L layers.
using OpenMU.Model.Families;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace OpenMU.Model.Decoder;

/// <summary>Keys and values of one sequence, allocated once for <see cref="Capacity"/> positions.</summary>
public sealed class KvCache : IDisposable
{
    private readonly Tensor keys, values;   // (L, K, capacity, d)
    private readonly LlamaConfig config;

    public KvCache(LlamaConfig config, int capacity, ScalarType type = ScalarType.Float32, Device? device = null)
    {
        if (capacity < 1 || capacity > config.MaxPositionEmbeddings)
            throw new ArgumentOutOfRangeException(nameof(capacity), $"A cache of {capacity} positions: the model knows 1 to {config.MaxPositionEmbeddings}.");
        (this.config, Capacity) = (config, capacity);
        long[] shape = [config.NumHiddenLayers, config.NumKeyValueHeads, capacity, config.HeadDim];
        keys = empty(shape, dtype: type, device: device).DetachFromDisposeScope();
        values = empty(shape, dtype: type, device: device).DetachFromDisposeScope();
    }

    public int Capacity { get; }

    /// <summary>Positions that are filled.</summary>
    public int Length { get; private set; }

    internal Device Device => keys.device;

    /// <summary>Another cache with the same content and room for <paramref name="capacity"/> positions.</summary>
    public KvCache Fork(int capacity)
    {
        if (capacity < Length) throw new ArgumentOutOfRangeException(nameof(capacity), $"{Length} positions do not fit into {capacity}.");
        var fork = new KvCache(config, capacity, keys.dtype, keys.device);
        fork.CopyFrom(this, 0);
        return fork;
    }

    public void Dispose()
    {
        keys.Dispose();
        values.Dispose();
    }

    /// <summary>Takes over another sequence's content from position <paramref name="start"/> on; before it the two must already agree.</summary>
    internal void CopyFrom(KvCache other, int start)
    {
        using var scope = NewDisposeScope();
        if (other.Length > start)
        {
            keys.narrow(2, start, other.Length - start).copy_(other.keys.narrow(2, start, other.Length - start));
            values.narrow(2, start, other.Length - start).copy_(other.values.narrow(2, start, other.Length - start));
        }
        Length = other.Length;
    }

    /// <summary>Writes the new positions' keys and values (K, n, d) behind the others and returns all of the layer's (K, S, d).</summary>
    internal (Tensor Keys, Tensor Values) Write(int layer, Tensor k, Tensor v)
    {
        var added = k.shape[1];
        var (layerKeys, layerValues) = (keys[layer], values[layer]);
        layerKeys.narrow(1, Length, added).copy_(k);
        layerValues.narrow(1, Length, added).copy_(v);
        return (layerKeys.narrow(1, 0, Length + added), layerValues.narrow(1, 0, Length + added));
    }

    internal void Advance(int added) => Length += added;

    /// <summary>Forgets what lies behind the first <paramref name="length"/> positions.</summary>
    internal void Truncate(int length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, Length);
        Length = length;
    }
}

/// <summary>How the queries of one forward pass meet keys and values.</summary>
internal abstract class AttentionPass
{
    /// <summary>q (B, H, n, d), k and v (B, K, n, d) -> (B, H, n, d).</summary>
    public abstract Tensor Attend(int layer, Tensor q, Tensor k, Tensor v);
}

/// <summary>Whole sequences at once, without memory: causal, and blind to padding. The pass of training.</summary>
internal sealed class CausalAttention(Tensor? mask) : AttentionPass
{
    private readonly Tensor? allowed = mask is null ? null : Allowed(mask);     // (B, 1, T, T)

    public override Tensor Attend(int layer, Tensor q, Tensor k, Tensor v)
    {
        var (B, K, T, d) = (k.shape[0], k.shape[1], k.shape[2], k.shape[3]);
        var G = q.shape[1] / K;
        if (G > 1)
        {
            k = k.unsqueeze(2).expand(B, K, G, T, d).reshape(B, K * G, T, d);   // key head g serves the query heads g*G .. g*G+G-1
            v = v.unsqueeze(2).expand(B, K, G, T, d).reshape(B, K * G, T, d);
        }
        return functional.scaled_dot_product_attention(q, k, v, allowed, is_casual: allowed is null);
    }

    /// <summary>Padding (B, T), 1 where a token is real. A padded position may see itself: a row with nothing to see would be 0/0.</summary>
    private static Tensor Allowed(Tensor mask)
    {
        var T = mask.shape[1];
        var causal = ones(T, T, dtype: ScalarType.Bool, device: mask.device).tril();
        var real = mask.to(ScalarType.Bool).unsqueeze(1) & causal;              // (B, T, T)
        return (real | eye(T, dtype: ScalarType.Bool, device: mask.device)).unsqueeze(1);
    }
}

/// <summary>New positions of several sequences side by side (B = 1), each with its own memory. No padding, whatever their lengths.</summary>
internal sealed class CachedAttention(IReadOnlyList<(KvCache Cache, int Added)> sequences) : AttentionPass
{
    private readonly Tensor?[] allowed = [.. sequences.Select(sequence => sequence.Added == 1 ? null : Allowed(sequence.Cache, sequence.Added))];

    public override Tensor Attend(int layer, Tensor q, Tensor k, Tensor v)
    {
        var (H, K, d) = (q.shape[1], k.shape[1], q.shape[3]);
        var outputs = new Tensor[sequences.Count];
        var row = 0;
        for (var i = 0; i < outputs.Length; i++)
        {
            var (cache, n) = sequences[i];
            var (keys, values) = cache.Write(layer, k[0].narrow(1, row, n), v[0].narrow(1, row, n));                // (K, S, d)
            // The G query heads of one key head become G*n rows of queries, so keys and values are never repeated.
            var queries = q[0].narrow(1, row, n).reshape(1, K, H / K * n, d);                                       // (1, K, G*n, d)
            var mask = allowed[i]?.repeat(H / K, 1);                                                                // (G*n, S)
            outputs[i] = functional.scaled_dot_product_attention(queries, keys.unsqueeze(0), values.unsqueeze(0), mask).view(1, H, n, d);
            row += n;
        }
        return outputs.Length == 1 ? outputs[0] : cat(outputs, 2);                                                  // (1, H, N, d)
    }

    /// <summary>(n, S): the i-th new position sees everything up to itself.</summary>
    private static Tensor Allowed(KvCache cache, int added)
        => ones(added, cache.Length + added, dtype: ScalarType.Bool, device: cache.Device).tril(cache.Length);
}
