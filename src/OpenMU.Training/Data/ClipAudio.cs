using System.Buffers.Binary;
using System.Diagnostics;
using System.Runtime.InteropServices;
using OpenMU.Mir.Audio;
using OpenMU.Model.Audio;

namespace OpenMU.Training.Data;

/// <summary>Reads clips for the model: mono at 16 kHz.</summary>
internal static class ClipAudio
{
    /// <summary>
    /// What <c>openmu synthesise</c> wrote is read in place; files of other formats are decoded by ffmpeg.
    /// </summary>
    /// <exception cref="UnreadableAudioException">The file cannot be analysed.</exception>
    public static float[] Read(string path)
    {
        return path.EndsWith(".wav", StringComparison.OrdinalIgnoreCase) ? ReadWave(path) : Decode(path);
    }

    /// <summary>A clip that <c>openmu synthesise</c> wrote.</summary>
    /// <exception cref="InvalidDataException">The file is not mono 16-bit PCM WAV, or it is empty.</exception>
    public static float[] ReadWave(string path)
    {
        var (samples, rate) = WaveFile.Read(path);
        if (samples.Length == 0) throw new InvalidDataException($"{path} holds no sound.");
        return Resampler.Resample(samples, rate, Fbank.SampleRate);
    }

    /// <summary>True where ffmpeg is installed.</summary>
    public static bool CanEncodeMp3 { get; } = (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, "ffmpeg")));

    /// <summary>Encodes a file of our own making and reads the result: mono at 16 kHz.</summary>
    /// <exception cref="InvalidOperationException">ffmpeg did not encode it.</exception>
    public static float[] ReadThroughMp3(string path, int kilobits)
    {
        var encoded = Path.Combine(Path.GetTempPath(), $"{Path.GetRandomFileName()}.mp3");
        try
        {
            using var process = Process.Start(new ProcessStartInfo(
                "ffmpeg", ["-v", "error", "-nostdin", "-i", "file:" + path, "-b:a", $"{kilobits}k", encoded])
            {
                RedirectStandardError = true
            })!;
            var errors = process.StandardError.ReadToEnd();
            process.WaitForExit();
            if (process.ExitCode != 0)
                throw new InvalidOperationException($"ffmpeg could not encode {path}: {errors.Trim()}");
            return Read(encoded);
        }
        finally
        {
            File.Delete(encoded);
        }
    }

    private static float[] Decode(string path)
        => AudioFile.ReadMonoAsync(
            path, Fbank.SampleRate, maxSeconds: null, DecodeLimits.Default,
            CancellationToken.None).GetAwaiter().GetResult().Samples;
}

/// <summary>
/// Reads what <c>openmu synthesise</c> writes: mono WAV of 16-bit integers. Training reads thousands of clips from many
/// threads; foreign files are decoded by the measuring library, in a process of their own.
/// </summary>
public static class WaveFile
{
    private const int FormatPcm = 1;

    /// <summary>Samples in [-1, 1] and their rate.</summary>
    /// <exception cref="InvalidDataException">The file is not mono 16-bit PCM WAV.</exception>
    public static (float[] Samples, int Rate) Read(string path)
    {
        ReadOnlySpan<byte> file = File.ReadAllBytes(path);
        if (file.Length < 12 || !file[..4].SequenceEqual("RIFF"u8) || !file[8..12].SequenceEqual("WAVE"u8))
            throw new InvalidDataException($"{path} is not a WAV file.");
        var rate = 0;
        for (var at = 12; at + 8 <= file.Length;)
        {
            var name = file.Slice(at, 4);
            var size = BinaryPrimitives.ReadUInt32LittleEndian(file[(at + 4)..]);
            var body = file[(at + 8)..];
            var length = (int)Math.Min(size, (uint)body.Length);
            if (name.SequenceEqual("fmt "u8) && length >= 16) rate = Rate(path, body);
            if (name.SequenceEqual("data"u8) && rate > 0) return (Samples(body[..length]), rate);
            at += 8 + length + (length & 1);
        }
        throw new InvalidDataException($"{path} has no sound.");
    }

    private static int Rate(string path, ReadOnlySpan<byte> format)
    {
        var (kind, channels, bits) = (
            BinaryPrimitives.ReadInt16LittleEndian(format), BinaryPrimitives.ReadInt16LittleEndian(format[2..]),
            BinaryPrimitives.ReadInt16LittleEndian(format[14..]));
        if ((kind, channels, bits) != (FormatPcm, 1, 16))
        {
            throw new InvalidDataException($"{path} is WAV of format {kind}, {channels} channels, {bits} bits; "
                + "training reads mono PCM of 16 bits.");
        }
        return BinaryPrimitives.ReadInt32LittleEndian(format[4..]);
    }

    private static float[] Samples(ReadOnlySpan<byte> data)
    {
        var integers = MemoryMarshal.Cast<byte, short>(data);
        var samples = new float[integers.Length];
        for (var i = 0; i < samples.Length; i++) samples[i] = integers[i] / 32768f;
        return samples;
    }
}
