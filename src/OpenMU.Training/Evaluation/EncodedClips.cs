// EncodedClips.cs - many clips through the audio tower at once. N clips, M music tokens, A audio width.
using OpenMU.Model;
using OpenMU.Model.Audio;
using OpenMU.Model.Families;
using static TorchSharp.torch;

namespace OpenMU.Training.Evaluation;

/// <summary>The music tokens of many clips, on the model's device.</summary>
public sealed class EncodedClips : IDisposable
{
    private const int Batch = 16;

    private EncodedClips(Tensor music, Tensor means) => (Music, Means) = (music, means);

    /// <summary>(N, M, A).</summary>
    public Tensor Music { get; }

    /// <summary>
    /// The mean token of each clip, over its padding too where it is not repeated, as tags are calibrated (a
    /// <see cref="MusicModel"/> leaves chunks of padding alone out): (N, A), float32.
    /// </summary>
    public Tensor Means { get; }

    /// <summary>Encodes clips in their order.</summary>
    /// <param name="model">The model; it is put into evaluation mode.</param>
    /// <param name="clips">Read mono samples at 16 kHz; called from several threads.</param>
    /// <param name="threads">How many threads read and transform.</param>
    /// <param name="done">Receives the number of clips that are done.</param>
    /// <param name="cancel">Ends the work between two batches.</param>
    public static EncodedClips Encode(
        OpenMu model, IReadOnlyList<Func<float[]>> clips, int threads, Action<int>? done = null,
        CancellationToken cancel = default)
    {
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        using var preprocessor = new AudioPreprocessor(model.Config.Audio);
        model.eval();
        List<Tensor> music = [];
        foreach (var batch in Enumerable.Range(0, clips.Count).Chunk(Batch))
        {
            using var step = NewDisposeScope();
            var spectrograms = Spectrograms(preprocessor, [.. batch.Select(i => clips[i])], threads, cancel);
            music.Add(model.Encode(spectrograms.to(model.Llama.ComputeType, model.Llama.Device))
                .MoveToOuterDisposeScope());   // (B, M, A)
            done?.Invoke(batch[^1] + 1);
        }
        var all = cat(music, 0);
        return new(all.DetachFromDisposeScope(), all.to(float32).mean([1]).DetachFromDisposeScope());
    }

    public void Dispose()
    {
        Music.Dispose();
        Means.Dispose();
    }

    private static Tensor Spectrograms(
        AudioPreprocessor preprocessor, Func<float[]>[] clips, int threads, CancellationToken cancel)
    {
        var spectrograms = new Tensor[clips.Length];
        var torchThreads = get_num_threads();
        // Each thread works on a clip of its own; libtorch's threads below them would only wait for each other.
        set_num_threads(1);
        try
        {
            Parallel.For(0, clips.Length, new() { MaxDegreeOfParallelism = threads, CancellationToken = cancel }, i =>
            {
                using var _ = no_grad();
                spectrograms[i] = preprocessor.ModelInput(clips[i]()).DetachFromDisposeScope();
            });
            return stack(spectrograms);
        }
        finally
        {
            set_num_threads(torchThreads);
            foreach (var spectrogram in spectrograms) spectrogram?.Dispose();
        }
    }
}
