using OpenMU.Mir.Audio;
using OpenMU.Music;
using OpenMU.Testing;

namespace OpenMU.Mir.Tests;

public class KeyEstimatorTests
{
    [Fact]
    public void A_cadence_has_its_key_in_all_24()
    {
        for (var key = 0; key < 24; key++)
        {
            var chords = Notes.Cadence(key % 12, minor: key >= 12);
            KeyEstimator.Estimate(Notes.Chords(chords, 1.2)).Key.Should().Be(MusicalKey.FromIndex(key));
        }
    }

    [Theory]
    [InlineData(40)]
    [InlineData(-35)]
    [InlineData(12)]
    public void A_detuned_recording_keeps_its_key_and_says_how_far_it_is_off(double cents)
    {
        var chords = Notes.Cadence(9, minor: true);
        var estimate = KeyEstimator.Estimate(Notes.Chords([.. chords, .. chords], cents: cents));

        estimate.Key.Should().Be(MusicalKey.Parse("A minor"));
        estimate.TuningCents.Should().BeApproximately(cents, 5);
    }

    [Fact]
    public void The_longer_a_key_sounds_the_surer_it_is()
    {
        var chords = Notes.Cadence(7, minor: false);
        double Confidence(int times) => KeyEstimator.Estimate(
            Notes.Chords([.. Enumerable.Repeat(chords, times).SelectMany(cadence => cadence)], 0.5)).Confidence;

        Confidence(1).Should().BeLessThan(0.5);
        Confidence(4).Should().BeGreaterThan(Confidence(1));
        Confidence(16).Should().BeGreaterThan(Confidence(4)).And.BeGreaterThan(0.5);
    }

    [Fact]
    public void Silence_noise_drums_and_nothing_have_no_key()
    {
        foreach (var waveform in new[] { Notes.Silence(5), Notes.Noise(8), Notes.Drums(8), Notes.Silence(0) })
        {
            KeyEstimator.Estimate(waveform).Key.Should().BeNull();
        }
    }

    [Fact]
    public void Other_keys_come_along_with_the_likeliest()
    {
        var estimate = KeyEstimator.Estimate(Notes.Chords(Notes.Cadence(1, minor: true)));

        estimate.Key.Should().Be(MusicalKey.Parse("C# minor"));
        estimate.Alternatives.Should().NotBeEmpty().And.NotContain(alternative => alternative.Key == estimate.Key);
        estimate.Confidence.Should().BeInRange(0, 1);
    }
}
