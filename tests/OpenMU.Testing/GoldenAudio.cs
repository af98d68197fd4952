using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using OpenMU.Mir.Audio;
using OpenMU.Model.Audio;

namespace OpenMU.Testing;

/// <summary>
/// The clips of the golden folder as the published front end hears them. Just enough decoding: PCM WAV by hand, FLAC
/// through ffmpeg.
/// </summary>
public static class GoldenAudio
{
    /// <summary>Every clip of the manifest with each of its files.</summary>
    public static TheoryData<string, string> Clips()
    {
        var clips = new TheoryData<string, string>();
        foreach (var clip in Golden.Json("audio/manifest.json").AsArray())
        {
            var name = clip!["name"]!.GetValue<string>();
            foreach (var file in clip["files"]!.AsArray()) clips.Add(name, file!.GetValue<string>());
        }

        return clips;
    }

    /// <summary>Mono at 16 kHz: the mean of the channels comes before the change of rate.</summary>
    /// <param name="file">A file of the manifest.</param>
    public static float[] Wave(string file)
    {
        var path = Golden.PathOf($"audio/{file}");
        var isWave = path.EndsWith(".wav", StringComparison.Ordinal);
        var (samples, channels, rate) = isWave ? ReadWav(File.ReadAllBytes(path)) : ReadWithFfmpeg(path);
        var mono = MonoMix.Mean(samples, channels, new float[samples.Length / channels]);
        return Resampler.Resample(mono, rate, Fbank.SampleRate);
    }

    internal static (float[] Interleaved, int Channels, int Rate) ReadWav(byte[] file)
    {
        var (channels, rate, bits, isFloat) = (0, 0, 0, false);
        for (var at = 12; ;)
        {
            var id = Encoding.ASCII.GetString(file, at, 4);
            var size = BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(at + 4));
            var body = file.AsSpan(at + 8, size);
            if (id == "fmt ")
            {
                var tag = BinaryPrimitives.ReadUInt16LittleEndian(body);
                isFloat = (tag == 0xFFFE ? BinaryPrimitives.ReadUInt16LittleEndian(body[24..]) : tag) == 3;
                (channels, rate, bits) = (body[2], BinaryPrimitives.ReadInt32LittleEndian(body[4..]), body[14]);
            }
            if (id == "data") return ([.. Samples(body.ToArray(), bits, isFloat)], channels, rate);
            at += 8 + size + (size & 1);
        }
    }

    private static IEnumerable<float> Samples(byte[] data, int bits, bool isFloat)
    {
        for (var at = 0; at < data.Length; at += bits / 8)
        {
            var sample = data.AsSpan(at);
            yield return (bits, isFloat) switch
            {
                (8, _) => (sample[0] - 128) / 128f,
                (16, _) => BinaryPrimitives.ReadInt16LittleEndian(sample) / 32768f,
                (24, _) => (sample[0] | sample[1] << 8 | (sbyte)sample[2] << 16) / 8388608f,
                (32, false) => BinaryPrimitives.ReadInt32LittleEndian(sample) / 2147483648f,
                (32, true) => BinaryPrimitives.ReadSingleLittleEndian(sample),
                _ => (float)BinaryPrimitives.ReadDoubleLittleEndian(sample),
            };
        }
    }

    private static (float[] Interleaved, int Channels, int Rate) ReadWithFfmpeg(string path)
    {
        const string entries = "stream=sample_rate,channels";
        var stream = Run("ffprobe", "-v", "error", "-show_entries", entries, "-of", "csv=p=0", path);
        var columns = Encoding.ASCII.GetString(stream).Trim().Split(',');
        int[] numbers = [.. columns.Select(number => int.Parse(number, CultureInfo.InvariantCulture))];
        var pcm = Run("ffmpeg", "-v", "error", "-nostdin", "-i", path, "-f", "f32le", "-");
        return (MemoryMarshal.Cast<byte, float>(pcm).ToArray(), numbers[1], numbers[0]);
    }

    private static byte[] Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
        using var output = new MemoryStream();
        process.StandardOutput.BaseStream.CopyTo(output);
        process.WaitForExit();
        process.ExitCode.Should().Be(0, $"{program} must read the clip");
        return output.ToArray();
    }
}
