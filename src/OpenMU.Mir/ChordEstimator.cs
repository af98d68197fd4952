using OpenMU.Mir.Audio;
using OpenMU.Mir.Dsp;
using OpenMU.Mir.Networks;
using OpenMU.Music;

namespace OpenMU.Mir;

/// <summary>
/// Chords over time in Harte syntax: maj, min, 7, maj7, min7, hdim7, dim, dim7, sus4, sus2, aug, maj6, min6, 5 (a
/// power chord, without a third), and N for none. A small network scores each frame (<see cref="ChordNetwork"/>), the
/// Viterbi algorithm finds the likeliest sequence, in which chords rather change on a beat.
/// </summary>
public static class ChordEstimator
{
    // What a change of chord costs, in nats of one frame. Neighbouring frames overlap, which doubles their evidence and
    // so the costs. Set by judgement, not tuned.
    private const float ChangeOnBeat = 9;
    private const float ChangeOffBeat = 20;
    private const float ChangeWithoutBeats = 11;

    private const int Count = ChordNetwork.QualityCount;

    /// <summary>Estimates the chords of a whole waveform.</summary>
    /// <param name="waveform">Of any rate; made for 22,050 Hz.</param>
    /// <param name="beats">Seconds of the beats, ascending, if known; chords then change on them.</param>
    /// <returns>Segments without gaps from 0 to the end; none for no audio.</returns>
    public static IReadOnlyList<ChordSegment> Estimate(Waveform waveform, IReadOnlyList<double>? beats = null) =>
        Estimate(KeyEstimator.Chromagram(waveform), beats);

    /// <summary>Estimates the chords from what was extracted.</summary>
    /// <param name="chromagram">The whole recording.</param>
    /// <param name="beats">Seconds of the beats, ascending, if known.</param>
    public static IReadOnlyList<ChordSegment> Estimate(Chromagram chromagram, IReadOnlyList<double>? beats = null)
    {
        var frames = chromagram.Frames;
        if (frames == 0) return [];
        var scores = chromagram.ChordLogProbabilities;
        var beatOfFrame = BeatFrames(beats, frames, chromagram.HopSeconds);
        var (path, _) = StickyViterbi.Decode<float>(scores, ChordNetwork.States, frame =>
            beats is not { Count: > 1 } ? ChangeWithoutBeats
                : double.IsNaN(beatOfFrame[frame]) ? ChangeOffBeat
                : ChangeOnBeat);

        var segments = new List<ChordSegment>();
        for (var start = 0; start < frames;)
        {
            var end = start + 1;
            while (end < frames && path[end] == path[start]) end++;
            segments.Add(new ChordSegment(
                Bound(start), Bound(end), Label(path[start]), Confidence(scores, start, end, path[start])));
            start = end;
        }

        return segments;

        double Bound(int frame) =>
            frame == 0 ? 0 : frame == frames ? frames * chromagram.HopSeconds
            : double.IsNaN(beatOfFrame[frame]) ? (frame - 0.5) * chromagram.HopSeconds : beatOfFrame[frame];
    }

    private static string Label(int state) =>
        state == ChordNetwork.NoChord
            ? "N"
            : $"{ChordLabel.RootName(state / Count)}:{ChordNetwork.Qualities[state % Count]}";

    // Time of the beat nearest to each frame that has one, NaN elsewhere. The chord may change at this frame.
    private static double[] BeatFrames(IReadOnlyList<double>? beats, int frames, double hop)
    {
        var beatOfFrame = new double[frames];
        Array.Fill(beatOfFrame, double.NaN);
        foreach (var beat in beats ?? [])
        {
            var frame = (int)Math.Round(beat / hop);
            if (frame > 0 && frame < frames) beatOfFrame[frame] = beat;
        }

        return beatOfFrame;
    }

    // Mean probability of all chords with the same root and third.
    private static double Confidence(float[] scores, int start, int end, int state)
    {
        var sum = 0.0;
        for (var frame = start; frame < end; frame++)
        {
            for (var s = 0; s < ChordNetwork.States; s++)
            {
                if (s == state || (s != ChordNetwork.NoChord && state != ChordNetwork.NoChord
                    && s / Count == state / Count && IsMinor(s % Count) == IsMinor(state % Count)))
                    sum += Math.Exp(scores[frame * ChordNetwork.States + s]);
            }
        }

        return Math.Round(Math.Clamp(sum / (end - start), 0, 1), 3);
    }

    private static bool IsMinor(int quality) =>
        ChordNetwork.Qualities[quality] is "min" or "min7" or "hdim7" or "dim" or "dim7" or "min6";
}
