using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace OpenMU.Testing;

/// <summary>Sound files made on the spot (WAV, mono, 16 bits), and the sound of the clips in the golden folder.</summary>
public static class TestSound
{
    public const int SampleRate = 22_050;

    /// <summary>A WAV file with a tone of the given pitch that swells twice a second.</summary>
    public static byte[] Tone(double seconds, double hertz) => Wav(Samples(seconds, SampleRate, time
        => 12_000 * Math.Sin(2 * Math.PI * hertz * time) * Math.Abs(Math.Sin(2 * Math.PI * time))), SampleRate);

    /// <summary>A WAV file with decaying clicks at 120 beats a minute, at a rate that every browser plays.</summary>
    public static byte[] Clicks(double seconds, int rate) => Wav(Samples(seconds, rate, time =>
    {
        var sinceBeat = time % 0.5;
        return 12_000 * Math.Exp(-sinceBeat * 80 / 3) * Math.Sin(2 * Math.PI * 880 * sinceBeat);
    }), rate);

    /// <summary>The file's bytes.</summary>
    /// <param name="samples">16-bit samples of one channel.</param>
    /// <param name="rate">Samples a second.</param>
    public static byte[] Wav(short[] samples, int rate)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        writer.Write("RIFF"u8);
        writer.Write(36 + (2 * samples.Length));
        writer.Write("WAVEfmt "u8);
        writer.Write(16);
        writer.Write((short)1);
        writer.Write((short)1);
        writer.Write(rate);
        writer.Write(2 * rate);
        writer.Write((short)2);
        writer.Write((short)16);
        writer.Write("data"u8);
        writer.Write(2 * samples.Length);
        writer.Write(MemoryMarshal.AsBytes(samples.AsSpan()));
        return stream.ToArray();
    }

    /// <summary>The channels of a clip of the golden folder: PCM WAV by hand, other formats through ffmpeg.</summary>
    public static (float[][] Channels, int SampleRate) Read(string path)
        => path.EndsWith(".wav", StringComparison.Ordinal) ? ReadWav(File.ReadAllBytes(path)) : ReadWithFfmpeg(path);

    private static short[] Samples(double seconds, int rate, Func<double, double> at)
        => [.. Enumerable.Range(0, (int)(seconds * rate)).Select(i => (short)at((double)i / rate))];

    private static (float[][], int) ReadWav(byte[] file)
    {
        var (channels, rate, bits, isFloat) = (0, 0, 0, false);
        for (var at = 12; ;)
        {
            var (id, size) = (Encoding.ASCII.GetString(file, at, 4), BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(at + 4)));
            var body = file.AsSpan(at + 8, size);
            if (id == "fmt ")
            {
                var tag = BinaryPrimitives.ReadUInt16LittleEndian(body);
                isFloat = (tag == 0xFFFE ? BinaryPrimitives.ReadUInt16LittleEndian(body[24..]) : tag) == 3;
                (channels, rate, bits) = (body[2], BinaryPrimitives.ReadInt32LittleEndian(body[4..]), body[14]);
            }
            if (id == "data") return (Split([.. Decode(body.ToArray(), bits, isFloat)], channels), rate);
            at += 8 + size + (size & 1);
        }
    }

    private static IEnumerable<float> Decode(byte[] data, int bits, bool isFloat)
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

    private static (float[][], int) ReadWithFfmpeg(string path)
    {
        var rate = Run("ffprobe", "-v", "error", "-show_entries", "stream=sample_rate,channels", "-of", "csv=p=0", path);
        int[] numbers = [.. Encoding.ASCII.GetString(rate).Trim().Split(',').Select(number => int.Parse(number, CultureInfo.InvariantCulture))];
        var pcm = Run("ffmpeg", "-v", "error", "-nostdin", "-i", path, "-f", "f32le", "-");
        return (Split(MemoryMarshal.Cast<byte, float>(pcm).ToArray(), numbers[1]), numbers[0]);
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

    private static float[][] Split(float[] interleaved, int channels)
        => [.. Enumerable.Range(0, channels).Select(channel => interleaved.Where((_, i) => i % channels == channel).ToArray())];
}
