using OpenMU.Mir.Audio;
using OpenMU.Testing;

namespace OpenMU.Mir.Tests;

public class TempoEstimatorTests
{
    [Theory]
    [InlineData(70)]
    [InlineData(93)]
    [InlineData(120)]
    [InlineData(151.3)]
    public void A_click_track_has_the_tempo_of_its_clicks(double bpm)
    {
        var tempo = TempoEstimator.Estimate(Rhythm.Wave(Rhythm.Clicks(20, Rhythm.Grid(bpm, 20))));
        tempo!.Bpm.Should().BeApproximately(bpm, bpm * 0.02);
    }

    [Fact]
    public void Silence_has_no_tempo() =>
        TempoEstimator.Estimate(new Waveform(new float[20 * Rhythm.Rate], Rhythm.Rate)).Should().BeNull();

    [Fact]
    public void One_held_note_has_no_tempo()
    {
        var samples = new float[15 * Rhythm.Rate];
        for (var i = 0; i < samples.Length; i++) samples[i] = 0.3f * MathF.Sin(2 * MathF.PI * 440 * i / Rhythm.Rate);
        TempoEstimator.Estimate(Rhythm.Wave(samples)).Should().BeNull();
    }

    [Fact]
    public void Noise_has_no_tempo()
    {
        var random = new Random(4);
        var samples = new float[15 * Rhythm.Rate];
        for (var i = 0; i < samples.Length; i++) samples[i] = (float)(0.6 * random.NextDouble() - 0.3);
        TempoEstimator.Estimate(Rhythm.Wave(samples)).Should().BeNull();
    }

    [Fact]
    public void Alternatives_are_ranked_and_hold_half_and_double()
    {
        var tempo = TempoEstimator.Estimate(Rhythm.Wave(Rhythm.Drums(16, Rhythm.Grid(110, 16), 4)))!;
        tempo.Alternatives.Should().BeInDescendingOrder(a => a.Confidence);
        tempo.Alternatives.Should().Contain(a => Math.Abs(a.Bpm - tempo.Bpm / 2) < 0.01)
            .And.Contain(a => Math.Abs(a.Bpm - tempo.Bpm * 2) < 0.01);
        tempo.Alternatives.Should().OnlyContain(a => a.Confidence <= tempo.Confidence);
    }

    [Fact]
    public void The_sampling_rate_makes_no_difference()
    {
        var samples = Rhythm.Drums(16, Rhythm.Grid(110, 16), 4);
        var resampler = new Resampler(Rhythm.Rate, 44_100);
        float[] doubled = [.. resampler.Push(samples), .. resampler.Finish()];
        TempoEstimator.Estimate(new Waveform(doubled, 44_100))!.Bpm
            .Should().BeApproximately(TempoEstimator.Estimate(Rhythm.Wave(samples))!.Bpm, 0.5);
    }

    [Fact]
    public void An_empty_file_has_no_tempo() =>
        TempoEstimator.Estimate(new Waveform([], Rhythm.Rate)).Should().BeNull();

    [Fact]
    public void A_clip_of_one_second_has_no_tempo() =>
        TempoEstimator.Estimate(Rhythm.Wave(Rhythm.Clicks(1, [0.1, 0.6]))).Should().BeNull();
}
