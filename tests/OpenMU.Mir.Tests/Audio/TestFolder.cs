using System.Buffers.Binary;
using System.Diagnostics;
using OpenMU.Mir.Audio;

namespace OpenMU.Mir.Tests.Audio;

/// <summary>A folder of made sound files; disposing deletes it.</summary>
internal sealed class TestFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("openmu-mir-").FullName;

    public string this[string name] => System.IO.Path.Combine(Path, name);

    public void Dispose() => Directory.Delete(Path, recursive: true);

    /// <summary>Writes bytes as they are.</summary>
    public string Write(string name, byte[] bytes)
    {
        File.WriteAllBytes(this[name], bytes);
        return this[name];
    }

    /// <summary>Writes a WAV file of 32-bit floats.</summary>
    /// <param name="name">File name.</param>
    /// <param name="channels">Samples of each channel.</param>
    /// <param name="rate">Hz.</param>
    public string WriteWav(string name, float[][] channels, int rate = AudioDecoder.SampleRate)
    {
        var data = new byte[channels[0].Length * channels.Length * sizeof(float)];
        for (var i = 0; i < channels[0].Length; i++)
        {
            for (var c = 0; c < channels.Length; c++)
            {
                BinaryPrimitives.WriteSingleLittleEndian(
                    data.AsSpan(((i * channels.Length) + c) * sizeof(float)), channels[c][i]);
            }
        }

        return Write(name, [.. WavHeader(channels.Length, rate, format: 3, bits: 32, data.Length), .. data]);
    }

    public static byte[] WavHeader(int channels, int rate, int format, int bits, int dataBytes)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        writer.Write("RIFF"u8);
        writer.Write(36 + dataBytes);
        writer.Write("WAVEfmt "u8);
        writer.Write(16);
        writer.Write((ushort)format);
        writer.Write((ushort)channels);
        writer.Write(rate);
        writer.Write(unchecked(rate * channels * bits / 8));
        writer.Write((ushort)(channels * bits / 8));
        writer.Write((ushort)bits);
        writer.Write("data"u8);
        writer.Write(dataBytes);
        return stream.ToArray();
    }

    /// <summary>Runs ffmpeg in this folder.</summary>
    /// <returns>What it said on stderr.</returns>
    public string Ffmpeg(params string[] arguments) => Run("ffmpeg", ["-hide_banner", "-nostdin", "-y", .. arguments]);

    public string Run(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program) { WorkingDirectory = Path, RedirectStandardError = true };
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        process.ExitCode.Should().Be(0, errors);
        return errors;
    }

    public static float[] Sine(
        double hertz, double seconds, double amplitude = 0.5, int rate = AudioDecoder.SampleRate) =>
        [.. Enumerable.Range(0, (int)Math.Round(seconds * rate))
            .Select(i => (float)(amplitude * Math.Sin(2 * Math.PI * hertz * i / rate)))];

    public static float[] Noise(double seconds, double amplitude, int seed, int rate = AudioDecoder.SampleRate)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, (int)Math.Round(seconds * rate))
            .Select(_ => (float)(amplitude * ((2 * random.NextDouble()) - 1)))];
    }
}
