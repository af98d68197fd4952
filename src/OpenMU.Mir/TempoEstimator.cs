using OpenMU.Mir.Audio;
using OpenMU.Mir.Dsp;
using OpenMU.Mir.Networks;
using OpenMU.Music;

namespace OpenMU.Mir;

/// <summary>Tempo from the beats that <see cref="BeatNetwork"/> hears and the tempo it expects of such music.</summary>
public static class TempoEstimator
{
    internal const double SlowestBpm = 40, FastestBpm = 240;
    private const double ShortestSeconds = 1.5;
    private const int FewestPulses = 4;

    // Mean probability of the beats below which nobody taps along: most sounds without a beat lie below it, and hardly
    // any music (docs/mir.md).
    private const double LeastSupport = 0.2;

    private static readonly double[] Ratios = [1, 2, 0.5, 3, 1 / 3.0, 1.5, 2 / 3.0];

    /// <summary>The tempo of a waveform of any rate, or null where nothing repeats.</summary>
    public static Tempo? Estimate(Waveform audio) => Estimate(OnsetStrength.Of(audio));

    /// <summary>
    /// The tempo, or null where there is none: silence, one held note, noise, speech, less than 1.5 seconds.
    /// </summary>
    public static Tempo? Estimate(OnsetEnvelope onsets)
    {
        var sounding = onsets.Sounding();
        if (sounding.Seconds < ShortestSeconds || onsets.Pulses() < FewestPulses) return null;
        var grid = new TempoGrid(onsets.FrameRate);
        var expected = grid.Expected(onsets.Activation.Tempo);
        var beat = onsets.Activation.Beat.AsSpan(sounding.First, sounding.Last - sounding.First);
        var path = BeatPath.Decode(
            new BeatEvidence(beat, onsets.FrameRate, Mean(onsets.Activation.Tempo)), grid, expected);
        if (path.Length < 3) return null;
        path = BeatPath.Best(onsets, 60 * onsets.FrameRate / BeatPath.Interval(path));
        if (path.Length < 3) return null;
        var bpm = Surest(60 * onsets.FrameRate / BeatPath.Interval(path), onsets);

        var support = BeatPath.Support(onsets, path);
        if (support < LeastSupport) return null;
        var candidates = Candidates(bpm, onsets);
        var total = candidates.Sum(c => c.Confidence) + 1e-9;
        // The headline is first: of equals it stays.
        TempoReading[] ranked = [.. candidates.Select(c => c with { Confidence = c.Confidence / total * support })
            .OrderByDescending(c => c.Confidence)];
        return new(ranked[0].Bpm, ranked[0].Confidence, ranked[1..]);
    }

    /// <summary>
    /// The tempo of the beats, or the metrical level beside it that the network believes in more, measured anew from
    /// the beats at that level.
    /// </summary>
    private static double Surest(double bpm, OnsetEnvelope onsets)
    {
        var best = Candidates(bpm, onsets).MaxBy(candidate => candidate.Confidence)!.Bpm;
        if (best == bpm) return bpm;
        var path = BeatPath.Best(onsets, best);
        var counted = path.Length < 3 ? best : 60 * onsets.FrameRate / BeatPath.Interval(path);
        return Math.Abs((counted / best) - 1) < 0.04 ? counted : best;
    }

    private static TempoReading[] Candidates(double bpm, OnsetEnvelope onsets) =>
        [.. Ratios.Select(ratio => bpm * ratio).Where(b => b is >= SlowestBpm and <= FastestBpm)
            .Select(b => new TempoReading(b, Weight(onsets.Activation.Tempo, b)))];

    private static double Mean(float[] tempo) => tempo.Select((p, bin) => p * BeatNetwork.TempoOf(bin)).Sum();

    private static double Weight(float[] tempo, double bpm)
    {
        var bin = BeatNetwork.BinOf(bpm);
        var sum = 0.001;
        for (var i = 0; i < tempo.Length; i++) sum += tempo[i] * Math.Max(0, 1 - Math.Abs(i - bin) / 3);
        return sum;
    }
}
