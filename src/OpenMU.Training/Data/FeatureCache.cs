// FeatureCache.cs - the log-mel energies of all clips in one file, which then lies on the device as one tensor. A batch
// is gathered there. F frames of all clips together, M mel bins (128), B windows, T frames of a window.
using System.Text.Json;
using OpenMU.Model.Audio;
using OpenMU.Model.Families;
using OpenMU.Model.Kernels;
using OpenMU.Model.Weights;
using static TorchSharp.torch;

namespace OpenMU.Training.Data;

/// <summary>A recording that training hears.</summary>
/// <param name="Id">Its name.</param>
/// <param name="Read">Mono samples at 16 kHz; none if the recording cannot be read and is to be left out. Called from
/// several threads.</param>
public sealed record Recording(string Id, Func<float[]> Read);

/// <summary>Normalised log-mel frames of many clips, as float16 on a device.</summary>
public sealed class FeatureCache : IDisposable
{
    /// <summary>What comes later in a recording is left out.</summary>
    public const double SecondsHeard = 120;

    private const string FramesKey = "frames", StartsKey = "starts", LengthsKey = "lengths";
    private readonly Tensor frames;             // (F, M)
    private readonly long[] starts, lengths;
    private readonly Dictionary<string, int> indices;

    private FeatureCache(Tensor frames, long[] starts, long[] lengths, string[] ids)
    {
        (this.frames, this.starts, this.lengths, Ids) = (frames, starts, lengths, ids);
        indices = ids.Select((id, i) => (id, i))
            .ToDictionary(entry => entry.id, entry => entry.i, StringComparer.Ordinal);
    }

    /// <summary>The recordings that could be read, in the order in which they were given.</summary>
    public IReadOnlyList<string> Ids { get; }

    public Device Device => frames.device;

    public int IndexOf(string id) =>
        indices.TryGetValue(id, out var index) ? index : throw new KeyNotFoundException($"No clip '{id}' was heard.");

    /// <summary>Frames of a clip; at least a chunk's, the shorter ones are padded.</summary>
    public long LengthOf(int clip) => lengths[clip];

    /// <summary>Opens the file, making it first if it is not there or was made of other clips.</summary>
    /// <param name="path">The file; its list of clips lies beside it.</param>
    /// <param name="sounds">The clips, each id once.</param>
    /// <param name="audio">Sizes of the audio tower.</param>
    /// <param name="device">Where the frames are to lie.</param>
    /// <param name="threads">How many threads read and transform.</param>
    /// <param name="done">Receives the number of clips that are done.</param>
    /// <param name="cancel">Stops the work; a half-made file is made again.</param>
    public static FeatureCache Open(
        string path, IReadOnlyList<Recording> sounds, AudioMaeConfig audio, Device device, int threads,
        Action<int>? done = null, CancellationToken cancel = default)
    {
        var list = Path.ChangeExtension(path, ".json");
        string[] ids = [.. sounds.Select(sound => sound.Id)];
        if (!File.Exists(list) || !JsonSerializer.Deserialize<string[]>(File.ReadAllText(list))!
            .SequenceEqual(ids, StringComparer.Ordinal))
        {
            Make(path, sounds, audio, threads, done, cancel);
            File.WriteAllText(list, JsonSerializer.Serialize(ids));
        }
        using var scope = NewDisposeScope();
        using var file = SafeTensors.Open(path);
        var (starts, lengths) =
            (file.Read(StartsKey).data<long>().ToArray(), file.Read(LengthsKey).data<long>().ToArray());
        int[] heard = [.. Enumerable.Range(0, ids.Length).Where(i => lengths[i] > 0)];
        return new(
            file.View(FramesKey).to(float16, device, copy: true).DetachFromDisposeScope(),
            [.. heard.Select(i => starts[i])], [.. heard.Select(i => lengths[i])], [.. heard.Select(i => ids[i])]);
    }

    /// <summary>
    /// Windows of clips (B, 1, T, M). A window that runs over its clip's end goes on at the clip's beginning.
    /// </summary>
    /// <param name="clips">Which clips (B), on the device.</param>
    /// <param name="offsets">Where the windows begin, in frames of the clip (B), on the device; any number.</param>
    /// <param name="count">T.</param>
    public Tensor Windows(Tensor clips, Tensor offsets, int count)
    {
        var (first, length) = (OnDevice.Starts.index_select(0, clips), OnDevice.Lengths.index_select(0, clips));
        var within = offsets.unsqueeze(1)
            .add_tensor(Scalars.arange(count, device: Device)).remainder(length.unsqueeze(1));   // (B, T)
        return frames.index_select(0, first.unsqueeze(1).add_tensor(within).flatten())
            .view(clips.shape[0], 1, count, -1);
    }

    /// <summary>
    /// Clips as <see cref="AudioPreprocessor"/> gives them: from the start, cut to the input length, or padded, or
    /// repeated. (B, 1, T, M).
    /// </summary>
    public Tensor Inputs(Tensor clips, AudioMaeConfig audio)
    {
        var windows = Windows(clips, zeros_like(clips), audio.InputFrames);
        if (audio.RepeatsShort) return windows;
        var real = Scalars.arange(audio.InputFrames, device: Device) < OnDevice.Lengths.index_select(0, clips)
            .unsqueeze(1);   // (B, T)
        return windows.where(
            real.unsqueeze(1).unsqueeze(3),
            full([], Scalars.Of(AudioPreprocessor.Padding), dtype: windows.dtype, device: Device));
    }

    public void Dispose()
    {
        frames.Dispose();
        onDevice?.Starts.Dispose();
        onDevice?.Lengths.Dispose();
    }

    private (Tensor Starts, Tensor Lengths)? onDevice;

    private (Tensor Starts, Tensor Lengths) OnDevice => onDevice ??= (
        tensor(starts, device: Device).DetachFromDisposeScope(),
        tensor(lengths, device: Device).DetachFromDisposeScope());

    /// <summary>
    /// Normalised log-mel frames of a recording, at least <see cref="AudioMaeConfig.ChunkFrames"/> of
    /// them; of nothing, none.
    /// </summary>
    private static Tensor FramesOf(float[] samples, Fbank fbank, AudioMaeConfig audio)
    {
        if (samples.Length == 0) return empty(0, audio.MelBins, dtype: float16);
        using var scope = NewDisposeScope();
        var mean = samples.Average(sample => (double)sample);
        var heard = samples.AsSpan(0, (int)Math.Min(samples.Length, SecondsHeard * Fbank.SampleRate)).ToArray();
        for (var i = 0; i < heard.Length; i++) heard[i] -= (float)mean;
        var spectrogram = AudioPreprocessor.Normalise(fbank.Compute(heard));
        var missing = audio.ChunkFrames - spectrogram.shape[0];
        if (missing > 0 && audio.RepeatsShort)
            spectrogram = spectrogram.repeat((audio.ChunkFrames + spectrogram.shape[0] - 1) / spectrogram.shape[0], 1);
        else if (missing > 0)
            spectrogram = cat([spectrogram, full(missing, audio.MelBins, Scalars.Of(AudioPreprocessor.Padding))], 0);
        return spectrogram.to(float16).contiguous().MoveToOuterDisposeScope();
    }

    private static void Make(
        string path, IReadOnlyList<Recording> sounds, AudioMaeConfig audio, int threads, Action<int>? done,
        CancellationToken cancel)
    {
        using var fbank = new Fbank(audio.MelBins);
        var parts = new Tensor[sounds.Count];
        var torchThreads = get_num_threads();
        var finished = 0;
        // Each thread works on a clip of its own; libtorch's threads below them would only wait for each other.
        set_num_threads(1);
        try
        {
            Parallel.For(0, sounds.Count, new() { MaxDegreeOfParallelism = threads, CancellationToken = cancel }, i =>
            {
                using var _ = no_grad();
                parts[i] = FramesOf(sounds[i].Read(), fbank, audio).DetachFromDisposeScope();
                done?.Invoke(Interlocked.Increment(ref finished));
            });
            Write(path, parts);
        }
        finally
        {
            set_num_threads(torchThreads);
            foreach (var part in parts) part?.Dispose();
        }
    }

    private static void Write(string path, Tensor[] parts)
    {
        using var scope = NewDisposeScope();
        long[] lengths = [.. parts.Select(part => part.shape[0])];
        var starts = new long[lengths.Length];
        for (var i = 1; i < starts.Length; i++) starts[i] = starts[i - 1] + lengths[i - 1];
        SafeTensorsWriter.Write(path, [NamedTensor.Of(StartsKey, tensor(starts)),
            NamedTensor.Of(LengthsKey, tensor(lengths)), NamedTensor.Of(FramesKey, cat(parts, 0))]);
    }
}
