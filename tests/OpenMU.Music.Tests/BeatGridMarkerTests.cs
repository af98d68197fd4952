using CsCheck;

namespace OpenMU.Music.Tests;

public class BeatGridMarkerTests
{
    [Fact]
    public void A_steady_track_has_one_marker() => BeatGridMarker.Of(Beats(0.2, Enumerable.Repeat(0.5, 200)))
        .Should().ContainSingle().Which.Should().BeEquivalentTo(new BeatGridMarker(0.2, 120, 1));

    [Fact]
    public void Another_tempo_begins_another_marker()
    {
        var markers = BeatGridMarker.Of(Beats(0, [.. Enumerable.Repeat(0.5, 64), .. Enumerable.Repeat(0.4, 64)]));
        markers.Should().HaveCount(2);
        markers.Select(marker => Math.Round(marker.Bpm)).Should().Equal(120, 150);
        markers[1].Seconds.Should().BeApproximately(32, 0.5);
    }

    [Fact]
    public void Every_beat_lies_within_25_milliseconds_of_the_grid() => Gen.Double[0.2, 1].Array[1, 60].Sample(gaps =>
    {
        var beats = Beats(1, gaps);
        var markers = BeatGridMarker.Of(beats);
        foreach (var (at, beat) in beats.Index())
        {
            var marker = markers.Last(marker => marker.Seconds <= beat.Seconds + 1e-9);
            var first = beats.FindIndex(other => other.Seconds == marker.Seconds);
            var expected = marker.Seconds + ((at - first) * 60 / marker.Bpm);
            if (Math.Abs(expected - beat.Seconds) > 0.0251) return false;
        }

        return true;
    });

    [Fact]
    public void Without_two_beats_there_is_no_grid()
    {
        BeatGridMarker.Of([]).Should().BeEmpty();
        BeatGridMarker.Of([new Beat(1, 1)]).Should().BeEmpty();
    }

    private static List<Beat> Beats(double first, IEnumerable<double> gaps)
    {
        var beats = new List<Beat> { new(first, 1) };
        foreach (var gap in gaps) beats.Add(new Beat(beats[^1].Seconds + gap, (beats.Count % 4) + 1));
        return beats;
    }
}
