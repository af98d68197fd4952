// Augmentation.cs - spectrograms changed at random, on the device. The synthetic clips all come from few instruments
// and a dry mix; what differs elsewhere - another soundfont, room, microphone, loudness - is mostly level, colour and
// noise. B spectrograms, T frames, M mel bins.
using OpenMU.Model.Audio;
using OpenMU.Model.Kernels;
using static TorchSharp.torch;

namespace OpenMU.Training.Data;

/// <summary>
/// How strongly spectrograms are changed. Levels are in normalised units: 1 is 9.138 nepers of energy, or 39.7 dB.
/// </summary>
public sealed record AugmentationOptions
{
    /// <summary>Standard deviation of the level of a whole spectrogram.</summary>
    public double Gain { get; init; } = 0.12;

    /// <summary>Standard deviation of a smooth curve over frequency, like an equaliser's.</summary>
    public double Equaliser { get; init; } = 0.15;

    /// <summary>Standard deviation of noise on every value.</summary>
    public double Noise { get; init; } = 0.02;

    /// <summary>Largest height of a floor of noise that is added to the sound, from the lowest value up.</summary>
    public double NoiseFloor { get; init; } = 0.5;

    /// <summary>Largest width of the hidden band of frequencies, as a share of all bins (SpecAugment).</summary>
    public double FrequencyMask { get; init; } = 0.19;

    /// <summary>Largest length of the hidden stretch of time, as a share of the spectrogram (SpecAugment).</summary>
    public double TimeMask { get; init; } = 0.16;

    /// <summary>Largest shift of all frequencies, in mel bins.</summary>
    public int PitchShift { get; init; } = 3;

    /// <summary>Share of the spectrograms whose end is padding, as the end of a track is.</summary>
    public double Padding { get; init; } = 0.25;

    /// <summary>Share of the spectrograms that are mixed with another one.</summary>
    public double Mixup { get; init; } = 0.4;

    /// <summary>
    /// As another recording of the piece might sound: for the views of a clip that the language model learns from.
    /// </summary>
    public static AugmentationOptions AnotherRecording { get; } =
        new() { FrequencyMask = 0.08, TimeMask = 0.05, Padding = 0, Mixup = 0 };

    /// <summary>Only level and colour: for masked pre-training.</summary>
    public static AugmentationOptions Light { get; } = new()
    {
        Gain = 0.08,
        Equaliser = 0.08,
        Noise = 0.01,
        NoiseFloor = 0.2,
        FrequencyMask = 0,
        TimeMask = 0,
        PitchShift = 0,
        Padding = 0,
        Mixup = 0
    };
}

/// <summary>Changes batches of normalised log-mel spectrograms (B, 1, T, M). All randomness is torch's.</summary>
public sealed class Augmentation(AugmentationOptions options)
{
    private const int ColourWaves = 4;

    /// <summary>Changes each spectrogram by itself.</summary>
    public Tensor Apply(Tensor spectrograms)
    {
        using var scope = NewDisposeScope();
        var (B, T, M, device) =
            (spectrograms.shape[0], spectrograms.shape[2], spectrograms.shape[3], spectrograms.device);
        var x = spectrograms.to(float32);
        if (options.PitchShift > 0) x = Transposed(x);
        x = x.add_tensor(randn(B, 1, 1, 1, device: device) * Scalars.Of(options.Gain))
            .add_tensor(Colours(B, M, device));
        if (options.NoiseFloor > 0)
        {
            // Energies add up, so in the logarithm the louder of sound and floor decides.
            var height = (rand(B, 1, 1, 1, device: device).pow2() * Scalars.Of(options.NoiseFloor))
                .add_scalar(AudioPreprocessor.Lowest);
            x = logaddexp(x * Scalars.Of(Sharpness), height.add_tensor(Colours(B, M, device)) * Scalars.Of(Sharpness))
                / Scalars.Of(Sharpness);
        }
        if (options.Noise > 0) x = x.add_tensor(randn(B, 1, T, M, device: device) * Scalars.Of(options.Noise));
        if (options.FrequencyMask > 0)
            x = x.masked_fill(Stretch(B, M, options.FrequencyMask, device).view(B, 1, 1, M), Scalars.Of(0));
        if (options.TimeMask > 0)
            x = x.masked_fill(Stretch(B, T, options.TimeMask, device).view(B, 1, T, 1), Scalars.Of(0));
        if (options.Padding > 0)
            x = x.masked_fill(Ends(B, T, device).view(B, 1, T, 1), Scalars.Of(AudioPreprocessor.Padding));
        return x.MoveToOuterDisposeScope();
    }

    /// <summary>
    /// Mixes some spectrograms with their neighbour in the batch. Weights (B, 1) of each spectrogram's own
    /// labels come out beside them.
    /// </summary>
    public (Tensor Spectrograms, Tensor OwnShare) Mix(Tensor spectrograms)
    {
        using var scope = NewDisposeScope();
        var (B, device) = (spectrograms.shape[0], spectrograms.device);
        var mixed = (rand(B, 1, device: device) < Scalars.Of(options.Mixup)).to(float32);
        var own = (-(mixed * rand(B, 1, device: device) * Scalars.Of(0.5))).add_scalar(1);   // at least half is its own
        var share = own.view(B, 1, 1, 1);
        return ((spectrograms * share).add_tensor(spectrograms.roll(1, 0) * (-share).add_scalar(1))
            .MoveToOuterDisposeScope(), own.MoveToOuterDisposeScope());
    }

    /// <summary>One unit of a normalised spectrogram in nepers of energy.</summary>
    private const double Sharpness = 2 * AudioPreprocessor.Deviation;

    /// <summary>Smooth curves over frequency (B, 1, 1, M): a few cosines of random height.</summary>
    private Tensor Colours(long B, long M, Device device)
    {
        var waves = Scalars.arange(ColourWaves, float32, device).add_scalar(1).unsqueeze(1);
        var curves = (waves * Scalars.Of(Math.PI)
            * (Scalars.arange(M, float32, device).add_scalar(0.5) / Scalars.Of(M))).cos();   // (waves, M)
        return (randn(B, ColourWaves, device: device) * Scalars.Of(options.Equaliser / Math.Sqrt(ColourWaves)))
            .mm(curves).view(B, 1, 1, M);
    }

    private Tensor Transposed(Tensor x)
    {
        var (B, T, M, device) = (x.shape[0], x.shape[2], x.shape[3], x.device);
        var shift = randint(-options.PitchShift, options.PitchShift + 1, [B, 1], dtype: int64, device: device);
        var bins = Scalars.arange(M, device: device).add_tensor(shift)
            .clamp(Scalars.Of(0), Scalars.Of(M - 1));   // (B, M)
        return x.gather(3, bins.view(B, 1, 1, M).expand(B, 1, T, M));
    }

    /// <summary>One stretch of random place and length in each row (B, n): true inside.</summary>
    private static Tensor Stretch(long B, long n, double longest, Device device)
    {
        var length = rand(B, 1, device: device) * Scalars.Of(longest * n);
        var start = rand(B, 1, device: device) * (-length).add_scalar(n);
        var at = Scalars.arange(n, float32, device);
        return (at >= start) & (at < start.add_tensor(length));
    }

    /// <summary>Ends of random length in some rows (B, T): true inside.</summary>
    private Tensor Ends(long B, long T, Device device)
    {
        var chosen = rand(B, 1, device: device) < Scalars.Of(options.Padding);
        return chosen & (Scalars.arange(T, float32, device)
            >= (rand(B, 1, device: device) * Scalars.Of(0.7 * T)).add_scalar(0.3 * T));
    }
}
