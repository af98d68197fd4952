using OpenMU.Mir.Audio;

namespace OpenMU.Testing;

/// <summary>Sound files made on the spot (WAV, mono, 16 bits).</summary>
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
    public static byte[] Wav(short[] samples, int rate) => WaveWriter.Bytes(samples, rate);

    private static short[] Samples(double seconds, int rate, Func<double, double> at)
        => [.. Enumerable.Range(0, (int)(seconds * rate)).Select(i => (short)at((double)i / rate))];
}
