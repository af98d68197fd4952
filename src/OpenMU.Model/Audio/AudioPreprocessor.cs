// From mono sound at 16 kHz to what the audio tower reads. B tracks, F frames (3072), M mel bins (128).
using OpenMU.Model.Encoders;
using OpenMU.Model.Families;
using OpenMU.Model.Kernels;
using static TorchSharp.torch;

namespace OpenMU.Model.Audio;

/// <summary>
/// Mean of the whole recording removed, log-mel, padded (or repeated) or cut to the input length, normalised.
/// </summary>
public sealed class AudioPreprocessor(AudioMaeConfig config) : IDisposable
{
    /// <summary>Mean and standard deviation of AudioSet's log-mel energies, as AudioMAE was trained with.</summary>
    internal const float Mean = -4.2677393f, Deviation = 4.5689974f;

    /// <summary>What padding (0 before normalisation) and the lowest energy become.</summary>
    internal const float Padding = -Mean / (2 * Deviation), Lowest = (-15.942385f - Mean) / (2 * Deviation);

    /// <summary>Less sound than this says nothing about music and is refused: 0.25 s.</summary>
    public const int MinimumSamples = Fbank.SampleRate / 4;

    private readonly Fbank fbank = new(config.MelBins);

    /// <summary>Samples that fill the model's input: 30.735 s as published.</summary>
    public int WindowSamples => Fbank.FrameSamples + (config.InputFrames - 1) * Fbank.ShiftSamples;

    /// <summary>Mono at 16 kHz -> (1, F, M), ready for <see cref="AudioMae"/>: the start of the recording, as published.</summary>
    /// <exception cref="ArgumentException">There is less than a quarter of a second, or a sample is not a number.</exception>
    public Tensor ModelInput(ReadOnlySpan<float> samples)
    {
        using var scope = NewDisposeScope();
        return Picture(samples[..Math.Min(samples.Length, WindowSamples)], MeanOf(samples)).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// Beyond the reference: windows spread evenly over the whole recording, each (1, F, M) and the caller's, made as they are asked for. The first
    /// lies at its start and the last at its end; a recording that few windows cover gets no more than those.
    /// </summary>
    /// <param name="samples">Mono at 16 kHz.</param>
    /// <param name="windows">So many at most; 0 for as many as cover the recording.</param>
    /// <exception cref="ArgumentException">There is less than a quarter of a second, or a sample is not a number.</exception>
    public IEnumerable<Tensor> ModelInputs(float[] samples, int windows)
    {
        var mean = MeanOf(samples);
        foreach (var start in WindowStarts(samples.Length, windows)) yield return Picture(samples.AsSpan(start, Math.Min(WindowSamples, samples.Length - start)), mean);
    }

    /// <summary>Where the windows of <see cref="ModelInputs"/> begin, in samples.</summary>
    public IReadOnlyList<int> WindowStarts(int samples, int windows)
    {
        var covering = Math.Max(1, (samples + WindowSamples - 1) / WindowSamples);
        var count = windows == 0 ? covering : Math.Min(windows, covering);
        return [.. Enumerable.Range(0, count).Select(i => count == 1 ? 0 : (int)((long)(samples - WindowSamples) * i / (count - 1)))];
    }

    /// <summary>Log-mel energies as the tower reads them.</summary>
    internal static Tensor Normalise(Tensor energies) => (energies - Scalars.Of(Mean)) / Scalars.Of(2 * Deviation);

    /// <summary>Several recordings -> (B, 1, F, M).</summary>
    public Tensor ModelInput(IReadOnlyList<float[]> recordings)
    {
        using var scope = NewDisposeScope();
        return stack(recordings.Select(recording => ModelInput(recording.AsSpan())).ToArray()).MoveToOuterDisposeScope();
    }

    public void Dispose() => fbank.Dispose();

    /// <summary>The mean of the whole recording, which the reference takes away before it frames any part of it.</summary>
    private static float MeanOf(ReadOnlySpan<float> samples)
    {
        if (samples.Length < MinimumSamples) throw new ArgumentException($"{samples.Length} samples at 16 kHz are fewer than a quarter of a second.", nameof(samples));
        var sum = 0.0;
        foreach (var sample in samples) sum += sample;
        return double.IsFinite(sum) ? (float)(sum / samples.Length) : throw new ArgumentException("The sound holds samples that are not numbers.", nameof(samples));
    }

    /// <summary>At most a window's samples -> (1, F, M).</summary>
    private Tensor Picture(ReadOnlySpan<float> window, float mean)
    {
        var heard = new float[window.Length];
        for (var i = 0; i < heard.Length; i++) heard[i] = window[i] - mean;
        var energies = fbank.Compute(heard);                                            // (T, M), T <= F
        var picture = zeros(config.InputFrames, config.MelBins);                        // (F, M); padding is zero before normalisation
        var real = (int)energies.shape[0];
        if (config.RepeatsShort) picture.copy_(energies.index_select(0, Scalars.arange(config.InputFrames).remainder(Scalars.Of(real))));
        else picture[..real].copy_(energies);
        return Normalise(picture).unsqueeze(0);
    }
}
