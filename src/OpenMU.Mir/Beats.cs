using OpenMU.Mir.Audio;
using OpenMU.Mir.Dsp;

namespace OpenMU.Mir;

/// <summary>The beats of a track.</summary>
/// <param name="Times">Seconds of each beat.</param>
/// <param name="Numbers">Place of each beat in its bar, from 1, the downbeat.</param>
/// <param name="Metre">"4/4", "3/4", "6/8" (two beats of three eighths) or "5/4"; null where there are no beats.</param>
/// <param name="MetreConfidence">0 (a guess) to 1 (certain).</param>
/// <param name="Confidence">Of the beats, 0 (a guess) to 1 (certain).</param>
public sealed record BeatTrack(double[] Times, int[] Numbers, string? Metre, double MetreConfidence, double Confidence)
{
    /// <summary>No beats were found.</summary>
    public static BeatTrack None { get; } = new([], [], null, 0, 0);

    /// <summary>Seconds of each first beat of a bar.</summary>
    public double[] Downbeats => [.. Times.Where((_, i) => Numbers[i] == 1)];
}

/// <summary>Beats, downbeats and metre.</summary>
public static class Beats
{
    /// <summary>The beats of a waveform of any rate.</summary>
    public static BeatTrack Track(Waveform audio)
    {
        var onsets = OnsetStrength.Of(audio);
        return Track(onsets, Tempo.Estimate(onsets));
    }

    /// <summary>The beats that go with a tempo; none where there is no tempo.</summary>
    public static BeatTrack Track(OnsetEnvelope onsets, TempoEstimate? tempo)
    {
        if (tempo is null) return BeatTrack.None;
        var shortest = (int)Math.Floor(60 / Tempo.FastestBpm * onsets.FrameRate);
        var prior = new double[(int)Math.Ceiling(60 / Tempo.SlowestBpm * onsets.FrameRate) - shortest + 1];
        for (var i = 0; i < prior.Length; i++)
        {
            var octaves = Math.Log2(60 / tempo.Bpm * onsets.FrameRate / (shortest + i)) / 0.1;
            prior[i] = -0.5 * Math.Min(octaves * octaves, 100);
        }
        float[] beat = new float[onsets.Frames], rest = new float[onsets.Frames];
        for (var t = 0; t < beat.Length; t++)
        {
            var a = 1 - MathF.Exp(-onsets.Strength[t] / 6);
            beat[t] = MathF.Log(a + 0.02f);
            rest[t] = MathF.Log(1 - a + 0.02f);
        }
        var frames = BeatPath.Decode(beat, rest, shortest, prior);
        if (frames.Count < 2) return BeatTrack.None;
        var (length, phase, certainty) = Bars(onsets, frames);
        return new([.. frames.Select(f => onsets.TimeOf(f))], [.. frames.Select((_, i) => (i + length - phase) % length + 1)],
            length == 3 ? "3/4" : "4/4", certainty, tempo.Confidence);
    }

    // Bar length and first downbeat by where the bass is loudest.
    private static (int Length, int Phase, double Certainty) Bars(OnsetEnvelope onsets, List<int> beats)
    {
        var bass = new double[beats.Count];
        for (var k = 0; k < bass.Length; k++)
        {
            var end = Math.Min(beats[k] + 6, onsets.Frames);
            for (var t = beats[k]; t < end; t++)
            {
                for (var b = 0; b < 8; b++) bass[k] += onsets.Levels[t * onsets.Bands + b] / (end - beats[k]);
            }
        }
        var mean = bass.Average();
        var best = (Length: 4, Phase: 0, Score: double.NegativeInfinity);
        foreach (var length in (int[])[4, 3])
        {
            for (var phase = 0; phase < length && phase < bass.Length; phase++)
            {
                var score = bass.Where((_, k) => k % length == phase).Average() - mean - (length == 3 ? 6 : 0);
                if (score > best.Score) best = (length, phase, score);
            }
        }
        return (best.Length, best.Phase, Math.Clamp(best.Score / 100, 0, 0.5));
    }
}
