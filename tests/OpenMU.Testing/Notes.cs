using OpenMU.Mir.Audio;

namespace OpenMU.Testing;

/// <summary>Synthesised test music: notes with eight harmonics and a soft decay, at 22,050 Hz.</summary>
public static class Notes
{
    public const int Rate = 22050;

    /// <summary>Chords of MIDI notes one after another, each as long as named.</summary>
    public static Waveform Chords(IEnumerable<int[]> chords, double secondsEach = 1, double cents = 0) =>
        Concat([.. chords.Select(notes =>
        {
            var samples = new float[(int)(secondsEach * Rate)];
            foreach (var note in notes) AddNote(samples, note + cents / 100);
            return samples;
        })]);

    public static Waveform Silence(double seconds) => new(new float[(int)(seconds * Rate)], Rate);

    public static Waveform Noise(double seconds, int seed = 1)
    {
        var random = new Random(seed);
        return new Waveform(
            [.. Enumerable.Range(0, (int)(seconds * Rate)).Select(_ => (float)(random.NextDouble() * 0.6 - 0.3))],
            Rate);
    }

    /// <summary>Bursts of noise that die away, four a second: drums alone.</summary>
    public static Waveform Drums(double seconds)
    {
        var noise = Noise(seconds);
        return new Waveform([.. noise.Samples.Select((x, i) => x * MathF.Exp(-(i % (Rate / 4)) / 800f))], Rate);
    }

    public static Waveform Concat(params float[][] parts) => new([.. parts.SelectMany(part => part)], Rate);

    /// <summary>Notes of I IV V I (or i iv V i) around middle C, <paramref name="tonic"/> semitones above C.</summary>
    public static int[][] Cadence(int tonic, bool minor)
    {
        int third = minor ? 3 : 4, sixth = minor ? 8 : 9;
        return [.. new int[][]
        {
            [0, 12, 12 + third, 19], [5, 12, 17, 12 + sixth], [7, 11, 14, 19], [0, 12, 12 + third, 19]
        }
            .Select(chord => chord.Select(note => 48 + tonic + note).ToArray())];
    }

    private static void AddNote(float[] samples, double pitch)
    {
        var frequency = 440 * Math.Pow(2, (pitch - 69) / 12);
        var decay = Math.Exp(-1.5 / Rate);
        for (var harmonic = 1; harmonic <= 8 && frequency * harmonic < Rate / 2.2; harmonic++)
        {
            // A turning vector is far faster than a sine for each sample.
            var (sin, cos) = Math.SinCos(2 * Math.PI * frequency * harmonic / Rate);
            var (x, y, level) = (1.0, 0.0, 0.08 / harmonic);
            for (var i = 0; i < samples.Length; i++)
            {
                samples[i] += (float)(y * level * Math.Min(1, Math.Min(i, samples.Length - i) / 100.0));
                (x, y, level) = (x * cos - y * sin, x * sin + y * cos, level * decay);
            }
        }
    }
}
