// AudioPreprocessor.cs - from mono audio at 16 kHz to the input of the audio tower. B tracks, F frames
// (3072), M mel bins (128).
using OpenMU.Model.Encoders;
using OpenMU.Model.Families;
using OpenMU.Model.Kernels;
using static TorchSharp.torch;

namespace OpenMU.Model.Audio;

/// <summary>
/// Mean of the whole recording removed, log-mel spectrogram, padded (or repeated) or truncated to the input length,
/// normalised.
/// </summary>
public sealed class AudioPreprocessor(AudioMaeConfig config) : IDisposable
{
    /// <summary>Mean and standard deviation of AudioSet's log-mel energies, from AudioMAE's training script.</summary>
    internal const float Mean = -4.2677393f, Deviation = 4.5689974f;

    /// <summary>The normalised values of padding (0 before normalisation) and of the energy floor.</summary>
    internal const float Padding = -Mean / (2 * Deviation), Lowest = (-15.942385f - Mean) / (2 * Deviation);

    /// <summary>Shorter recordings are refused: 0.25 s.</summary>
    public const int MinimumSamples = Fbank.SampleRate / 4;

    private readonly Fbank fbank = new(config.MelBins);

    /// <summary>Samples of one window, which fill the model's input: 30.735 s as published.</summary>
    public int WindowSamples => SamplesOf(config);

    /// <summary>
    /// Mono at 16 kHz -> (1, F, M), ready for <see cref="AudioMae"/>: the start of the recording, as published.
    /// </summary>
    /// <exception cref="ArgumentException">There are fewer than 0.25 s, or a sample is NaN or infinite.</exception>
    public Tensor ModelInput(ReadOnlySpan<float> samples)
    {
        using var scope = NewDisposeScope();
        return Spectrogram(samples[..Math.Min(samples.Length, WindowSamples)], MeanOf(samples))
            .MoveToOuterDisposeScope();
    }

    /// <summary>
    /// Beyond the reference: the spectrograms (1, F, M) of windows spread evenly over the whole recording, computed
    /// lazily and disposed by the caller. The first window lies at the start and the last at the end; there are no more
    /// than cover the recording.
    /// </summary>
    /// <param name="samples">Mono at 16 kHz.</param>
    /// <param name="windows">How many at most; 0 for as many as cover the recording.</param>
    /// <exception cref="ArgumentException">There are fewer than 0.25 s, or a sample is NaN or infinite.</exception>
    public IEnumerable<Tensor> ModelInputs(float[] samples, int windows)
    {
        var mean = MeanOf(samples);
        foreach (var start in WindowStarts(samples.Length, windows))
            yield return Spectrogram(samples.AsSpan(start, Math.Min(WindowSamples, samples.Length - start)), mean);
    }

    /// <summary>Samples of one window of a model with these sizes.</summary>
    internal static int SamplesOf(AudioMaeConfig config)
        => Fbank.FrameSamples + (config.InputFrames - 1) * Fbank.ShiftSamples;

    /// <summary>Where the windows of <see cref="ModelInputs"/> begin, in samples.</summary>
    public IReadOnlyList<int> WindowStarts(int samples, int windows) => WindowStarts(samples, WindowSamples, windows);

    /// <summary>
    /// The same for windows of any length: the first begins at 0, the last ends with the recording, and there are no
    /// more than cover it.
    /// </summary>
    internal static IReadOnlyList<int> WindowStarts(int samples, int windowSamples, int windows)
    {
        var covering = Math.Max(1, (int)(((long)samples + windowSamples - 1) / windowSamples));
        var count = windows == 0 ? covering : Math.Min(windows, covering);
        return [.. Enumerable.Range(0, count)
            .Select(i => count == 1 ? 0 : (int)((long)(samples - windowSamples) * i / (count - 1)))];
    }

    /// <summary>Log-mel energies -> (x - mean) / (2 * deviation), the same shape. The factor 2 is AudioMAE's.</summary>
    internal static Tensor Normalise(Tensor energies) => energies.sub_scalar(Mean).div_scalar(2 * Deviation);

    /// <summary>Several recordings -> (B, 1, F, M).</summary>
    public Tensor ModelInput(IReadOnlyList<float[]> recordings)
    {
        using var scope = NewDisposeScope();
        return stack(recordings.Select(recording => ModelInput(recording.AsSpan())).ToArray())
            .MoveToOuterDisposeScope();
    }

    public void Dispose() => fbank.Dispose();

    /// <summary>
    /// The mean of the whole recording, which the reference of OpenMU subtracts before it cuts frames.
    /// </summary>
    /// <exception cref="ArgumentException">There are fewer than 0.25 s, or a sample is NaN or infinite.</exception>
    internal static float MeanOf(ReadOnlySpan<float> samples)
    {
        if (samples.Length < MinimumSamples)
        {
            throw new ArgumentException(
                $"{samples.Length} samples at 16 kHz are fewer than a quarter of a second.", nameof(samples));
        }
        var sum = 0.0;
        foreach (var sample in samples) sum += sample;
        return double.IsFinite(sum)
            ? (float)(sum / samples.Length)
            : throw new ArgumentException("The sound holds samples that are not numbers.", nameof(samples));
    }

    /// <summary>At most one window of samples -> (1, F, M).</summary>
    /// <param name="window">The samples.</param>
    /// <param name="mean">Of the whole recording.</param>
    internal Tensor Spectrogram(ReadOnlySpan<float> window, float mean)
    {
        using var scope = NewDisposeScope();
        var centred = new float[window.Length];
        for (var i = 0; i < centred.Length; i++) centred[i] = window[i] - mean;
        var energies = fbank.Compute(centred);                        // (T, M), T <= F
        var spectrogram = zeros(config.InputFrames, config.MelBins);  // (F, M): zeros are padding, before normalisation
        var frames = (int)energies.shape[0];
        if (config.RepeatsShort)
        {
            spectrogram.copy_(
                energies.index_select(0, Scalars.arange(config.InputFrames).remainder(Scalars.Of(frames))));
        }
        else spectrogram[..frames].copy_(energies);
        return Normalise(spectrogram).unsqueeze(0).MoveToOuterDisposeScope();
    }
}
