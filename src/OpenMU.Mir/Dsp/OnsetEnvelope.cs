using OpenMU.Mir.Networks;

namespace OpenMU.Mir.Dsp;

/// <summary>What the rhythm tools work from: the level of each band over time, and how strongly notes begin.</summary>
public sealed class OnsetEnvelope
{
    private const float QuietDecibels = -55;
    private BeatActivation? activation;

    internal OnsetEnvelope(
        double frameRate, int bands, float[] levels, float[] changes, float[] strength, double durationSeconds)
    {
        FrameRate = frameRate;
        Bands = bands;
        Levels = levels;
        Changes = changes;
        Strength = strength;
        DurationSeconds = durationSeconds;
    }

    /// <summary>Frames a second; frame i is centred at i / FrameRate seconds.</summary>
    public double FrameRate { get; }

    public int Bands { get; }

    /// <summary>
    /// Log power of each band, frame after frame: [frames * bands], in dB below the loudest band of the track, 0 to
    /// -80.
    /// </summary>
    public float[] Levels { get; }

    /// <summary>
    /// How much the harmony changes about each frame, 0 to 2: [frames * <see cref="OnsetStrength.Changes"/>].
    /// </summary>
    public float[] Changes { get; }

    /// <summary>How much energy begins in each frame, mean 1 over the track; all zero where nothing sounds.</summary>
    public float[] Strength { get; }

    public int Frames => Strength.Length;

    public double DurationSeconds { get; }

    /// <summary>Beats and downbeats as <see cref="BeatNetwork"/> hears them; computed when first asked for.</summary>
    public BeatActivation Activation => activation ??= BeatNetwork.Default.Run(this);

    /// <summary>First frame and one past the last in which anything sounds, and the seconds between them.</summary>
    internal (int First, int Last, double Seconds) Sounding()
    {
        int first = 0, last = Frames;
        while (first < last && IsQuiet(first)) first++;
        while (last > first && IsQuiet(last - 1)) last--;
        return (first, last, (last - first) / FrameRate);
    }

    /// <summary>How many separate onsets there are, faint ones (under a twentieth of the strongest) left out.</summary>
    internal int Pulses()
    {
        var least = Strength.Length == 0 ? 0 : 0.05f * Strength.Max();
        var count = 0;
        for (var t = 1; t + 1 < Strength.Length; t++)
        {
            if (Strength[t] > least && Strength[t] >= Strength[t - 1] && Strength[t] > Strength[t + 1]) count++;
        }
        return count;
    }

    private bool IsQuiet(int frame)
    {
        foreach (var level in Levels.AsSpan(frame * Bands, Bands))
        {
            if (level > QuietDecibels) return false;
        }
        return true;
    }

    /// <summary>Seconds of a frame.</summary>
    public double TimeOf(double frame) => frame / FrameRate;
}
