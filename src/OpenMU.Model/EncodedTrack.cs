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
    private readonly bool owns = true;

    /// <summary>Several tracks in one prompt. They stay their owner's, and must outlive this.</summary>
    private EncodedTrack(IReadOnlyList<EncodedTrack> tracks) : this(
        tracks[0].MusicTokens, tracks[0].MeanToken, tracks[0].Embedding, [],
        tracks.Sum(track => track.SecondsEncoded))
        => (Music, owns) = ([.. tracks.Select(track => track.MusicTokens)], false);

    internal EncodedTrack(
        Tensor musicTokens, Tensor meanToken, float[] embedding, IReadOnlyList<TagScore> tags, double secondsEncoded)
        => (MusicTokens, MeanToken, Embedding, Tags, SecondsEncoded)
            = (musicTokens, meanToken, embedding, tags, secondsEncoded);

    /// <summary>
    /// Several tracks that one text is about: each has its place in the prompt, in their order. Disposing of it leaves
    /// the tracks, which must be there until then.
    /// </summary>
    public static EncodedTrack Together(IReadOnlyList<EncodedTrack> tracks) => new(tracks);

    /// <summary>The music tokens of one window (M, A), which all texts about the track are generated from.</summary>
    public Tensor MusicTokens { get; }

    /// <summary>The music of each track in the prompt: of this one, or of several.</summary>
    internal IReadOnlyList<Tensor> Music { get => field ?? [MusicTokens]; private init; }

    /// <summary>The mean token (A) over the chunks of all windows that hold audio, not padding.</summary>
    public Tensor MeanToken { get; }

    /// <summary>
    /// The mean token scaled to length 1: the inner product of two tracks is their cosine similarity.
    /// </summary>
    public float[] Embedding { get; }

    /// <summary>Its tags as in <see cref="TagGroup.Stated"/>; empty where the model gives none, or hears no
    /// music.</summary>
    public IReadOnlyList<TagScore> Tags { get; }

    /// <summary>How sure the model is of every label that it could give; empty where it gives no tags.</summary>
    public IReadOnlyList<TagScore> Scores { get; init; } = [];

    /// <summary>Whether there is music in it; null where the model has nothing that tells.</summary>
    public HeardSound? Sound { get; init; }

    /// <summary>Seconds of the track that entered the encoder; overlaps count once.</summary>
    public double SecondsEncoded { get; }

    /// <summary>The KV cache of the prompt up to the music, made with the first text about the track.</summary>
    internal PromptPrefix? Prefix { get; set; }

    public void Dispose()
    {
        Prefix?.Dispose();
        if (!owns) return;
        MusicTokens.Dispose();
        MeanToken.Dispose();
    }
}
