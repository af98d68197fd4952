using static TorchSharp.torch;

namespace OpenMU.Model.Kernels;

/// <summary>
/// Memory for the block of a matrix that is being widened. It is kept for the next block: memory that is new costs a
/// page fault every 4 KB, which takes longer than the widening.
/// </summary>
internal static class BlockBuffer
{
    [ThreadStatic] private static Tensor? kept;

    /// <summary>(rows, K) of any content, the caller's until this thread asks again.</summary>
    public static Tensor Of(long rows, long inputs, ScalarType type, Device device)
    {
        var numbers = rows * inputs;
        if (kept is null || kept.numel() < numbers || kept.dtype != type || kept.device != device)
        {
            kept?.Dispose();
            kept = empty(numbers, dtype: type, device: device).DetachFromDisposeScope();
        }
        return kept.narrow(0, 0, numbers).view(rows, inputs);
    }
}
