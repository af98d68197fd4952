using OpenMU.Mir.Networks;

namespace OpenMU.Mir.Dsp;

/// <summary>
/// Level of every pitch over time: three bins a semitone over seven octaves from C1 (MIDI 24), as one byte each, and
/// the tuning of the whole. What tuning, key and chords are read from. 2.7 kB a second.
/// </summary>
public sealed class Chromagram
{
    /// <summary>MIDI number of the lowest semitone, C1 = 32.7 Hz in standard tuning.</summary>
    public const int LowestPitch = 24;

    /// <summary>Semitones of a frame.</summary>
    public const int Semitones = 84;

    /// <summary>Bins of a semitone; the middle one is its centre.</summary>
    public const int BinsPerSemitone = 3;

    /// <summary>Numbers of a frame.</summary>
    public const int Bins = Semitones * BinsPerSemitone;

    private const float FloorDecibels = -100;
    private static readonly float[] PowerOfLevel = [.. Enumerable.Range(0, 256)
        .Select(level => level == 0 ? 0 : MathF.Pow(10, (FloorDecibels + level / 2.55f) / 10))];

    private readonly byte[] levels;
    private readonly Lazy<float[]> chordLogProbabilities;

    internal Chromagram(byte[] levels, double hopSeconds, TuningEstimate tuning)
    {
        this.levels = levels;
        HopSeconds = hopSeconds;
        Tuning = tuning;
        chordLogProbabilities = new Lazy<float[]>(() => ChordNetwork.Default.LogProbabilities(this));
    }

    /// <summary>Seconds from one frame to the next; frame i is centred on i times this.</summary>
    public double HopSeconds { get; }

    /// <summary>How many frames.</summary>
    public int Frames => levels.Length / Bins;

    /// <summary>How far the music lies from A = 440 Hz.</summary>
    public TuningEstimate Tuning { get; }

    /// <summary>Levels of a frame: 0 is -100 dB or less, 255 is 0 dB, a full-scale sine wave; [Bins].</summary>
    public ReadOnlySpan<byte> Levels(int frame) => levels.AsSpan(frame * Bins, Bins);

    /// <summary>Power of each semitone, centred on the tuning of the music; 1 is a full-scale sine wave.</summary>
    /// <param name="frame">Which frame.</param>
    /// <param name="power">Receives <see cref="Semitones"/> numbers.</param>
    public void SemitonePower(int frame, Span<float> power)
    {
        var row = Levels(frame);
        // A triangle one and a half bins wide on each side of the tuned centre.
        var shift = (float)(Tuning.Cents / 100 * BinsPerSemitone);
        var first = (int)MathF.Ceiling(shift - 1.5f);
        Span<float> weights = stackalloc float[4];
        for (var j = 0; j < 4; j++) weights[j] = MathF.Max(0, 1 - MathF.Abs(first + j - shift) / 1.5f);
        for (var k = 0; k < Semitones; k++)
        {
            var sum = 0f;
            for (var j = 0; j < 4; j++)
            {
                var bin = BinsPerSemitone * k + 1 + first + j;
                if (bin is >= 0 and < Bins) sum += weights[j] * PowerOfLevel[row[bin]];
            }

            power[k] = sum;
        }
    }

    /// <summary>
    /// What the chord network says of each frame, worked out once for key and chords; [Frames, ChordNet.States].
    /// </summary>
    internal float[] ChordLogProbabilities => chordLogProbabilities.Value;

    internal static byte Level(float power) =>
        power <= 1e-10f
            ? (byte)0
            : (byte)Math.Clamp(MathF.Round((10 * MathF.Log10(power) - FloorDecibels) * 2.55f), 0, 255);
}
