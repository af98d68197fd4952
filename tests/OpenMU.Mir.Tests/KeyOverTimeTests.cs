using OpenMU.Mir.Audio;
using OpenMU.Music;
using OpenMU.Testing;

namespace OpenMU.Mir.Tests;

public class KeyOverTimeTests
{
    [Fact]
    public void A_modulation_shows_as_two_segments()
    {
        int[][] home = [.. Notes.Cadence(0, minor: false)], away = [.. Notes.Cadence(6, minor: false)];
        var estimate = KeyEstimator.Estimate(
            Notes.Chords([.. home, .. home, .. home, .. home, .. home, .. home, .. away, .. away, .. away, .. away]));

        estimate.Segments.Select(segment => segment.Key?.Name).Should().Equal("C major", "F# major");
        estimate.Segments[1].Start.Should().BeApproximately(24, 5);
        estimate.Key.Should().Be(MusicalKey.Parse("C major"));
    }

    [Fact]
    public void Silence_in_front_has_no_key_and_does_not_change_the_one_behind()
    {
        int[][] cadence = [.. Notes.Cadence(2, minor: true)];
        var music = Notes.Chords([.. cadence, .. cadence, .. cadence]);
        var estimate = KeyEstimator.Estimate(Notes.Concat(Notes.Silence(40).Samples, music.Samples));

        estimate.Key.Should().Be(MusicalKey.Parse("D minor"));
        estimate.Segments[0].Key.Should().BeNull();
        estimate.Segments[^1].Key.Should().Be(MusicalKey.Parse("D minor"));
    }

    [Fact]
    public void Two_seconds_of_a_chord_still_give_an_answer_with_its_doubt()
    {
        var estimate = KeyEstimator.Estimate(Notes.Chords([[48, 55, 60, 64]], 2));

        estimate.Key.Should().NotBeNull();
        estimate.Segments.Should().NotBeEmpty();
        estimate.Confidence.Should().BeLessThan(0.99);
    }
}
