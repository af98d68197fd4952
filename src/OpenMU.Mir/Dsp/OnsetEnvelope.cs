namespace OpenMU.Mir.Dsp;

/// <summary>What the rhythm tools work from: the level of each band over time, and how strongly notes begin.</summary>
public sealed class OnsetEnvelope
{
    internal OnsetEnvelope(double frameRate, int bands, float[] levels, float[] strength, double durationSeconds)
    {
        FrameRate = frameRate;
        Bands = bands;
        Levels = levels;
        Strength = strength;
        DurationSeconds = durationSeconds;
    }

    /// <summary>Frames a second; frame i is centred at i / FrameRate seconds.</summary>
    public double FrameRate { get; }

    public int Bands { get; }

    /// <summary>Log power of each band, frame after frame: [frames * bands], in dB below the loudest band of the track, 0 to -80.</summary>
    public float[] Levels { get; }

    /// <summary>How much energy begins in each frame, mean 1 over the track; all zero where nothing sounds.</summary>
    public float[] Strength { get; }

    public int Frames => Strength.Length;

    public double DurationSeconds { get; }

    /// <summary>Seconds of a frame.</summary>
    public double TimeOf(double frame) => frame / FrameRate;
}
