using CsCheck;
using OpenMU.Mir.Dsp;

namespace OpenMU.Mir.Tests.Dsp;

public class SteadyPathTests
{
    private const double FrameRate = 86;
    private const int Frames = 3000;

    [Fact]
    public void A_steady_beat_is_held_through_bars_that_stress_another_place()
    {
        // For two dozen beats, what sounds most like a beat comes a quarter of a beat late.
        var beats = Even(170);
        var activation = new float[Frames];
        foreach (var beat in beats)
        {
            var misleads = beat is > 1200 and < 1930;
            Mark(activation, beat, misleads ? 0.15f : 0.6f);
            if (misleads) Mark(activation, beat + FrameRate * 15 / 170, 0.5f);
        }

        Distance(beats, Steady(activation, 170)).Should().BeLessThan(2);
        Distance(beats, Free(activation, 170)).Should().BeGreaterThan(4);
        Gain(activation, 170).Should().BeLessThan(1);
    }

    [Fact]
    public void Evenly_spaced_beats_are_found_at_any_tempo_even_if_it_is_only_nearly_known() =>
        Gen.Select(Gen.Double[45, 220], Gen.Double[-0.03, 0.03], Gen.Double[0, 1]).Sample((bpm, error, phase) =>
        {
            var beats = Even(bpm, phase);
            var activation = new float[Frames];
            foreach (var beat in beats) Mark(activation, beat, 0.7f);
            Distance(beats, Steady(activation, bpm * (1 + error))).Should().BeLessThan(1.6);
        }, iter: 20);

    [Fact]
    public void A_beat_that_wavers_is_told_from_a_steady_one()
    {
        List<double> beats = [30];
        while (beats[^1] < Frames - 60) beats.Add(beats[^1] + FrameRate * 60 / (120 + 10 * Math.Sin(beats[^1] / 150)));
        var activation = new float[Frames];
        foreach (var beat in beats) Mark(activation, beat, 0.7f);
        Gain(activation, 120).Should().BeGreaterThan(1);
    }

    [Fact]
    public void A_tempo_that_changes_slowly_and_little_is_followed()
    {
        List<double> beats = [30];
        while (beats[^1] < Frames - 60) beats.Add(beats[^1] + FrameRate * 60 / (118 + 4 * beats[^1] / Frames));
        var activation = new float[Frames];
        foreach (var beat in beats) Mark(activation, beat, 0.7f);
        Distance([.. beats], Steady(activation, 120)).Should().BeLessThan(3);
    }

    [Fact]
    public void Too_little_music_has_no_beats() =>
        SteadyPath.Decode(new BeatEvidence(new float[20], FrameRate, 100), 100).Should().BeEmpty();

    private static double[] Even(double bpm, double phase = 0.5) =>
        [.. Enumerable.Range(0, 1000).Select(k => (k + phase) * FrameRate * 60 / bpm).Where(beat => beat < Frames - 1)];

    private static void Mark(float[] activation, double frame, float probability)
    {
        for (var t = Math.Max(0, (int)frame - 2); t <= Math.Min(Frames - 1, (int)frame + 3); t++)
        {
            activation[t] = Math.Max(
                activation[t], probability * (float)Math.Clamp(1.3 - 0.5 * Math.Abs(t - frame), 0, 1));
        }
    }

    private static double[] Steady(float[] activation, double bpm) =>
        SteadyPath.Decode(new BeatEvidence(activation, FrameRate, bpm), bpm);

    private static double[] Free(float[] activation, double bpm)
    {
        var grid = new TempoGrid(FrameRate);
        return BeatPath.Decode(new BeatEvidence(activation, FrameRate, bpm), grid, grid.Around(bpm));
    }

    private static double Gain(float[] activation, double bpm) =>
        SteadyPath.Gain(
            new BeatEvidence(activation, FrameRate, bpm), Free(activation, bpm), Steady(activation, bpm), span: 64);

    // Frames from a beat to the nearest found one, at most; the first and the last may be missed.
    private static double Distance(double[] beats, double[] found) =>
        beats[1..^1].Max(beat => found.Min(time => Math.Abs(time - beat)));
}
