using OpenMU.Mir.Audio;
using OpenMU.Model.Audio;

namespace OpenMU.Training.Data;

/// <summary>Reads clips for the model: mono at 16 kHz.</summary>
internal static class ClipSound
{
    /// <summary>What <c>openmu synthesise</c> wrote is read in place; files of other formats are decoded by ffmpeg.</summary>
    /// <exception cref="UnreadableAudioException">The file cannot be analysed.</exception>
    public static float[] Read(string path)
    {
        if (!path.EndsWith(".wav", StringComparison.OrdinalIgnoreCase)) return Decode(path);
        var (samples, rate) = WaveFile.Read(path);
        return OpenMU.Model.Audio.Resampler.Resample(samples, rate, Fbank.SampleRate);
    }

    private static float[] Decode(string path)
        => AudioFile.ReadMonoAsync(path, Fbank.SampleRate, maxSeconds: null, DecodeLimits.Default, CancellationToken.None).GetAwaiter().GetResult().Samples;
}
