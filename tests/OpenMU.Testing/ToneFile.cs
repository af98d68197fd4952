namespace OpenMU.Testing;

/// <summary>Small sound files made on the spot.</summary>
public static class ToneFile
{
    private const int SampleRate = 22_050;

    /// <summary>A WAV file (mono, 16 bit) with a tone of the given pitch that swells twice a second.</summary>
    public static byte[] Wav(double seconds, double hertz)
    {
        var samples = (int)(seconds * SampleRate);
        var file = new MemoryStream();
        using var writer = new BinaryWriter(file);
        writer.Write("RIFF"u8);
        writer.Write(36 + (2 * samples));
        writer.Write("WAVEfmt "u8);
        writer.Write(16);
        writer.Write((short)1);
        writer.Write((short)1);
        writer.Write(SampleRate);
        writer.Write(2 * SampleRate);
        writer.Write((short)2);
        writer.Write((short)16);
        writer.Write("data"u8);
        writer.Write(2 * samples);
        for (var i = 0; i < samples; i++)
        {
            var time = (double)i / SampleRate;
            writer.Write((short)(12_000 * Math.Sin(2 * Math.PI * hertz * time) * Math.Abs(Math.Sin(2 * Math.PI * time))));
        }

        return file.ToArray();
    }
}
