// PromptPrefix.cs - a beginning of prompts, prefilled once. D width of the language model's input.
using OpenMU.Model.Decoder;
using static TorchSharp.torch;

namespace OpenMU.Model.Generation;

/// <summary>The KV cache of a beginning that many prompts share: the words before the music, and the music.</summary>
public sealed class PromptPrefix : IDisposable
{
    private readonly Action<PromptPrefix> release;

    internal PromptPrefix(Tensor embeddings, KvCache cache, Action<PromptPrefix> release)
        => (Embeddings, Cache, this.release) = (embeddings, cache, release);

    /// <summary>Its positions.</summary>
    public int Length => Cache.Capacity;

    internal KvCache Cache { get; }

    /// <summary>What is prefilled (Length, D); disposed when it is.</summary>
    internal Tensor Embeddings { get; }

    /// <summary>All of its positions are in the cache.</summary>
    internal bool IsFilled => Cache.Length == Length;

    /// <summary>Why it could not be prefilled.</summary>
    internal Exception? Error { get; set; }

    internal bool Disposed { get; private set; }

    public void Dispose()
    {
        if (Disposed) return;
        Disposed = true;
        release(this);
        Embeddings.Dispose();
        Cache.Dispose();
    }
}
