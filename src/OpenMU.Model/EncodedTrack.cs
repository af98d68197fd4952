using OpenMU.Model.Generation;
using OpenMU.Music;
using static TorchSharp.torch;

namespace OpenMU.Model;

/// <summary>
/// What the model keeps of a track. It belongs to the <see cref="MusicModel"/> that made it and must
/// be disposed before it.
/// </summary>
public sealed class EncodedTrack : IDisposable
{
    internal EncodedTrack(
        Tensor musicTokens, Tensor meanToken, float[] embedding, IReadOnlyList<TagScore> tags, double secondsEncoded)
        => (MusicTokens, MeanToken, Embedding, Tags, SecondsEncoded)
            = (musicTokens, meanToken, embedding, tags, secondsEncoded);

    /// <summary>The music tokens of one window (M, A), which all texts about the track are generated from.</summary>
    public Tensor MusicTokens { get; }

    /// <summary>The mean token (A) over the chunks of all windows that hold audio, not padding.</summary>
    public Tensor MeanToken { get; }

    /// <summary>
    /// The mean token scaled to length 1: the inner product of two tracks is their cosine similarity.
    /// </summary>
    public float[] Embedding { get; }

    /// <summary>Its tags as in <see cref="TagHead.Score"/>; empty where the model has no tag head.</summary>
    public IReadOnlyList<TagScore> Tags { get; }

    /// <summary>Seconds of the track that entered the encoder; overlaps count once.</summary>
    public double SecondsEncoded { get; }

    /// <summary>The KV cache of the prompt up to the music, made with the first text about the track.</summary>
    internal PromptPrefix? Prefix { get; set; }

    public void Dispose()
    {
        Prefix?.Dispose();
        MusicTokens.Dispose();
        MeanToken.Dispose();
    }
}
