using OpenMU.Mir.Audio;

namespace OpenMU.Mir.Tests;

public class TempoTests
{
    [Theory]
    [InlineData(70)]
    [InlineData(93)]
    [InlineData(120)]
    [InlineData(151.3)]
    public void A_click_track_has_the_tempo_of_its_clicks(double bpm)
    {
        var tempo = Tempo.Estimate(Rhythm.Wave(Rhythm.Clicks(20, Rhythm.Grid(bpm, 20))));
        tempo!.Bpm.Should().BeApproximately(bpm, bpm * 0.02);
    }

    [Fact]
    public void Silence_has_no_tempo() => Tempo.Estimate(new Waveform(new float[20 * Rhythm.Rate], Rhythm.Rate)).Should().BeNull();

    [Fact]
    public void An_empty_file_has_no_tempo() => Tempo.Estimate(new Waveform([], Rhythm.Rate)).Should().BeNull();

    [Fact]
    public void A_clip_of_one_second_has_no_tempo() =>
        Tempo.Estimate(Rhythm.Wave(Rhythm.Clicks(1, [0.1, 0.6]))).Should().BeNull();
}
