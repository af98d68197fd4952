using CsCheck;
using OpenMU.Mir.Audio;
using OpenMU.Music;
using OpenMU.Testing;

namespace OpenMU.Mir.Tests;

public class BeatTrackerTests
{
    [Theory]
    [InlineData(76)]
    [InlineData(120)]
    [InlineData(140)]
    [InlineData(160)]
    public void The_beats_of_a_click_track_are_its_clicks(double bpm)
    {
        var clicks = Rhythm.Grid(bpm, 20, first: 0.4);
        Agreement(clicks, BeatTracker.Track(Rhythm.Wave(Rhythm.Clicks(20, clicks))).Times).Should().BeGreaterThan(0.95);
    }

    [Theory]
    [InlineData(4, "4/4")]
    [InlineData(3, "3/4")]
    public void Waltz_and_common_time_are_told_apart(int length, string metre)
    {
        var beats = Rhythm.Grid(126, 24, first: 0.3);
        var samples = Rhythm.Drums(24, beats, length);
        var track = BeatTracker.Track(Rhythm.Wave(samples));
        track.Metre.Should().Be(Metre.Parse(metre));
        Agreement([.. beats.Where((_, k) => k % length == 0)], track.Downbeats).Should().BeGreaterThan(0.9);
    }

    [Fact]
    public void Beats_follow_a_change_of_tempo()
    {
        double[] beats = [.. Rhythm.Grid(104, 15, first: 0.3)];
        beats = [.. beats, .. Rhythm.Grid(124, 30, first: beats[^1] + 60 / 124.0)];
        Agreement(beats, BeatTracker.Track(Rhythm.Wave(Rhythm.Drums(30, beats, 4))).Times).Should().BeGreaterThan(0.9);
    }

    [Fact]
    public void Beats_follow_a_slow_drift()
    {
        List<double> beats = [0.3];
        while (beats[^1] < 29) beats.Add(beats[^1] + 60 / (100 + beats[^1]));
        Agreement(beats, BeatTracker.Track(Rhythm.Wave(Rhythm.Drums(30, [.. beats], 4))).Times)
            .Should().BeGreaterThan(0.9);
    }

    [Fact]
    public void A_minute_of_silence_before_the_music_holds_no_beats()
    {
        double[] beats = [.. Rhythm.Grid(112, 85, first: 60.5)];
        var track = BeatTracker.Track(Rhythm.Wave(Rhythm.Drums(85, beats, 4)));
        track.Times[0].Should().BeGreaterThan(59);
        Agreement(beats, track.Times).Should().BeGreaterThan(0.9);
    }

    [Fact]
    public void Silence_has_no_beats() =>
        BeatTracker.Track(Rhythm.Wave(new float[10 * Rhythm.Rate])).Should().BeSameAs(BeatTrack.None);

    [Fact]
    public void Numbers_run_through_the_bar()
    {
        var track = BeatTracker.Track(Rhythm.Wave(Rhythm.Drums(20, Rhythm.Grid(120, 20), 4)));
        track.Beats.Should().OnlyContain(beat => beat.Number >= 1 && beat.Number <= 4);
        track.Downbeats.Length.Should().BeInRange(8, 12);
    }

    [Fact]
    public void Beats_rise_in_time_whatever_the_input() =>
        Gen.Select(Gen.Double[40, 230], Gen.Double[0.01, 0.9], Gen.Int[0, 1000]).Sample((bpm, gain, seed) =>
        {
            var samples = Rhythm.Clicks(6, Rhythm.Grid(bpm, 6), gain: gain);
            var random = new Random(seed);
            for (var i = 0; i < samples.Length; i++) samples[i] += (float)(0.1 * (random.NextDouble() - 0.5));
            var track = BeatTracker.Track(Rhythm.Wave(samples));
            track.Times.Should().BeInAscendingOrder().And.OnlyHaveUniqueItems();
            track.Confidence.Should().BeInRange(0, 1);
            track.MetreConfidence.Should().BeInRange(0, 1);
        }, iter: 20);

    [Fact]
    public void The_order_of_the_files_makes_no_difference()
    {
        Waveform[] files =
            [.. new[] { 90.0, 120, 151 }.Select(bpm => Rhythm.Wave(Rhythm.Drums(8, Rhythm.Grid(bpm, 8), 4)))];
        var expected = files.Select(BeatTracker.Track).ToArray();
        Gen.Shuffle((int[])[0, 1, 2]).Sample(order =>
        {
            foreach (var i in order) BeatTracker.Track(files[i]).Times.Should().Equal(expected[i].Times);
        }, iter: 6);
    }

    private static double Agreement(IReadOnlyList<double> wanted, IReadOnlyList<double> found) =>
        Math.Min(Rhythm.Recall(wanted, found), Rhythm.Recall(found, wanted));
}
