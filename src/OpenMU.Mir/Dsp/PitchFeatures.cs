namespace OpenMU.Mir.Dsp;

/// <summary>
/// What the chord network sees of a frame: the level of each semitone relative to the loudest within 1.5 s, averaged
/// over six stretches of time around the frame, read from a root upwards. Reading it from each of the twelve roots
/// makes the network blind to transposition.
/// </summary>
internal sealed class PitchFeatures
{
    /// <summary>Semitones that are read, from about the root's octave at the bottom of the piano.</summary>
    public const int Span = 72;

    /// <summary>Numbers of one frame and root.</summary>
    public const int Size = Span * 6;

    // Frames before and after, inclusive.
    private static readonly (int From, int To)[] Stretches = [(-1, 1), (-4, -2), (2, 4), (-10, -5), (5, 10), (-32, 32)];
    private const int Padding = 12;
    private const int Row = Chromagram.Semitones + 2 * Padding;
    private const float RangeDecibels = 60;
    private const float FloorDecibels = -75;

    // sums[t, k] = sum of the levels of frames before t.
    private readonly float[] sums;

    private PitchFeatures(int frames, float[] sums)
    {
        Frames = frames;
        this.sums = sums;
    }

    public int Frames { get; }

    public static PitchFeatures From(Chromagram chromagram)
    {
        var powers = new float[chromagram.Frames * Chromagram.Semitones];
        for (var frame = 0; frame < chromagram.Frames; frame++)
            chromagram.SemitonePower(frame, powers.AsSpan(frame * Chromagram.Semitones, Chromagram.Semitones));
        return From(powers);
    }

    /// <param name="powers">[frames, Semitones].</param>
    public static PitchFeatures From(ReadOnlySpan<float> powers)
    {
        var frames = powers.Length / Chromagram.Semitones;
        var decibels = new float[powers.Length];
        var peaks = new float[frames];
        for (var frame = 0; frame < frames; frame++)
        {
            var peak = FloorDecibels;
            for (var k = 0; k < Chromagram.Semitones; k++)
            {
                var level = 10 * MathF.Log10(powers[frame * Chromagram.Semitones + k] + 1e-12f);
                decibels[frame * Chromagram.Semitones + k] = level;
                peak = MathF.Max(peak, level);
            }

            peaks[frame] = peak;
        }

        var sums = new float[(frames + 1) * Row];
        for (var frame = 0; frame < frames; frame++)
        {
            var peak = FloorDecibels + 10;
            for (var near = Math.Max(0, frame - 16); near <= Math.Min(frames - 1, frame + 16); near++)
                peak = MathF.Max(peak, peaks[near]);
            sums.AsSpan(frame * Row, Row).CopyTo(sums.AsSpan((frame + 1) * Row));
            for (var k = 0; k < Chromagram.Semitones; k++)
            {
                sums[(frame + 1) * Row + Padding + k] += Math.Clamp(
                    (decibels[frame * Chromagram.Semitones + k] - peak) / RangeDecibels + 1, 0, 1);
            }
        }

        return new PitchFeatures(frames, sums);
    }

    /// <summary>
    /// Averages of the six stretches around a frame, to be read from any root by <see cref="Read"/>; [6, Row].
    /// </summary>
    public void Average(int frame, Span<float> averages)
    {
        for (var s = 0; s < Stretches.Length; s++)
        {
            var from = Math.Clamp(frame + Stretches[s].From, 0, Frames - 1);
            var to = Math.Clamp(frame + Stretches[s].To, 0, Frames - 1) + 1;
            var scale = 1f / (to - from);
            var target = averages.Slice(s * Row, Row);
            for (var k = 0; k < Row; k++) target[k] = (sums[to * Row + k] - sums[from * Row + k]) * scale;
        }
    }

    public static int AverageSize => Stretches.Length * Row;

    /// <summary>Copies what is seen from a root, shifted by whole semitones, into <see cref="Size"/> numbers.</summary>
    public static void Read(ReadOnlySpan<float> averages, int root, Span<float> view)
    {
        // Start within half an octave of the lowest C.
        var start = Padding + (root < 6 ? root : root - 12);
        for (var s = 0; s < Stretches.Length; s++)
            averages.Slice(s * Row + start, Span).CopyTo(view.Slice(s * Span, Span));
    }
}
