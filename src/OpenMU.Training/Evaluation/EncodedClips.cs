// EncodedClips.cs - many clips through the audio tower. M music tokens of a clip, A their width, E the encoder's.
using OpenMU.Model;
using OpenMU.Model.Audio;
using OpenMU.Model.Families;
using static TorchSharp.torch;

namespace OpenMU.Training.Evaluation;

/// <summary>The music tokens of many clips, on the model's device.</summary>
public sealed class EncodedClips : IDisposable
{
    private const int Batch = 16;

    private EncodedClips(IReadOnlyList<Tensor> music, Tensor means) => (Music, Means) = (music, means);

    /// <summary>(M, A) of each clip: of its first window, where it is longer than the model hears at once.</summary>
    public IReadOnlyList<Tensor> Music { get; }

    /// <summary>
    /// The mean token of each clip, with OpenMU's models over its padding too where it is not repeated, as tags are
    /// calibrated (a <see cref="MusicModel"/> leaves chunks of padding alone out): (clips, E), float32.
    /// </summary>
    public Tensor Means { get; }

    /// <summary>Encodes clips in their order.</summary>
    /// <param name="model">The model; it is put into evaluation mode.</param>
    /// <param name="clips">Read mono samples at 16 kHz; called from several threads.</param>
    /// <param name="threads">How many threads read and transform.</param>
    /// <param name="done">Receives the number of clips that are done.</param>
    /// <param name="cancel">Ends the work between two batches.</param>
    public static EncodedClips Encode(
        ModelFamily model, IReadOnlyList<Func<float[]>> clips, int threads, Action<int>? done = null,
        CancellationToken cancel = default)
    {
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        model.eval();
        List<Tensor> music = [], means = [];
        foreach (var batch in Enumerable.Range(0, clips.Count).Chunk(Batch))
        {
            using var step = NewDisposeScope();
            foreach (var (tokens, mean) in Encode(model, [.. batch.Select(i => clips[i])], threads, cancel))
            {
                music.Add(tokens.DetachFromDisposeScope());
                means.Add(mean.MoveToOuterDisposeScope());
            }
            done?.Invoke(batch[^1] + 1);
        }
        return new(music, stack(means).DetachFromDisposeScope());
    }

    public void Dispose()
    {
        foreach (var clip in Music) clip.Dispose();
        Means.Dispose();
    }

    private static IEnumerable<(Tensor Music, Tensor Mean)> Encode(
        ModelFamily model, Func<float[]>[] clips, int threads, CancellationToken cancel)
    {
        if (model is OpenMu openMu)
        {
            using var preprocessor = new AudioPreprocessor(openMu.Config.Audio);
            var spectrograms = InParallel(
                clips, threads, clip => preprocessor.ModelInput(clip()).DetachFromDisposeScope(), cancel);
            var batch = stack(spectrograms).to(model.Llama.ComputeType, model.Llama.Device);
            foreach (var spectrogram in spectrograms) spectrogram.Dispose();
            var music = openMu.Encode(batch);                                                           // (B, M, A)
            return [.. music.unbind().Select(clip => (clip.clone(), clip.to(float32).mean([0])))];
        }
        return InParallel(clips, threads, clip => clip(), cancel)
            .Select(samples => model.EncodeWindows(samples).First()).Select(window => (window.Music, window.Mean));
    }

    private static T[] InParallel<T>(
        Func<float[]>[] clips, int threads, Func<Func<float[]>, T> of, CancellationToken cancel)
    {
        var results = new T[clips.Length];
        var torchThreads = get_num_threads();
        // Each thread works on a clip of its own; libtorch's threads below them would only wait for each other.
        set_num_threads(1);
        try
        {
            Parallel.For(0, clips.Length, new() { MaxDegreeOfParallelism = threads, CancellationToken = cancel }, i =>
            {
                using var _ = no_grad();
                results[i] = of(clips[i]);
            });
            return results;
        }
        finally
        {
            set_num_threads(torchThreads);
        }
    }
}
