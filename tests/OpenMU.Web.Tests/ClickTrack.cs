using System.Text;

namespace OpenMU.Web.Tests;

/// <summary>A small audio file that every browser plays: clicks at 120 beats per minute.</summary>
internal static class ClickTrack
{
    public const int SampleRate = 8000;

    /// <returns>A WAV file, 16 bit, mono.</returns>
    public static byte[] Wav(int seconds)
    {
        var samples = seconds * SampleRate;
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream, Encoding.ASCII);
        writer.Write("RIFF"u8);
        writer.Write(36 + (samples * 2));
        writer.Write("WAVEfmt "u8);
        writer.Write(16);
        writer.Write((short)1);
        writer.Write((short)1);
        writer.Write(SampleRate);
        writer.Write(SampleRate * 2);
        writer.Write((short)2);
        writer.Write((short)16);
        writer.Write("data"u8);
        writer.Write(samples * 2);
        for (var i = 0; i < samples; i++)
        {
            var sinceBeat = i % (SampleRate / 2);
            writer.Write((short)(12000 * Math.Exp(-sinceBeat / 300.0) * Math.Sin(2 * Math.PI * 880 * sinceBeat / SampleRate)));
        }

        return stream.ToArray();
    }
}
