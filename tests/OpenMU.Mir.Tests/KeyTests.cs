using OpenMU.Mir.Audio;
using OpenMU.Music;
using OpenMU.Testing;

namespace OpenMU.Mir.Tests;

public class KeyTests
{
    [Fact]
    public void A_cadence_has_its_key_in_all_24()
    {
        for (var key = 0; key < 24; key++)
        {
            var chords = Notes.Cadence(key % 12, minor: key >= 12);
            Key.Estimate(Notes.Chords(chords, 1.2)).Key.Should().Be(KeyNames.Name(key));
        }
    }

    [Theory]
    [InlineData(40)]
    [InlineData(-35)]
    [InlineData(12)]
    public void A_detuned_recording_keeps_its_key_and_says_how_far_it_is_off(double cents)
    {
        var chords = Notes.Cadence(9, minor: true);
        var estimate = Key.Estimate(Notes.Chords([.. chords, .. chords], cents: cents));

        estimate.Key.Should().Be("A minor");
        estimate.TuningCents.Should().BeApproximately(cents, 5);
    }

    [Fact]
    public void The_longer_a_key_sounds_the_surer_it_is()
    {
        var chords = Notes.Cadence(7, minor: false);
        double Confidence(int times) => Key.Estimate(Notes.Chords([.. Enumerable.Repeat(chords, times).SelectMany(cadence => cadence)], 0.5)).Confidence;

        Confidence(1).Should().BeLessThan(0.5);
        Confidence(4).Should().BeGreaterThan(Confidence(1));
        Confidence(16).Should().BeGreaterThan(Confidence(4)).And.BeGreaterThan(0.5);
    }

    [Fact]
    public void Silence_noise_drums_and_nothing_have_no_key()
    {
        foreach (var waveform in new[] { Notes.Silence(5), Notes.Noise(8), Notes.Drums(8), Notes.Silence(0) })
        {
            var estimate = Key.Estimate(waveform);
            estimate.Key.Should().BeNull();
            estimate.Camelot.Should().BeNull();
            estimate.OpenKey.Should().BeNull();
        }
    }

    [Fact]
    public void The_other_names_of_a_key_come_along()
    {
        var estimate = Key.Estimate(Notes.Chords(Notes.Cadence(1, minor: true)));

        estimate.Key.Should().Be("C# minor");
        estimate.Camelot.Should().Be("12A");
        estimate.OpenKey.Should().Be("5m");
        estimate.Alternatives.Should().NotBeEmpty().And.NotContain(alternative => alternative.Key == "C# minor");
        estimate.Confidence.Should().BeInRange(0, 1);
    }
}
