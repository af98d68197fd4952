// PaddedSequences.cs - the memory of many texts that are written side by side.
// B sequences, n new positions, S positions so far, C room, H heads, K key/value heads, G = H/K, d head width.
using OpenMU.Model.Families;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace OpenMU.Model.Decoder;

/// <summary>Sequences of equal length with their memories, some of whose positions are padding.</summary>
internal sealed class BatchedKvCache : AttentionPass, IDisposable
{
    private readonly Tensor[] keys, values;         // (B, K, C, d) a layer
    private readonly int layers;
    private Tensor real;                            // (B, C)

    /// <summary>Sequences of which nothing has been read yet.</summary>
    /// <param name="config">Of the language model.</param>
    /// <param name="mask">(B, T), 0 on padding of what is to be read.</param>
    /// <param name="room">Further positions.</param>
    public BatchedKvCache(LlamaConfig config, Tensor mask, int room) : this(config.NumHiddenLayers, WithRoom(mask.to(ScalarType.Bool), room))
    {
    }

    private BatchedKvCache(int layers, Tensor real)
    {
        this.layers = layers;
        (keys, values) = (new Tensor[layers], new Tensor[layers]);
        this.real = real.DetachFromDisposeScope();
    }

    /// <summary>Positions that are filled.</summary>
    public int Length { get; private set; }

    /// <summary>New sequences: the i-th goes on from where number rows[i] of these is.</summary>
    /// <param name="rows">(B), any number, in any order, several from one if need be.</param>
    /// <param name="mask">(B, T), 0 on padding of what is to be read next.</param>
    /// <param name="room">Further positions.</param>
    public BatchedKvCache Continue(Tensor rows, Tensor mask, int room)
    {
        using var scope = NewDisposeScope();
        var read = real.narrow(1, 0, Length).index_select(0, rows);
        var next = new BatchedKvCache(layers, WithRoom(cat([read, mask.to(ScalarType.Bool)], 1), room));
        for (var layer = 0; layer < layers; layer++)
        {
            // What is copied out lives for one layer at a time.
            using var copies = NewDisposeScope();
            next.Remember(next.keys, layer, keys[layer].narrow(2, 0, Length).index_select(0, rows));
            next.Remember(next.values, layer, values[layer].narrow(2, 0, Length).index_select(0, rows));
        }
        next.Length = Length;
        return next;
    }

    public override Tensor Attend(int layer, Tensor q, Tensor k, Tensor v)
    {
        var (B, H, n, d, K, S) = (q.shape[0], q.shape[1], q.shape[2], q.shape[3], k.shape[1], Length + q.shape[2]);
        Remember(keys, layer, k);
        Remember(values, layer, v);
        // The G query heads of one key head become G*n rows of queries, so keys and values are never repeated.
        var y = functional.scaled_dot_product_attention(
            q.reshape(B, K, H / K * n, d), keys[layer].narrow(2, 0, S), values[layer].narrow(2, 0, S), Allowed(n, S).repeat(1, 1, H / K, 1));
        if (layer == layers - 1) Length = (int)S;
        return y.view(B, H, n, d);
    }

    /// <summary>Forgets all but these sequences.</summary>
    public void Keep(Tensor rows)
    {
        Replace(ref real, real.index_select(0, rows));
        for (var layer = 0; layer < layers; layer++)
        {
            Replace(ref keys[layer], keys[layer].index_select(0, rows));
            Replace(ref values[layer], values[layer].index_select(0, rows));
        }
    }

    public void Dispose()
    {
        real.Dispose();
        foreach (var tensor in keys.Concat(values)) tensor?.Dispose();
    }

    private static Tensor WithRoom(Tensor real, int room) => cat([real, ones(real.shape[0], room, dtype: ScalarType.Bool, device: real.device)], 1);

    private static void Replace(ref Tensor old, Tensor by)
    {
        old.Dispose();
        old = by.DetachFromDisposeScope();
    }

    private void Remember(Tensor[] memory, int layer, Tensor added)
    {
        memory[layer] ??= empty([added.shape[0], added.shape[1], real.shape[1], added.shape[3]], dtype: added.dtype, device: added.device).DetachFromDisposeScope();
        memory[layer].narrow(2, Length, added.shape[2]).copy_(added);
    }

    /// <summary>(B, 1, n, S): a new position sees what is real up to itself. A padded one sees itself: a row with nothing to see would be 0/0.</summary>
    private Tensor Allowed(long n, long S)
    {
        var seen = real.narrow(1, 0, S).unsqueeze(1);                                               // (B, 1, S)
        if (n > 1) seen = (seen & ones(n, S, dtype: ScalarType.Bool, device: real.device).tril(Length)) | eye(S, dtype: ScalarType.Bool, device: real.device).narrow(0, Length, n);
        return seen.unsqueeze(1);
    }
}
