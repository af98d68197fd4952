namespace OpenMU.Cli.Tests;

/// <summary>Small sound files made on the spot.</summary>
internal static class SoundFile
{
    /// <summary>Three seconds of a tone that swells twice a second, as 16-bit mono WAV.</summary>
    public static void Write(string path, double hertz)
    {
        const int sampleRate = 22_050, samples = 3 * sampleRate;
        using var writer = new BinaryWriter(File.Create(path));
        writer.Write("RIFF"u8);
        writer.Write(36 + (2 * samples));
        writer.Write("WAVEfmt "u8);
        writer.Write(16);
        writer.Write((short)1);
        writer.Write((short)1);
        writer.Write(sampleRate);
        writer.Write(2 * sampleRate);
        writer.Write((short)2);
        writer.Write((short)16);
        writer.Write("data"u8);
        writer.Write(2 * samples);
        for (var i = 0; i < samples; i++)
        {
            var time = (double)i / sampleRate;
            writer.Write((short)(12_000 * Math.Sin(2 * Math.PI * hertz * time) * Math.Abs(Math.Sin(2 * Math.PI * time))));
        }
    }
}
