namespace OpenMU.Mir.Tests;

public class BeatsTests
{
    [Theory]
    [InlineData(76)]
    [InlineData(120)]
    [InlineData(140)]
    public void The_beats_of_a_click_track_are_its_clicks(double bpm)
    {
        var clicks = Rhythm.Grid(bpm, 20, first: 0.4);
        var beats = Beats.Track(Rhythm.Wave(Rhythm.Clicks(20, clicks)));
        Rhythm.Recall(clicks, beats.Times).Should().BeGreaterThan(0.95);
        Rhythm.Recall(beats.Times, clicks).Should().BeGreaterThan(0.95);
    }

    [Fact]
    public void Silence_has_no_beats() => Beats.Track(Rhythm.Wave(new float[10 * Rhythm.Rate])).Should().BeSameAs(BeatTrack.None);
}
