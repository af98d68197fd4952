using static TorchSharp.torch;

namespace OpenMU.Training.Data;

/// <summary>
/// Which examples a micro-batch holds: passes over all examples, each in its own random order, cut into batches of one
/// size. A batch is a function of seed and number, and lies on the device: nothing is copied for it but once a pass.
/// </summary>
internal sealed class BatchSampler(int count, int batch, long seed, Device device) : IDisposable
{
    private readonly Dictionary<long, Tensor> passes = [];

    /// <summary>Indices (B) of the number-th batch.</summary>
    public Tensor Batch(long number)
    {
        List<Tensor> parts = [];
        for (var (at, left) = (number * batch, (long)batch); left > 0;)
        {
            var taken = Math.Min(left, count - at % count);
            parts.Add(Pass(at / count).narrow(0, at % count, taken));
            (at, left) = (at + taken, left - taken);
        }
        return parts.Count == 1 ? parts[0] : cat(parts, 0);
    }

    public void Dispose()
    {
        foreach (var pass in passes.Values) pass.Dispose();
    }

    private Tensor Pass(long pass)
    {
        if (passes.TryGetValue(pass, out var order)) return order;
        foreach (var old in passes.Keys.Where(key => key < pass - 1).ToArray())
        {
            passes[old].Dispose();
            passes.Remove(old);
        }
        return passes[pass] = tensor(
            Array.ConvertAll(Seeds.Permutation(seed, pass, count), i => (long)i),
            device: device).DetachFromDisposeScope();
    }
}
