using static TorchSharp.torch;

namespace OpenMU.Training.Data;

/// <summary>
/// Random chunks of clips, batch after batch. A pass hears each clip once for every chunk it is long, from
/// a new place each time.
/// </summary>
internal sealed class RandomCrops : IDisposable
{
    private readonly FeatureCache cache;
    private readonly BatchSampler order;
    private readonly Tensor clipOfItem, lengths;
    private readonly int frames;

    /// <param name="cache">The frames.</param>
    /// <param name="clips">Indices of the clips to hear.</param>
    /// <param name="frames">Frames of a chunk.</param>
    /// <param name="batch">Chunks of a batch.</param>
    /// <param name="seed">Of the order.</param>
    public RandomCrops(FeatureCache cache, IReadOnlyList<int> clips, int frames, int batch, long seed)
    {
        if (clips.Count == 0) throw new ArgumentException("There is no clip to train on.", nameof(clips));
        (this.cache, this.frames) = (cache, frames);
        long[] items =
            [.. clips.SelectMany(clip => Enumerable.Repeat((long)clip, (int)(cache.LengthOf(clip) / frames)))];
        Count = items.Length;
        clipOfItem = tensor(items, device: cache.Device).DetachFromDisposeScope();
        lengths = tensor(items.Select(clip => (float)cache.LengthOf((int)clip)).ToArray(), device: cache.Device)
            .DetachFromDisposeScope();
        order = new(Count, batch, seed, cache.Device);
    }

    /// <summary>Chunks of one pass.</summary>
    public int Count { get; }

    /// <summary>
    /// The number-th batch: clips (B) and chunks (B, 1, frames, M). Places are drawn from torch's generator.
    /// </summary>
    public (Tensor Clips, Tensor Spectrograms) Batch(long number)
    {
        var items = order.Batch(number);
        var clips = clipOfItem.index_select(0, items);
        var offsets = (rand(items.shape[0], device: cache.Device) * lengths.index_select(0, items)).to(int64);
        return (clips, cache.Windows(clips, offsets, frames));
    }

    public void Dispose()
    {
        order.Dispose();
        clipOfItem.Dispose();
        lengths.Dispose();
    }
}
