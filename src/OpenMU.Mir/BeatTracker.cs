using OpenMU.Mir.Audio;
using OpenMU.Mir.Dsp;
using OpenMU.Music;

namespace OpenMU.Mir;

/// <summary>The beats of a track.</summary>
/// <param name="Beats">In order of time, numbered from 1, the downbeat.</param>
/// <param name="Metre">4/4, 3/4, 6/8 (two beats of three eighths) or 5/4; null where there are no beats.</param>
/// <param name="MetreConfidence">0 (a guess) to 1 (certain).</param>
/// <param name="Confidence">Of the beats, 0 (a guess) to 1 (certain).</param>
public sealed record BeatTrack(IReadOnlyList<Beat> Beats, Metre? Metre, double MetreConfidence, double Confidence)
{
    /// <summary>No beats were found.</summary>
    public static BeatTrack None { get; } = new([], null, 0, 0);

    /// <summary>Seconds of each beat.</summary>
    public double[] Times { get; } = [.. Beats.Select(beat => beat.Seconds)];

    /// <summary>Seconds of each first beat of a bar.</summary>
    public double[] Downbeats => [.. Beats.Where(beat => beat.Number == 1).Select(beat => beat.Seconds)];
}

/// <summary>Beats, downbeats and metre.</summary>
public static class BeatTracker
{
    /// <summary>The beats of a waveform of any rate.</summary>
    public static BeatTrack Track(Waveform audio)
    {
        var onsets = OnsetStrength.Of(audio);
        return Track(onsets, TempoEstimator.Estimate(onsets));
    }

    /// <summary>The beats that go with a tempo; none where there is no tempo.</summary>
    public static BeatTrack Track(OnsetEnvelope onsets, Tempo? tempo)
    {
        if (tempo is null) return BeatTrack.None;
        var path = BeatPath.Best(onsets, tempo.Bpm);
        if (path.Length < 3) return BeatTrack.None;
        var (numbers, metre, certainty) = Bars.Number(onsets.Activation, path);
        var beats = path.Select((t, i) => new Beat(onsets.TimeOf(Peak(onsets.Activation.Beat, t)), numbers[i]))
            .ToArray();
        return new(beats, Metre.TryParse(metre), certainty, BeatPath.Support(onsets, path));
    }

    // The top of the parabola through the nearest frame and its neighbours, at most half a frame away; where that is no
    // peak, the time as it is.
    private static double Peak(float[] beat, double time)
    {
        var t = (int)Math.Round(time);
        if (t <= 0 || t >= beat.Length - 1) return time;
        double a = Math.Log(beat[t - 1] + 1e-6), b = Math.Log(beat[t] + 1e-6), c = Math.Log(beat[t + 1] + 1e-6),
            bend = a - 2 * b + c;
        return bend >= -1e-9 ? time : t + Math.Clamp(0.5 * (a - c) / bend, -0.5, 0.5);
    }
}
