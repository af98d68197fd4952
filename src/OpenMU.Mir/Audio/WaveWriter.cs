using System.Runtime.InteropServices;

namespace OpenMU.Mir.Audio;

/// <summary>WAV files of 16-bit samples, written.</summary>
internal static class WaveWriter
{
    private const int FormatBytes = 16, HeaderBytes = 36;
    private const short Pcm = 1;

    /// <summary>The bytes of a file.</summary>
    /// <param name="samples">Those of all channels in turn.</param>
    /// <param name="rate">Frames a second.</param>
    /// <param name="channels">Samples a frame.</param>
    /// <param name="chunk">A whole chunk of another kind, which stands before the samples; empty for none.</param>
    public static byte[] Bytes(
        ReadOnlySpan<short> samples, int rate, int channels = 1, ReadOnlySpan<byte> chunk = default)
    {
        var data = MemoryMarshal.AsBytes(samples);
        var bytesPerFrame = channels * sizeof(short);
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        writer.Write("RIFF"u8);
        writer.Write(HeaderBytes + chunk.Length + data.Length);
        writer.Write("WAVEfmt "u8);
        writer.Write(FormatBytes);
        writer.Write(Pcm);
        writer.Write((short)channels);
        writer.Write(rate);
        writer.Write(rate * bytesPerFrame);
        writer.Write((short)bytesPerFrame);
        writer.Write((short)(8 * sizeof(short)));
        writer.Write(chunk);
        writer.Write("data"u8);
        writer.Write(data.Length);
        writer.Write(data);
        return stream.ToArray();
    }
}
