// BatchedKvCache.cs - one KV cache for a whole batch: sequences of equal length, padded where they are shorter.
// B sequences, n new positions, S positions so far, C capacity, H heads, K key/value heads, G = H/K, d head width.
using OpenMU.Model.Families;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace OpenMU.Model.Decoder;

/// <summary>The keys and values of a padded batch, and attention over them.</summary>
internal sealed class BatchedKvCache : AttentionPass, IDisposable
{
    private readonly Tensor[] keys, values;         // per layer (B, K, C, d)
    private readonly int layers;
    private Tensor mask;                            // (B, C), false on padding

    /// <summary>An empty cache.</summary>
    /// <param name="config">The language model's sizes.</param>
    /// <param name="mask">(B, T), 0 on the padding of the prompts that will be prefilled.</param>
    /// <param name="reserve">Positions to allocate beyond T.</param>
    public BatchedKvCache(LlamaConfig config, Tensor mask, int reserve)
        : this(config.NumHiddenLayers, Extended(mask.to(ScalarType.Bool), reserve))
    {
    }

    private BatchedKvCache(int layers, Tensor mask)
    {
        this.layers = layers;
        (keys, values) = (new Tensor[layers], new Tensor[layers]);
        this.mask = mask.DetachFromDisposeScope();
    }

    /// <summary>Positions that are filled.</summary>
    public int Length { get; private set; }

    /// <summary>A new cache whose i-th sequence continues sequence rows[i] of this one.</summary>
    /// <param name="rows">(B) of the new cache: any rows in any order, repeated or left out.</param>
    /// <param name="nextMask">(B, T), 0 on the padding of what will be prefilled next.</param>
    /// <param name="reserve">Positions to allocate beyond T.</param>
    public BatchedKvCache Fork(Tensor rows, Tensor nextMask, int reserve)
    {
        using var scope = NewDisposeScope();
        var filled = mask.narrow(1, 0, Length).index_select(0, rows);                               // (B, S)
        var fork = new BatchedKvCache(layers, Extended(cat([filled, nextMask.to(ScalarType.Bool)], 1), reserve));
        for (var layer = 0; layer < layers; layer++)
        {
            // The selected copies live for one layer at a time.
            using var copies = NewDisposeScope();
            fork.Append(fork.keys, layer, keys[layer].narrow(2, 0, Length).index_select(0, rows));
            fork.Append(fork.values, layer, values[layer].narrow(2, 0, Length).index_select(0, rows));
        }
        fork.Length = Length;
        return fork;
    }

    public override Tensor Attend(int layer, Tensor q, Tensor k, Tensor v)
    {
        var (B, H, n, d, K) = (q.shape[0], q.shape[1], q.shape[2], q.shape[3], k.shape[1]);
        var S = Length + n;
        Append(keys, layer, k);
        Append(values, layer, v);
        // The G query heads of one key head become G*n query rows, so keys and values are never repeated.
        var y = functional.scaled_dot_product_attention(
            q.reshape(B, K, H / K * n, d),                                                          // (B, K, G*n, d)
            keys[layer].narrow(2, 0, S),                                                            // (B, K, S, d)
            values[layer].narrow(2, 0, S),                                                          // (B, K, S, d)
            Allowed(n, S).repeat(1, 1, H / K, 1));                                                  // (B, 1, G*n, S)
        if (layer == layers - 1) Length = (int)S;
        return y.view(B, H, n, d);
    }

    /// <summary>Keeps only these sequences, in this order.</summary>
    /// <param name="rows">Their indices.</param>
    public void SelectRows(Tensor rows)
    {
        Replace(ref mask, mask.index_select(0, rows));
        for (var layer = 0; layer < layers; layer++)
        {
            Replace(ref keys[layer], keys[layer].index_select(0, rows));
            Replace(ref values[layer], values[layer].index_select(0, rows));
        }
    }

    public void Dispose()
    {
        mask.Dispose();
        foreach (var tensor in keys.Concat(values)) tensor?.Dispose();
    }

    private static Tensor Extended(Tensor mask, int reserve)
        => cat([mask, ones(mask.shape[0], reserve, dtype: ScalarType.Bool, device: mask.device)], 1);

    private static void Replace(ref Tensor old, Tensor replacement)
    {
        old.Dispose();
        old = replacement.DetachFromDisposeScope();
    }

    private void Append(Tensor[] cache, int layer, Tensor added)
    {
        cache[layer] ??= empty(
            [added.shape[0], added.shape[1], mask.shape[1], added.shape[3]], dtype: added.dtype, device: added.device)
            .DetachFromDisposeScope();
        cache[layer].narrow(2, Length, added.shape[2]).copy_(added);
    }

    /// <summary>
    /// (B, 1, n, S): a new position attends to all real positions up to itself. A padded one attends to itself, because
    /// softmax over a fully masked row is NaN.
    /// </summary>
    private Tensor Allowed(long n, long S)
    {
        var allowed = mask.narrow(1, 0, S).unsqueeze(1);                                            // (B, 1, S)
        if (n > 1)
        {
            var causal = ones(n, S, dtype: ScalarType.Bool, device: mask.device).tril(Length);      // (n, S)
            var self = eye(S, dtype: ScalarType.Bool, device: mask.device).narrow(0, Length, n);    // (n, S)
            allowed = (allowed & causal) | self;                                                    // (B, n, S)
        }
        return allowed.unsqueeze(1);
    }
}
