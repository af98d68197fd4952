using OpenMU.Model.Generation;
using static TorchSharp.torch;

namespace OpenMU.Model;

/// <summary>A track as the model hears it. It belongs to the listener that made it and must be disposed before that.</summary>
public sealed class EncodedTrack : IDisposable
{
    internal EncodedTrack(Tensor music, Tensor mean, float[] embedding, double secondsHeard)
        => (Music, Mean, Embedding, SecondsHeard) = (music, mean, embedding, secondsHeard);

    /// <summary>The music tokens that texts are written about, one window's (M, A).</summary>
    public Tensor Music { get; }

    /// <summary>The mean token (A) of all windows' sounding chunks.</summary>
    public Tensor Mean { get; }

    /// <summary>The mean token scaled to length 1: tracks that sound alike have a large inner product.</summary>
    public float[] Embedding { get; }

    /// <summary>So much of the track entered the encoder.</summary>
    public double SecondsHeard { get; }

    /// <summary>The beginning of every prompt about this track, from the first text about it on.</summary>
    internal PromptPrefix? Prefix { get; set; }

    public void Dispose()
    {
        Prefix?.Dispose();
        Music.Dispose();
        Mean.Dispose();
    }
}
