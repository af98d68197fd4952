// MusicTokenCache.cs - the frozen tower's tokens of each clip, encoded once for all steps of stages 1 and 2. M
// music tokens, A width.
using OpenMU.Model.Encoders;
using OpenMU.Model.Kernels;
using OpenMU.Model.Weights;
using OpenMU.Training.Stages;
using static TorchSharp.torch;

namespace OpenMU.Training.Data;

/// <summary>
/// The music tokens of all clips in several views (C*V, M, A), in one file and on the device, as bfloat16.
/// </summary>
internal sealed class MusicTokenCache : IDisposable
{
    private const string Key = "music";
    private readonly Tensor tokens;
    private readonly int views;
    private readonly ScalarType type;

    private MusicTokenCache(Tensor tokens, int views, ScalarType type) =>
        (this.tokens, this.views, this.type) = (tokens, views, type);

    /// <summary>
    /// Reads the file, or makes it from the first clips of the cache. View 0 is the clip as the model will hear it;
    /// others begin elsewhere and differ as other recordings of it would.
    /// </summary>
    public static MusicTokenCache Open(
        TrainingContext context, AudioMae tower, FeatureCache cache, int clips, CancellationToken cancel)
    {
        var (path, views) = (context.Files.MusicTokens, context.Preset.Views);
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        if (!File.Exists(path))
        {
            tower.eval();
            manual_seed(context.Preset.Align.Seed);
            var music = Encode(context, tower, cache, clips, views, cancel);
            RunFolder.Write(path, [(Key, music)]);
            return new(music.DetachFromDisposeScope(), views, context.Type);
        }
        using var file = SafeTensors.Open(path);
        var stored = file.View(Key);
        if (stored.shape[0] != clips * (long)views)
            throw new InvalidDataException($"{path} was made of other clips or another number of views.");
        return new(stored.to(bfloat16, context.Device, copy: true).DetachFromDisposeScope(), views, context.Type);
    }

    /// <summary>Music (B, M, A) of clips (B), each in a view drawn from torch's generator.</summary>
    public Tensor Of(Tensor clips) => tokens.index_select(0, (clips * Scalars.Of(views)).add_tensor(
        randint(0, views, clips.shape, dtype: int64, device: clips.device))).to(type);

    /// <summary>Music (B, M, A) of clips (B) as the model will hear them.</summary>
    public Tensor Plain(Tensor clips) => tokens.index_select(0, clips * Scalars.Of(views)).to(type);

    public void Dispose() => tokens.Dispose();

    private static Tensor Encode(
        TrainingContext context, AudioMae tower, FeatureCache cache, int count, int views, CancellationToken cancel)
    {
        var audio = context.Config.Audio;
        var music = empty(
            count * (long)views, audio.MusicTokens, audio.EmbedDim, dtype: bfloat16, device: context.Device);
        var augmentation = new Augmentation(AugmentationOptions.AnotherRecording);
        var size = context.Device.type == TorchSharp.DeviceType.CPU ? 8 : 64;
        foreach (var batch in Enumerable.Range(0, count).Chunk(size))
        {
            cancel.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            var clips = tensor(Array.ConvertAll(batch, clip => (long)clip), device: context.Device);
            for (var view = 0; view < views; view++)
            {
                var offsets = tensor(
                    batch.Select(clip => (long)(Seeds.Random(view, clip).NextDouble() * cache.LengthOf(clip)))
                        .ToArray(), device: context.Device);
                var spectrograms = view == 0
                    ? cache.Inputs(clips, audio)
                    : augmentation.Apply(cache.Windows(clips, offsets, audio.InputFrames));
                music.index_copy_(
                    0, (clips * Scalars.Of(views)).add_scalar(view),
                    tower.call(spectrograms.to(context.Type)).to(bfloat16));
            }
        }
        return music;
    }
}
